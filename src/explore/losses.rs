//! Who loses how much, after every step.

use super::ExploreError;
use super::answer::{LossesReply, ShockedReply, WayReply};
use super::question::{Case, Tell};
use super::worlds::{Place, Ran, Worlds};
use crate::analysis::overview::short::{Short, shorts};
use crate::dataset::Dataset;
use crate::engine::{Engine, EventKind, Outcome};
use crate::exposure::What;
use crate::exposure::computed::Told;
use crate::measure::{MeasureKind, more_than_eaten};
use crate::model::constants::{KG_PER_TONNE, OVERSHOOT_MULTIPLE};
use crate::model::losses::runs_away;

/// The answer to a case.
///
/// # Errors
/// As [`Worlds::run`] and [`Place::what`].
pub fn losses(worlds: &Worlds, case: &Case, tell: &Tell) -> Result<LossesReply, ExploreError> {
    let steps = worlds.base.engine.all_steps();
    let ran = worlds.run(case, &steps)?;
    let place = ran.place.clone();
    let (dataset, what) = (&*place.dataset, place.what(tell)?);
    let baseline = &place.engine.baseline().available;
    let supply: Vec<Vec<f64>> = baseline.iter().map(|b| what.supply(dataset, b)).collect();
    let per_person = PerPerson::of(&what, dataset);
    let left_out = not_eaten(&what, dataset, &supply[supply.len() - 1]);
    let shocked = shocked(&ran);
    let name = ran.name.clone();
    let ways = (ran.outcomes.into_iter().enumerate())
        .filter_map(|(way, outcomes)| Some((way == 1, outcomes?)))
        .map(|(adaptation, outcomes)| way(&place, &what, adaptation, outcomes))
        .collect();
    Ok(LossesReply {
        name,
        shocked,
        unit: per_person.unit_of_sums,
        unit_per_person: per_person.unit,
        per_person: per_person.factor.into_iter().map(|f| f.map(Short)).collect(),
        supply: supply.iter().map(|of| shorts(of)).collect(),
        left_out,
        ways,
    })
}

/// From sums of an area to what one of its people loses.
pub(super) struct PerPerson {
    /// Unit of the sums.
    pub unit_of_sums: String,
    /// Unit per person.
    pub unit: String,
    /// Factor of every area that has people.
    pub factor: Vec<Option<f64>>,
}

impl PerPerson {
    /// Of a measure as it says; of an item in tonnes kg a person, of others the number per 1,000 people.
    pub(super) fn of(what: &What, dataset: &Dataset) -> Self {
        let people = |area: usize| dataset.labels.areas[area].population.filter(|p| *p > 0.0);
        let areas = 0..dataset.labels.areas.len();
        match what {
            What::Measure(measure) => PerPerson {
                unit_of_sums: measure.unit.clone(),
                unit: measure.unit_per_person(),
                factor: areas.map(|a| Some(measure.per_person(1.0, people(a)?))).collect(),
            },
            What::Item(item) => {
                let unit = &dataset.labels.items[*item].unit;
                let sign = unit.sign().to_string();
                PerPerson {
                    unit: match unit.is_mass() {
                        true => "kg per person".to_string(),
                        false => format!("{sign} per 1,000 people"),
                    },
                    unit_of_sums: sign,
                    // A tonne is 1,000 kg, and 1,000 people are 1,000 people.
                    factor: areas.map(|a| Some(KG_PER_TONNE / people(a)?)).collect(),
                }
            }
        }
    }
}

fn shocked(ran: &Ran) -> Vec<ShockedReply> {
    let dims = ran.place.dataset.dimensions();
    let row = |shock: &crate::scenario::Shock| ShockedReply {
        area: dims.area_of(shock.sector as usize),
        item: dims.item_of(shock.sector as usize),
        phi: shock.phi,
    };
    ran.scenario.shocks.iter().map(row).collect()
}

fn way(place: &Place, what: &What, adaptation: bool, outcomes: Vec<Outcome>) -> WayReply {
    let (dataset, dims) = (&*place.dataset, place.dataset.dimensions());
    let last = outcomes.last().cloned().unwrap_or_default();
    let count = |kind: EventKind| last.events.iter().filter(|e| e.kind == kind).count();
    let (adapting, substituting) = (count(EventKind::Adapting), count(EventKind::Substituting));
    let baseline = place.engine.baseline().last();
    let is_away =
        |(s, loss): (&u32, &f64)| runs_away(*loss, baseline[*s as usize], OVERSHOOT_MULTIPLE);
    let runaway = last.sectors.iter().zip(&last.losses).filter(|&row| is_away(row)).count();
    let by_area: Vec<Vec<f64>> = (outcomes.into_iter().enumerate())
        .map(|(t, outcome)| {
            let mut of_areas = vec![0.0; dims.areas];
            let told = told(place, what, t, outcome);
            for (&sector, value) in told.sectors.iter().zip(&told.value) {
                of_areas[dims.area_of(sector as usize)] += value;
            }
            of_areas
        })
        .collect();
    let populated = |(area, _): &(usize, &f64)| dataset.labels.areas[*area].population.is_some();
    let world_populated = by_area
        .iter()
        .map(|of| of.iter().enumerate().filter(populated).map(|(_, loss)| loss).sum())
        .collect::<Vec<f64>>();
    WayReply {
        adaptation,
        world: by_area.iter().map(|of| Short(of.iter().sum())).collect(),
        world_populated: shorts(&world_populated),
        by_area: by_area.iter().map(|of| shorts(of)).collect(),
        above_marks: last.totals.above_marks,
        adapting,
        substituting,
        runaway,
    }
}

/// An outcome after step `t` as it is told.
pub(super) fn told(place: &Place, what: &What, t: usize, outcome: Outcome) -> Told {
    let baseline = &place.engine.baseline().available[t];
    Told::of(&place.dataset, what, baseline, outcome, place.settings.missing_rule, t + 1)
}

/// Areas whose supply of food is more than people eat: they are in no ranking of areas.
fn not_eaten(what: &What, dataset: &Dataset, supply: &[f64]) -> Vec<usize> {
    let is_food = |kind| matches!(kind, MeasureKind::Kcal | MeasureKind::Protein);
    match what {
        What::Measure(measure) if is_food(measure.kind) => {}
        _ => return Vec::new(),
    }
    more_than_eaten(supply, |area| dataset.labels.areas[area].population)
}
