//! A sweep in memory: scenarios from rows, results as Arrow tables, progress, and a flag that stops it.
//!
//! `cargo run --example in_memory`

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use shocksweep::{
    Job, Plan, Progress, RunOptions, ScenarioSet, ShockRow, collect, open, scenarios,
};

/// Counts scenarios; a program would show them, or stop the run.
#[derive(Default)]
struct Counter(AtomicUsize);

impl Progress for Counter {
    fn advance(&self, done: usize) {
        self.0.fetch_add(done, Ordering::Relaxed);
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let world = Arc::new(open("synthetic")?);
    let half = |id, area| ShockRow::new(id, area, "Wheat and products", 0.5);
    let rows = [half(0, "Ukraine"), half(1, "Canada"), half(2, "Ukraine"), half(2, "Canada")];
    let plan = Plan::of_scenarios(
        world.clone(),
        &Job::new(ScenarioSet::AllSingle),
        scenarios(&rows, &world)?,
    )?;
    let (stop, counter) = (AtomicBool::new(false), Counter::default());
    let options = RunOptions {
        stop: &|| stop.load(Ordering::Relaxed),
        threads: NonZeroUsize::new(2),
        ..RunOptions::new()
    };
    let Some(results) = collect(&plan, &options, &counter)? else { return Ok(()) };
    println!("{} scenarios on two threads", counter.0.load(Ordering::Relaxed));
    for name in results.names() {
        let rows: usize =
            results.table(name).unwrap_or_default().iter().map(|b| b.num_rows()).sum();
        println!("{name}: {rows} rows");
    }
    Ok(())
}
