//! What `shocksweep explain` says of one pair.

use std::collections::BTreeMap;

use super::{number, table};
use crate::dataset::Dataset;
use crate::engine::EventKind;
use crate::model::losses::loss_per_capita;
use crate::study::explain::{Difference, Explanation};
use crate::superposition::Pair;

/// Rows of every table.
const SHOWN: usize = 10;

/// A pair in words and tables.
pub fn pair(dataset: &Dataset, pair: &Pair, explanation: &Explanation) -> String {
    let labels = &dataset.labels;
    let name = |n: usize| {
        let shock = &pair.shocks[n];
        let sector = labels.sector_name(shock.sector as usize);
        if shock.phi == 1.0 { sector } else { format!("{sector} x {}", shock.phi) }
    };
    let [joint, a, b] = explanation.al;
    let [full, adaptation, without] = explanation.by_mode;
    let mut text = format!(
        "Pair {}: {} and {}\n\nTogether they cost {} t; alone {} t and {} t, in sum {} t.\n\
         S = {} t: {}.\n",
        pair.id,
        name(0),
        name(1),
        number(joint),
        number(a),
        number(b),
        number(a + b),
        number(full),
        verdict(full, a + b),
    );
    text += &format!(
        "\nBy stage (t):\n{}\n",
        table(
            &["stage", "adds to S", "S so far"],
            vec![
                row("overlap: both lost already, never above 0", without, without),
                row("adaptation", adaptation - without, adaptation),
                row("substitution", full - adaptation, full),
            ],
            1
        )
    );
    text += &decisions(dataset, explanation);
    text += &receivers(dataset, explanation);
    text
}

fn row(stage: &str, adds: f64, so_far: f64) -> Vec<String> {
    vec![stage.to_string(), number(adds), number(so_far)]
}

fn verdict(s: f64, sum: f64) -> String {
    let share =
        if sum == 0.0 { String::new() } else { format!(" ({:+.1} %)", 100.0 * s / sum.abs()) };
    let threshold = crate::superposition::collect::THRESHOLD;
    match s {
        s if s > threshold => format!("super-additive, worse than the sum{share}"),
        s if s < -threshold => format!("sub-additive, better than the sum{share}"),
        _ => "the two do not interact".to_string(),
    }
}

fn decisions(dataset: &Dataset, explanation: &Explanation) -> String {
    let of = |in_joint: bool| -> Vec<&Difference> {
        explanation.differences.iter().filter(|d| d.in_joint == in_joint).collect()
    };
    let mut text = String::new();
    for (in_joint, title) in [
        (true, "Decide only when both shocks happen"),
        (false, "Decide after one of the shocks alone, but not after both"),
    ] {
        let differences = of(in_joint);
        if differences.is_empty() {
            text += &format!("\n{title}: no sector.\n");
            continue;
        }
        let rows = differences.iter().take(SHOWN).map(|d| {
            let what = match d.kind {
                EventKind::Adapting => "adapts",
                EventKind::Substituting => "substitutes",
            };
            vec![
                dataset.labels.sector_name(d.sector as usize),
                what.to_string(),
                number(d.al),
                format!("{:.0} %", 100.0 * d.rl),
            ]
        });
        let more = differences.len().saturating_sub(SHOWN);
        let more = if more > 0 { format!("... and {more} more\n") } else { String::new() };
        text += &format!(
            "\n{title}:\n{}\n{more}",
            table(&["sector", "", "loss (t)", "of its baseline"], rows.collect(), 2)
        );
    }
    text
}

fn receivers(dataset: &Dataset, explanation: &Explanation) -> String {
    let dims = dataset.dimensions();
    let labels = &dataset.labels;
    let mut by_area: BTreeMap<usize, f64> = BTreeMap::new();
    for &(sector, s) in &explanation.by_sector {
        *by_area.entry(dims.area_of(sector as usize)).or_default() += s;
    }
    let areas = largest(by_area.into_iter().collect()).into_iter().map(|(area, s)| {
        let area = &labels.areas[area];
        let per_capita = area.population.map(|p| number(loss_per_capita(s, p)));
        vec![area.name.clone(), number(s), per_capita.unwrap_or("-".to_string())]
    });
    let sectors: Vec<(usize, f64)> =
        explanation.by_sector.iter().map(|&(sector, s)| (sector as usize, s)).collect();
    let sectors =
        largest(sectors).into_iter().map(|(sector, s)| vec![labels.sector_name(sector), number(s)]);
    format!(
        "\nWhere S arises, by area (items that count):\n{}\n\nand by sector:\n{}\n",
        table(&["area", "S (t)", "kg per person"], areas.collect(), 1),
        table(&["sector", "S (t)"], sectors.collect(), 1)
    )
}

/// The largest by size, largest first.
fn largest(mut values: Vec<(usize, f64)>) -> Vec<(usize, f64)> {
    values.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0)));
    values.truncate(SHOWN);
    values.retain(|v| v.1 != 0.0);
    values
}
