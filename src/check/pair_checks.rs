//! Whether the tables of superpositions, and of screenings, are what they say they are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::integrity::Check;
use crate::analysis::screening;
use crate::analysis::superposition::{self, SetRow, Shocked, Unknown};
use crate::job::superposition::Keep;
use crate::results::screening::{BinRow, MomentsRow, RankingRow};
use crate::scenario::ScenarioId;
use crate::sink::SinkError;
use crate::sink::manifest::SuperpositionRecord;
use crate::superposition::Method;
use crate::superposition::collect::MEASURES;
use crate::superposition::set::words;

/// Rounding of sums, relative to the losses that are summed: S is a small difference of large ones.
const ROUNDING: f64 = 1e-9;

/// Recomputes what columns of `superposition.parquet` say of each other.
///
/// # Errors
/// The table cannot be read.
pub fn pairs(root: &Path, record: &SuperpositionRecord) -> Result<Check, SinkError> {
    let all = superposition::all(root)?;
    let unknown = all.iter().filter(|row| row.is_err()).count() as u64;
    let told = all.iter().find_map(|row| row.as_ref().err().and_then(told_of_unknown));
    let rows: Vec<SetRow> = all.into_iter().filter_map(Result::ok).collect();
    let less = if record.shocks == 3 { "single losses - S of pairs" } else { "single losses" };
    let found = format!("{} rows: S = joint - {less}, stages add up to S", rows.len());
    let problem = in_order(&rows)
        .or_else(|| rows.iter().find_map(contradiction))
        .or_else(|| one_volume(&rows))
        .or_else(|| {
            let (expected, found) = (record.pairs, rows.len() as u64 + unknown);
            let all = record.keep == Keep::All && found != expected;
            all.then(|| format!("{found} rows instead of {expected}"))
        })
        .or(told)
        .or_else(|| {
            let (expected, all) = (record.diverged, record.keep == Keep::All);
            let differs = if all { unknown != expected } else { unknown != 0 };
            differs.then(|| format!("{unknown} rows without S; {expected} pairs have diverged"))
        });
    Ok(Check::new("superposition", problem, found))
}

fn in_order(rows: &[SetRow]) -> Option<String> {
    let id = |row: &SetRow| row.set.scenario;
    let pair = rows.windows(2).find(|w| id(&w[0]) >= id(&w[1]))?;
    Some(format!("{} follows {}", name(&pair[1].set), id(&pair[0])))
}

/// A set of shocks as it is told of.
fn name(set: &Shocked) -> String {
    format!("{} {}", words(set.sectors.len()).one, set.scenario)
}

/// What is wrong with a row of a pair whose S is not known.
fn told_of_unknown(row: &Unknown) -> Option<String> {
    let is_right = row.method == Method::Diverged.name() && row.is_empty;
    (!is_right).then(|| format!("{}: some of its numbers are missing", name(&row.set)))
}

/// What is wrong within one row.
fn contradiction(row: &SetRow) -> Option<String> {
    let wrong = |what: &str| Some(format!("{}: {what}", name(&row.set)));
    let is_triple = row.set.sectors.len() == 3;
    let allowed = rounding(row);
    let sectors: BTreeSet<&[String; 2]> = row.set.sectors.iter().collect();
    if sectors.len() < row.set.sectors.len() {
        return wrong("shocks one sector twice");
    }
    if !row.set.phi.iter().all(|phi| (0.0..=1.0).contains(phi)) {
        return wrong("an intensity is outside [0, 1]");
    }
    if (row.s - (row.al[0] - row.explained())).abs() > allowed || row.s.is_nan() {
        return wrong("S is not the joint loss less the single losses");
    }
    let eaten = row.kcal.as_ref().map(|kcal| {
        let alone: f64 = kcal[1..].iter().chain(&row.s_kcal_of_pairs).sum();
        let size: f64 = kcal.iter().map(|kcal| kcal.abs()).sum();
        (kcal[0] - alone, if is_triple { ROUNDING * (1.0 + size) } else { 0.0 })
    });
    let is_right = match (eaten, row.s_kcal) {
        (None, None) => true,
        (Some((expected, allowed)), Some(s)) => (s - expected).abs() <= allowed,
        _ => false,
    };
    if !is_right {
        return wrong("S of food is not that of the joint loss less that of the single losses");
    }
    if let Some(stages) = row.stages {
        if (stages.iter().sum::<f64>() - row.s).abs() > allowed {
            return wrong("the stages do not add up to S");
        }
        if !is_triple && stages[0] > allowed {
            return wrong("the overlap is positive");
        }
    }
    match (row.method.as_str(), row.bound) {
        ("run", None) => None,
        ("interaction", None) if is_triple => None,
        ("independent", None) if row.s == 0.0 => None,
        ("negligible", Some(bound)) if row.s.abs() <= bound => None,
        _ => wrong("method, bound and S do not fit together"),
    }
}

