//! Which single change cuts a loss most.

use super::ExploreError;
use super::answer::{BestReply, TriedReply};
use super::question::Case;
use super::worlds::Worlds;
use crate::analysis::overview::short::Short;
use crate::dataset::names::NameIndex;
use crate::job::Adaptation;
use crate::mitigate::Question;
use crate::mitigate::against::against;
use crate::model::constants::STEPS;

/// Suppliers, and exporters, of which pairs are tried.
const SUPPLIERS: usize = 5;
/// Changes that are named.
const NAMED: usize = 10;

/// Tries changes against a case, in the world that it changes already; with adaptation, where that is asked
/// for.
///
/// # Errors
/// A name is unknown, the budget is no amount, or the case costs the area nothing of the item.
pub fn best(
    worlds: &Worlds,
    case: &Case,
    (area, item): (&str, &str),
    budget: f64,
) -> Result<BestReply, ExploreError> {
    let place = worlds.with(&case.changes)?;
    let dataset = &*place.dataset;
    let area = place.area(area)?;
    let item = NameIndex::new(&dataset.labels).item(item)?;
    let adapts = place.ways(case.ways)? != Adaptation::Off;
    let scenario = place.scenario(&case.failures)?;
    let scenario = scenario.with_adaptation(adapts.then_some(place.settings));
    let question = Question { area, item, budget, failures: 1, suppliers: SUPPLIERS, steps: STEPS };
    let found = against(dataset, &scenario, &question)?;
    let row = |(candidate, left): &(crate::mitigate::Candidate, f64)| TriedReply {
        change: candidate.change(dataset, area, item),
        amount: Short(candidate.amount),
        after: Short(*left),
    };
    Ok(BestReply {
        area,
        item,
        unit: dataset.labels.items[item].unit.sign().to_string(),
        before: Short(found.before),
        tried: found.tried.iter().take(NAMED).map(row).collect(),
        impossible: found.impossible.len(),
    })
}
