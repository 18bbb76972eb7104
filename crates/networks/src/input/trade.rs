//! Trade tables to flows per tier and year.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Columns, Files, Index, baci};
use crate::error::{NetworkError, nearest};
use crate::world::{Dropped, Flow, Tier, TradeYear};

/// Flows of items as given; partners by number, those of the sample first.
pub(super) struct Panel {
    partners: BTreeMap<String, u32>,
    /// (tier, year) -> (importer, exporter) -> values of items in the order of the files.
    flows: BTreeMap<(usize, i32), BTreeMap<(u32, u32), f64>>,
}

/// Reads the trade of all tiers.
pub(super) fn read(
    files: &Files,
    index: &Index,
    tiers: &[(String, Vec<String>)],
    dropped: &mut Dropped,
) -> Result<Vec<Tier>, NetworkError> {
    let partners = index.codes.iter().cloned().zip(0..).collect();
    let mut panel = Panel { partners, flows: BTreeMap::new() };
    let mut tier_of: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, (_, items)) in tiers.iter().enumerate() {
        tier_of.extend(items.iter().map(|item| (item.as_str(), at)));
    }
    let mut seen = Seen::new();
    for path in &files.trade {
        if baci::is_baci(path)? {
            baci::read(path, files.codes.as_deref(), &tier_of, &mut panel, &mut seen, dropped)?;
        } else {
            panel.add(&Columns::read(path)?, &tier_of, &mut seen, dropped)?;
        }
    }
    let first = files.trade.first().map_or(Path::new("trade"), |path| path.as_path());
    let mut built = Vec::new();
    for (at, (name, items)) in tiers.iter().enumerate() {
        built.push(panel.tier(at, name, items, index.n(), first)?);
    }
    Ok(built)
}

/// (year, exporter, importer, item) -> row of the file.
pub(super) type Seen = BTreeMap<(i32, u32, u32, String), u64>;

impl Panel {
    /// Number of a partner.
    pub(super) fn partner(&mut self, code: &str) -> u32 {
        if let Some(&at) = self.partners.get(code) {
            return at;
        }
        let next = self.partners.len() as u32;
        self.partners.insert(code.to_string(), next);
        next
    }

    fn add(
        &mut self,
        table: &Columns,
        tier_of: &BTreeMap<&str, usize>,
        seen: &mut Seen,
        dropped: &mut Dropped,
    ) -> Result<(), NetworkError> {
        let (year, exporter) = (table.need("year")?, table.need("exporter")?);
        let (importer, item, value) =
            (table.need("importer")?, table.need("item")?, table.need("value")?);
        let (flow, reporter) = (table.find("flow"), table.find("reporter"));
        for row in 0..table.len() {
            let t = table.year(row, year)?;
            let (from, to) = (table.name(row, exporter)?, table.name(row, importer)?);
            let code = table.name(row, item)?;
            let is_export = flow.is_some_and(|column| !is_import(table.text(row, column)));
            let is_mirrored = reporter.is_some_and(|column| table.text(row, column) != to);
            if is_export || is_mirrored {
                dropped.trade_exports += 1;
                continue;
            }
            // Leading zeros of products are lost where a program took them for numbers.
            let padded = format!("{code:0>6}");
            let known = tier_of.get_key_value(code).or_else(|| tier_of.get_key_value(&*padded));
            let Some((&code, &tier)) = known else {
                let known = nearest(code, tier_of.keys().copied());
                let problem = format!("item `{code}` belongs to no tier; {known}");
                return Err(table.bad(row, problem));
            };
            let key = || format!("{code} from `{from}` to `{to}` in {t}");
            let value = table.amount(row, value, key)?;
            if from == to {
                let problem = format!("{}: exporter and importer are the same area", key());
                return Err(table.bad(row, problem));
            }
            let (from, to) = (self.partner(from), self.partner(to));
            if let Some(other) = seen.insert((t, from, to, code.to_string()), row as u64 + 2) {
                let problem = format!("{} is in row {other} already; expected it once", key());
                return Err(table.bad(row, problem));
            }
            self.insert(tier, t, (from, to), value);
        }
        Ok(())
    }

    /// Adds the value, USD, of a flow from one partner to another.
    pub(super) fn insert(&mut self, tier: usize, year: i32, (from, to): (u32, u32), value: f64) {
        *self.flows.entry((tier, year)).or_default().entry((to, from)).or_insert(0.0) += value;
    }

    /// Years of a tier: every one between the first and the last with trade must have some.
    fn tier(
        &self,
        at: usize,
        name: &str,
        items: &[String],
        n: usize,
        path: &Path,
    ) -> Result<Tier, NetworkError> {
        let traded = |flows: &BTreeMap<(u32, u32), f64>| flows.values().any(|&value| value > 0.0);
        let years: Vec<i32> = (self.flows.iter())
            .filter(|((tier, _), flows)| *tier == at && traded(flows))
            .map(|((_, year), _)| *year)
            .collect();
        let mut trade = Vec::new();
        for (position, &year) in years.iter().enumerate() {
            let due = years[0] + position as i32;
            if year != due {
                let problem = format!(
                    "tier `{name}` has no trade in {due}; expected trade in every year from {} to \
                     {}, without which lags would lie",
                    years[0],
                    years[years.len() - 1]
                );
                return Err(NetworkError::file(path, problem));
            }
            trade.push(trade_year(&self.flows[&(at, year)], n));
        }
        let first_year = years.first().copied().unwrap_or(0);
        Ok(Tier { name: name.to_string(), items: items.to_vec(), first_year, trade })
    }
}

/// Comtrade's names of a reported import.
fn is_import(flow: &str) -> bool {
    ["m", "import", "imports", "1"].contains(&flow.to_lowercase().as_str())
}

/// Flows of a year, cut to the sample; totals are over all partners.
fn trade_year(all: &BTreeMap<(u32, u32), f64>, n: usize) -> TradeYear {
    let (mut imports, mut exports, mut world) = (vec![0.0; n], vec![0.0; n], 0.0);
    let mut flows = Vec::new();
    let mut outside: BTreeMap<(u32, u32), f64> = BTreeMap::new();
    let limit = n as u32;
    for (&(importer, exporter), &value) in all {
        world += value;
        if importer < limit {
            imports[importer as usize] += value;
        }
        if exporter < limit {
            exports[exporter as usize] += value;
        }
        if importer < limit && exporter < limit {
            flows.push(Flow { importer, exporter, value });
        } else {
            *outside.entry((importer.min(limit), exporter.min(limit))).or_insert(0.0) += value;
        }
    }
    let outside = outside
        .into_iter()
        .map(|((importer, exporter), value)| Flow { importer, exporter, value })
        .collect();
    TradeYear { flows, outside, imports, exports, world }
}
