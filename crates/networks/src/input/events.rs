//! Events between governments per dyad and year.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Columns, Files, Index, gdelt};
use crate::error::NetworkError;
use crate::world::{Dropped, Events};

/// Columns of the four counts.
const COUNTS: [&str; 4] =
    ["verbal_cooperation", "material_cooperation", "verbal_conflict", "material_conflict"];

/// (year, source, target) -> counts.
pub(super) type Counts = BTreeMap<(i32, u32, u32), [f64; 4]>;

/// Events of all files; `None` where there is no file.
pub(super) fn read(
    files: &Files,
    index: &Index,
    dropped: &mut Dropped,
) -> Result<Option<BTreeMap<i32, Vec<Events>>>, NetworkError> {
    if files.events.is_none() && files.gdelt.is_empty() {
        return Ok(None);
    }
    let mut counts = Counts::new();
    let mut years: BTreeMap<i32, Vec<Events>> = BTreeMap::new();
    if let Some(path) = &files.events {
        dyad_years(path, index, &mut counts, &mut years, dropped)?;
    }
    if !files.gdelt.is_empty() {
        gdelt::read(files, index, &mut counts, dropped)?;
    }
    for ((year, source, target), counts) in counts {
        years.entry(year).or_default().push(Events { source, target, counts });
    }
    Ok(Some(years))
}

/// A table of dyad-years; years of which every row is dropped stay as years without events.
fn dyad_years(
    path: &Path,
    index: &Index,
    counts: &mut Counts,
    years: &mut BTreeMap<i32, Vec<Events>>,
    dropped: &mut Dropped,
) -> Result<(), NetworkError> {
    let table = Columns::read(path)?;
    let (year, source, target) =
        (table.need("year")?, table.need("source")?, table.need("target")?);
    let mut columns = Vec::new();
    for name in COUNTS {
        columns.push(table.need(name)?);
    }
    for row in 0..table.len() {
        let t = table.year(row, year)?;
        let (from, to) = (table.name(row, source)?, table.name(row, target)?);
        let mut values = [0.0; 4];
        for (value, &column) in values.iter_mut().zip(&columns) {
            *value = table.amount(row, column, || format!("`{from}` to `{to}` in {t}"))?;
        }
        years.entry(t).or_default();
        let (Some(i), Some(j)) = (index.find(from), index.find(to)) else {
            dropped.events_outside += 1;
            continue;
        };
        if i == j {
            dropped.events_within += 1;
            continue;
        }
        if counts.insert((t, i, j), values).is_some() {
            let problem = format!("`{from}` to `{to}` in {t} is listed twice; expected once");
            return Err(table.bad(row, problem));
        }
    }
    Ok(())
}
