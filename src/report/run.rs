//! What `shocksweep run` says at the end.

use super::fit::{Column, fitted};
use super::{food_note, many, number, whole};
use crate::analysis::hdi::{Comparison, LOSES_FROM, MOST_AFFECTED};
use crate::analysis::worst::{ScenarioLoss, WayLoss};
use crate::dataset::hdi::HdiClass;
use crate::model::constants::LARGEST_AMOUNT;
use crate::results::TONNES;
use crate::sink::manifest::{AdaptationRecord, Manifest};

/// What a run computed, its worst scenarios, and where the files are.
pub fn summary(
    manifest: &Manifest,
    worst: &[ScenarioLoss],
    comparisons: &[Comparison],
    folder: &str,
) -> String {
    let (counts, unit) = (&manifest.counts, manifest.dataset.sign());
    let times = &manifest.times;
    let mut text = String::new();
    if let Some(warning) = &manifest.dataset.warning {
        text += &format!("Note: {warning}.\n\n");
    }
    text += &format!(
        "{} on dataset `{}`, {}, {}, {} engine ({}, {}).\n\
         {} run, {} without effect (nothing that fails is produced, or no output is lost).\n\
         {}\n\
         {:.2} s in all: {:.2} s to prepare, {:.2} s to compute, {:.2} s to write.\n",
        many(counts.scenarios, "scenario"),
        manifest.dataset.name,
        many(manifest.job.steps, "step"),
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
        match manifest.job.losses.are_all() {
            true => format!(
                "{} rows with a loss or gain above {} of the item's unit.",
                whole(counts.loss_rows),
                manifest.thresholds.min_loss
            ),
            false => "Totals alone were asked for: no losses by sector are kept.".to_string(),
        },
        times.total_s,
        times.prepare_s,
        times.compute_s,
        times.write_s,
    );
    if let Some(why) = &manifest.engine.why {
        text += &format!("This engine because {why}.\n");
    }
    if counts.diverged > 0 {
        text += &format!(
            "{} diverged: amounts grow beyond {LARGEST_AMOUNT:e} t. What they lose is not known; they are in \
             scenarios.parquet with status `diverged` and the step, and in nothing that is summed.\n",
            whole(counts.diverged),
        );
    }
    text += &decisions(manifest);
    if !comparisons.is_empty() {
        text += &format!(
            "\nWhat adaptation does to the losses of the shocked item per person, by human \
             development (mean change over the areas of a class that lose; Baum et al. 2024):\n{}\n",
            comparison_table(comparisons)
        );
    }
    if !worst.is_empty() {
        let title = match worst.len() {
            1 => "The scenario".to_string(),
            n => format!("The {n} worst scenarios"),
        };
        text += &format!("\n{title}: {}\n{}\n", ranked_by(worst, unit), worst_table(worst, unit));
        if is_by_food(worst) {
            text += &food_note(manifest);
        }
    }
    let other: Vec<&str> = manifest.files.iter().map(|f| f.path.as_str()).collect();
    let other = other.into_iter().filter(|path| !path.contains('/')).collect::<Vec<_>>().join(", ");
    let tables = manifest.files.iter().filter(|f| f.path.starts_with("losses/")).count();
    let tables = match tables {
        0 => String::new(),
        1 => ", 1 loss table in losses/".to_string(),
        n => format!(", {n} loss tables in losses/"),
    };
    text + &format!("\nFiles in {folder}: manifest.json, {other}{tables}\n")
}

/// What adaptation came to.
fn decisions(manifest: &Manifest) -> String {
    let counts = &manifest.counts;
    let mut text = String::new();
    if manifest.job.adaptive.is_some() {
        text += &format!(
            "{} decisions to adapt ({} without a rule for the shares), {} to substitute.\n",
            whole(counts.adapting),
            whole(counts.no_share_rule),
            whole(counts.substituting),
        );
        if counts.overshoot > 0 {
            text += &format!(
                "{} with runaway sectors (*: above {} times the baseline, production feeding itself, no \
                 finding): those are left out of what is ranked here, and in the tables with \
                 `overshoot`; `output_cap` limits it.\n",
                match counts.overshoot {
                    1 => "1 run".to_string(),
                    n => format!("{} runs", whole(n)),
                },
                manifest.thresholds.overshoot,
            );
        }
    }
    text
}

