//! What the user of a study should know before it runs.

use shocksweep_trade::balance::Balance;
use shocksweep_trade::lists::Candidate;
use shocksweep_trade::study::Study;

/// What the user should know before the run.
pub(super) fn notes(study: &Study<'_>, candidates: &[Candidate]) -> Vec<String> {
    let panel = study.panel;
    let mut notes = Vec::new();
    if panel.about.synthetic {
        notes.push(
            "the built-in panel is SYNTHETIC: an invented world, not observations".to_string(),
        );
    }
    if panel.about.silent_areas > 0 {
        notes.push(format!(
            "{} areas of the table of areas trade no item",
            panel.about.silent_areas
        ));
    }
    let silent = panel.silent_items();
    if !silent.is_empty() {
        notes.push(format!("items without any flow are left out: {}", silent.join(", ")));
    }
    let untested =
        study.tests.iter().filter(|t| t.form == "growth" && t.reason != "tested").count();
    if untested > 0 {
        notes.push(format!(
            "{untested} of {} candidates cannot be tested (too few areas or years)",
            candidates.len()
        ));
    }
    if let Some(stability) = &study.stability {
        if stability.filled > 0 {
            notes.push(format!(
                "{} areas without stability get the mean of the others",
                stability.filled
            ));
        }
        if !stability.unknown.is_empty() {
            notes.push(format!(
                "stability names no area of the panel: {}",
                stability.unknown.join(", ")
            ));
        }
    }
    notes.extend(production_notes(study));
    let flows = panel.years.last().map_or(0, |year| year.flows.len());
    if flows > shocksweep_trade::parameters::MOST_FLOWS {
        notes.push("the last year has too many flows for T to be listed in `parameters`; `trade dataset` writes it".into());
    }
    let span = panel.years.len().saturating_sub(1);
    if study.settings.horizon > span {
        notes.push(format!(
            "the panel spans {span} years, fewer than the horizon of {}: no regression can be estimated",
            study.settings.horizon
        ));
    }
    notes
}

/// What became of a table of production.
fn production_notes(study: &Study<'_>) -> Vec<String> {
    let Some(production) = &study.production else { return Vec::new() };
    let mut notes = Vec::new();
    let raised: usize = (0..study.panel.years.len())
        .map(|at| Balance::of(study.panel, at, study.settings.reexport_share).take(production))
        .sum();
    notes.push(format!(
        "{} amounts of production are given; {raised} of them were below what is exported but not imported, and are raised to it",
        production.of.len()
    ));
    if production.other_years > 0 {
        notes.push(format!(
            "{} rows of production are of years that the panel does not hold",
            production.other_years
        ));
    }
    if !production.unknown.is_empty() {
        notes.push(format!(
            "production names areas that trade no item of the panel: {}",
            production.unknown.join(", ")
        ));
    }
    notes
}
