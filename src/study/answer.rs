//! The answer to one scenario as tables: areas, items and sectors, in a measure.
//!
//! Sectors that have run away ([`runs_away`]) lose and gain nothing in sums; their rows say that they have.

use std::collections::BTreeMap;

use super::shock::Answer;
use crate::dataset::Dataset;
use crate::engine::{EventKind, Outcome};
use crate::measure::Measure;
use crate::model::adaptation::MissingRule;
use crate::model::losses::{reported_relative_loss, runs_away};
use crate::results::Name;
use crate::scenario::Response;

shocksweep_columnar::record! {
    /// What the people of an area lose.
    pub struct AreaLoss = "by_area" {
        /// area
        pub area: Name,
        /// ISO 3166-1 alpha-3 code
        pub iso3: String,
        /// whether areas adapt
        pub adaptation: Response,
        /// loss in the measure, per person; null where the area has no population
        pub loss_per_person: Option<f64> ["unit_per_person"],
        /// loss in the measure
        pub loss: f64 ["unit"],
        /// loss over what the area has without the shock; null where it has nothing
        pub of_supply: Option<f64> ["1"],
        /// sectors that have run away, left out of the sums
        pub runaway: i64,
        /// unit of `loss`
        pub unit: String,
        /// unit of `loss_per_person`
        pub unit_per_person: String,
    }
}

shocksweep_columnar::record! {
    /// What all areas together lose of an item.
    pub struct ItemLoss = "by_item" {
        /// item
        pub item: Name,
        /// whether areas adapt
        pub adaptation: Response,
        /// unit of `al`
        pub unit: String,
        /// absolute loss
        pub al: f64 ["unit"],
        /// loss over what there is without the shock; null where there is nothing
        pub rl: Option<f64> ["1"],
        /// loss in the measure
        pub loss: f64 ["the measure's"],
        /// sectors that have run away, left out of the sums
        pub runaway: i64,
    }
}

shocksweep_columnar::record! {
    /// What an area loses of an item.
    pub struct SectorLoss = "by_sector" {
        /// area
        pub area: Name,
        /// item
        pub item: Name,
        /// whether areas adapt
        pub adaptation: Response,
        /// unit of the item's amounts
        pub unit: String,
        /// available amount without the shock
        pub baseline: f64 ["unit"],
        /// available amount with it
        pub available: f64 ["unit"],
        /// absolute loss: baseline - available
        pub al: f64 ["unit"],
        /// relative loss: al / baseline, clipped below at -1
        pub rl: f64 ["1"],
        /// loss in the measure
        pub loss: f64 ["the measure's"],
        /// whether the sector has run away
        pub runs_away: bool,
    }
}

/// How an answer is told.
#[derive(Debug, Clone, Copy)]
pub struct Telling<'a> {
    /// The dataset that was asked.
    pub dataset: &'a Dataset,
    /// In what losses of several items are told.
    pub measure: &'a Measure,
    /// What an entry without a rule became.
    pub missing: MissingRule,
    /// Multiple of the baseline above which a sector has run away.
    pub overshoot: f64,
    /// Yearly steps.
    pub steps: usize,
    /// Whether the shocked areas are left out: what a shock does to others.
    pub others: bool,
}

/// A sector's loss in one run.
struct Told {
    sector: usize,
    loss: f64,
    value: f64,
    runs_away: bool,
}

