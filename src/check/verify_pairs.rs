//! Runs a sample of a result's pairs again, in the reference engine.

use std::path::Path;

use rand_pcg::Pcg64;
use rand_pcg::rand_core::Rng;

use super::integrity::Check;
use super::verify::TOLERANCE;
use super::verify_triples;
use crate::analysis::scenarios::Recorded;
use crate::analysis::screening;
use crate::analysis::settings::Settings;
use crate::analysis::superposition::{self, SetRow, Shocked, Unknown};
use crate::dataset::Dataset;
use crate::dataset::names::NameIndex;
use crate::engine::reference::ReferenceEngine;
use crate::job::superposition::Keep;
use crate::job::{JobFile, sets};
use crate::results::screening::RankingRow;
use crate::results::superposition::SuperpositionRow;
use crate::scenario::selection::items_named;
use crate::scenario::{ScenarioId, Shock};
use crate::sink::manifest::Manifest;
use crate::superposition::{Pair, ShockSet};
use crate::sweep::sets::SetRunner;
use crate::sweep::superposition::PairRunner;

/// What a sample is drawn from.
pub struct Drawn<'a> {
    /// The result's folder.
    pub root: &'a Path,
    /// Its manifest.
    pub manifest: &'a Manifest,
    /// The job as its ledger records it, if there is one.
    pub job: Option<&'a JobFile>,
    /// Its scenarios; none for a screening.
    pub recorded: &'a [Recorded],
    /// The dataset it was made from.
    pub dataset: &'a Dataset,
}

/// Runs `sample` rows of `superposition.parquet`, or of `triples.parquet`, again and compares their amounts. Of a screening,
/// `sample` pairs of the whole grid are run too: none may have a better claim to the ranking than
/// those that are in it.
pub fn rerun(drawn: &Drawn<'_>, sample: usize, random: &mut Pcg64) -> Check {
    let is_triples = drawn.manifest.superposition.as_ref().is_some_and(|r| r.shocks == 3);
    let name = if is_triples { "triples run again" } else { "pairs run again" };
    match compare(drawn, sample, random) {
        Ok((largest, found)) => {
            let problem =
                (largest > TOLERANCE).then(|| format!("{found}; allowed {TOLERANCE:.0e}"));
            Check::new(name, problem, found)
        }
        Err(problem) => Check::new(name, Some(problem), String::new()),
    }
}

fn compare(drawn: &Drawn<'_>, sample: usize, random: &mut Pcg64) -> Result<(f64, String), String> {
    let Drawn { root, manifest, dataset, .. } = *drawn;
    let record = manifest.superposition.as_ref().ok_or("the result compares no pairs")?;
    let all = superposition::all(root).map_err(|e| e.to_string())?;
    let (known, unknown): (Vec<_>, Vec<_>) = all.into_iter().partition(Result::is_ok);
    let known: Vec<SetRow> = known.into_iter().filter_map(Result::ok).collect();
    let unknown: Vec<Unknown> = unknown.into_iter().filter_map(Result::err).collect();
    let rows = drawn_of(&known, sample, random);
    let unknown = drawn_of(&unknown, sample, random);
    let settings = Settings::new(manifest, drawn.job, drawn.recorded, dataset)?;
    let sets = |shocked: &mut dyn Iterator<Item = &Shocked>| -> Result<Vec<ShockSet>, String> {
        shocked.map(|set| set_of(set, dataset, &settings)).collect()
    };
    let known_sets = sets(&mut rows.iter().map(|row| &row.set))?;
    let lost_sets = sets(&mut unknown.iter().map(|row| &row.set))?;
    let left_out =
        items_named("leave_out", &record.leave_out, dataset).map_err(|e| e.to_string())?;
    let counted: Vec<bool> = left_out.into_iter().map(|left_out| !left_out).collect();
    let engine = ReferenceEngine::new(dataset, manifest.job.steps);
    if record.shocks == 3 {
        let runner = SetRunner::new(&engine, dataset, &counted, manifest.thresholds.overshoot);
        return verify_triples::compare(&runner, (&rows, &known_sets), &lost_sets);
    }
    let pairs: Vec<Pair> = known_sets.iter().filter_map(pair_of).collect();
    let diverged: Vec<Pair> = lost_sets.iter().filter_map(pair_of).collect();
    let runner = PairRunner::new(&engine, dataset, &counted);
    let mut runner = runner.with_overshoot(manifest.thresholds.overshoot);
    let stages = rows.iter().any(|row| row.stages.is_some());
    let (again, _) = runner.rows(&pairs, stages, None, &|_| {});
    let (lost, _) = runner.rows(&diverged, false, None, &|_| {});
    if let Some(row) = lost.iter().find(|row| !row.superposition.diverged) {
        return Err(format!("pair {} does not diverge in the reference engine", row.pair.id));
    }
    let (mut largest, mut worst) = (0.0f64, None);
    for (row, again) in rows.iter().zip(&again) {
        let difference = difference(row, again);
        if difference > largest || difference.is_nan() {
            (largest, worst) = (difference, Some(row.set.scenario));
        }
    }
    let place = worst.map_or(String::new(), |id| format!(" (pair {id})"));
    let mut found = format!(
        "{} pairs in the reference engine; largest difference {largest:.1e} of their losses{place}",
        rows.len()
    );
    if record.keep == Keep::Top {
        let more = unranked(drawn, &mut runner, &settings, sample, random)?;
        found += &format!("; {more} of the whole grid, none left out of the ranking");
    }
    Ok((largest, found))
}

