//! Networks and models of them, for people: tables on a terminal, LaTeX, HTML.

mod estimates;
mod latex;
mod markup;
mod page;
pub mod picture;

pub use estimates::estimates;
pub use latex::latex;
pub use markup::html;
pub use page::page;

use std::fmt::Write;

use shocksweep_networks::job::{About, Prepared};
use shocksweep_networks::reading::PAPER_NOTES;
use shocksweep_networks::records::{FitRow, Mple};

use super::{number, table, whole};

/// Names of terms as people write them.
pub fn term_name(term: &str) -> String {
    let capital = |text: &str| {
        let mut letters = text.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect())
            .unwrap_or_default()
    };
    if term == "memory.stability" { "Stability".to_string() } else { capital(term) }
}

/// A number of a coefficient: four decimals, or as many as show two digits.
pub fn coefficient(value: f64) -> String {
    match value.abs() {
        0.0 => "0.0000".to_string(),
        size if size >= 0.001 => format!("{value:.4}"),
        _ => format!("{value:.1e}"),
    }
}

/// What was read and built.
pub fn inputs(prepared: &Prepared) -> String {
    let mut text = String::new();
    let world = &prepared.world;
    let tiers = prepared.networks.tiers.iter().map(|tier| {
        let ties: Vec<usize> = tier.years.iter().map(|year| year.network.m()).collect();
        let [first, last] = [ties.first(), ties.last()].map(|m| m.copied().unwrap_or(0));
        let years = match ties.len() {
            0 => "no trade".to_string(),
            count => format!("{} to {}", tier.year(0), tier.year(count - 1)),
        };
        vec![tier.name.clone(), years, whole(ties.len()), whole(first), whole(last)]
    });
    let header = ["tier", "years", "networks", "ties of the first", "of the last"];
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{} areas.\n{}", whole(world.n()), table(&header, tiers.collect(), 2));
    if !prepared.left_out.is_empty() {
        let names = prepared.left_out.join(", ");
        let _ =
            writeln!(text, "Left out, as networks without a cycle have no eigenvector: {names}.");
    }
    let dropped = &world.dropped;
    for (count, what) in [
        (dropped.events_outside, "rows of events with an area outside the sample left out"),
        (dropped.events_within, "rows of events within one area left out"),
        (dropped.trade_exports, "rows of trade that are not reported imports left out"),
        (dropped.trade_items, "rows of trade in items of no tier left out"),
    ] {
        if count > 0 {
            let _ = writeln!(text, "{} {what}.", whole(count as usize));
        }
    }
    text
}

/// What a reader must know before reading the numbers.
pub fn cautions(fits: &[FitRow]) -> String {
    let mut text = String::new();
    for fit in fits {
        let name = format!("{}/{}", fit.tier, fit.model);
        if !fit.collinear.is_empty() {
            let _ = writeln!(
                text,
                "{name}: {} depends on the terms before it and has no estimate; the others are fitted \
                 without it.",
                fit.collinear
            );
        }
        if !fit.separated.is_empty() {
            let _ = writeln!(
                text,
                "{name}: no finite estimate: along {} ties and non-ties are separated.",
                fit.separated
            );
        }
        if fit.outcome == "not_converged" {
            let _ = writeln!(text, "{name}: Newton's method found no maximum.");
        }
        if fit.steps < 2 {
            let _ = writeln!(text, "{name}: one step, so no bootstrap.");
        }
        if fit.replicates > 0 && 10 * fit.dropped > fit.replicates {
            let _ = writeln!(
                text,
                "{name}: {} of {} replicates could not be estimated and were dropped for all terms; \
                 intervals rest on the others.",
                fit.dropped, fit.replicates
            );
        }
        if fit.degenerate_steps.is_some_and(|steps| steps > 0) {
            let _ = writeln!(
                text,
                "{name}: in {} steps the simulated networks end empty or complete: the model is \
                 degenerate.",
                fit.degenerate_steps.unwrap_or(0)
            );
        }
    }
    text
}

/// Odds ratios and marginal effects of the estimates whose interval excludes 0.
pub fn effects(mple: &[Mple]) -> String {
    let rows: Vec<Vec<String>> = mple
        .iter()
        // The intercept is nothing that anybody could change.
        .filter(|row| !row.stars.is_empty() && row.term != "edges")
        .filter_map(|row| {
            let interval = row.odds_lower.zip(row.odds_upper)?;
            Some(vec![
                format!("{}/{}", row.tier, row.model),
                term_name(&row.term),
                coefficient(row.odds_ratio?),
                format!("[{}, {}]", coefficient(interval.0), coefficient(interval.1)),
                number(row.percent?),
                coefficient(row.marginal_effect?),
            ])
        })
        .collect();
    if rows.is_empty() {
        return "No interval excludes 0.\n".to_string();
    }
    let header = ["model", "term", "odds ratio", "95 % interval", "odds, %", "probability"];
    format!(
        "Per unit of the term, the others kept (odds are not probabilities; the last column is the mean \
         change of a tie's probability):\n{}\n",
        table(&header, rows, 2)
    )
}

/// Goodness of fit in a line per model.
pub fn goodness(fits: &[FitRow]) -> String {
    let score = |value: Option<f64>| value.map_or("-".to_string(), |value| format!("{value:.3}"));
    let rows: Vec<Vec<String>> = fits
        .iter()
        .filter(|fit| fit.acceptance.is_some())
        .map(|fit| {
            vec![
                format!("{}/{}", fit.tier, fit.model),
                score(fit.auc_roc),
                score(fit.auc_simulated),
                score(fit.auc_random),
                score(fit.average_precision),
                score(fit.precision_simulated),
                score(fit.precision_random),
                score(fit.acceptance),
                score(fit.autocorrelation),
            ]
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let header = [
        "model",
        "AUC fitted",
        "simulated",
        "random",
        "AP fitted",
        "simulated",
        "random",
        "accepted",
        "autocorrelation",
    ];
    format!("\nTie prediction:\n{}\n", table(&header, rows, 1))
}

/// Where the paper's own numbers do not fit together.
pub fn paper_notes() -> String {
    let mut text = "\nNumbers of the paper beside its own tables:\n".to_string();
    for note in PAPER_NOTES {
        let _ = writeln!(text, "- {note}");
    }
    text
}

/// What a result says of itself.
pub fn about(about: &About) -> String {
    format!(
        "{} areas; tiers {}; {} models; seed {}; {}{}.",
        whole(about.areas),
        about.tiers.join(", "),
        whole(about.models.len()),
        about.seed,
        about.made_by,
        if about.complete { "" } else { "; not complete" }
    )
}