/// Rounding that S of a pair may have, tonnes.
///
/// Sums over the network cancel gains and losses: the overlap of a pair with runaway gains is known
/// no better than these gains are.
fn rounding(row: &SetRow) -> f64 {
    ROUNDING * (1.0 + row.al.iter().map(|al| al.abs()).sum::<f64>() + row.s.abs())
}

/// S over its relative value is the available volume: one number for all pairs.
fn one_volume(rows: &[SetRow]) -> Option<String> {
    let volume = |row: &SetRow| row.relative.filter(|r| *r != 0.0).map(|r| row.s / r);
    let mut volumes = rows.iter().filter_map(|row| Some((row.set.scenario, volume(row)?)));
    let (_, first) = volumes.next()?;
    let (pair, _) = volumes.find(|(_, v)| (v - first).abs() > ROUNDING * first.abs())?;
    Some(format!("pair {pair}: its relative S is of another volume than that of the others"))
}

/// Compares what a screening counted, ranked and summed.
///
/// # Errors
/// A table cannot be read.
pub fn screening(root: &Path, record: &SuperpositionRecord) -> Result<Check, SinkError> {
    let rows: BTreeMap<ScenarioId, SetRow> =
        superposition::pairs(root)?.into_iter().map(|row| (row.set.scenario, row)).collect();
    let ranking = screening::places(root)?;
    let [all, run] = ["all", "run"].map(|pairs| screening::moments(root, pairs));
    let (all, run) = (all?, run?);
    let bins = screening::bins(root)?;
    let problem = counts(record)
        .or_else(|| moments(record, &all, &run))
        .or_else(|| histograms(record, &bins))
        .or_else(|| places(record, &ranking, &rows))
        .or_else(|| leader(&all, &ranking));
    let found = format!(
        "{} pairs = {} run + {} independent + {} negligible + {} that run away + {} diverged; {} places of rankings, moments and \
         histograms of as many pairs",
        record.pairs,
        record.run,
        record.independent,
        record.negligible,
        record.runaway,
        record.diverged,
        ranking.len()
    );
    Ok(Check::new("screening", problem, found))
}

fn counts(record: &SuperpositionRecord) -> Option<String> {
    let parts =
        record.run + record.independent + record.negligible + record.runaway + record.diverged;
    if parts != record.pairs {
        return Some(format!("{parts} verdicts on {} pairs", record.pairs));
    }
    if record.largest_bound > record.tolerance {
        return Some("a negligible pair's bound exceeds the tolerance".to_string());
    }
    let broken = record.check.map_or(0, |check| check.broken);
    (broken > 0).then(|| format!("{broken} pairs broke a rule"))
}

/// Whether these are the measures, food with them or not.
fn has_measures<'m>(names: impl Iterator<Item = &'m str> + Clone) -> bool {
    names.clone().eq(MEASURES) || names.eq(MEASURES.into_iter().take(MEASURES.len() - 1))
}

