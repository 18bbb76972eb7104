//! What `shocksweep bench` says.

use super::{table, validate, whole};
use crate::study::bench::Bench;

/// The measurements as tables.
pub fn text(bench: &Bench, bound: f64) -> String {
    let software = if bench.software { " (software: correctness only)" } else { "" };
    let mut text = format!(
        "{} on {}{software}, {}, {} scenarios a batch, copies {:.1} GB/s\nagainst {}\n\n",
        bench.dataset,
        bench.device,
        bench.precision,
        whole(bench.batch),
        bench.copy_rate / 1e9,
        bench.processor
    );
    text += &validate::text(&bench.verified, bound);
    let seconds = |s: f64| format!("{:.1}", 1e3 * s);
    let rows = bench.engines.iter().map(|r| {
        vec![
            r.set.to_string(),
            r.engine.to_string(),
            whole(r.scenarios),
            seconds(r.seconds),
            whole(r.rate as usize),
            format!("{:.2}", r.ratio),
            r.floor_share.map_or(String::new(), |share| format!("{:.1} %", 1e2 * share)),
        ]
    });
    let header = ["set", "engine", "scenarios", "ms", "per second", "to cpu", "of the floor"];
    text += &format!("\n{}\n", table(&header, rows.collect(), 2));
    let rows = bench.stages.iter().map(|r| {
        let stages = [r.upload, r.steps, r.adaptation, r.compaction, r.download, r.write, r.floor];
        let mut row = vec![r.set.to_string()];
        row.extend(stages.map(seconds));
        row.push(whole(r.links as usize));
        row
    });
    let header = [
        "gpu, ms",
        "upload",
        "steps",
        "adaptation",
        "compaction",
        "download",
        "write",
        "floor",
        "links",
    ];
    text += &format!("\n{}\n", table(&header, rows.collect(), 1));
    text += "\nStages are measured one batch at a time, with a wait after each; a run overlaps batches. \
             Floor: one\nloss loaded per link touched, at the rate at which the device copies.\n";
    text
}
