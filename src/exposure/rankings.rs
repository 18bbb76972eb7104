//! All areas and all failures at once.

use std::path::Path;

use super::chance::{self, Chances};
use super::rows::{ExposureRow, InfluenceRow, VulnerabilityRow};
use super::{ExposureError, Singles, What, suppliers};
use crate::dataset::Dataset;
use crate::measure::Measure;
use crate::results::{self, Name, Record, SectorNames};
use crate::sink::SinkError;

/// Share of its supply above which an area counts as hit.
const HIT: f64 = 0.01;

/// The failures that cost every area most: of all its items in the measure, then of every item by itself
/// where `singles` keeps them.
pub fn exposures(
    dataset: &Dataset,
    (singles, what): (&Singles, &What),
    top: usize,
) -> Vec<ExposureRow> {
    let dims = dataset.dimensions();
    let names = SectorNames::new(&dataset.labels);
    let supply = what.supply(dataset, &singles.baseline);
    let item_units: Vec<Name> =
        dataset.labels.items.iter().map(|item| Name::from(item.unit.name())).collect();
    let mut rows = Vec::new();
    let ways = singles.ways();
    for area in 0..dims.areas {
        let unit = Name::from(what.unit(dataset, area));
        let scale = what.scale(dataset, area);
        let mut add = |way: usize,
                       item: Option<usize>,
                       place: (usize, usize),
                       loss: f64,
                       has: f64,
                       unit: &Name| {
            let (rank, failure) = place;
            let failure = singles.failures[failure];
            let (source_area, source_item) = names.of(failure.sector);
            let from = failure.sector as usize;
            rows.push(ExposureRow {
                area: names.area(area),
                item: item.map(|item| names.of(item as u32).1),
                adaptation: way == 1,
                rank: rank as i32 + 1,
                source_area,
                source_item,
                phi: failure.phi,
                loss,
                loss_unit: unit.clone(),
                share: (has > 0.0).then(|| loss / has),
                bought: suppliers::bought(dataset, area, dims.item_of(from), dims.area_of(from)),
            });
        };
        let of_item = match what {
            What::Item(item) => Some(*item),
            What::Measure(_) => None,
        };
        for way in (0..2).filter(|&way| ways[way]) {
            let losses = singles.of_area(way, area);
            for (rank, failure) in largest(&losses, top).into_iter().enumerate() {
                let (loss, has) = (losses[failure] * scale, supply[area] * scale);
                add(way, of_item, (rank, failure), loss, has, &unit);
            }
        }
        for item in 0..dims.items {
            let sector = dims.sector(area, item);
            for way in (0..2).filter(|&way| ways[way]) {
                for (rank, (failure, loss)) in singles.largest_of(way, sector).take(top).enumerate()
                {
                    let has = singles.baseline[sector];
                    add(way, Some(item), (rank, failure), loss, has, &item_units[item]);
                }
            }
        }
    }
    rows
}

/// Positions of the largest losses, largest first, none of nothing.
fn largest(losses: &[f64], count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..losses.len()).filter(|&n| losses[n] > 0.0).collect();
    order.sort_by(|&a, &b| losses[b].total_cmp(&losses[a]).then(a.cmp(&b)));
    order.truncate(count);
    order
}

/// All areas, the most vulnerable first; runs without adaptation before those with it.
pub fn vulnerability(
    dataset: &Dataset,
    (singles, what): (&Singles, &What),
    chances: &Chances,
    level: f64,
) -> Vec<VulnerabilityRow> {
    let dims = dataset.dimensions();
    let names = SectorNames::new(&dataset.labels);
    let supply = what.supply(dataset, &singles.baseline);
    let area_of = |n: usize| dims.area_of(singles.failures[n].sector as usize);
    let row = |way: usize, area: usize| {
        let scale = what.scale(dataset, area);
        let losses: Vec<f64> = singles.of_area(way, area).iter().map(|loss| loss * scale).collect();
        let risk = chance::risk(&losses, chances, level);
        let is_abroad = |n: usize| area_of(n) != area;
        let abroad: Vec<f64> = losses
            .iter()
            .enumerate()
            .map(|(n, &loss)| if is_abroad(n) { loss } else { 0.0 })
            .collect();
        let worst = largest(&abroad, 1).first().copied();
        let has = supply[area] * scale;
        let named = worst.map(|n| names.of(singles.failures[n].sector));
        let shares = chance::shares(&losses, chances);
        VulnerabilityRow {
            area: names.area(area),
            adaptation: way == 1,
            rank: 0,
            loss_unit: Name::from(what.unit(dataset, area)),
            supply: has,
            expected: risk.expected,
            expected_share: (has > 0.0).then(|| risk.expected / has),
            expected_abroad: chance::risk(&abroad, chances, level).expected,
            value_at_risk: risk.value_at_risk,
            expected_shortfall: risk.expected_shortfall,
            worst_abroad: worst.map_or(0.0, |n| abroad[n]),
            worst_area: named.as_ref().map(|(area, _)| area.clone()),
            worst_item: named.map(|(_, item)| item),
            concentration: shares.map(|shares| chance::concentration(&shares)),
        }
    };
    let mut all = Vec::new();
    for way in (0..2).filter(|&way| singles.ways()[way]) {
        let mut rows: Vec<VulnerabilityRow> = (0..dims.areas).map(|area| row(way, area)).collect();
        let by = |row: &VulnerabilityRow| row.expected_share.unwrap_or(f64::NEG_INFINITY);
        rows.sort_by(|a, b| by(b).total_cmp(&by(a)));
        rows.iter_mut().enumerate().for_each(|(n, row)| row.rank = n as i32 + 1);
        all.extend(rows);
    }
    all
}

