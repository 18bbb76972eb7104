//! Pairs of shocks against their sum, triples against what their pairs explain: distributions, outliers, the most super-additive and why.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::short::Short;
use crate::analysis::screening;
use crate::analysis::superposition::{
    Distribution, SetRow, is_there, moments, pairs, ranking, worst_first,
};
use crate::results::Record;
use crate::results::superposition::ReceiverResult;
use crate::scenario::ScenarioId;
use crate::sink::SinkError;
use crate::sink::folder::{HISTOGRAM, MANIFEST, RANKING, RECEIVERS};
use crate::sink::manifest::Manifest;
use crate::superposition::collect::{Histogram, THRESHOLD};

/// Pairs that a table lists at most.
const LISTED: usize = 200;

/// Outliers that are named on either side.
const NAMED: usize = 3;

/// Receivers that an explanation names.
const RECEIVING: usize = 3;

/// One measure of super-additivity over all pairs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measure {
    /// Column of `superposition.parquet`.
    pub name: String,
    /// Number of pairs.
    pub count: u64,
    /// Mean.
    pub mean: Short,
    /// Standard deviation.
    pub standard_deviation: Short,
    /// One-sample t statistic of the mean against 0, and its p.
    pub t: Option<Short>,
    /// Two-sided p.
    pub p: Option<Short>,
    /// Super-additive pairs: above 0.001.
    pub above: u64,
    /// Sub-additive pairs: below -0.001.
    pub below: u64,
    /// Lower bound, upper bound and pairs of every bin that holds some, ascending.
    pub bins: Vec<(Short, Short, u64)>,
    /// The pairs furthest from 0, of those at hand: value, name.
    pub outliers: Vec<(Short, String)>,
}

/// One pair.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairStory {
    /// Identifier.
    pub id: ScenarioId,
    /// The two, or three, shocks.
    pub shocks: Vec<String>,
    /// Losses of all together and of each alone, tonnes.
    pub al: Vec<Short>,
    /// What S is beyond: the single losses, and of a triple what its pairs add, tonnes.
    pub explained: Short,
    /// Joint loss less that, tonnes.
    pub s: Short,
    /// The same, kg per person.
    pub s_per_capita: Option<Short>,
    /// The same of food that people eat, kcal per person and day worldwide.
    pub s_kcal: Option<Short>,
    /// Whether a run has run away.
    pub overshoot: bool,
    /// The same of the shocked items alone, kg per person.
    pub s_shocked_per_capita: Option<Short>,
    /// What overlap, adaptation and substitution add, tonnes.
    pub stages: Option<[Short; 3]>,
    /// Why, in words.
    pub why: String,
}

/// The pairs of a result.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pairs {
    /// Shocks of each: 2, or 3.
    pub shocks: usize,
    /// Whether every pair is at hand, or the best of a screening.
    pub all_at_hand: bool,
    /// The shocked items, then the whole network.
    pub measures: Vec<Measure>,
    /// Pairs that cost more, and less, together than the sum of each alone by an amount that matters
    /// ([`SetRow::matters`]); `None` where that was not counted.
    pub mattering: Option<[u64; 2]>,
    /// Pairs that no sum, mean or count here holds: a run has run away.
    pub runaway: u64,
    /// The pairs most worse than their sum first; of a result with all pairs those most better last, and
    /// after all others those that have run away.
    pub top: Vec<PairStory>,
    /// Identifiers of the pairs most worse than their sum of which no run has run away, worst first.
    pub losses_only: Vec<ScenarioId>,
}

