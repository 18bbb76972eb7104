//! The superposition tables: pairs of shocks against their sum, and who receives the difference.

use arrow_array::RecordBatch;
use shocksweep_columnar::WriteError;

use super::{AMOUNT, KCAL, KG, Name, SectorNames, TONNES};
use crate::dataset::Dataset;
use crate::scenario::ScenarioId;
use crate::superposition::pair::Stages;
use crate::superposition::{Eaten, Method, Pair, Superposition};

shocksweep_columnar::record! {
    /// A pair of shocks against their sum.
    pub struct PairResult = "superposition" {
        /// identifier of the pair
        pub scenario: ScenarioId,
        /// area of the first shocked sector
        pub area_a: Name,
        /// item of the first shocked sector
        pub item_a: Name,
        /// share of output lost, of the first shocked sector
        pub phi_a: f64 ["1"],
        /// area of the second shocked sector
        pub area_b: Name,
        /// item of the second shocked sector
        pub item_b: Name,
        /// share of output lost, of the second shocked sector
        pub phi_b: f64 ["1"],
        /// loss of both shocks together, all areas; null, as all numbers of the pair, where a run of it has diverged
        pub al_joint: Option<f64> [TONNES],
        /// loss of the first shock alone
        pub al_a: Option<f64> [TONNES],
        /// loss of the second shock alone
        pub al_b: Option<f64> [TONNES],
        /// al_joint - al_a - al_b, over the whole network
        pub s: Option<f64> [TONNES],
        /// 1000 s / population, areas with a population
        pub s_per_capita: Option<f64> [KG],
        /// s over all areas and the two shocked items
        pub s_shocked: Option<f64> [TONNES],
        /// 1000 s_shocked / population
        pub s_shocked_per_capita: Option<f64> [KG],
        /// s without adaptation: overlap, never positive
        pub s_static: Option<f64> [TONNES],
        /// what adaptation adds to s
        pub s_adaptation: Option<f64> [TONNES],
        /// what substitution adds to s
        pub s_substitution: Option<f64> [TONNES],
        /// run, independent or negligible; diverged where S is not known
        pub method: String,
        /// bound on |s| where the pair was not run
        pub bound: Option<f64> [TONNES],
        /// s / available amount of the baseline
        pub s_relative: Option<f64> ["1"],
        /// s_shocked / that of the shocked items
        pub s_shocked_relative: Option<f64> ["1"],
        /// food that people eat less after both shocks, sectors that run away left out; null where the dataset knows no food
        pub kcal_joint: Option<f64> [KCAL],
        /// the same after the first shock alone
        pub kcal_a: Option<f64> [KCAL],
        /// the same after the second shock alone
        pub kcal_b: Option<f64> [KCAL],
        /// kcal_joint - kcal_a - kcal_b
        pub s_kcal: Option<f64> [KCAL],
        /// whether a sector of one of the three runs ends above the multiple of its baseline in the manifest
        pub overshoot: bool,
    }
}

shocksweep_columnar::record! {
    /// An area that receives the difference.
    pub struct ReceiverResult = "receivers" {
        /// identifier of the pair, or triple
        pub scenario: ScenarioId,
        /// receiving area
        pub area: Name,
        /// s of the area, s_abc of a triple; items that count
        pub s: f64 [TONNES],
        /// 1000 s / population
        pub s_per_capita: Option<f64> [KG],
    }
}

shocksweep_columnar::record! {
    /// An item that the difference consists of.
    pub struct DifferenceItem = "difference_items" {
        /// identifier of the pair, or triple
        pub scenario: ScenarioId,
        /// item
        pub item: Name,
        /// s of the item over all areas, s_abc of a triple
        pub s: f64 [AMOUNT],
        /// whether the item counts in s over the whole network
        pub counts: bool,
    }
}

/// S of pairs, or triples, by where it lies.
#[derive(Debug, Clone, Default)]
pub struct PartRows {
    /// By receiving area.
    pub receivers: Vec<ReceiverRow>,
    /// By item.
    pub items: Vec<DifferenceItemRow>,
}

impl PartRows {
    /// Adds the items of a set whose |S| is above a threshold.
    pub fn add_items(&mut self, scenario: ScenarioId, by_item: &[f64], above: f64) {
        let of = by_item.iter().enumerate().filter(|(_, s)| s.abs() > above);
        self.items.extend(of.map(|(item, &s)| DifferenceItemRow { scenario, item, s }));
    }

    /// Leaves out the sets that are not kept.
    pub fn retain(&mut self, is_kept: impl Fn(ScenarioId) -> bool) {
        self.receivers.retain(|row| is_kept(row.scenario));
        self.items.retain(|row| is_kept(row.scenario));
    }
}

