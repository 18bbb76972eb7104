//! GDELT event files as they are: tab-separated, no header, one row per event.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use shocksweep_columnar::{TableError, read};

use super::events::Counts;
use super::{Columns, Files, Index};
use crate::error::NetworkError;
use crate::world::Dropped;

/// Columns of event files 1.0 (57, or 58 with the source's address) and 2.0 (61).
const WIDTHS: [usize; 3] = [57, 58, 61];
/// Columns, from 0: day, first type code of each actor, quad class.
const DAY: usize = 1;
const TYPE_1: usize = 12;
const TYPE_2: usize = 22;
const QUAD_CLASS: usize = 29;
/// Countries of the actors' places; the second is elsewhere in 2.0.
const PLACE_1: usize = 37;
const PLACE_2: usize = 44;
const PLACE_2_OF_61: usize = 45;

/// Longest line that is an event.
const MAX_LINE: u64 = 1 << 20;

/// Counts events between two governments.
pub(super) fn read(
    files: &Files,
    index: &Index,
    counts: &mut Counts,
    dropped: &mut Dropped,
) -> Result<(), NetworkError> {
    let Some(fips) = &files.fips else {
        let problem = "is a GDELT file, whose places are FIPS 10-4 codes (GM is Germany); expected \
                       a table `fips` (fips, area)";
        return Err(NetworkError::file(&files.gdelt[0], problem));
    };
    let table = Columns::read(fips)?;
    let (fips, area) = (table.need("fips")?, table.need("area")?);
    let mut codes = BTreeMap::new();
    for row in 0..table.len() {
        codes.insert(table.name(row, fips)?.to_string(), index.find(table.name(row, area)?));
    }
    files.gdelt.iter().try_for_each(|path| file(path, &codes, counts, dropped))
}

fn file(
    path: &Path,
    codes: &BTreeMap<String, Option<u32>>,
    counts: &mut Counts,
    dropped: &mut Dropped,
) -> Result<(), NetworkError> {
    let failed = |source| TableError::Io { path: path.to_path_buf(), source };
    let file = read::open(path)?;
    let is_packed = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz"));
    let bytes: Box<dyn Read> =
        if is_packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut lines = BufReader::with_capacity(1 << 16, bytes);
    let mut line = Vec::new();
    for row in 1.. {
        line.clear();
        let read = lines.by_ref().take(MAX_LINE).read_until(b'\n', &mut line).map_err(failed)?;
        if read == 0 {
            break;
        }
        // Names of actors need not be UTF-8; codes are.
        let text = String::from_utf8_lossy(&line);
        let cells: Vec<&str> = text.trim_end_matches(['\n', '\r']).split('\t').collect();
        if cells.len() == 1 && cells[0].is_empty() {
            continue;
        }
        event(path, row, &cells, codes, counts, dropped)?;
    }
    Ok(())
}

fn event(
    path: &Path,
    row: usize,
    cells: &[&str],
    codes: &BTreeMap<String, Option<u32>>,
    counts: &mut Counts,
    dropped: &mut Dropped,
) -> Result<(), NetworkError> {
    if !WIDTHS.contains(&cells.len()) {
        let problem = format!(
            "has {} tab-separated cells; expected 57 or 58 (GDELT 1.0) or 61 (2.0)",
            cells.len()
        );
        return Err(NetworkError::row(path, row, problem));
    }
    if cells[TYPE_1] != "GOV" || cells[TYPE_2] != "GOV" {
        return Ok(());
    }
    let year: i32 = cells[DAY].get(..4).and_then(|year| year.parse().ok()).ok_or_else(|| {
        let problem = format!("the day is `{}`; expected YYYYMMDD", cells[DAY]);
        NetworkError::row(path, row, problem)
    })?;
    let class = match cells[QUAD_CLASS] {
        "1" => 0,
        "2" => 1,
        "3" => 2,
        "4" => 3,
        other => {
            let problem = format!("the quad class is `{other}`; expected 1, 2, 3 or 4");
            return Err(NetworkError::row(path, row, problem));
        }
    };
    let place_2 = if cells.len() == 61 { PLACE_2_OF_61 } else { PLACE_2 };
    let places = [cells[PLACE_1], cells[place_2]].map(|code| codes.get(code).copied().flatten());
    let [Some(source), Some(target)] = places else {
        dropped.events_outside += 1;
        return Ok(());
    };
    if source == target {
        dropped.events_within += 1;
        return Ok(());
    }
    counts.entry((year, source, target)).or_insert([0.0; 4])[class] += 1.0;
    Ok(())
}
