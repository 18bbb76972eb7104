//! What an area must fear most, and which second failure makes a first one worse.

use std::sync::Arc;

use super::ExploreError;
use super::answer::{FearReply, FearsReply, PartnerReply, SectorReply, TogetherReply};
use super::question::{Case, Tell};
use super::worlds::Place;
use crate::analysis::overview::short::Short;
use crate::dataset::Dimensions;
use crate::engine::{Engine, Outcome};
use crate::exposure::computed::Told;
use crate::exposure::profile::{profile, worst};
use crate::exposure::{Chances, Singles, What};
use crate::job::Adaptation;
use crate::model::constants::{MIN_LOSS, STEPS};
use crate::scenario::{Scenario, Shock};

/// Level of the tail of an exposure; it is not shown.
const LEVEL: f64 = 0.95;
/// Areas of like risk that are named.
const ALIKE: usize = 6;
/// Failures that are tried as partners: those that cost most by themselves.
const TRIED: usize = 150;

fn parts(dims: Dimensions, sector: u32) -> SectorReply {
    (dims.area_of(sector as usize), dims.item_of(sector as usize))
}

/// The single failures that cost an area most.
pub fn fears(
    place: &Place,
    singles: &Singles,
    what: &What,
    area: usize,
    most: usize,
) -> FearsReply {
    let dims = place.dataset.dimensions();
    let chances = Chances::uniform(singles.failures.len());
    let found = profile(&place.dataset, (singles, what), &chances, LEVEL, area);
    let row = |source: &crate::exposure::SourceLoss| FearReply {
        sector: parts(dims, source.sector),
        loss: source.loss.map(|loss| loss.map(Short)),
        share: source.share.map(|share| share.map(Short)),
        bought_share: Short(source.bought_share),
        is_own: source.is_own,
    };
    // By the way that is shown: with adaptation, where it was run.
    let way = singles.main_way();
    let shown =
        |source: &&crate::exposure::SourceLoss| source.loss[way].is_some_and(|loss| loss > 0.0);
    let mut worst: Vec<_> = found.sources.iter().filter(shown).collect();
    worst.sort_by(|a, b| b.loss[way].unwrap_or(0.0).total_cmp(&a.loss[way].unwrap_or(0.0)));
    FearsReply {
        area,
        unit: found.unit,
        failures: found.failures,
        worst: worst.into_iter().take(most).map(row).collect(),
        alike: found.alike.iter().take(ALIKE).map(|(a, how)| (*a, Short(*how))).collect(),
    }
}

/// Whose loss counts, and in which unit it is told.
struct Scope<'a> {
    place: &'a Place,
    what: &'a What,
    area: Option<usize>,
    unit: String,
    scale: f64,
}

impl<'a> Scope<'a> {
    /// An area's as it is told everywhere; the world's per person where a measure counts, else as a sum.
    fn new(place: &'a Place, what: &'a What, area: Option<usize>) -> Self {
        let dataset = &*place.dataset;
        let people: f64 = dataset.labels.areas.iter().filter_map(|a| a.population).sum();
        let (unit, scale) = match (area, what) {
            (Some(area), what) => (what.unit(dataset, area), what.scale(dataset, area)),
            (None, What::Measure(measure)) if people > 0.0 => {
                (measure.unit_per_person(), measure.per_person(1.0, people))
            }
            (None, What::Measure(measure)) => (measure.unit.clone(), 1.0),
            (None, What::Item(item)) => (dataset.labels.items[*item].unit.sign().to_string(), 1.0),
        };
        Scope { place, what, area, unit, scale }
    }

    /// Whether an area's loss counts: the area's own, or that of all (per person: of all with people).
    fn counts(&self, area: usize) -> bool {
        match (self.area, self.what) {
            (Some(own), _) => own == area,
            (None, What::Measure(_)) if self.scale != 1.0 => {
                self.place.dataset.labels.areas[area].population.is_some()
            }
            (None, _) => true,
        }
    }

