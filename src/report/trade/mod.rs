//! What a study of trade found, for an analyst.

mod areas;
mod takeaways;
mod verdicts;

use std::fmt::Write;
use std::path::Path;

use shocksweep_trade::indicators::{Indicator, YearIndicators, indicators as measure};
use shocksweep_trade::links::LinkTest;
use shocksweep_trade::panel::Panel;
use shocksweep_trade::study::Study;
use shocksweep_trade::world::world;

use super::{table, whole};
use crate::trade::job::LinkChoice;
use crate::trade::run::{Finished, STUDY};
use areas::{dependent, influential, worlds};
pub use takeaways::takeaways;
pub use verdicts::{clusters, regressions, tiers};

/// Largest p that is called a difference.
const LEVEL: f64 = 0.05;

fn share(value: Option<f64>) -> String {
    value.map_or("-".into(), |v| format!("{v:.2}"))
}

fn p_value(value: Option<f64>) -> String {
    match value {
        None => "-".into(),
        Some(p) if p < 0.001 => format!("{p:.0e}"),
        Some(p) => format!("{p:.3}"),
    }
}

/// What an import read, dropped and wrote.
pub fn imported(panel: &Panel, folder: &Path) -> String {
    let about = &panel.about;
    let mut text = format!(
        "{}: {} areas, {} items, {} to {}, flows in {}.\n",
        folder.display(),
        panel.areas.len(),
        panel.items.len(),
        about.first_year,
        about.last_year,
        about.amount.unit()
    );
    text += &counted(panel);
    if about.silent_areas > 0 {
        let _ = writeln!(text, "Areas of the table that trade no item: {}.", about.silent_areas);
    }
    let silent = panel.silent_items();
    if !silent.is_empty() {
        let _ = writeln!(text, "Items without any flow, left out: {}.", silent.join(", "));
    }
    text
}

fn counted(panel: &Panel) -> String {
    let of = |what: &str| {
        let found = panel.counts.iter().find(|count| count.what == what);
        whole(found.map_or(0, |count| count.count as usize))
    };
    format!(
        "Read {} rows: {} kept, {} of other codes (they count in the totals of RCA), {} of value 0 and {} of an area with itself dropped; {} quantities filled, {} without a unit value.\n",
        of("rows"),
        of("kept"),
        of("other_codes"),
        of("zero_value"),
        of("self_trade"),
        of("quantity_filled"),
        of("quantity_dropped")
    )
}

/// All that a finished study says, most important first.
pub fn summary(finished: &Finished) -> String {
    let (panel, tables) = (&finished.panel, &finished.tables);
    let about = &panel.about;
    let mut text = String::new();
    if about.synthetic {
        text += "SYNTHETIC: the built-in panel is an invented world, not observations.\n";
    }
    let _ = writeln!(
        text,
        "{}: {} areas, {} items, {} to {}.",
        about.name,
        panel.areas.len(),
        panel.items.len(),
        about.first_year,
        about.last_year
    );
    text += &counted(panel);
    text += "\n";
    text += &links(&tables.links, finished.manifest.job.links);
    text += "\n";
    text += &worlds(&tables.world, about.amount);
    let last: Vec<&Indicator> =
        tables.indicators.iter().filter(|row| row.year == about.last_year).collect();
    text += &dependent(panel, &last);
    text += &influential(&last, about.last_year, about.amount);
    text += &tiers(tables);
    text += &clusters(tables);
    text += &regressions(tables);
    let _ = writeln!(
        text,
        "\n{}: one Parquet table per question, `report.html` to look at; `{STUDY}` says how they came about.",
        finished.folder.display()
    );
    text
}

/// Which candidates trade supports, and how good that evidence is.
pub fn links(tests: &[LinkTest], choice: LinkChoice) -> String {
    if tests.is_empty() {
        return "Links: no candidates were given, so every item stands alone.\n".into();
    }
    let form = if choice == LinkChoice::Levels { "levels" } else { "growth" };
    let of_form: Vec<&LinkTest> = tests.iter().filter(|test| test.form == form).collect();
    let tested = of_form.iter().filter(|test| test.reason == "tested").count();
    let kept = of_form.iter().filter(|test| test.kept).count();
    let mut text = match choice {
        LinkChoice::All => format!(
            "Links: all {} candidates are taken; the test in differences supports {kept} of the {tested} it can test.\n",
            of_form.len()
        ),
        _ => format!("Links: {kept} kept of {tested} tested{}.\n", untested(&of_form)),
    };
    if choice == LinkChoice::Levels {
        text += "The test in levels keeps unrelated items as well (areas that grow, grow in everything): weak evidence.\n";
    }
    if kept == 0 && tested > 0 {
        text += "Trade does not support any of them: values of broad codes are weak evidence, for a link and against it.\n";
        if choice != LinkChoice::All {
            text +=
                "Without a link every item stands alone: no failure reaches what is made of it.\n";
        }
    }
    let mut rows: Vec<&&LinkTest> = of_form.iter().collect();
    rows.sort_by(|a, b| a.p.unwrap_or(2.0).total_cmp(&b.p.unwrap_or(2.0)));
    let row = |test: &&&LinkTest| {
        let verdict = if test.kept {
            "kept"
        } else if test.reason == "tested" {
            "not supported"
        } else {
            &test.reason
        };
        let note = if test.against_tier { ", against the tiers" } else { "" };
        vec![
            format!("{} -> {}", test.input, test.output),
            format!("{verdict}{note}"),
            share(test.coef),
            p_value(test.p),
            p_value(test.p_bh),
            test.areas.to_string(),
        ]
    };
    text += &table(
        &["link", "verdict", "coef", "p", "p (BH)", "areas"],
        rows.iter().take(30).map(row).collect(),
        2,
    );
    text + "\n"
}

/// How many candidates cannot be tested, where there are some.
fn untested(of_form: &[&LinkTest]) -> String {
    match of_form.iter().filter(|test| test.reason != "tested").count() {
        0 => String::new(),
        some => format!("; {some} of {} candidates cannot be tested", of_form.len()),
    }
}

/// The world and who depends on whom, before any failure is run.
pub fn indicators(study: &Study<'_>) -> String {
    let panel = study.panel;
    let mut worlds_ = Vec::new();
    let mut last = None;
    for at in 0..panel.years.len() {
        let balance = study.balance(at);
        let found = measure(panel, at, &balance, study.stability.as_ref());
        worlds_.extend(world(panel, &balance, &found));
        last = Some(found);
    }
    let rows = last.as_ref().map_or(Vec::new(), |last: &YearIndicators| last.rows.iter().collect());
    worlds(&worlds_, panel.about.amount) + &dependent(panel, &rows)
}

/// Trade risk and influence of a year.
pub fn risk(study: &Study<'_>, at: usize, found: &YearIndicators) -> String {
    let rows: Vec<&Indicator> = found.rows.iter().collect();
    let mut of_year = study.panel.clone();
    of_year.years = vec![study.panel.years[at].clone()];
    dependent(&of_year, &rows) + &influential(&rows, found.year, of_year.about.amount)
}
