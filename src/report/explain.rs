//! What `shocksweep explain` says of one pair, or triple.

use std::collections::BTreeMap;

use super::fit::{Column, fitted};
use super::{number, whole};
use crate::dataset::Dataset;
use crate::engine::EventKind;
use crate::measure::ALL_IS_EATEN;
use crate::model::losses::loss_per_capita;
use crate::scenario::Shock;
use crate::study::explain::{Difference, Explanation};
use crate::superposition::ShockSet;
use crate::superposition::collect::matters;
use crate::superposition::set::{Words, listed, words};

/// Rows of every table.
const SHOWN: usize = 10;

/// A pair, or a triple, in words and tables.
pub fn set(dataset: &Dataset, set: &ShockSet, explanation: &Explanation) -> String {
    let labels = &dataset.labels;
    let name = |shock: &Shock| {
        let sector = labels.sector_name(shock.sector as usize);
        match shock.phi {
            1.0 => sector,
            phi => format!("{sector} -{} %", crate::scenario::percent(phi)),
        }
    };
    let words = words(set.shocks.len());
    let names: Vec<String> = set.shocks.iter().map(name).collect();
    let [full, adaptation, without] = explanation.by_mode;
    let title = format!("{}{}", words.one[..1].to_uppercase(), &words.one[1..]);
    let mut text = format!("{title} {}: {}\n\n", set.id, listed(&names));
    if let Some(&(sector, multiple)) = explanation.runaway.first() {
        text += &format!(
            "Runaway: {} {} far above the baseline in a run of this {}, {} at {} times. That is production \
             feeding itself, no finding: S says little. `output_cap` limits it.\n\n",
            whole(explanation.runaway.len()),
            if explanation.runaway.len() == 1 { "sector ends" } else { "sectors end" },
            words.one,
            labels.sector_name(sector as usize),
            number(multiple),
        );
    }
    if let Some(food) = &explanation.kcal {
        text += &format!(
            "Together they cost {} kcal of food per person and day worldwide; {}.\n\
             S = {} kcal: {}.\n",
            number(food.al[0]),
            alone(&food.al, &food.s_of_pairs),
            number(food.s),
            verdict(food.s, sum(&food.al, &food.s_of_pairs), false, words),
        );
    }
    if explanation.kcal.is_some() && dataset.food_part.is_none() {
        text += &format!("{ALL_IS_EATEN}\n");
    }
    let Explanation { al, s_of_pairs, .. } = explanation;
    text += &format!(
        "In tonnes of the items that count they cost {} together; {}.\n\
         S = {} t: {}.\n",
        number(al[0]),
        alone(al, s_of_pairs),
        number(full),
        verdict(full, sum(al, s_of_pairs), matters(full, &al[1..]), words),
    );
    let overlap = match set.shocks.len() {
        3 => "overlap",
        _ => "overlap: both lost already, never above 0",
    };
    text += &format!(
        "\nBy stage (t):\n{}\n",
        fitted(
            &[
                Column::text("stage"),
                Column::number("adds to S"),
                Column::number("S so far").or_out(1)
            ],
            &[
                row(overlap, without, without),
                row("adaptation", adaptation - without, adaptation),
                row("substitution", full - adaptation, full),
            ]
        )
    );
    text += &decisions(dataset, set.shocks.len(), explanation);
    text += &receivers(dataset, explanation);
    text
}

fn row(stage: &str, adds: f64, so_far: f64) -> Vec<String> {
    vec![stage.to_string(), number(adds), number(so_far)]
}

/// What S is beyond: what each shock costs alone, and what pairs of them add.
fn sum(al: &[f64], s_of_pairs: &[f64]) -> f64 {
    al[1..].iter().chain(s_of_pairs).sum()
}