fn moments(record: &SuperpositionRecord, all: &[MomentsRow], run: &[MomentsRow]) -> Option<String> {
    let all_pairs = record.pairs.saturating_sub(record.runaway + record.diverged);
    for (which, moments, count) in [("all", all, all_pairs), ("run", run, record.run)] {
        if !has_measures(moments.iter().map(|m| m.measure.as_str())) {
            return Some(format!("moments of `{which}` pairs are not those of the measures"));
        }
        let is_wrong = |m: &&MomentsRow| {
            let mean = m.mean;
            let rounding = ROUNDING * (m.min.abs() + m.max.abs());
            m.count as u64 != count
                || m.above + m.below > m.count
                || (m.count > 0 && !(m.min - rounding..=m.max + rounding).contains(&mean))
        };
        if let Some(m) = moments.iter().find(is_wrong) {
            return Some(format!("moments of {} over `{which}` pairs contradict", m.measure));
        }
    }
    // Pairs that were not run add zeros.
    let sum = |m: &MomentsRow| m.mean * m.count as f64;
    let differs = |(all, run): &(&MomentsRow, &MomentsRow)| {
        let size = run.count as f64 * (run.min.abs().max(run.max.abs()));
        (sum(all) - sum(run)).abs() > ROUNDING * size
            || (all.above, all.below) != (run.above, run.below)
    };
    let (m, _) = all.iter().zip(run).find(differs)?;
    Some(format!("moments of {} over all pairs are not those of the pairs run", m.measure))
}

fn histograms(record: &SuperpositionRecord, bins: &[BinRow]) -> Option<String> {
    let without_food = MEASURES.len() - 1;
    let knows_food = bins.iter().any(|bin| bin.measure == MEASURES[without_food]);
    let measures = if knows_food { &MEASURES[..] } else { &MEASURES[..without_food] };
    measures.iter().find_map(|measure| {
        let own: Vec<_> = bins.iter().filter(|bin| bin.measure == *measure).collect();
        let count: u64 = own.iter().map(|bin| bin.count as u64).fold(0, u64::saturating_add);
        if count != record.pairs.saturating_sub(record.runaway + record.diverged) {
            return Some(format!("the histogram of {measure} holds {count} pairs"));
        }
        let is_wrong = own.iter().any(|bin| bin.lower.is_nan() || bin.lower >= bin.upper)
            || own.windows(2).any(|w| w[0].upper - w[1].lower > ROUNDING * w[1].lower.abs());
        is_wrong.then(|| format!("bins of the histogram of {measure} overlap"))
    })
}

/// What is wrong with the places of the rankings.
fn places(
    record: &SuperpositionRecord,
    ranking: &[RankingRow],
    rows: &BTreeMap<ScenarioId, SetRow>,
) -> Option<String> {
    for of_one in ranking.chunk_by(|a, b| a.ranking == b.ranking) {
        let name = &of_one[0].ranking;
        let is_ordered = of_one.windows(2).all(|w| {
            w[0].value > w[1].value || (w[0].value == w[1].value && w[0].scenario < w[1].scenario)
        });
        let is_numbered = of_one.iter().zip(1..).all(|(row, rank)| row.rank == rank);
        if !is_ordered || !is_numbered || of_one.len() as u64 > record.pairs {
            return Some(format!("ranking `{name}` is not in order"));
        }
        for place in of_one {
            let Some(row) = rows.get(&place.scenario) else {
                return Some(format!("pair {} of `{name}` has no row", place.scenario));
            };
            let singles = row.al[1].abs() + row.al[2].abs();
            let expected = match name.as_str() {
                "super-additive" | "super-additive losses" | "runaway" => row.s,
                "food" if Some(place.value) == row.s_kcal && !row.overshoot => continue,
                "food" => f64::NAN,
                "size" => row.s.abs(),
                "relative" => row.s / singles,
                _ => continue,
            };
            let allowed = match name.as_str() {
                "relative" => rounding(row) / singles,
                _ => rounding(row),
            };
            if (place.value - expected).abs() > allowed || expected.is_nan() {
                return Some(format!(
                    "pair {}: its value in `{name}` is not its own",
                    row.set.scenario
                ));
            }
        }
    }
    None
}

/// The largest S of all pairs leads the ranking.
fn leader(all: &[MomentsRow], ranking: &[RankingRow]) -> Option<String> {
    let max = all.iter().find(|m| m.measure == "s")?.max;
    let first = ranking.iter().find(|row| row.ranking == "super-additive").map(|row| row.value);
    let is_right = match first {
        Some(first) => first == max,
        None => max <= 0.0,
    };
    (!is_right).then(|| "the largest S does not lead its ranking".to_string())
}
