//! Changes of who supplies whom, as exchanges between importers.
//!
//! When an area buys `m` less from supplier d and `m` more from supplier e, somebody else must buy from
//! d what he bought from e. `exchange` moves these amounts together: e's other customers give up
//! `m` in proportion to what they get from e, and get it from d. Afterwards every area imports what it
//! imported and exports what it exported, so amounts stay where they were and only the ways change.
//! With many suppliers: what all of them freed is shared out to those who gave up, in proportion.

use super::error::within;
use super::flows::Flows;
use super::{Log, WhatIfError, shown};
use crate::dataset::Dataset;
use crate::dataset::names::NameIndex;

/// Tonnes (or heads) below which nothing is left to move.
const NOTHING: f64 = 1e-9;

fn areas(dataset: &Dataset, names: &[String]) -> Result<Vec<usize>, WhatIfError> {
    let index = NameIndex::new(&dataset.labels);
    let mut areas = Vec::new();
    for name in names {
        areas.push(index.area(name)?);
    }
    areas.sort_unstable();
    areas.dedup();
    Ok(areas)
}

fn name(dataset: &Dataset, area: usize) -> &str {
    &dataset.labels.areas[area].name
}

/// Moves `share` of what comes `away_from` some suppliers to others (`to`, or all other suppliers), in
/// proportion to what these export.
///
/// # Errors
/// The share is outside 0 to 1, a name is unknown, nothing comes from these suppliers, or the others
/// cannot take that much over.
pub(super) fn diversify(
    dataset: &mut Dataset,
    (area, item): (usize, usize),
    away_from: &[String],
    to: &[String],
    share: f64,
    log: &mut Log<'_>,
) -> Result<(), WhatIfError> {
    let share = within("share", share, 0.0, 1.0)?;
    let from = areas(dataset, away_from)?;
    let flows = Flows::of(dataset, item);
    let less: Vec<(usize, f64)> =
        from.iter().map(|&d| (d, share * flows.get(area, d))).filter(|(_, m)| *m > 0.0).collect();
    let total: f64 = from.iter().map(|&d| flows.get(area, d)).sum();
    if total <= NOTHING {
        return Err(none_comes(dataset, &flows, (area, item), &from));
    }
    let more: Vec<usize> = match to {
        [] => flows.suppliers(area).into_iter().map(|(d, _)| d).collect(),
        named => areas(dataset, named)?,
    };
    let more: Vec<usize> = more.into_iter().filter(|d| !from.contains(d) && *d != area).collect();
    let weights: Vec<(usize, f64)> =
        more.into_iter().map(|e| (e, flows.exports[e])).filter(|(_, w)| *w > 0.0).collect();
    exchange(dataset, flows, (area, item), &less, &weights, log)
}

/// Gives one supplier `share` of all imports, the others keeping their proportions.
///
/// # Errors
/// As [`diversify`].
pub(super) fn supplier(
    dataset: &mut Dataset,
    at: (usize, usize),
    from: &str,
    share: f64,
    log: &mut Log<'_>,
) -> Result<(), WhatIfError> {
    let share = within("share", share, 0.0, 1.0)?;
    let flows = Flows::of(dataset, at.1);
    let from = NameIndex::new(&dataset.labels).area(from)?;
    let more = share * flows.imports(at.0) - flows.get(at.0, from);
    towards(dataset, flows, at, from, more, log)
}

/// Buys `amount` more from one supplier, and less from the others in proportion.
///
/// # Errors
/// As [`diversify`]; the amount is no amount.
pub(super) fn link(
    dataset: &mut Dataset,
    at: (usize, usize),
    from: &str,
    amount: f64,
    log: &mut Log<'_>,
) -> Result<(), WhatIfError> {
    let amount = within("amount", amount, 0.0, f64::MAX)?;
    let flows = Flows::of(dataset, at.1);
    let from = NameIndex::new(&dataset.labels).area(from)?;
    towards(dataset, flows, at, from, amount, log)
}

/// `more` from one supplier; less than nothing goes to the others.
fn towards(
    dataset: &mut Dataset,
    flows: Flows,
    (area, item): (usize, usize),
    from: usize,
    more: f64,
    log: &mut Log<'_>,
) -> Result<(), WhatIfError> {
    if from == area {
        let problem = format!("{} does not import from itself", name(dataset, area));
        return Err(WhatIfError::not_there(problem));
    }
    if flows.exports[from] <= NOTHING {
        let item = &dataset.labels.items[item].name;
        let problem = format!("{} exports no {item}", name(dataset, from));
        return Err(WhatIfError::not_there(problem));
    }
    let others: Vec<(usize, f64)> =
        flows.suppliers(area).into_iter().filter(|(d, _)| *d != from).collect();
    let total: f64 = others.iter().map(|(_, m)| m).sum();
    if more < 0.0 {
        let weights = others.iter().map(|&(d, _)| (d, flows.exports[d])).collect::<Vec<_>>();
        return exchange(dataset, flows, (area, item), &[(from, -more)], &weights, log);
    }
    if more > total * (1.0 + 1e-12) {
        let problem = format!(
            "{} gets {} of {} from other suppliers; {} cannot be moved",
            name(dataset, area),
            shown(total),
            dataset.labels.items[item].name,
            shown(more),
        );
        return Err(WhatIfError::not_there(problem));
    }
    let part = if total > 0.0 { more / total } else { 0.0 };
    let less: Vec<(usize, f64)> = others.iter().map(|&(d, m)| (d, part * m)).collect();
    exchange(dataset, flows, (area, item), &less, &[(from, 1.0)], log)
}

