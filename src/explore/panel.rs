//! What one area loses: item by item, over time, and from whom it buys what it loses most of.

use super::ExploreError;
use super::answer::{ItemReply, PanelReply, SuppliersReply};
use super::losses::told;
use super::question::{Case, Tell};
use super::worlds::{Place, Worlds};
use crate::analysis::overview::short::{Short, shorts};
use crate::engine::{Engine, Outcome};
use crate::exposure::{What, suppliers};
use crate::model::constants::OVERSHOOT_MULTIPLE;
use crate::model::losses::{reported_relative_loss, runs_away};

/// Items whose suppliers are named.
const WITH_SUPPLIERS: usize = 3;
/// Suppliers of an item that are named.
const SUPPLIERS: usize = 6;

/// What the area loses.
///
/// # Errors
/// As [`Worlds::run`]; the name stands for no area.
pub fn panel(
    worlds: &Worlds,
    case: &Case,
    tell: &Tell,
    area: &str,
) -> Result<PanelReply, ExploreError> {
    let ran = worlds.run(case, &worlds.base.engine.all_steps())?;
    let place = ran.place.clone();
    let (what, area) = (place.what(tell)?, place.area(area)?);
    let dims = place.dataset.dimensions();
    let fails = |item: usize| {
        let sector = dims.sector(area, item) as u32;
        ran.scenario.shocks.iter().any(|shock| shock.sector == sector)
    };
    let runs: Vec<(bool, Vec<Outcome>)> = (ran.outcomes.into_iter().enumerate())
        .filter_map(|(way, outcomes)| Some((way == 1, outcomes?)))
        .collect();
    let columns: Vec<Column> =
        runs.iter().map(|(_, outcomes)| Column::of(&place, &what, area, outcomes)).collect();
    let baseline = &place.engine.baseline().available;
    let item = |item: usize| {
        let sector = dims.sector(area, item);
        let had: Vec<f64> = baseline.iter().map(|b| b[sector]).collect();
        let last = had.last().copied().unwrap_or_default();
        let lost = |column: &Column| column.al.last().map_or(0.0, |al| al[item]);
        let has = last != 0.0;
        ItemReply {
            item,
            fails: fails(item),
            baseline: shorts(&had),
            al: columns.iter().map(|c| c.al.iter().map(|al| Short(al[item])).collect()).collect(),
            rl: columns
                .iter()
                .map(|c| has.then(|| Short(reported_relative_loss(lost(c), last))))
                .collect(),
            value: columns.iter().map(|c| Short(c.value[item])).collect(),
            runaway: columns.iter().map(|c| c.runaway[item]).collect(),
        }
    };
    let is_touched =
        |reply: &ItemReply| reply.fails || reply.al.iter().flatten().any(|al| al.0 != 0.0);
    let mut items: Vec<ItemReply> = (0..dims.items).map(item).filter(is_touched).collect();
    let worst = |of: &[Short]| of.iter().map(|v| v.0).fold(f64::NEG_INFINITY, f64::max);
    let end = |i: &ItemReply| i.al.iter().filter_map(|al| al.last().copied()).collect::<Vec<_>>();
    // By what is told; items that do not count there follow, by their amounts.
    items.sort_by(|a, b| {
        worst(&b.value)
            .total_cmp(&worst(&a.value))
            .then(worst(&end(b)).total_cmp(&worst(&end(a))))
            .then(a.item.cmp(&b.item))
    });
    let suppliers = bought(&place, &what, area, &items);
    Ok(PanelReply {
        area,
        ways: runs.iter().map(|(adapts, _)| *adapts).collect(),
        items,
        suppliers,
    })
}

/// What one run does to the items of an area.
struct Column {
    /// Loss by step and item, in the item's unit.
    al: Vec<Vec<f64>>,
    /// Loss in the end in what is told.
    value: Vec<f64>,
    /// Whether it has run away in the end.
    runaway: Vec<bool>,
}

impl Column {
    fn of(place: &Place, what: &What, area: usize, outcomes: &[Outcome]) -> Self {
        let dims = place.dataset.dimensions();
        let own = area * dims.items..(area + 1) * dims.items;
        let mut column = Column {
            al: Vec::new(),
            value: vec![0.0; dims.items],
            runaway: vec![false; dims.items],
        };
        for outcome in outcomes {
            let mut al = vec![0.0; dims.items];
            for (&sector, loss) in outcome.sectors.iter().zip(&outcome.losses) {
                if own.contains(&(sector as usize)) {
                    al[dims.item_of(sector as usize)] = *loss;
                }
            }
            column.al.push(al);
        }
        let last = place.engine.last_step();
        let baseline = place.engine.baseline().last();
        if let (Some(outcome), Some(al)) = (outcomes.last(), column.al.last()) {
            for item in 0..dims.items {
                let had = baseline[own.start + item];
                column.runaway[item] = runs_away(al[item], had, OVERSHOOT_MULTIPLE);
            }
            let told = told(place, what, last, outcome.clone());
            for (&sector, value) in told.sectors.iter().zip(&told.value) {
                if own.contains(&(sector as usize)) {
                    column.value[dims.item_of(sector as usize)] = *value;
                }
            }
        }
        column
    }
}

/// From whom the area buys the items that it loses most of; of the item that is told, always.
fn bought(place: &Place, what: &What, area: usize, items: &[ItemReply]) -> Vec<SuppliersReply> {
    let mut asked: Vec<usize> = match what {
        What::Item(item) => vec![*item],
        What::Measure(_) => Vec::new(),
    };
    asked.extend(
        items.iter().map(|reply| reply.item).filter(|i| !asked.contains(i)).collect::<Vec<_>>(),
    );
    let dims = place.dataset.dimensions();
    let of = |&item: &usize| {
        let has = place.dataset.parameters.x0[dims.sector(area, item)];
        let found = suppliers::of(&place.dataset, area, item);
        let abroad: f64 = found.iter().map(|s| s.amount).sum();
        let mut from: Vec<(usize, Short, Short)> = (found.iter().take(SUPPLIERS))
            .map(|s| (s.area, Short(s.amount), Short(s.share)))
            .collect();
        // Rounding of the sum must not become a harvest.
        if has - abroad > 1e-9 * has {
            from.push((area, Short(has - abroad), Short((has - abroad) / has)));
        }
        SuppliersReply { item, from, more: found.len().saturating_sub(SUPPLIERS) }
    };
    asked.iter().take(WITH_SUPPLIERS).map(of).filter(|reply| !reply.from.is_empty()).collect()
}
