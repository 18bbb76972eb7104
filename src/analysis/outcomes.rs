//! The losses of a result, scenario by scenario, without holding more than one part in memory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{Array, RecordBatch};
use rayon::prelude::*;
use shocksweep_columnar::read::Table;

use super::tables::{parts, unreadable};
use super::world::World;
use crate::model::constants::KG_PER_TONNE;
use crate::model::losses::runs_away;
use crate::results::losses;
use crate::scenario::{RunKey, ScenarioId};
use crate::sink::SinkError;

/// From the first to the last scenario that there can be.
pub const ALL: (ScenarioId, ScenarioId) = (ScenarioId(0), ScenarioId::MAX);

/// What one scenario, in one of its ways, does to the sectors that a loss table lists.
#[derive(Debug, Clone, Copy)]
pub struct Losses<'a> {
    /// Identifier, and whether areas adapt.
    pub key: RunKey,
    /// Sectors, ascending.
    pub sectors: &'a [u32],
    /// Absolute losses, in the unit of the item.
    pub al: &'a [f64],
    /// What counts of them in sums over items; `1000 value / population` is the loss per person: kcal a
    /// day of food where the result knows food, else kg of the items counted in tonnes. Nothing of sectors
    /// that have run away.
    pub value: &'a [f64],
}