/// Moves the amounts `less` of an area's imports to the suppliers of `weights`.
///
/// Every supplier e takes over in proportion to its weight, at most what its customers give up: those
/// that are neither the area itself nor among the suppliers that lose.
fn exchange(
    dataset: &mut Dataset,
    mut flows: Flows,
    (area, item): (usize, usize),
    less: &[(usize, f64)],
    weights: &[(usize, f64)],
    log: &mut Log<'_>,
) -> Result<(), WhatIfError> {
    let total: f64 = less.iter().map(|(_, m)| m).sum();
    let may_give = |g: usize| g != area && less.iter().all(|&(d, _)| d != g);
    let room: Vec<(usize, f64, f64)> = weights
        .iter()
        .map(|&(e, weight)| {
            let customers = flows.customers(e).into_iter().filter(|&(g, _)| may_give(g));
            (e, weight, customers.map(|(_, m)| m).sum())
        })
        .collect();
    let Some(takes) = shared_out(total, &room) else {
        return Err(too_much(dataset, (area, item), total, &room));
    };
    let before = flows.suppliers(area);
    let mut given = vec![0.0; flows.exports.len()];
    for (&(e, _, capacity), &(_, taken)) in room.iter().zip(&takes) {
        if taken == 0.0 {
            continue;
        }
        for (g, amount) in flows.customers(e).into_iter().filter(|&(g, _)| may_give(g)) {
            let part = taken * amount / capacity;
            flows.add(g, e, -part);
            given[g] += part;
        }
        flows.add(area, e, taken);
    }
    for &(d, moved) in less.iter().filter(|(_, moved)| *moved > 0.0) {
        flows.add(area, d, -moved);
        for (g, part) in given.iter().enumerate().filter(|(_, part)| **part > 0.0) {
            flows.add(g, d, moved * part / total);
        }
    }
    note(dataset, &flows, (area, item), &before, log);
    let exports = flows.exports.clone();
    flows.write(dataset, &exports);
    Ok(())
}

/// Amounts in proportion to weights, none above its room, that sum to `total`; `None` where there is
/// not that much room.
fn shared_out(total: f64, room: &[(usize, f64, f64)]) -> Option<Vec<(usize, f64)>> {
    let all: f64 = room.iter().filter(|r| r.1 > 0.0).map(|r| r.2).sum();
    if total > all * (1.0 + 1e-12) {
        return None;
    }
    let mut takes: Vec<(usize, f64)> = room.iter().map(|r| (r.0, 0.0)).collect();
    let mut is_open: Vec<bool> = room.iter().map(|r| r.1 > 0.0 && r.2 > 0.0).collect();
    let mut left = total;
    // Each round fills at least one supplier or ends.
    for _ in 0..=room.len() {
        let weight: f64 = room.iter().zip(&is_open).filter(|(_, o)| **o).map(|(r, _)| r.1).sum();
        if left <= 0.0 || weight <= 0.0 {
            break;
        }
        let level = left / weight;
        let full: Vec<usize> = (0..room.len())
            .filter(|&n| is_open[n] && level * room[n].1 >= room[n].2 - takes[n].1)
            .collect();
        if full.is_empty() {
            for n in (0..room.len()).filter(|&n| is_open[n]) {
                takes[n].1 += level * room[n].1;
            }
            break;
        }
        for n in full {
            left -= room[n].2 - takes[n].1;
            takes[n].1 = room[n].2;
            is_open[n] = false;
        }
    }
    Some(takes)
}

fn none_comes(
    dataset: &Dataset,
    flows: &Flows,
    (area, item): (usize, usize),
    from: &[usize],
) -> WhatIfError {
    let asked: Vec<&str> = from.iter().map(|&d| name(dataset, d)).collect();
    let mut suppliers = flows.suppliers(area);
    suppliers.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let known: Vec<String> = suppliers
        .iter()
        .take(5)
        .map(|&(d, amount)| format!("{} ({amount:.0})", name(dataset, d)))
        .collect();
    let known = match known.as_slice() {
        [] => "nobody".to_string(),
        known => known.join(", "),
    };
    WhatIfError::not_there(format!(
        "{} gets no {} from {}; its suppliers are {known}",
        name(dataset, area),
        dataset.labels.items[item].name,
        asked.join(", "),
    ))
}

fn too_much(
    dataset: &Dataset,
    (area, item): (usize, usize),
    total: f64,
    room: &[(usize, f64, f64)],
) -> WhatIfError {
    let item = &dataset.labels.items[item].name;
    let all: f64 = room.iter().map(|r| r.2).sum();
    let problem = if room.is_empty() {
        format!(
            "{} has no other supplier of {item} that exports any; name some with `to`",
            name(dataset, area)
        )
    } else {
        format!(
            "{total:.0} of {item} cannot be moved: the other suppliers' customers have {all:.0}; \
             move less, or name more suppliers with `to`"
        )
    };
    WhatIfError::not_there(problem)
}

/// Lists what the area gets from whom, before and after.
fn note(
    dataset: &Dataset,
    flows: &Flows,
    (area, item): (usize, usize),
    before: &[(usize, f64)],
    log: &mut Log<'_>,
) {
    let sector = dataset.dimensions().sector(area, item);
    for d in 0..flows.exports.len() {
        let was = before.iter().find(|(of, _)| *of == d).map_or(0.0, |(_, amount)| *amount);
        let what = format!("from {}", name(dataset, d));
        log.note(dataset, sector, &what, was, flows.get(area, d).max(0.0));
    }
}