/// One row per shock and choice of areas, one column per HDI class, and how many areas it has.
fn comparison_table(comparisons: &[Comparison]) -> String {
    let classes = [HdiClass::Low, HdiClass::Medium, HdiClass::High, HdiClass::VeryHigh];
    let rows = comparisons.iter().flat_map(|comparison| {
        let (area, item) = &comparison.shock;
        let most = format!("the {MOST_AFFECTED} that lose most");
        let all = format!("all losing {LOSES_FROM} kg or more");
        [(most, &comparison.most_affected), (all, &comparison.all)].map(|(areas, changes)| {
            let of = |class| changes.iter().find(|c| c.class == class);
            let or_dash = |text: Option<String>| text.unwrap_or("-".to_string());
            let mut cells = vec![format!("{area} / {item}"), areas];
            let change = |class| or_dash(of(class).map(|c| format!("{:+.1} %", 100.0 * c.change)));
            cells.extend(classes.map(change));
            cells.extend(classes.map(|class| or_dash(of(class).map(|c| c.areas.to_string()))));
            cells
        })
    });
    // Which shock it is may only be left out where there is one.
    let order = if comparisons.len() > 1 { 0 } else { 5 };
    let mut columns = vec![Column::label("shock").or_out(order), Column::label("areas")];
    columns.extend(classes.map(|class| Column::number(class.name())));
    columns
        .extend(classes.map(|class| Column::number(&format!("areas, {}", class.name())).or_out(6)));
    fitted(&columns, &rows.collect::<Vec<_>>())
}

/// The worst scenarios, without and with adaptation side by side.
fn worst_table(worst: &[ScenarioLoss], unit: &str) -> String {
    let has_food = worst.iter().flat_map(|s| s.ways.iter().flatten()).all(|w| w.kcal.is_some());
    let ran = [0, 1].map(|way: usize| worst.iter().any(|s| s.ways[way].is_some()));
    let value = |way: &WayLoss| match (way.kcal.filter(|_| has_food), way.runaway) {
        (Some(kcal), false) => number(kcal),
        (Some(kcal), true) => format!("{} *", number(kcal)),
        (None, true) => "runaway".to_string(),
        (None, false) => number(way.total_loss),
    };
    let rows: Vec<Vec<String>> = worst
        .iter()
        .enumerate()
        .map(|(rank, s)| {
            let mut cells = vec![(rank + 1).to_string(), s.name.clone()];
            for way in [0, 1].into_iter().filter(|&way| ran[way]) {
                cells.push(s.ways[way].as_ref().map_or("-".to_string(), value));
            }
            // Of the ways that are no runaway the last: with adaptation, where there is one.
            let told = s.ways.iter().flatten().rfind(|way| !way.runaway);
            let loser = told.and_then(|way| way.largest_loser.clone());
            let (loser, loss) =
                loser.map_or(("-".to_string(), "-".to_string()), |(name, al)| (name, number(al)));
            cells.extend([loser, loss]);
            let total = told.map_or("runaway".to_string(), |w| number(w.total_loss));
            cells.push(total);
            cells.push(told.map_or("-".to_string(), |w| whole(w.sectors_above_10pct as usize)));
            cells
        })
        .collect();
    let mut columns = vec![Column::number(""), Column::text("shock")];
    let ways = ["not adapting", "adapting"].into_iter().zip(ran).filter(|(_, ran)| *ran);
    columns.extend(ways.map(|(way, _)| Column::number(way)));
    columns.extend([
        Column::text("hits most (beside itself)").or_out(1),
        Column::number(&format!("its loss, {unit}")).or_out(2),
        Column::number(&format!("total loss, {unit}")).or_out(3),
        Column::number("sectors > 10 %").or_out(4),
    ]);
    fitted(&columns, &rows)
}

/// Whether the scenarios are ranked by food.
fn is_by_food(worst: &[ScenarioLoss]) -> bool {
    worst.iter().flat_map(|s| s.ways.iter().flatten()).all(|way| way.kcal.is_some())
}

/// What the scenarios are ranked by.
fn ranked_by(worst: &[ScenarioLoss], unit: &str) -> String {
    if is_by_food(worst) {
        "food that people eat less worldwide, kcal per person and day".to_string()
    } else {
        match unit {
            TONNES => "total loss of the items counted in tonnes, t".to_string(),
            unit => format!("total loss, {unit}"),
        }
    }
}
