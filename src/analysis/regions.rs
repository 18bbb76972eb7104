//! Regions of one's own: a table that says which area is in which.

use std::collections::BTreeMap;
use std::path::Path;

use shocksweep_columnar::text::TextTable;

use super::aggregate::AggregateError;
use super::world::{Area, World};
use crate::dataset::names::NameIndex;
use crate::dataset::names::index::{AreaNames, ItemNames};

/// Gives the areas of a world the regions of a table (CSV or Parquet) with the columns `area`, names as
/// people write them, and `region`. Areas that it does not name, or gives no region, are in none.
///
/// # Errors
/// The table cannot be read or lacks a column, names no area of the world, or one area twice with
/// different regions.
pub fn assign(world: &mut World, path: &Path) -> Result<(), AggregateError> {
    let table = TextTable::read(path).map_err(|e| AggregateError::Query(e.to_string()))?;
    let column = |name: &str| {
        let missing = || {
            let text = format!("{}: has no column `{name}`; expected area, region", path.display());
            AggregateError::Query(text)
        };
        table.find(&[name]).ok_or_else(missing)
    };
    let (area_at, region_at) = (column("area")?, column("region")?);
    let name = |a: &Area| (a.name.clone(), a.iso3.clone());
    let names: Vec<(String, String)> = world.areas.iter().map(name).collect();
    let index = NameIndex::of(
        names.iter().map(|(name, iso3)| AreaNames { name, iso3, code: None, region: None }),
        std::iter::empty::<ItemNames<'_>>(),
    );
    let mut regions: BTreeMap<usize, Option<String>> = BTreeMap::new();
    for (row, cells) in table.rows.iter().enumerate() {
        let wrong = |problem: String| {
            let text = format!("{}, row {}: {problem}", path.display(), row + 1);
            AggregateError::Query(text)
        };
        let area = index.area(&cells[area_at]).map_err(|e| wrong(e.to_string()))?;
        let region = Some(cells[region_at].trim().to_string()).filter(|r| !r.is_empty());
        match regions.insert(area, region.clone()) {
            Some(known) if known != region => {
                let name = &world.areas[area].name;
                return Err(wrong(format!("`{name}` has two regions")));
            }
            _ => {}
        }
    }
    for (at, area) in world.areas.iter_mut().enumerate() {
        area.region = regions.remove(&at).flatten();
    }
    Ok(())
}