/// All failures, those first that cost others most; runs without adaptation before those with it.
pub fn influence(
    dataset: &Dataset,
    (singles, what): (&Singles, &What),
    chances: &Chances,
) -> Vec<InfluenceRow> {
    let (dims, areas) = (dataset.dimensions(), &dataset.labels.areas);
    let names = SectorNames::new(&dataset.labels);
    let supply = what.supply(dataset, &singles.baseline);
    let population: f64 = areas.iter().filter_map(|a| a.population).sum();
    let is_per_person = |m: &Measure| (population > 0.0).then(|| m.per_person(1.0, population));
    let per_person = match what {
        What::Measure(measure) => is_per_person(measure),
        What::Item(_) => None,
    };
    let unit = match what {
        What::Measure(measure) if per_person.is_some() => measure.unit_per_person(),
        What::Measure(measure) => measure.unit.clone(),
        What::Item(item) => dataset.labels.items[*item].unit.name().to_string(),
    };
    let unit = Name::from(unit);
    let row = |way: usize, n: usize| {
        let failure = singles.failures[n];
        let own = dims.area_of(failure.sector as usize);
        let scale = per_person.unwrap_or(1.0);
        let counts = |area: &usize| per_person.is_none() || areas[*area].population.is_some();
        let sum = |areas: &mut dyn Iterator<Item = usize>| -> f64 {
            areas.map(|area| singles.loss(way, n, area)).sum::<f64>() * scale
        };
        let share = |area: usize| singles.loss(way, n, area) / supply[area];
        let others = || (0..dims.areas).filter(|&area| area != own && supply[area] > 0.0);
        let hardest = others().max_by(|&a, &b| share(a).total_cmp(&share(b)).then(b.cmp(&a)));
        let hardest = hardest.filter(|&area| share(area) > 0.0);
        let (source_area, source_item) = names.of(failure.sector);
        InfluenceRow {
            source_area,
            source_item,
            phi: failure.phi,
            adaptation: way == 1,
            rank: 0,
            loss_unit: unit.clone(),
            loss: sum(&mut (0..dims.areas).filter(counts)),
            loss_others: sum(&mut (0..dims.areas).filter(counts).filter(|&area| area != own)),
            areas_hit: others().filter(|&area| share(area) > HIT).count() as i32,
            hardest_hit: hardest.map(|area| names.area(area)),
            hardest_share: hardest.map(share),
            probability: chances.of[n],
        }
    };
    let mut all = Vec::new();
    for way in (0..2).filter(|&way| singles.ways()[way]) {
        let mut rows: Vec<InfluenceRow> =
            (0..singles.failures.len()).map(|n| row(way, n)).collect();
        rows.sort_by(|a, b| b.loss_others.total_cmp(&a.loss_others));
        rows.iter_mut().enumerate().for_each(|(n, row)| row.rank = n as i32 + 1);
        all.extend(rows);
    }
    all
}

/// Writes rows as `FOLDER/TABLE.parquet`; the folder is made.
///
/// # Errors
/// The file cannot be written.
pub fn write<R: Record>(folder: &Path, dataset: &Dataset, rows: &[R]) -> Result<(), ExposureError> {
    std::fs::create_dir_all(folder).map_err(SinkError::io(folder))?;
    let path = folder.join(format!("{}.parquet", R::TABLE));
    let batch = results::batch(dataset, rows).map_err(SinkError::from)?;
    let pending = results::write(&path, &batch).map_err(SinkError::from)?;
    pending.commit().map_err(SinkError::from)?;
    Ok(())
}