    fn of_outcome(&self, outcome: Outcome) -> f64 {
        let (place, dims) = (self.place, self.place.dataset.dimensions());
        let (baseline, missing) = (place.engine.baseline().last(), place.settings.missing_rule);
        let told = Told::of(&place.dataset, self.what, baseline, outcome, missing, STEPS);
        let rows = told.sectors.iter().zip(&told.value);
        let counted = rows.filter(|(s, _)| self.counts(dims.area_of(**s as usize)));
        counted.map(|(_, value)| value).sum::<f64>() * self.scale
    }

    fn of_single(&self, singles: &Singles, way: usize, failure: usize) -> f64 {
        let areas = 0..self.place.dataset.labels.areas.len();
        let counted = areas.filter(|&area| self.counts(area));
        counted.map(|area| singles.loss(way, failure, area)).sum::<f64>() * self.scale
    }

    /// The failures that cost most by themselves.
    fn worst(&self, singles: &Singles, way: usize) -> Vec<usize> {
        if let Some(area) = self.area {
            return worst(singles, area);
        }
        let mut order: Vec<(f64, usize)> = (0..singles.failures.len())
            .map(|n| (self.of_single(singles, way, n), n))
            .filter(|(loss, _)| *loss > 0.0)
            .collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        order.into_iter().map(|(_, n)| n).collect()
    }
}

/// The failures that make a case worse, by what both together cost beyond each alone.
///
/// `beyond = L_both - L_case - L_partner` after the last step; partners are those of the 150 failures that
/// cost most by themselves. With adaptation, where it is asked for.
///
/// # Errors
/// As [`Place::scenario`]; the engine fails.
pub fn together(
    place: &Arc<Place>,
    singles: &Singles,
    case: &Case,
    tell: &Tell,
    area: Option<usize>,
    most: usize,
) -> Result<TogetherReply, ExploreError> {
    let what = place.what(tell)?;
    let producers = place.dataset.parameters.producers();
    let scenario = place.scenario(&case.failures)?.effective(&producers);
    let adapts = place.ways(case.ways)? != Adaptation::Off;
    let way = usize::from(adapts);
    let settings = adapts.then_some(place.settings);
    let scope = Scope::new(place, &what, area);
    let fails = |sector: u32| scenario.shocks.iter().any(|shock| shock.sector == sector);
    let mut chosen = scope.worst(singles, way);
    chosen.retain(|&n| !fails(singles.failures[n].sector));
    chosen.truncate(TRIED);
    let mut runs = vec![scenario.clone().with_adaptation(settings)];
    for &n in &chosen {
        let mut shocks = scenario.shocks.clone();
        shocks.push(Shock::new(singles.failures[n].sector, 1.0));
        let both = Scenario::new(0, shocks, &place.dataset.labels)?;
        runs.push(both.with_adaptation(settings));
    }
    let last = [place.engine.last_step()];
    // As single failures are: losses of a kilogram or less are left out of both.
    let outcomes = place.engine.losses(&runs, &last, MIN_LOSS, &|_| {})?.of;
    let mut joint = outcomes.into_iter().map(|outcome| match outcome.diverged {
        Some(_) => None,
        None => Some(scope.of_outcome(outcome)),
    });
    let name = || scenario.describe(&place.dataset);
    let alone = joint.next().flatten().ok_or_else(|| ExploreError::Diverged(name()))?;
    let mut partners: Vec<(f64, PartnerReply)> = (chosen.iter().zip(joint))
        .filter_map(|(&n, joint)| {
            let (joint, own) = (joint?, scope.of_single(singles, way, n));
            let beyond = joint - alone - own;
            let sector = parts(place.dataset.dimensions(), singles.failures[n].sector);
            let [own, joint, short] = [own, joint, beyond].map(Short);
            Some((beyond, PartnerReply { sector, alone: own, joint, beyond: short }))
        })
        .collect();
    // Stable: of equal ones the worse by itself comes first.
    partners.sort_by(|a, b| b.0.total_cmp(&a.0));
    Ok(TogetherReply {
        area,
        adaptation: adapts,
        unit: scope.unit,
        alone: Short(alone),
        tried: chosen.len(),
        partners: partners.into_iter().take(most).map(|(_, row)| row).collect(),
    })
}