impl Telling<'_> {
    /// Areas that lose or gain, both ways, the largest loss per person first (with adaptation, where that was run).
    pub fn areas(&self, answer: &Answer) -> Vec<AreaLoss> {
        let dims = self.dataset.dimensions();
        let mut rows: Vec<(usize, AreaLoss)> = Vec::new();
        for (response, outcome) in ways(answer) {
            let mut of_area: BTreeMap<usize, (f64, i64)> = BTreeMap::new();
            for told in self.told(answer, outcome) {
                let sums = of_area.entry(dims.area_of(told.sector)).or_default();
                match told.runs_away {
                    true => sums.1 += 1,
                    false => sums.0 += told.value,
                }
            }
            for (area, (loss, runaway)) in of_area {
                rows.push((area, self.area(answer, (area, response), loss, runaway)));
            }
        }
        let last = ways(answer).last().map(|(response, _)| response);
        let mut rank: BTreeMap<usize, f64> = BTreeMap::new();
        for (area, row) in rows.iter().filter(|(_, row)| Some(row.adaptation) == last) {
            rank.insert(*area, row.loss_per_person.unwrap_or(f64::NEG_INFINITY));
        }
        let of = |area: &usize| rank.get(area).copied().unwrap_or(f64::NEG_INFINITY);
        // Stable: an area's run without adaptation stays before the one with.
        rows.sort_by(|a, b| of(&b.0).total_cmp(&of(&a.0)).then(a.0.cmp(&b.0)));
        rows.into_iter().map(|row| row.1).collect()
    }

    fn area(
        &self,
        answer: &Answer,
        (area, response): (usize, Response),
        loss: f64,
        runaway: i64,
    ) -> AreaLoss {
        let dims = self.dataset.dimensions();
        let label = &self.dataset.labels.areas[area];
        let sectors = area * dims.items..(area + 1) * dims.items;
        let had: f64 = sectors.map(|s| self.measure.baseline(s, answer.baseline[s])).sum();
        let people = label.population;
        AreaLoss {
            area: Name::from(&label.name),
            iso3: label.iso3.clone(),
            adaptation: response,
            loss_per_person: people.map(|people| self.measure.per_person(loss, people)),
            loss,
            of_supply: (had > 0.0).then(|| loss / had),
            runaway,
            unit: self.measure.unit.clone(),
            unit_per_person: self.measure.unit_per_person(),
        }
    }

    /// Items of which all areas together lose or gain, both ways, in the order of the items.
    pub fn items(&self, answer: &Answer) -> Vec<ItemLoss> {
        let dims = self.dataset.dimensions();
        let mut rows: BTreeMap<(usize, usize), ItemLoss> = BTreeMap::new();
        for (way, (response, outcome)) in ways(answer).enumerate() {
            for told in self.told(answer, outcome) {
                let item = dims.item_of(told.sector);
                let label = &self.dataset.labels.items[item];
                let row = rows.entry((item, way)).or_insert_with(|| ItemLoss {
                    item: Name::from(&label.name),
                    adaptation: response,
                    unit: label.unit.sign().to_string(),
                    al: 0.0,
                    rl: None,
                    loss: 0.0,
                    runaway: 0,
                });
                if told.runs_away {
                    row.runaway += 1;
                } else {
                    row.al += told.loss;
                    row.loss += told.value;
                }
            }
        }
        for ((item, _), row) in &mut rows {
            let sectors = (0..dims.areas).map(|area| dims.sector(area, *item));
            let had: f64 = sectors.map(|s| answer.baseline[s]).sum();
            row.rl = (had > 0.0).then(|| reported_relative_loss(row.al, had));
        }
        rows.into_values().collect()
    }

    /// Sectors that lose or gain, both ways, in the order of the sectors.
    pub fn sectors(&self, answer: &Answer) -> Vec<SectorLoss> {
        let labels = &self.dataset.labels;
        let dims = self.dataset.dimensions();
        let mut rows: Vec<(usize, SectorLoss)> = Vec::new();
        for (response, outcome) in ways(answer) {
            for told in self.told(answer, outcome) {
                let item = &labels.items[dims.item_of(told.sector)];
                let baseline = answer.baseline[told.sector];
                let row = SectorLoss {
                    area: Name::from(&labels.areas[dims.area_of(told.sector)].name),
                    item: Name::from(&item.name),
                    adaptation: response,
                    unit: item.unit.sign().to_string(),
                    baseline,
                    available: baseline - told.loss,
                    al: told.loss,
                    rl: reported_relative_loss(told.loss, baseline),
                    loss: told.value,
                    runs_away: told.runs_away,
                };
                rows.push((told.sector, row));
            }
        }
        rows.sort_by_key(|row| row.0);
        rows.into_iter().map(|row| row.1).collect()
    }

    fn told(&self, answer: &Answer, outcome: &Outcome) -> Vec<Told> {
        let dims = self.dataset.dimensions();
        let shocked: Vec<usize> =
            answer.effective.shocks.iter().map(|s| dims.area_of(s.sector as usize)).collect();
        let adapting = outcome.events.iter().filter(|e| e.kind == EventKind::Adapting);
        // Adaptation is in force from the step after it on.
        let adapting = adapting.filter(|e| e.step + 1 < self.steps).map(|event| event.hit);
        let shares = self.measure.adapted_shares(adapting, self.missing, self.dataset);
        let losses = outcome.sectors.iter().zip(&outcome.losses);
        losses
            .filter(|(s, _)| !(self.others && shocked.contains(&dims.area_of(**s as usize))))
            .map(|(&sector, &loss)| {
                let (s, baseline) = (sector as usize, answer.baseline[sector as usize]);
                let share = shares.get(&sector).copied();
                Told {
                    sector: s,
                    loss,
                    value: self.measure.loss(s, baseline, loss, share),
                    runs_away: runs_away(loss, baseline, self.overshoot),
                }
            })
            .collect()
    }
}

/// The runs of an answer, without adaptation first.
fn ways(answer: &Answer) -> impl Iterator<Item = (Response, &Outcome)> {
    let without = answer.without.as_ref().map(|outcome| (Response::Static, outcome));
    let with = answer.with.as_ref().map(|outcome| (Response::Adaptive, outcome));
    without.into_iter().chain(with)
}
