//! The table of triples: three shocks against what their pairs explain.

use arrow_array::RecordBatch;
use shocksweep_columnar::WriteError;

use super::{KCAL, KG, Name, SectorNames, TONNES};
use crate::dataset::Dataset;
use crate::scenario::ScenarioId;
use crate::superposition::pair::Stages;
use crate::superposition::set::values;
use crate::superposition::{Method, SetSums, ShockSet};

shocksweep_columnar::record! {
    /// Three shocks against what they do alone and in pairs.
    pub struct TripleResult = "triples" {
        /// identifier of the triple
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
        /// area of the third shocked sector
        pub area_c: Name,
        /// item of the third shocked sector
        pub item_c: Name,
        /// share of output lost, of the third shocked sector
        pub phi_c: f64 ["1"],
        /// loss of all three shocks together, all areas; null, as all numbers of the triple, where a run of it has diverged
        pub al_joint: Option<f64> [TONNES],
        /// loss of the first shock alone
        pub al_a: Option<f64> [TONNES],
        /// loss of the second shock alone
        pub al_b: Option<f64> [TONNES],
        /// loss of the third shock alone
        pub al_c: Option<f64> [TONNES],
        /// S of the first and the second shock
        pub s_ab: Option<f64> [TONNES],
        /// S of the first and the third shock
        pub s_ac: Option<f64> [TONNES],
        /// S of the second and the third shock
        pub s_bc: Option<f64> [TONNES],
        /// what no pair explains: al_joint - al_a - al_b - al_c - s_ab - s_ac - s_bc, over the whole network
        pub s_abc: Option<f64> [TONNES],
        /// 1000 s_abc / population, areas with a population
        pub s_abc_per_capita: Option<f64> [KG],
        /// s_abc over all areas and the shocked items
        pub s_abc_shocked: Option<f64> [TONNES],
        /// 1000 s_abc_shocked / population
        pub s_abc_shocked_per_capita: Option<f64> [KG],
        /// s_abc without adaptation: overlap
        pub s_abc_static: Option<f64> [TONNES],
        /// what adaptation adds to s_abc
        pub s_abc_adaptation: Option<f64> [TONNES],
        /// what substitution adds to s_abc
        pub s_abc_substitution: Option<f64> [TONNES],
        /// interaction, or run where a cap, reserves or another engine rule that out; diverged where S is not known
        pub method: String,
        /// food that people eat less after all three shocks, sectors that run away in one of the runs left out; null where the dataset knows no food
        pub kcal_joint: Option<f64> [KCAL],
        /// the same after the first shock alone
        pub kcal_a: Option<f64> [KCAL],
        /// the same after the second shock alone
        pub kcal_b: Option<f64> [KCAL],
        /// the same after the third shock alone
        pub kcal_c: Option<f64> [KCAL],
        /// S of food of the first and the second shock
        pub s_kcal_ab: Option<f64> [KCAL],
        /// S of food of the first and the third shock
        pub s_kcal_ac: Option<f64> [KCAL],
        /// S of food of the second and the third shock
        pub s_kcal_bc: Option<f64> [KCAL],
        /// of food, what no pair explains
        pub s_kcal_abc: Option<f64> [KCAL],
        /// whether a sector of one of the seven runs ends above the multiple of its baseline in the manifest
        pub overshoot: bool,
    }
}

/// What is known of a triple.
#[derive(Debug, Clone)]
pub struct TripleRow {
    /// The triple.
    pub set: ShockSet,
    /// What every subset adds.
    pub sums: SetSums<8>,
    /// S taken apart by stages, if asked for.
    pub stages: Option<Stages>,
    /// How S was found.
    pub method: Method,
}

/// Rows of `triples.parquet`.
pub fn rows(dataset: &Dataset, triples: &[TripleRow]) -> Vec<TripleResult> {
    let names = SectorNames::new(&dataset.labels);
    let row = |r: &TripleRow| {
        let shock = |n: usize| {
            let shock = &r.set.shocks[n];
            let (area, item) = names.of(shock.sector);
            (area, item, shock.phi)
        };
        let (a, b, c) = (shock(0), shock(1), shock(2));
        let sums = Some(&r.sums).filter(|sums| !sums.diverged);
        let added = |subset: usize| sums.map(|sums| sums.added[subset]);
        let food = |subset: usize| sums.and_then(|sums| Some(sums.kcal?[subset]));
        TripleResult {
            scenario: r.set.id,
            area_a: a.0,
            item_a: a.1,
            phi_a: a.2,
            area_b: b.0,
            item_b: b.1,
            phi_b: b.2,
            area_c: c.0,
            item_c: c.1,
            phi_c: c.2,
            al_joint: sums.map(|sums| values(&sums.added)[7]),
            al_a: added(1),
            al_b: added(2),
            al_c: added(4),
            s_ab: added(3),
            s_ac: added(5),
            s_bc: added(6),
            s_abc: added(7),
            s_abc_per_capita: sums.and_then(|sums| sums.s_per_capita),
            s_abc_shocked: sums.map(|sums| sums.s_shocked),
            s_abc_shocked_per_capita: sums.and_then(|sums| sums.s_shocked_per_capita),
            s_abc_static: r.stages.map(|s| s.overlap),
            s_abc_adaptation: r.stages.map(|s| s.adaptation),
            s_abc_substitution: r.stages.map(|s| s.substitution),
            method: r.method.name().to_string(),
            kcal_joint: sums.and_then(|sums| Some(values(&sums.kcal?)[7])),
            kcal_a: food(1),
            kcal_b: food(2),
            kcal_c: food(4),
            s_kcal_ab: food(3),
            s_kcal_ac: food(5),
            s_kcal_bc: food(6),
            s_kcal_abc: food(7),
            overshoot: r.sums.overshoot,
        }
    };
    triples.iter().map(row).collect()
}

/// The rows of `triples.parquet`.
///
/// # Errors
/// A column does not fit the table.
pub fn batch(dataset: &Dataset, triples: &[TripleRow]) -> Result<RecordBatch, WriteError> {
    super::batch(dataset, &rows(dataset, triples))
}
