//! A screening job: screens a grid of pairs and writes what it keeps.

use std::collections::BTreeSet;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::screen::{Rankings, RuleCheck, Screened, Screening, screen};
use super::superposition::{self, PairRunner};
use super::{Progress, finish, make_engine};
use crate::dataset::hash;
use crate::job::Plan;
use crate::job::superposition::SuperpositionPlan;
use crate::scenario::pairs::PairGrid;
use crate::sink::folder::{AREAS, HISTOGRAM, MOMENTS, RANKING};
use crate::sink::manifest::{
    CheckRecord, Counts, FileRecord, Manifest, SuperpositionRecord, Times,
};
use crate::sink::screening::{
    BinRow, MomentsRow, RankingRow, write_histogram, write_moments, write_ranking,
};
use crate::sink::{ResultFolder, SinkError, areas};
use crate::superposition::Pair;
use crate::superposition::collect::{MEASURES, Moments};

/// Runs a plan that screens pairs and writes its result folder.
///
/// # Errors
/// The result cannot be written.
pub fn run(
    plan: &Plan,
    asked: &SuperpositionPlan,
    grid: &PairGrid,
    force: bool,
    started: Instant,
    progress: &dyn Progress,
) -> Result<Manifest, SinkError> {
    let folder = ResultFolder::create(&plan.output, force)?;
    let dataset = &plan.dataset;
    let (content_hash, engine) = rayon::join(
        || hash::content_hash(dataset),
        || make_engine(plan.engine, dataset, plan.steps),
    );
    let engine = engine.as_ref();
    let prepare_s = started.elapsed().as_secs_f64();
    let screening = Screening {
        adaptation: asked.adaptation,
        top: asked.job.top,
        tolerance: asked.job.tolerance,
        rules: asked.job.rules,
        check: asked.job.check,
    };
    progress.start(grid.len() as usize);
    let computing = Instant::now();
    let mut runner = PairRunner::new(engine, dataset, &asked.counted);
    let advance = |pairs: usize| progress.advance(pairs);
    let screened = screen(dataset, engine, &runner, grid, &screening, &advance);
    progress.writing();

    let kept: BTreeSet<u32> =
        screened.collection.best.iter().flat_map(|b| b.kept()).map(|k| k.1).collect();
    let pairs: Vec<Pair> = kept
        .iter()
        .filter_map(|&id| {
            let shocks = grid.pair(u64::from(id))?;
            Some(Pair { id, shocks, adaptation: asked.adaptation })
        })
        .collect();
    let mut files = superposition::write(&folder, &mut runner, asked, &pairs, &|_| {})?;
    let compute_s = computing.elapsed().as_secs_f64();
    let writing = Instant::now();
    files.extend(write(&folder, plan, &screened)?);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let total_s = started.elapsed().as_secs_f64();
    let run = screened.collection.all[0].count
        - screened.collection.independent
        - screened.collection.negligible;
    let counts = Counts {
        scenarios: grid.len() as usize,
        run: run as usize,
        no_op: 0,
        loss_rows: 0,
        adapting: 0,
        substituting: 0,
        no_share_rule: 0,
        overshoot: 0,
    };
    let times = Times {
        started_unix_s: now.saturating_sub(total_s as u64),
        prepare_s,
        compute_s,
        write_s: writing.elapsed().as_secs_f64(),
        total_s,
    };
    let manifest = Manifest {
        superposition: Some(record(asked, &screened, run)),
        ..finish::manifest(plan, engine, content_hash, counts, times, files)
    };
    folder.finish(&manifest)?;
    Ok(manifest)
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
    folder: &ResultFolder,
    plan: &Plan,
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
    let path = |name: &str| folder.root().join(name);
    let file = |name: &str, rows: usize, bytes: u64| FileRecord { path: name.into(), rows, bytes };
    Ok(vec![
        file(RANKING, ranking.len(), write_ranking(&path(RANKING), dataset, &ranking)?),
        file(MOMENTS, moments.len(), write_moments(&path(MOMENTS), dataset, &moments)?),
        file(HISTOGRAM, histogram.len(), write_histogram(&path(HISTOGRAM), dataset, &histogram)?),
        file(AREAS, dataset.labels.areas.len(), areas::write(&path(AREAS), dataset)?),
    ])
}