/// Reads all losses of a result: each table makes a `T`, which comes back in the order of the tables,
/// so that what is summed is summed in the same order whatever the threads.
///
/// Tables that have no scenario from `first` to `last` are not read.
///
/// # Errors
/// A table cannot be read.
pub fn fold<T: Send>(
    root: &Path,
    world: &World,
    (first, last): (ScenarioId, ScenarioId),
    new: impl Fn() -> T + Sync,
    add: impl Fn(&mut T, Losses<'_>) + Sync,
) -> Result<Vec<T>, SinkError> {
    let of_part = |path: &PathBuf| {
        let mut state = new();
        read(path, world, (first, last), |losses| add(&mut state, losses))?;
        Ok(state)
    };
    parts(root)?.par_iter().with_max_len(1).map(of_part).collect()
}

/// The loss tables of a result, opened, in order.
///
/// # Errors
/// One cannot be read.
pub fn open(root: &Path) -> Result<Vec<Table>, SinkError> {
    parts(root)?.par_iter().map(|path| Table::open(path).map_err(SinkError::from)).collect()
}

/// The loss tables of a result, in order.
///
/// # Errors
/// The folder cannot be read.
pub fn files(root: &Path) -> Result<Vec<PathBuf>, SinkError> {
    parts(root)
}

/// Calls `with` for every scenario of a loss table, in order.
///
/// # Errors
/// The table cannot be read, or names what the world does not have.
pub fn read(
    path: &Path,
    world: &World,
    range: (ScenarioId, ScenarioId),
    with: impl FnMut(Losses<'_>),
) -> Result<(), SinkError> {
    read_table(&Table::open(path)?, world, range, with)
}

/// As [`read`], of a table that is open.
fn read_table(
    table: &Table,
    world: &World,
    range: (ScenarioId, ScenarioId),
    mut with: impl FnMut(Losses<'_>),
) -> Result<(), SinkError> {
    let names = ["scenario", "adaptation", "area", "item", "al", "kcal_per_person_day"];
    let (path, reader) = (table.path(), losses::columns_of(table, &names, range)?);
    let (knows_food, last) = (world.knows_food(), world.last());
    let mut current: Option<RunKey> = None;
    let (mut sectors, mut al): (Vec<u32>, Vec<f64>) = (Vec::new(), Vec::new());
    let mut value: Vec<f64> = Vec::new();
    for batch in reader {
        let batch = batch?;
        let mut rows = || -> Option<()> {
            let ids = batch.column_by_name("scenario")?.as_primitive_opt::<Int32Type>()?;
            let adaptation = batch.column_by_name("adaptation")?.as_boolean_opt()?;
            let losses = batch.column_by_name("al")?.as_primitive_opt::<Float64Type>()?.values();
            let kcal =
                batch.column_by_name("kcal_per_person_day")?.as_primitive_opt::<Float64Type>()?;
            let areas = positions(&batch, "area", |name| world.area(name))?;
            let items = positions(&batch, "item", |name| world.item(name))?;
            for row in 0..batch.num_rows() {
                let key = (ScenarioId::of_table(ids.value(row))?, adaptation.value(row).into());
                if current != Some(key) {
                    if let Some(key) = current.replace(key) {
                        with(Losses { key, sectors: &sectors, al: &al, value: &value });
                    }
                    sectors.clear();
                    al.clear();
                    value.clear();
                }
                let sector = world.sector(areas[row], items[row]);
                sectors.push(sector as u32);
                al.push(losses[row]);
                let persons = world.areas[areas[row]].population.unwrap_or(0.0);
                let counts = match knows_food {
                    _ if runs_away(losses[row], *last.get(sector)?, world.overshoot) => 0.0,
                    true if kcal.is_valid(row) => kcal.value(row) * persons / KG_PER_TONNE,
                    true => 0.0,
                    false if world.items[items[row]].is_summed => losses[row],
                    false => 0.0,
                };
                value.push(counts);
            }
            Some(())
        };
        rows().ok_or_else(|| unreadable(path))?;
    }
    if let Some(key) = current {
        with(Losses { key, sectors: &sectors, al: &al, value: &value });
    }
    Ok(())
}

/// Position in the world of every name of a dictionary column.
pub(crate) fn positions(
    batch: &RecordBatch,
    column: &str,
    of: impl Fn(&str) -> Option<usize>,
) -> Option<Vec<usize>> {
    let dictionary = batch.column_by_name(column)?.as_any_dictionary_opt()?;
    let values = dictionary.values().as_string_opt::<i32>()?;
    if dictionary.null_count() > 0 || (values.is_empty() && batch.num_rows() > 0) {
        return None;
    }
    if values.is_empty() {
        return Some(Vec::new());
    }
    let known: Vec<Option<usize>> = values.iter().map(|name| of(name?)).collect();
    dictionary.normalized_keys().into_iter().map(|key| *known.get(key)?).collect()
}

/// The losses of a few scenarios, by scenario and way: sector, absolute loss, and what counts of it in
/// sums over items, as in [`Losses`].
///
/// # Errors
/// A table cannot be read.
pub fn of_scenarios(
    root: &Path,
    world: &World,
    chosen: &[ScenarioId],
) -> Result<Chosen, SinkError> {
    of_tables(&open(root)?, world, chosen)
}

/// Losses by scenario and way.
pub type Chosen = BTreeMap<RunKey, Vec<(u32, f64, f64)>>;

/// As [`of_scenarios`], of tables that are open: nothing is read of those that have none of them.
///
/// # Errors
/// A table cannot be read.
pub fn of_tables(
    tables: &[Table],
    world: &World,
    chosen: &[ScenarioId],
) -> Result<Chosen, SinkError> {
    let (Some(&first), Some(&last)) = (chosen.iter().min(), chosen.iter().max()) else {
        return Ok(BTreeMap::new());
    };
    let mut sorted = chosen.to_vec();
    sorted.sort_unstable();
    let of_table = |table: &Table| {
        let mut found = Chosen::new();
        read_table(table, world, (first, last), |losses| {
            if sorted.binary_search(&losses.key.0).is_ok() {
                let amounts = losses.al.iter().zip(losses.value);
                let rows = losses.sectors.iter().zip(amounts);
                let rows = rows.map(|(&s, (&al, &value))| (s, al, value));
                found.insert(losses.key, rows.collect());
            }
        })?;
        Ok(found)
    };
    let holds = |table: &&Table| losses::holds(table, (first, last));
    let holding: Vec<&Table> = tables.iter().filter(holds).collect();
    let parts: Result<Vec<Chosen>, SinkError> =
        holding.into_par_iter().with_max_len(1).map(of_table).collect();
    Ok(parts?.into_iter().flatten().collect())
}
