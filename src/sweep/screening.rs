//! A screening job: screens a grid of pairs and writes what it keeps.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use super::rankings::Rankings;
use super::screen::{RuleCheck, Screened, Screening, pairs_of_part, parts, screen_parts};
use super::session::{Opened, Session, now};
use super::superposition::{self, PairRunner};
use super::{Ended, Progress, RunOptions, finish, header};
use crate::engine::Engine;
use crate::job::Plan;
use crate::job::superposition::SuperpositionPlan;
use crate::model::Baseline;
use crate::scenario::pairs::PairGrid;
use crate::sink::commit::Pending;
use crate::sink::folder::{
    AREAS, BASELINE, HISTOGRAM, ITEMS, MOMENTS, PARTS, RANKING, RECEIVERS, SUPERPOSITION,
};
use crate::sink::ledger::{PartRecord, Shard};
use crate::sink::manifest::{
    CheckRecord, Counts, FileRecord, Manifest, SuperpositionRecord, Times,
};
use crate::sink::screening::{
    BinRow, MomentsRow, RankingRow, write_histogram, write_moments, write_ranking,
};
use crate::sink::superposition::{write as write_pairs, write_receivers};
use crate::sink::{SinkError, areas, baseline, items};
use crate::superposition::Pair;
use crate::superposition::collect::{MEASURES, Moments};

/// File of a part of a screening, relative to the result folder.
fn part_file(part: usize) -> String {
    format!("{PARTS}/screening-{part:05}.bin")
}

/// Runs a plan that screens pairs and writes its result folder.
///
/// # Errors
/// The result cannot be written.
pub fn run(
    plan: &Plan,
    (asked, grid): (&SuperpositionPlan, &PairGrid),
    engine: &dyn Engine,
    content_hash: String,
    options: &RunOptions<'_>,
    progress: &dyn Progress,
) -> Result<Ended, SinkError> {
    let dataset = &plan.dataset;
    let screening = Screening {
        adaptation: asked.adaptation,
        top: asked.job.top,
        tolerance: asked.job.tolerance,
        rules: asked.job.rules,
        check: asked.job.check,
    };
    let all = parts(grid);
    let pairs_of = |part: usize| pairs_of_part(grid, part);
    let own: Vec<usize> = (0..all).filter(|&part| options.shard.has(part)).collect();
    let to_run = own.iter().map(|&part| pairs_of(part)).sum();
    let header = header(plan, engine, content_hash.clone(), options, all, to_run);
    let started_unix_s = header.manifest.times.started_unix_s;
    let mut session = match Session::open(super::folder(plan)?, options, header, progress)? {
        Opened::Complete(manifest) => return Ok(Ended::Complete(manifest)),
        Opened::Open(session) => session,
    };
    let prepare_s = options.started.elapsed().as_secs_f64();
    let missing = session.missing();
    progress.start(missing.iter().map(|&part| pairs_of(part)).sum(), to_run);
    let mut runner = PairRunner::new(engine, dataset, &asked.counted);
    let advance = |pairs: usize| progress.advance(pairs);
    let mut computing = Instant::now();
    let mut stopped = false;
    let mut each = |part: usize, screened: Screened| -> Result<bool, SinkError> {
        let compute_s = computing.elapsed().as_secs_f64();
        let writing = Instant::now();
        let file = write_part(session.root(), part, &screened)?;
        // For the standing of the run, a pair that needs no run is as good as one that was run.
        let (scenarios, run) = (pairs_of(part), pairs_of(part));
        session.commit(vec![PartRecord {
            part,
            counts: Counts { scenarios, run, ..Counts::default() },
            pairs: pairs_of(part) as u64,
            files: vec![file],
            compute_s,
            write_s: writing.elapsed().as_secs_f64(),
            unix_s: now(),
        }])?;
        progress.committed(own.len() - session.missing().len(), own.len());
        computing = Instant::now();
        stopped = (options.stop)();
        Ok(!stopped)
    };
    // Joined shards miss nothing, and the single runs that the rules read take their time.
    if !missing.is_empty() {
        screen_parts(dataset, engine, &runner, (grid, &missing), &screening, &advance, &mut each)?;
    }
    if stopped && !session.missing().is_empty() {
        return Ok(Ended::Stopped(session.state()));
    }
    if options.shard != Shard::WHOLE {
        return Ok(Ended::Shard(own.len()));
    }
    progress.writing();

    let closing = Instant::now();
    let root = session.root().to_path_buf();
    let mut screened = Screened::empty(dataset, &screening);
    for part in 0..all {
        screened.merge(&read_part(&root, part)?);
    }
    let kept: BTreeSet<u32> =
        screened.collection.best.iter().flat_map(|b| b.kept()).map(|k| k.1).collect();
    let pairs: Vec<Pair> = kept
        .iter()
        .filter_map(|&id| {
            let shocks = grid.pair(u64::from(id))?;
            Some(Pair { id, shocks, adaptation: asked.adaptation })
        })
        .collect();
    let (rows, receivers) = runner.rows(&pairs, asked.job.stages, asked.job.receivers, &|_| {});
    runner.check().map_err(SinkError::from)?;
    let mut files = write(&root, plan, engine.baseline(), &screened)?;
    let pending = write_pairs(&root.join(SUPERPOSITION), dataset, &rows)?;
    files.push(FileRecord::new(SUPERPOSITION, rows.len(), pending.commit()?));
    if asked.job.receivers.is_some() {
        let pending = write_receivers(&root.join(RECEIVERS), dataset, &receivers)?;
        files.push(FileRecord::new(RECEIVERS, receivers.len(), pending.commit()?));
    }
    let run = count_run(&screened);
    let counts = Counts { scenarios: grid.len() as usize, run: run as usize, ..Counts::default() };
    let (folder, earlier) = session.finish()?;
    let times = Times {
        started_unix_s,
        prepare_s,
        compute_s: earlier.compute_s,
        write_s: earlier.write_s + closing.elapsed().as_secs_f64(),
        total_s: earlier.total_s + options.started.elapsed().as_secs_f64(),
    };
    let manifest = Manifest {
        superposition: Some(record(asked, &screened, run)),
        ..finish::manifest(plan, engine, content_hash, counts, times, files)
    };
    folder.finish(&manifest)?;
    Ok(Ended::Complete(Box::new(manifest)))
}