/// Up to `count` different rows, in order.
fn drawn_of<'a, T>(rows: &'a [T], count: usize, random: &mut Pcg64) -> Vec<&'a T> {
    draw(rows.len() as u64, count, random).into_iter().map(|at| &rows[at as usize]).collect()
}

/// Up to `count` different numbers below `all`, ascending.
fn draw(all: u64, count: usize, random: &mut Pcg64) -> Vec<u64> {
    let count = if all == 0 { 0 } else { count };
    let mut chosen: Vec<u64> = (0..count).map(|_| random.next_u64() % all).collect();
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

fn set_of(set: &Shocked, dataset: &Dataset, settings: &Settings) -> Result<ShockSet, String> {
    let index = NameIndex::new(&dataset.labels);
    let shock = |([area, item], &phi): (&[String; 2], &f64)| {
        let sector = index.sector(area, item).map_err(|e| e.to_string())?;
        Ok(Shock::new(sector as u32, phi))
    };
    let shocks: Result<Vec<Shock>, String> = set.sectors.iter().zip(&set.phi).map(shock).collect();
    let id = set.scenario;
    Ok(ShockSet { id, shocks: shocks?, adaptation: settings.of_pair(id) })
}

fn pair_of(set: &ShockSet) -> Option<Pair> {
    let shocks = [*set.shocks.first()?, *set.shocks.get(1)?];
    Some(Pair { id: set.id, shocks, adaptation: set.adaptation })
}

/// Largest difference between a row and the same pair run again, relative to its losses.
fn difference(row: &SetRow, again: &SuperpositionRow) -> f64 {
    let s = &again.superposition;
    if s.diverged {
        return f64::INFINITY;
    }
    let stages = again.stages.unwrap_or_default();
    let [overlap, adaptation, substitution] =
        row.stages.unwrap_or([stages.overlap, stages.adaptation, stages.substitution]);
    let scale = 1.0 + s.al_joint.abs() + s.al.iter().map(|al| al.abs()).sum::<f64>();
    [
        (row.al[0], s.al_joint),
        (row.al[1], s.al[0]),
        (row.al[2], s.al[1]),
        (row.s, s.s),
        (row.s_shocked, s.s_shocked),
        (overlap, stages.overlap),
        (adaptation, stages.adaptation),
        (substitution, stages.substitution),
    ]
    .into_iter()
    .map(|(found, expected)| (found - expected).abs() / scale)
    .fold(differs_in_food(row, again), f64::max)
}

/// Largest difference of the food lost, relative to it; without bound where a flag differs.
fn differs_in_food(row: &SetRow, again: &SuperpositionRow) -> f64 {
    let (Some(found), Some(expected)) = (&row.kcal, again.eaten.kcal) else {
        return if row.kcal.is_some() == again.eaten.kcal.is_some() { 0.0 } else { f64::INFINITY };
    };
    if row.overshoot != again.eaten.overshoot {
        return f64::INFINITY;
    }
    // Where sectors run away what is left out turns on a hair.
    if row.overshoot {
        return 0.0;
    }
    let scale = 1.0 + expected.iter().map(|kcal| kcal.abs()).sum::<f64>();
    let differences = found.iter().zip(expected).map(|(a, b)| (a - b).abs() / scale);
    differences.fold(0.0, f64::max)
}

/// Runs pairs of the grid of a screening; how many, if none of them should be in the ranking by S
/// and is not.
fn unranked(
    drawn: &Drawn<'_>,
    runner: &mut PairRunner<'_>,
    settings: &Settings,
    sample: usize,
    random: &mut Pcg64,
) -> Result<usize, String> {
    let job = drawn.job.ok_or("the ledger, which says what pairs there are, is gone")?;
    let grid = sets::grid(job, drawn.dataset).map_err(|e| e.to_string())?;
    let record = drawn.manifest.superposition.as_ref();
    if Some(grid.len()) != record.map(|r| r.pairs) {
        return Err(format!("the job's grid has {} pairs", grid.len()));
    }
    let pairs: Vec<Pair> = draw(grid.len(), sample, random)
        .into_iter()
        .filter_map(|number| {
            let id = ScenarioId(number as u32);
            Some(Pair { id, shocks: grid.pair(number)?, adaptation: settings.of_pair(id) })
        })
        .collect();
    let ranking: Vec<RankingRow> = screening::places(drawn.root)
        .map_err(|e| e.to_string())?
        .into_iter()
        .filter(|place| place.ranking == "super-additive")
        .collect();
    let top = job.superposition.as_ref().map(|asked| asked.top);
    // A ranking that is not full holds every pair above 0 that was run; those that were not have
    // |S| within the tolerance.
    let is_full = top.is_some_and(|top| ranking.len() >= top);
    let tolerance = record.map_or(0.0, |r| r.tolerance);
    let last = ranking.last().filter(|_| is_full).map_or(0.0, |place| place.value);
    let (rows, _) = runner.rows(&pairs, false, None, &|_| {});
    for row in &rows {
        let s = &row.superposition;
        if s.diverged {
            continue;
        }
        let size = s.al_joint.abs() + s.al.iter().map(|al| al.abs()).sum::<f64>();
        let threshold = last.max(tolerance) + TOLERANCE * size;
        let id = row.pair.id;
        // Whatever runs away has a ranking of its own.
        if !row.eaten.overshoot
            && s.s > threshold
            && ranking.iter().all(|place| place.scenario != id)
        {
            return Err(format!("pair {id} with S = {} t is not in the ranking", s.s));
        }
    }
    Ok(rows.len())
}
