//! Human-development comparison: does adaptation raise or lower the losses of each HDI class?
//!
//! Source: Baum et al. 2024, abstract and Results (Indian rice: +5.8 % in countries with a low
//! index, -14.2 % in those with a very high one).

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{Array, BooleanArray, RecordBatch};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowPredicateFn, ParquetRecordBatchReaderBuilder, RowFilter};

use super::tables::{each_batch, may_hold, names, parts, unreadable};
use crate::dataset::hdi::HdiClass;
use crate::sink::SinkError;
use crate::sink::folder::{AREAS, SCENARIOS};

/// Mean change of the losses of one class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassChange {
    /// The class.
    pub class: HdiClass,
    /// Areas of the class that lose without adaptation.
    pub areas: usize,
    /// Mean over these areas of (loss with adaptation - loss without) / |loss without|, unit 1.
    pub change: f64,
}

/// Comparison of one scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// What fails: area and item.
    pub shock: (String, String),
    /// The classes that lose, low first, over all areas that lose.
    pub all: Vec<ClassChange>,
    /// The same over the [`MOST_AFFECTED`] areas that lose most per person without adaptation: a
    /// mean of ratios is easily drowned by areas that lose next to nothing.
    pub most_affected: Vec<ClassChange>,
}

/// Areas that the paper's figure of losses shows.
///
/// Source: Baum et al. 2024, figure 3; stated by the paper.
pub const MOST_AFFECTED: usize = 50;

/// The shocks whose comparison the paper reports.
pub const HEADLINES: [(&str, &str); 2] =
    [("India", "Rice and products"), ("Ukraine", "Wheat and products")];

/// Mean changes by class of areas with their losses per person without and with adaptation; areas
/// that do not lose without adaptation are left out.
///
/// Source: Baum et al. 2024, Results; as spelled out by this crate's model documentation.
pub fn mean_changes(areas: impl Iterator<Item = (HdiClass, f64, f64)>) -> Vec<ClassChange> {
    let mut classes: BTreeMap<HdiClass, (usize, f64)> = BTreeMap::new();
    for (class, without, with) in areas.filter(|&(_, without, _)| without > 0.0) {
        let (count, sum) = classes.entry(class).or_default();
        *count += 1;
        *sum += (with - without) / without.abs();
    }
    let change = |(class, (areas, sum))| ClassChange { class, areas, change: sum / areas as f64 };
    classes.into_iter().map(change).collect()
}

/// The comparisons of [`HEADLINES`] that a result holds: single full shocks run both ways. The
/// losses are those of the shocked item, in the areas that are not shocked themselves.
///
/// # Errors
/// A table of the result is missing or unreadable.
pub fn headlines(folder: &Path) -> Result<Vec<Comparison>, SinkError> {
    let classes = classes(&folder.join(AREAS))?;
    let mut found = Vec::new();
    for (scenario, area, item) in both_ways(&folder.join(SCENARIOS))? {
        let mut losses: BTreeMap<String, [f64; 2]> = BTreeMap::new();
        for path in parts(folder)? {
            read_losses(&path, scenario, &item, &mut losses)?;
        }
        let others = losses.iter().filter(|(name, _)| **name != area);
        let class =
            |(name, loss): (&String, &[f64; 2])| Some((*classes.get(name)?, loss[0], loss[1]));
        let mut areas: Vec<(HdiClass, f64, f64)> = others.filter_map(class).collect();
        let all = mean_changes(areas.iter().copied());
        // Equal losses keep the order of the names.
        areas.sort_by(|a, b| b.1.total_cmp(&a.1));
        areas.truncate(MOST_AFFECTED);
        if !all.is_empty() {
            let most_affected = mean_changes(areas.into_iter());
            found.push(Comparison { shock: (area, item), all, most_affected });
        }
    }
    Ok(found)
}

/// HDI class by area name.
fn classes(path: &Path) -> Result<BTreeMap<String, HdiClass>, SinkError> {
    let mut classes = BTreeMap::new();
    each_batch(path, &["area", "hdi"], |batch| {
        let area = batch.column_by_name("area")?.as_string_opt::<i32>()?;
        let hdi = batch.column_by_name("hdi")?.as_primitive_opt::<Float64Type>()?;
        for row in (0..batch.num_rows()).filter(|&row| hdi.is_valid(row)) {
            classes.insert(area.value(row).to_string(), HdiClass::of(hdi.value(row)));
        }
        Some(())
    })?;
    Ok(classes)
}

