//! BACI files as they are, of all products: the rows of the tiers' items are kept, as they stream by.

use std::collections::BTreeMap;
use std::path::Path;

use shocksweep_columnar::delimited::Delimited;
use shocksweep_columnar::read::Table;
use shocksweep_trade::baci::{self, Flow, Visitor};

use super::Columns;
use super::trade::{Panel, Seen};
use crate::error::NetworkError;
use crate::world::Dropped;

/// BACI gives values in 1000 USD.
const UNIT: f64 = 1000.0;
/// Names of the columns of country codes: those of a table of one's own, and those of BACI's.
const CODES: [[&str; 2]; 2] = [["code", "area"], ["country_code", "country_iso3"]];

/// Whether a file has BACI's columns.
pub(super) fn is_baci(path: &Path) -> Result<bool, NetworkError> {
    let ends = |end: &str| path.extension().is_some_and(|own| own.eq_ignore_ascii_case(end));
    let names: Vec<String> = if ends("parquet") {
        Table::open(path)?.schema().fields().iter().map(|field| field.name().clone()).collect()
    } else if ends("gz") {
        let file = shocksweep_columnar::read::open(path)?;
        let bytes = Box::new(flate2::read::MultiGzDecoder::new(file));
        Delimited::new(bytes, path)?.header().to_vec()
    } else {
        Delimited::open(path, false)?.header().to_vec()
    };
    Ok(["t", "i", "j", "k", "v"].iter().all(|name| names.iter().any(|own| own == name)))
}

/// Area of each country code.
fn areas(path: &Path) -> Result<BTreeMap<u32, String>, NetworkError> {
    let table = Columns::read(path)?;
    let own = CODES.iter().find(|names| table.find(names[0]).is_some()).unwrap_or(&CODES[0]);
    let (code, area) = (table.need(own[0])?, table.need(own[1])?);
    let mut areas = BTreeMap::new();
    for row in 0..table.len() {
        let text = table.name(row, code)?;
        let number = text.parse().map_err(|_| {
            table.bad(row, format!("the code is `{text}`; expected BACI's number of a country"))
        })?;
        areas.insert(number, table.name(row, area)?.to_string());
    }
    Ok(areas)
}

/// Rows of a block that are of a tier's item, with their place in the block.
struct Kept<'a> {
    items: &'a BTreeMap<u32, (&'a str, usize)>,
    rows: Vec<(u32, Flow)>,
    others: u64,
}

impl Visitor for Kept<'_> {
    fn visit(&mut self, row: u32, flow: &Flow) -> Result<(), String> {
        if self.items.contains_key(&flow.code) {
            self.rows.push((row, *flow));
        } else {
            self.others += 1;
        }
        Ok(())
    }
}

/// Adds the flows of a file to a panel; countries without an area count in totals alone.
pub(super) fn read(
    path: &Path,
    codes: Option<&Path>,
    tier_of: &BTreeMap<&str, usize>,
    panel: &mut Panel,
    seen: &mut Seen,
    dropped: &mut Dropped,
) -> Result<(), NetworkError> {
    let Some(codes) = codes else {
        let problem = "is a BACI file, whose countries are numbers; expected a table `codes` (code, \
                       area; or BACI's own country codes)";
        return Err(NetworkError::file(path, problem));
    };
    let areas = areas(codes)?;
    // Codes are numbers there: 50800 is 050800.
    let items: BTreeMap<u32, (&str, usize)> = (tier_of.iter())
        .filter_map(|(item, tier)| Some((item.parse().ok()?, (*item, *tier))))
        .collect();
    let mut kept: Vec<(u64, Flow)> = Vec::new();
    let visitor = || Kept { items: &items, rows: Vec::new(), others: 0 };
    let done = |before: u64, block: Kept| {
        dropped.trade_items += block.others;
        kept.extend(block.rows.into_iter().map(|(row, flow)| (before + u64::from(row), flow)));
    };
    baci::read(path, visitor, done).map_err(|error| NetworkError::Options(error.to_string()))?;
    for (row, flow) in kept {
        let name = |code: u32| areas.get(&code).cloned().unwrap_or_else(|| format!("BACI {code}"));
        let (item, tier) = items[&flow.code];
        let year = flow.year as i32;
        let (from, to) = (name(flow.exporter), name(flow.importer));
        // The header is the first row.
        let row = row + 2;
        if from == to {
            let problem = format!("{item} from `{from}` to itself in {year}; expected two areas");
            return Err(NetworkError::row(path, row as usize, problem));
        }
        let pair = (panel.partner(&from), panel.partner(&to));
        if let Some(other) = seen.insert((year, pair.0, pair.1, item.to_string()), row) {
            let problem = format!(
                "{item} from `{from}` to `{to}` in {year} is in row {other} already; expected it once"
            );
            return Err(NetworkError::row(path, row as usize, problem));
        }
        panel.insert(tier, year, pair, flow.value * UNIT);
    }
    Ok(())
}