/// The pairs of a result; `None` if it compares none.
///
/// # Errors
/// A table cannot be read.
pub fn read(root: &Path) -> Result<Option<Pairs>, SinkError> {
    if !is_there(root) {
        return Ok(None);
    }
    let all = pairs(root)?;
    let shocks = all.first().map_or(2, |row| row.set.sectors.len());
    let (runaway, mut rows): (Vec<SetRow>, Vec<SetRow>) =
        all.into_iter().partition(|row| row.overshoot);
    let all_at_hand = !root.join(HISTOGRAM).is_file();
    let receivers = receivers(root)?;
    let measures = measures(root, &rows, all_at_hand)?;
    let record = Manifest::read(&root.join(MANIFEST))?.superposition;
    let mattering = match all_at_hand {
        true => {
            let count = |sign: f64| rows.iter().filter(|r| sign * r.s > 0.0 && r.matters()).count();
            Some([count(1.0) as u64, count(-1.0) as u64])
        }
        false => record.as_ref().and_then(|record| record.mattering),
    };
    let left_out = match all_at_hand {
        true => runaway.len() as u64,
        false => record.map_or(0, |record| record.runaway),
    };
    worst_first(&mut rows);
    let losses_only = match root.join(RANKING).is_file() {
        true => {
            let food = ranking(root, "food")?;
            let losses = ranking(root, "super-additive losses")?;
            let best = if food.is_empty() { losses } else { food };
            best.into_iter().map(|r| r.0).collect()
        }
        false => {
            let worse = rows.iter().filter(|r| r.severity() > THRESHOLD);
            worse.take(LISTED).map(|r| r.set.scenario).collect()
        }
    };
    if rows.len() > LISTED {
        rows.drain(LISTED / 2..rows.len() - LISTED / 2);
    }
    rows.extend(runaway.into_iter().take(LISTED / 4));
    let top = rows.iter().map(|row| story(row, receivers.get(&row.set.scenario))).collect();
    Ok(Some(Pairs {
        shocks,
        all_at_hand,
        measures,
        mattering,
        runaway: left_out,
        top,
        losses_only,
    }))
}

fn measures(root: &Path, rows: &[SetRow], all: bool) -> Result<Vec<Measure>, SinkError> {
    type Of = fn(&SetRow) -> Option<f64>;
    let per_capita = rows.iter().all(|r| r.s_per_capita.is_some());
    let mut columns: Vec<(&str, Of)> = if per_capita {
        vec![
            ("s_shocked_per_capita", |r| r.s_shocked_per_capita),
            ("s_per_capita", |r| r.s_per_capita),
        ]
    } else {
        vec![("s_shocked", |r| Some(r.s_shocked)), ("s", |r| Some(r.s))]
    };
    if !rows.is_empty() && rows.iter().all(|r| r.s_kcal.is_some()) {
        columns.insert(0, ("s_kcal", |r| r.s_kcal));
    }
    let recorded = if all { Vec::new() } else { moments(root)? };
    let mut bins: BTreeMap<String, Vec<(Short, Short, u64)>> = BTreeMap::new();
    if !all {
        for row in screening::bins(root)? {
            let bin = (Short(row.lower), Short(row.upper), u64::try_from(row.count).unwrap_or(0));
            bins.entry(row.measure).or_default().push(bin);
        }
    }
    let measure = |(name, of): (&str, Of)| {
        let mut values: Vec<(f64, &SetRow)> =
            rows.iter().filter_map(|row| Some((of(row)?, row))).collect();
        let distribution = match recorded.iter().find(|d| d.measure == name) {
            Some(distribution) => distribution.clone(),
            None => Distribution::of(name, values.iter().map(|v| v.0).collect()),
        };
        let own = if all {
            let mut histogram = Histogram::default();
            values.iter().for_each(|v| histogram.add(v.0, 1));
            let short = |(lower, upper, count)| (Short(lower), Short(upper), count);
            histogram.bins().into_iter().map(short).collect()
        } else {
            bins.remove(name).unwrap_or_default()
        };
        values.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.set.scenario.cmp(&b.1.set.scenario)));
        let above = values.iter().take(NAMED).filter(|v| v.0 > THRESHOLD);
        let below = values.iter().rev().take(NAMED).filter(|v| v.0 < -THRESHOLD);
        let outliers =
            above.chain(below).map(|(v, row)| (Short(*v), row.set.names().join(" + "))).collect();
        Measure {
            name: name.to_string(),
            count: distribution.count,
            mean: Short(distribution.mean),
            standard_deviation: Short(distribution.standard_deviation),
            t: distribution.t().map(Short),
            p: distribution.p().map(Short),
            above: distribution.above,
            below: distribution.below,
            bins: own,
            outliers,
        }
    };
    Ok(columns.into_iter().map(measure).collect())
}

