//! What `shocksweep run` says at the end.

use super::{number, table, whole};
use crate::analysis::hdi::{Comparison, MOST_AFFECTED};
use crate::analysis::worst::ScenarioLoss;
use crate::dataset::hdi::HdiClass;
use crate::sink::manifest::{AdaptationRecord, Manifest};

/// What a run computed, its worst scenarios, and where the files are.
pub fn summary(
    manifest: &Manifest,
    worst: &[ScenarioLoss],
    comparisons: &[Comparison],
    folder: &str,
) -> String {
    let counts = &manifest.counts;
    let times = &manifest.times;
    let mut text = String::new();
    if let Some(warning) = &manifest.dataset.warning {
        text += &format!("Note: {warning}.\n\n");
    }
    text += &format!(
        "{} scenarios on dataset `{}`, {} steps, {}, {} engine ({}, {}).\n\
         {} run, {} without effect (the sector produces nothing).\n\
         {} rows with a loss or gain above {} t.\n\
         {:.2} s in all: {:.2} s to prepare, {:.2} s to compute, {:.2} s to write.\n",
        whole(counts.scenarios),
        manifest.dataset.name,
        manifest.job.steps,
        match manifest.job.adaptation {
            AdaptationRecord::Both => "each without and with adaptation",
            AdaptationRecord::On => "with adaptation",
            AdaptationRecord::Off => "without adaptation",
            AdaptationRecord::Scenario => "adaptation as each scenario says",
        },
        manifest.engine.name,
        manifest.engine.device,
        manifest.engine.precision,
        whole(counts.run),
        whole(counts.no_op),
        whole(counts.loss_rows),
        manifest.thresholds.min_loss,
        times.total_s,
        times.prepare_s,
        times.compute_s,
        times.write_s,
    );
    if manifest.job.adaptive.is_some() {
        text += &format!(
            "{} decisions to adapt ({} without a rule for the shares), {} to substitute; \
             {} scenarios overshoot (a sector ends above {} times its baseline).\n",
            whole(counts.adapting),
            whole(counts.no_share_rule),
            whole(counts.substituting),
            whole(counts.overshoot),
            manifest.thresholds.overshoot,
        );
    }
    if !comparisons.is_empty() {
        text += &format!(
            "\nWhat adaptation does to the losses of the shocked item per person, by human \
             development (mean change over the areas of a class that lose; Baum et al. 2024):\n{}\n",
            comparison_table(comparisons)
        );
    }
    let title = if worst.len() == 1 { "The scenario" } else { "The worst scenarios" };
    text += &format!(
        "\n{title}, by total loss (tonnes; live animals count as 1000 heads):\n{}\n",
        worst_table(worst)
    );
    let other: Vec<&str> = manifest.files.iter().map(|f| f.path.as_str()).collect();
    let other = other.into_iter().filter(|path| !path.contains('/')).collect::<Vec<_>>().join(", ");
    let tables = manifest.files.iter().filter(|f| f.path.starts_with("losses/")).count();
    text += &format!(
        "\nFiles in {folder}: manifest.json, {other}, {tables} loss table{} in losses/\n",
        if tables == 1 { "" } else { "s" },
    );
    text
}

/// One row per shock, one column per HDI class.
fn comparison_table(comparisons: &[Comparison]) -> String {
    let classes = [HdiClass::Low, HdiClass::Medium, HdiClass::High, HdiClass::VeryHigh];
    let rows = comparisons.iter().flat_map(|comparison| {
        let (area, item) = &comparison.shock;
        let most = format!("the {MOST_AFFECTED} that lose most");
        [(most, &comparison.most_affected), ("all that lose".to_string(), &comparison.all)].map(
            |(areas, changes)| {
                let change = |class| match changes.iter().find(|c| c.class == class) {
                    Some(c) => format!("{:+.1} % ({} areas)", 100.0 * c.change, c.areas),
                    None => "-".to_string(),
                };
                let mut cells = vec![format!("{area} / {item}"), areas];
                cells.extend(classes.map(change));
                cells
            },
        )
    });
    let mut header = vec!["shock", "areas"];
    header.extend(classes.map(HdiClass::name));
    table(&header, rows.collect(), 2)
}

fn worst_table(worst: &[ScenarioLoss]) -> String {
    let rows = worst
        .iter()
        .enumerate()
        .map(|(rank, s)| {
            let (loser, loss) = s.largest_loser.clone().unwrap_or(("-".to_string(), 0.0));
            vec![
                (rank + 1).to_string(),
                if s.adaptation { format!("{}, adapting", s.name) } else { s.name.clone() },
                loser,
                number(loss),
                number(s.total_loss),
                s.total_loss_per_capita.map_or("-".to_string(), number),
                whole(s.sectors_above_10pct as usize),
            ]
        })
        .collect();
    let header = [
        "",
        "shock",
        "hits most (beside itself)",
        "its loss, t",
        "total loss, t",
        "kg/person",
        "sectors > 10 %",
    ];
    table(&header, rows, 3)
}
