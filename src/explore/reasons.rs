//! Why an area loses what it loses.

use super::ExploreError;
use super::answer::{SectorReply, WhyReply};
use super::question::{Case, Tell};
use super::worlds::Worlds;
use crate::analysis::overview::short::Short;
use crate::exposure::What;
use crate::exposure::why::steps::By;
use crate::exposure::why::{Target, why};
use crate::job::Adaptation;
use crate::model::constants::STEPS;

/// Ways, sources and links that are named.
const NAMED: usize = 24;

/// Takes the loss of an area apart: of the run with adaptation, where that is asked for.
///
/// # Errors
/// As [`Worlds::run`]; the name stands for no area.
pub fn reasons(
    worlds: &Worlds,
    case: &Case,
    tell: &Tell,
    area: &str,
) -> Result<WhyReply, ExploreError> {
    let place = worlds.with(&case.changes)?;
    let (what, area) = (place.what(tell)?, place.area(area)?);
    let dataset = &*place.dataset;
    let adaptation = place.ways(case.ways)? != Adaptation::Off;
    let scenario = place.scenario(&case.failures)?.effective(&dataset.parameters.producers());
    let settings = adaptation.then_some(place.settings);
    let found = why(place.reference(), &scenario.with_adaptation(settings), |run| match &what {
        What::Item(item) => Target::sector(dataset.dimensions().sector(area, *item) as u32),
        What::Measure(measure) => {
            Target::area(dataset, measure, area, run, place.settings.missing_rule)
        }
    })?;
    let dims = dataset.dimensions();
    let parts = |sector: u32| -> SectorReply {
        (dims.area_of(sector as usize), dims.item_of(sector as usize))
    };
    let largest = &found.routes.largest;
    let shown = largest.len().min(NAMED);
    let rest: f64 = largest[shown..].iter().map(|route| route.loss).sum();
    let mut links: Vec<_> = (found.steps.iter())
        .filter(|row| row.step + 1 == STEPS)
        .filter_map(|row| match row.by {
            By::Trade { from } => Some((row, from, "trade")),
            By::Production { from, .. } => Some((row, from, "production")),
            By::WithoutInput | By::Own(_) => None,
        })
        .collect();
    links.sort_by(|a, b| b.0.loss.total_cmp(&a.0.loss));
    Ok(WhyReply {
        area,
        adaptation,
        runaway: found.runaway.len(),
        has_run_away: match &what {
            What::Item(item) => found.runaway.contains(&(dims.sector(area, *item) as u32)),
            What::Measure(_) => false,
        },
        unit: what.unit(dataset, area),
        loss: Short(found.losses.last().copied().unwrap_or_default()),
        routes: (largest[..shown].iter())
            .map(|route| {
                let sectors = route.sectors.iter().map(|&s| parts(s)).collect();
                (sectors, route.source.name(), Short(route.loss))
            })
            .collect(),
        others: Short(found.routes.others + rest + found.constant),
        origins: (found.origins.iter().take(NAMED))
            .map(|o| (parts(o.sector), o.source.name(), Short(o.loss)))
            .collect(),
        links: (links.iter().take(NAMED))
            .map(|(row, from, by)| {
                (parts(row.sector), parts(*from), *by, Short(row.before), Short(row.now))
            })
            .collect(),
    })
}
