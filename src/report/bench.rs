//! What `shocksweep bench` says.

use super::{table, validate, whole};
use crate::study::bench::{BatchRow, Bench};

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
    if !bench.batches.is_empty() {
        let row = |r: &BatchRow| vec![r.set.to_string(), whole(r.batch), seconds(r.seconds)];
        let rows = bench.batches.iter().map(row).collect();
        text += &format!("\n{}\n", table(&["gpu", "batch", "ms"], rows, 1));
    }
    let rows = bench.stages.iter().map(|r| {
        let stages = [r.upload, r.steps, r.decisions, r.changes, r.patches, r.compaction];
        let mut row = vec![r.set.to_string()];
        row.extend(stages.map(seconds));
        row.extend([r.download, r.whole, r.write, r.floor].map(seconds));
        row.push(whole(r.links as usize));
        row
    });
    let header = [
        "gpu, ms",
        "upload",
        "steps",
        "decisions",
        "changes",
        "patches",
        "compaction",
        "download",
        "whole",
        "write",
        "floor",
        "links",
    ];
    text += &format!("\n{}\n", table(&header, rows.collect(), 1));
    text += &kernels(bench);
    text += "\nStages are measured one batch at a time, with a wait after each; a run overlaps batches. \
             Floor: one\nloss loaded per link touched, at the rate at which the device copies.\n";
    text
}

/// Kernels of all sets, by the device's clock; nothing where it has none.
fn kernels(bench: &Bench) -> String {
    let mut names: Vec<&str> = Vec::new();
    for time in bench.stages.iter().flat_map(|row| &row.kernels) {
        if !names.contains(&time.kernel) {
            names.push(time.kernel);
        }
    }
    if names.is_empty() {
        return String::new();
    }
    let mut header = vec!["kernel".to_string()];
    header.extend(bench.stages.iter().flat_map(|r| [format!("{}, ms", r.set), "launches".into()]));
    let rows = names.iter().map(|&name| {
        let mut row = vec![name.to_string()];
        for set in &bench.stages {
            let found = set.kernels.iter().find(|time| time.kernel == name);
            row.push(found.map_or(String::new(), |time| format!("{:.2}", 1e3 * time.seconds)));
            row.push(found.map_or(String::new(), |time| whole(time.launches)));
        }
        row
    });
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    format!("\n{}\n", table(&header, rows.collect(), 1))
}