/// What is known of a pair.
#[derive(Debug, Clone)]
pub struct SuperpositionRow {
    /// The pair.
    pub pair: Pair,
    /// What the runs came to.
    pub superposition: Superposition,
    /// S taken apart by stages, if asked for.
    pub stages: Option<Stages>,
    /// How S was found.
    pub method: Method,
    /// Bound on |S| where it was not run, tonnes.
    pub bound: Option<f64>,
    /// S over what the baseline has of the items that count, all areas, unit 1.
    pub relative: Option<f64>,
    /// S of the shocked items over what the baseline has of them, unit 1.
    pub shocked_relative: Option<f64>,
    /// What it costs people, and whether a run has run away.
    pub eaten: Eaten,
}

/// S in one receiving area.
#[derive(Debug, Clone, Copy)]
pub struct ReceiverRow {
    /// Identifier of the pair, or triple.
    pub scenario: ScenarioId,
    /// Index of the area.
    pub area: usize,
    /// S there, tonnes.
    pub s: f64,
    /// S there, kg per person.
    pub s_per_capita: f64,
}

/// S of one item.
#[derive(Debug, Clone, Copy)]
pub struct DifferenceItemRow {
    /// Identifier of the pair, or triple.
    pub scenario: ScenarioId,
    /// Index of the item.
    pub item: usize,
    /// S of it over all areas, in its unit.
    pub s: f64,
}

/// Rows of `superposition.parquet`.
pub fn rows(dataset: &Dataset, pairs: &[SuperpositionRow]) -> Vec<PairResult> {
    let names = SectorNames::new(&dataset.labels);
    let row = |r: &SuperpositionRow| {
        let [a, b] = [0, 1].map(|which| names.of(r.pair.shocks[which].sector));
        let [phi_a, phi_b] = [0, 1].map(|which| r.pair.shocks[which].phi);
        let s = &r.superposition;
        let known = |value: f64| (!s.diverged).then_some(value);
        PairResult {
            scenario: r.pair.id,
            area_a: a.0,
            item_a: a.1,
            phi_a,
            area_b: b.0,
            item_b: b.1,
            phi_b,
            al_joint: known(s.al_joint),
            al_a: known(s.al[0]),
            al_b: known(s.al[1]),
            s: known(s.s),
            s_per_capita: s.s_per_capita,
            s_shocked: known(s.s_shocked),
            s_shocked_per_capita: s.s_shocked_per_capita,
            s_static: r.stages.map(|s| s.overlap),
            s_adaptation: r.stages.map(|s| s.adaptation),
            s_substitution: r.stages.map(|s| s.substitution),
            method: r.method.name().to_string(),
            bound: r.bound,
            s_relative: r.relative,
            s_shocked_relative: r.shocked_relative,
            kcal_joint: r.eaten.kcal.map(|k| k[0]),
            kcal_a: r.eaten.kcal.map(|k| k[1]),
            kcal_b: r.eaten.kcal.map(|k| k[2]),
            s_kcal: r.eaten.s(),
            overshoot: r.eaten.overshoot,
        }
    };
    pairs.iter().map(row).collect()
}

/// Rows of `receivers.parquet`.
pub fn receivers(dataset: &Dataset, receivers: &[ReceiverRow]) -> Vec<ReceiverResult> {
    let names = SectorNames::new(&dataset.labels);
    let row = |r: &ReceiverRow| ReceiverResult {
        scenario: r.scenario,
        area: names.area(r.area),
        s: r.s,
        s_per_capita: Some(r.s_per_capita),
    };
    receivers.iter().map(row).collect()
}

/// The rows of `difference_items.parquet`; `counted` says of every item whether it counts over the whole network.
///
/// # Errors
/// A column does not fit the table.
pub fn batch_of_items(
    dataset: &Dataset,
    counted: &[bool],
    rows: &[DifferenceItemRow],
) -> Result<RecordBatch, WriteError> {
    let names = SectorNames::new(&dataset.labels);
    let row = |r: &DifferenceItemRow| DifferenceItem {
        scenario: r.scenario,
        item: names.item(r.item),
        s: r.s,
        counts: counted[r.item],
    };
    super::batch(dataset, &rows.iter().map(row).collect::<Vec<_>>())
}

/// The rows of `superposition.parquet`.
///
/// # Errors
/// A column does not fit the table.
pub fn batch(dataset: &Dataset, pairs: &[SuperpositionRow]) -> Result<RecordBatch, WriteError> {
    super::batch(dataset, &rows(dataset, pairs))
}

/// The rows of `receivers.parquet`.
///
/// # Errors
/// A column does not fit the table.
pub fn batch_of_receivers(
    dataset: &Dataset,
    rows: &[ReceiverRow],
) -> Result<RecordBatch, WriteError> {
    super::batch(dataset, &receivers(dataset, rows))
}