/// Pairs that the screening ran because they may interact.
fn count_run(screened: &Screened) -> u64 {
    let collection = &screened.collection;
    collection.all[0].count - collection.independent - collection.negligible
}

/// Writes what became of a part, in a form for this program alone.
fn write_part(root: &Path, part: usize, screened: &Screened) -> Result<FileRecord, SinkError> {
    let name = part_file(part);
    let path = root.join(&name);
    let unwritable = |e: postcard::Error| SinkError::io(&path)(std::io::Error::other(e));
    let bytes = postcard::to_stdvec(screened).map_err(unwritable)?;
    let mut pending = Pending::create(&path)?;
    pending.write_all(&bytes).map_err(SinkError::io(&path))?;
    Ok(FileRecord::new(name, 1, pending.commit()?))
}

/// Reads it back; its checksum has been compared when the run was continued.
fn read_part(root: &Path, part: usize) -> Result<Screened, SinkError> {
    let path = root.join(part_file(part));
    let bytes = std::fs::read(&path).map_err(SinkError::io(&path))?;
    let unreadable =
        |e: postcard::Error| SinkError::Unreadable { path: path.clone(), problem: e.to_string() };
    postcard::from_bytes(&bytes).map_err(unreadable)
}

fn record(asked: &SuperpositionPlan, screened: &Screened, run: u64) -> SuperpositionRecord {
    let collection = &screened.collection;
    let RuleCheck {
        independent,
        negligible,
        largest_independent,
        largest_negligible,
        largest_share,
        broken,
    } = screened.check;
    SuperpositionRecord {
        pairs: collection.all[0].count,
        run,
        independent: collection.independent,
        negligible: collection.negligible,
        tolerance: asked.job.tolerance,
        largest_bound: collection.largest_bound,
        check: asked.job.rules.then_some(CheckRecord {
            independent,
            negligible,
            largest_independent,
            largest_negligible,
            largest_share_of_bound: largest_share,
            broken,
        }),
        ..superposition::record(asked, 0)
    }
}

/// Writes the tables of a screening besides the pairs themselves.
fn write(
    root: &Path,
    plan: &Plan,
    baseline: &Baseline,
    screened: &Screened,
) -> Result<Vec<FileRecord>, SinkError> {
    let dataset = &plan.dataset;
    let collection = &screened.collection;
    let names = Rankings::new(dataset).names;
    let ranking: Vec<RankingRow> = (names.iter().zip(&collection.best))
        .flat_map(|((name, unit), best)| {
            best.kept().iter().enumerate().map(move |(at, &(value, scenario))| RankingRow {
                ranking: name.clone(),
                rank: at as u32 + 1,
                scenario,
                value,
                unit,
            })
        })
        .collect();
    let moments_of = |pairs: &'static str, moments: &[Moments; 4]| -> Vec<MomentsRow> {
        let row = |(measure, m): (&'static str, &Moments)| MomentsRow {
            measure,
            pairs,
            count: m.count,
            mean: m.mean,
            standard_deviation: m.standard_deviation(),
            min: if m.count > 0 { m.min } else { 0.0 },
            max: if m.count > 0 { m.max } else { 0.0 },
            above: m.above,
            below: m.below,
        };
        MEASURES.into_iter().zip(moments).map(row).collect()
    };
    let mut moments = moments_of("all", &collection.all);
    moments.extend(moments_of("run", &collection.run));
    let histogram: Vec<BinRow> = MEASURES
        .into_iter()
        .zip(&collection.histograms)
        .flat_map(|(measure, histogram)| {
            let bin = move |(lower, upper, count)| BinRow { measure, lower, upper, count };
            histogram.bins().into_iter().map(bin)
        })
        .collect();
    let path = |name: &str| root.join(name);
    let file = |name: &str, rows: usize, pending: Pending| -> Result<FileRecord, SinkError> {
        Ok(FileRecord::new(name, rows, pending.commit()?))
    };
    let baseline = baseline::write(&path(BASELINE), dataset, baseline, false)?;
    Ok(vec![
        file(RANKING, ranking.len(), write_ranking(&path(RANKING), dataset, &ranking)?)?,
        file(MOMENTS, moments.len(), write_moments(&path(MOMENTS), dataset, &moments)?)?,
        file(HISTOGRAM, histogram.len(), write_histogram(&path(HISTOGRAM), dataset, &histogram)?)?,
        file(AREAS, dataset.labels.areas.len(), areas::write(&path(AREAS), dataset)?)?,
        file(ITEMS, dataset.labels.items.len(), items::write(&path(ITEMS), dataset)?)?,
        file(BASELINE, baseline.1, baseline.0)?,
    ])
}