/// Areas that receive the difference, kg per person, by pair, largest first.
fn receivers(root: &Path) -> Result<BTreeMap<ScenarioId, Vec<(String, f64)>>, SinkError> {
    let mut found: BTreeMap<ScenarioId, Vec<(String, f64)>> = BTreeMap::new();
    let path = root.join(RECEIVERS);
    if !path.is_file() {
        return Ok(found);
    }
    ReceiverResult::each(&path, |rows| {
        for row in rows {
            if let Some(s) = row.s_per_capita {
                found.entry(row.scenario).or_default().push((row.area.to_string(), s));
            }
        }
    })?;
    for own in found.values_mut() {
        own.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then_with(|| a.0.cmp(&b.0)));
        own.truncate(RECEIVING);
    }
    Ok(found)
}

fn story(row: &SetRow, receivers: Option<&Vec<(String, f64)>>) -> PairStory {
    PairStory {
        id: row.set.scenario,
        shocks: row.set.names(),
        al: row.al.iter().copied().map(Short).collect(),
        explained: Short(row.explained()),
        s: Short(row.s),
        s_per_capita: row.s_per_capita.map(Short),
        s_kcal: row.s_kcal.map(Short),
        overshoot: row.overshoot,
        s_shocked_per_capita: row.s_shocked_per_capita.map(Short),
        stages: row.stages.map(|stages| stages.map(Short)),
        why: why(row, receivers),
    }
}

/// What S is beyond, in a sentence.
fn than(shocks: usize) -> &'static str {
    if shocks == 3 { "its pairs explain" } else { "the sum" }
}

/// What makes a pair worse or better than its sum.
fn why(row: &SetRow, receivers: Option<&Vec<(String, f64)>>) -> String {
    let shocks = row.set.sectors.len();
    let (all, sum) = (if shocks == 3 { "all three" } else { "both" }, than(shocks));
    let names = [
        format!("overlap ({all} shocks take the same tonnes)"),
        format!("adaptation (sectors decide differently when {all} fail)"),
        format!("substitution (what replaces the one is scarcer when {all} fail)"),
    ];
    if row.overshoot {
        return "A run has runaway sectors: production feeding itself, no finding.".to_string();
    }
    let mut text = match row.s {
        s if s > THRESHOLD => format!("Worse than {sum}"),
        s if s < -THRESHOLD => format!("Better than {sum}"),
        _ if shocks == 3 => return "No more than its pairs explain.".to_string(),
        _ => return "The two do not interact.".to_string(),
    };
    if let Some(stages) = row.stages {
        // The stage that pushes furthest in the direction of the outcome.
        let towards = |n: &usize| stages[*n] * row.s.signum();
        let main = (0..3).max_by(|a, b| towards(a).total_cmp(&towards(b))).unwrap_or(0);
        text += &format!(", by {}", names[main]);
        let against: Vec<&str> = (0..3)
            .filter(|n| towards(n) < -THRESHOLD)
            .map(|n| ["overlap", "adaptation", "substitution"][n])
            .collect();
        if !against.is_empty() {
            let work = if against.len() > 1 { "work" } else { "works" };
            text += &format!("; {} {work} the other way", against.join(" and "));
        }
    }
    if let Some(receivers) = receivers.filter(|r| !r.is_empty()) {
        let named: Vec<String> =
            receivers.iter().map(|(area, s)| format!("{area} ({s:+.1} kg per person)")).collect();
        text += &format!(". Most of it reaches {}", named.join(", "));
    }
    text + "."
}