/// The terms of [`sum`] in words.
fn alone(al: &[f64], s_of_pairs: &[f64]) -> String {
    let numbers = |of: &[f64]| listed(&of.iter().copied().map(number).collect::<Vec<_>>());
    let pairs = match s_of_pairs {
        [] => String::new(),
        some => format!("; their pairs add {}", numbers(some)),
    };
    format!("alone {}{pairs}, in sum {}", numbers(&al[1..]), number(sum(al, s_of_pairs)))
}

/// Whether S is worse than the sum, and by how much; below a thousandth, and where it does not `matters`,
/// it is nothing.
fn verdict(s: f64, sum: f64, matters: bool, words: Words) -> String {
    let share =
        if sum == 0.0 { String::new() } else { format!(" ({:+.1} %)", 100.0 * s / sum.abs()) };
    let least = if matters { 0.0 } else { 1e-3 * sum.abs() };
    match s {
        0.0 if words.one == "triple" => "the three do not meet".to_string(),
        0.0 => "the two do not meet".to_string(),
        s if s.abs() <= least => format!("as good as {}", words.sum),
        s if s > 0.0 => format!("worse than {}{share}", words.than),
        _ => format!("better than {}{share}", words.than),
    }
}

fn decisions(dataset: &Dataset, shocks: usize, explanation: &Explanation) -> String {
    let of = |in_joint: bool| -> Vec<&Difference> {
        explanation.differences.iter().filter(|d| d.in_joint == in_joint).collect()
    };
    let labels = &dataset.labels;
    let mut text = String::new();
    let titles = match shocks {
        3 => [
            "Decide only when all three shocks happen",
            "Decide after one or two of the shocks, but not after all three",
        ],
        _ => [
            "Decide only when both shocks happen",
            "Decide after one of the shocks alone, but not after both",
        ],
    };
    for (in_joint, title) in [true, false].into_iter().zip(titles) {
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
                labels.items[labels.dimensions().item_of(d.sector as usize)]
                    .unit
                    .sign()
                    .to_string(),
                format!("{:.0} %", 100.0 * d.rl),
            ]
        });
        let more = differences.len().saturating_sub(SHOWN);
        let more = if more > 0 { format!("... and {more} more\n") } else { String::new() };
        text += &format!(
            "\n{title}:\n{}\n{more}",
            fitted(
                &[
                    Column::text("sector"),
                    Column::text("").or_out(1),
                    Column::number("loss"),
                    Column::text("unit").or_out(2),
                    Column::number("of its baseline"),
                ],
                &rows.collect::<Vec<_>>()
            )
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
    let areas = largest(by_area.into_iter().collect()).into_iter().map(|(at, s)| {
        let area = &labels.areas[at];
        let per_capita = area.population.map(|p| number(loss_per_capita(s, p)));
        let mut cells = vec![area.name.clone()];
        if explanation.kcal.is_some() {
            let kcal = explanation.kcal_by_area.get(&at).copied();
            cells.push(kcal.map_or("-".to_string(), number));
        }
        cells.extend([number(s), per_capita.unwrap_or("-".to_string())]);
        cells
    });
    let sectors: Vec<(usize, f64)> =
        explanation.by_sector.iter().map(|&(sector, s)| (sector as usize, s)).collect();
    let sectors =
        largest(sectors).into_iter().map(|(sector, s)| vec![labels.sector_name(sector), number(s)]);
    let mut header = vec![
        Column::text("area"),
        Column::number("kcal per person and day"),
        Column::number("S (t)").or_out(1),
        Column::number("kg per person").or_out(2),
    ];
    if explanation.kcal.is_none() {
        header.remove(1);
    }
    format!(
        "\nWhere S arises, by area (items that count):\n{}\n\nand by sector:\n{}\n",
        fitted(&header, &areas.collect::<Vec<_>>()),
        fitted(&[Column::text("sector"), Column::number("S (t)")], &sectors.collect::<Vec<_>>())
    )
}

/// The largest by size, largest first.
fn largest(mut values: Vec<(usize, f64)>) -> Vec<(usize, f64)> {
    values.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0)));
    values.truncate(SHOWN);
    values.retain(|v| v.1 != 0.0);
    values
}