/// Scenarios of [`HEADLINES`] that were run both ways: identifier, area, item; in their order.
fn both_ways(path: &Path) -> Result<Vec<(i32, String, String)>, SinkError> {
    let mut ways: BTreeMap<(usize, i32), [bool; 2]> = BTreeMap::new();
    each_batch(path, &["scenario", "shocks", "adaptation", "status"], |batch| {
        let scenario = batch.column_by_name("scenario")?.as_primitive_opt::<Int32Type>()?;
        let shocks = batch.column_by_name("shocks")?.as_list_opt::<i32>()?;
        let adaptation = batch.column_by_name("adaptation")?.as_boolean_opt()?;
        let status = batch.column_by_name("status")?.as_string_opt::<i32>()?;
        let values = shocks.values().as_struct_opt()?;
        let area = values.column_by_name("area")?.as_string_opt::<i32>()?;
        let item = values.column_by_name("item")?.as_string_opt::<i32>()?;
        let phi = values.column_by_name("phi")?.as_primitive_opt::<Float64Type>()?;
        for row in 0..batch.num_rows() {
            let at = shocks.value_offsets()[row] as usize;
            if shocks.value_length(row) != 1 || phi.value(at) != 1.0 || status.value(row) != "run" {
                continue;
            }
            let shock = (area.value(at), item.value(at));
            if let Some(headline) = HEADLINES.iter().position(|h| *h == shock) {
                let ways = ways.entry((headline, scenario.value(row))).or_default();
                ways[usize::from(adaptation.value(row))] = true;
            }
        }
        Some(())
    })?;
    let both = ways.into_iter().filter(|(_, ways)| *ways == [true, true]);
    let name = |(headline, scenario): (usize, i32)| {
        let (area, item) = HEADLINES[headline];
        (scenario, area.to_string(), item.to_string())
    };
    Ok(both.map(|(key, _)| name(key)).collect())
}

/// Losses per person of one scenario and item, without and with adaptation, by area.
fn read_losses(
    path: &Path,
    scenario: i32,
    item: &str,
    losses: &mut BTreeMap<String, [f64; 2]>,
) -> Result<(), SinkError> {
    let file = File::open(path).map_err(SinkError::io(path))?;
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(SinkError::parquet(path))?;
    let groups = builder.metadata().row_groups().iter().enumerate();
    let holding: Vec<usize> =
        groups.filter(|(_, g)| may_hold(g, scenario, scenario)).map(|(at, _)| at).collect();
    if holding.is_empty() {
        return Ok(());
    }
    let schema = builder.parquet_schema();
    let is_scenario = ArrowPredicateFn::new(
        ProjectionMask::columns(schema, ["scenario"]),
        move |batch: RecordBatch| {
            let ids = batch.column(0).as_primitive::<Int32Type>();
            Ok(BooleanArray::from_iter(ids.iter().map(|id| Some(id == Some(scenario)))))
        },
    );
    let mask = ProjectionMask::columns(schema, ["adaptation", "area", "item", "al_per_capita"]);
    let reader = builder
        .with_row_groups(holding)
        .with_row_filter(RowFilter::new(vec![Box::new(is_scenario)]))
        .with_projection(mask)
        .build()
        .map_err(SinkError::parquet(path))?;
    for batch in reader {
        let batch = batch.map_err(SinkError::arrow(path))?;
        add_losses(&batch, item, losses).ok_or_else(|| unreadable(path))?;
    }
    Ok(())
}

fn add_losses(
    batch: &RecordBatch,
    item: &str,
    losses: &mut BTreeMap<String, [f64; 2]>,
) -> Option<()> {
    let adaptation = batch.column_by_name("adaptation")?.as_boolean_opt()?;
    let (areas, items) =
        (names(batch.column_by_name("area")?)?, names(batch.column_by_name("item")?)?);
    let loss = batch.column_by_name("al_per_capita")?.as_primitive_opt::<Float64Type>()?;
    for row in 0..batch.num_rows() {
        if items[row] == item && loss.is_valid(row) {
            let of_area = losses.entry(areas[row].clone()).or_default();
            of_area[usize::from(adaptation.value(row))] = loss.value(row);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_over_the_areas_that_lose() {
        let areas = [
            (HdiClass::Low, 10.0, 11.0),
            (HdiClass::Low, 100.0, 130.0),
            (HdiClass::Low, -5.0, 7.0),
            (HdiClass::VeryHigh, 2.0, -1.0),
        ];
        let changes = mean_changes(areas.into_iter());
        assert_eq!(changes.len(), 2);
        assert_eq!((changes[0].class, changes[0].areas), (HdiClass::Low, 2));
        assert!((changes[0].change - 0.2).abs() < 1e-12);
        assert!((changes[1].change + 1.5).abs() < 1e-12);
    }
}
