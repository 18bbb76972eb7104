//! What a run says of superpositions: the most super-additive pairs, or triples, why, and the distribution.
//!
//! Pairs of which a run has run away are in the tables, with their flag, and in nothing that is said here but
//! their number.

use std::path::Path;

use super::fit::{Column, fitted};
use super::screened::{diverged, screened};
use super::{food_note, number, whole};
use crate::analysis::superposition::{self, Distribution, SetRow, worst_first};
use crate::results::TONNES;
use crate::scenario::ScenarioId;
use crate::sink::SinkError;
use crate::sink::folder::RANKING;
use crate::sink::manifest::Manifest;
use crate::superposition::set::{Words, words};

/// Means of S in the published samples of 1,000 pairs, kg per person, with their t statistics: of
/// the shocked items, and over the whole network (Baum et al. 2024, figure 4 a and b).
const PUBLISHED: [(f64, f64); 2] = [(0.027, 0.30), (8.59, 2.50)];

/// Outliers on the other side: pairs far better than their sum.
const SHOWN_SUB: usize = 3;

/// What a run with superposition adds to its summary.
///
/// # Errors
/// The result cannot be read.
pub fn pairs(manifest: &Manifest, folder: &Path, shown: usize) -> Result<String, SinkError> {
    let mut rows = superposition::pairs(folder)?;
    let all = rows.len();
    let words = words_of(manifest);
    let mut text = format!("\nSuperposition of {} {}: {}, S.\n", whole(all), words.many, words.s);
    worst_first(&mut rows);
    let leading = rows.iter().take(shown).filter(|row| row.overshoot).count();
    rows.retain(|row| !row.overshoot);
    text += &left_out(words, all - rows.len(), leading, shown);
    let count = |sign: f64| rows.iter().filter(|row| sign * row.s > 0.0 && row.matters()).count();
    text += &mattering(manifest, [count(1.0), count(-1.0)], rows.len());
    text += &manifest.superposition.as_ref().map_or(String::new(), diverged);
    text += &distribution_text(manifest, &distributions(&rows));
    let sub: Vec<SetRow> =
        rows.iter().rev().filter(|row| row.s < 0.0).take(SHOWN_SUB).cloned().collect();
    rows.truncate(shown);
    text += &listed(manifest, "worse", &rows);
    text += &listed(manifest, "better", &sub);
    text += &note_of(manifest, &rows);
    Ok(text)
}

/// What a screening says at the end.
///
/// # Errors
/// The result cannot be read.
pub fn screening(manifest: &Manifest, folder: &Path, shown: usize) -> Result<String, SinkError> {
    let mut text = String::new();
    if let Some(warning) = &manifest.dataset.warning {
        text += &format!("Note: {warning}.\n\n");
    }
    if let Some(record) = &manifest.superposition {
        text += &screened(manifest, record);
        let counted = record.pairs.saturating_sub(record.runaway) as usize;
        if let Some([more, less]) = record.mattering {
            text += &mattering(manifest, [more as usize, less as usize], counted);
        }
    }
    text += &distribution_text(manifest, &superposition::moments(folder)?);
    let rows = best(folder, shown)?;
    text += &listed(manifest, "worse", &rows);
    text += &note_of(manifest, &rows);
    text += &runaway_first(manifest, folder, &rows, shown)?;
    let files: Vec<&str> = manifest.files.iter().map(|f| f.path.as_str()).collect();
    text += &format!("\nFiles in {}: manifest.json, {}\n", folder.display(), files.join(", "));
    Ok(text)
}

/// The pairs of a result that are most worse than their sum, or the triples than their pairs explain.
///
/// # Errors
/// The result cannot be read.
pub fn ranked(manifest: &Manifest, folder: &Path, shown: usize) -> Result<String, SinkError> {
    let mut text = match &manifest.dataset.warning {
        Some(warning) => format!("Note: {warning}.\n"),
        None => String::new(),
    };
    let rows = best(folder, shown)?;
    text += &listed(manifest, "worse", &rows);
    text += &note_of(manifest, &rows);
    text += &runaway_first(manifest, folder, &rows, shown)?;
    Ok(text)
}

/// Rows of the pairs most worse than their sum, none of which runs away: by food where it is known.
///
/// # Errors
/// The result cannot be read.
pub fn best(folder: &Path, shown: usize) -> Result<Vec<SetRow>, SinkError> {
    let mut rows = superposition::pairs(folder)?;
    if folder.join(RANKING).exists() {
        let food = superposition::ranking(folder, "food")?;
        let places = match food.is_empty() {
            true => superposition::ranking(folder, "super-additive losses")?,
            false => food,
        };
        let row =
            |&(id, _): &(ScenarioId, f64)| rows.iter().find(|r| r.set.scenario == id).cloned();
        return Ok(places.iter().take(shown).filter_map(row).collect());
    }
    rows.retain(|row| !row.overshoot && row.severity() > 0.0);
    worst_first(&mut rows);
    rows.truncate(shown);
    Ok(rows)
}

/// What pairs that run away would have done to a list of the others.
fn runaway_first(
    manifest: &Manifest,
    folder: &Path,
    listed: &[SetRow],
    shown: usize,
) -> Result<String, SinkError> {
    if !folder.join(RANKING).exists() {
        let mut rows = superposition::pairs(folder)?;
        let all = rows.iter().filter(|row| row.overshoot).count();
        worst_first(&mut rows);
        let leading = rows.iter().take(shown).filter(|row| row.overshoot).count();
        return Ok(left_out(words_of(manifest), all, leading, shown));
    }
    let all = manifest.superposition.as_ref().map_or(0, |record| record.runaway as usize);
    // Rankings of what runs away are by tonnes.
    let last = listed.iter().map(|row| row.s).fold(f64::INFINITY, f64::min);
    let runaway = superposition::ranking(folder, "runaway")?;
    let leading = runaway.iter().filter(|(_, s)| *s > last || listed.len() < shown).count();
    Ok(left_out(words_of(manifest), all, leading.min(shown), shown))
}

/// What is to be said of the food of listed pairs.
fn note_of(manifest: &Manifest, rows: &[SetRow]) -> String {
    let has_food = !rows.is_empty() && rows.iter().all(|row| row.kcal.is_some());
    if has_food { food_note(manifest) } else { String::new() }
}

/// How many pairs cost more, and less, together than their sum by an amount that matters.
fn mattering(manifest: &Manifest, [more, less]: [usize; 2], of: usize) -> String {
    let (words, unit) = (words_of(manifest), manifest.dataset.sign());
    let share = |pairs: usize| super::percent(pairs as f64 / of.max(1) as f64);
    format!(
        "{} of the {} cost more together than {}, {} less, by more than 0.1 % of the larger loss \
         and 1 {unit}.\n",
        share(more),
        words.many,
        words.than,
        share(less)
    )
}

/// Pairs that are left out because a run has run away.
fn left_out(words: Words, all: usize, leading: usize, shown: usize) -> String {
    let first = match leading {
        0 => String::new(),
        n => format!("; {} of the first {} would be such", whole(n), whole(shown)),
    };
    match all {
        0 => String::new(),
        n => format!(
            "{} {} left out: a run has runaway sectors, production feeding itself, no finding{first}. \
             The tables keep them (`overshoot`).\n",
            whole(n),
            if n == 1 { format!("{} is", words.one) } else { format!("{} are", words.many) },
        ),
    }
}

/// The four measures over all pairs at hand.
fn distributions(rows: &[SetRow]) -> Vec<Distribution> {
    let of = |measure: &str, value: &dyn Fn(&SetRow) -> Option<f64>| {
        Distribution::of(measure, rows.iter().filter_map(value).collect())
    };
    vec![
        of("s_kcal", &|r| r.s_kcal),
        of("s_shocked_per_capita", &|r| r.s_shocked_per_capita),
        of("s_per_capita", &|r| r.s_per_capita),
        of("s_shocked", &|r| Some(r.s_shocked)),
        of("s", &|r| Some(r.s)),
    ]
}

fn distribution_text(manifest: &Manifest, distributions: &[Distribution]) -> String {
    // A screening keeps histograms, not values: no quantiles.
    let has_quantiles = distributions.iter().any(|d| d.quantiles.is_some());
    let mut header = vec!["", "mean", "t", "p"];
    if has_quantiles {
        header.extend(["1 %", "25 %", "median", "75 %", "99 %"]);
    }
    let unit = manifest.dataset.sign();
    let meaning = |measure: &str| match measure {
        "s_kcal" => "food, kcal per person and day".to_string(),
        "s" => format!("whole network, {unit}"),
        "s_per_capita" => "whole network, kg per person".to_string(),
        "s_shocked" => format!("shocked items, {unit}"),
        _ => "shocked items, kg per person".to_string(),
    };
    // Food first.
    let (food, others): (Vec<_>, Vec<_>) =
        distributions.iter().partition(|d| d.measure == "s_kcal");
    // What is no mass has no kilograms.
    let is_told =
        |d: &&Distribution| d.count > 0 && (unit == TONNES || !d.measure.ends_with("per_capita"));
    let rows = food.into_iter().chain(others).filter(is_told).map(|d| {
        let mut row = vec![
            meaning(&d.measure),
            number(d.mean),
            d.t().map_or("-".to_string(), |t| format!("{t:.2}")),
            d.p().map_or("-".to_string(), number),
        ];
        row.extend(match d.quantiles {
            Some(quantiles) => quantiles.map(number).to_vec(),
            None if has_quantiles => vec!["-".to_string(); 5],
            None => Vec::new(),
        });
        row
    });
    let columns: Vec<Column> = (header.iter().enumerate())
        .map(|(at, title)| match at {
            0 => Column::text(title),
            1 => Column::number(title),
            _ => Column::number(title).or_out(at as u8),
        })
        .collect();
    let mut text = format!(
        "\nS over all {}, with a one-sample t-test of the mean against 0:\n{}\n",
        words_of(manifest).many,
        fitted(&columns, &rows.collect::<Vec<_>>())
    );
    if !manifest.dataset.synthetic && words_of(manifest).many == "pairs" {
        let [(shocked, t_shocked), (network, t_network)] = PUBLISHED;
        text += &format!(
            "Published for 1,000 sampled pairs (Baum et al. 2024, figure 4; other trade data, so no \
             test): shocked items {shocked} kg per person (t = {t_shocked}), whole network {network} \
             (t = {t_network}).\n"
        );
    }
    let left_out = manifest.superposition.as_ref().map_or(&[][..], |s| &s.leave_out[..]);
    text += &match left_out {
        [] if unit != TONNES => String::new(),
        [] => {
            "Sums over all items add heads of animals to tonnes, as the paper's do.\n".to_string()
        }
        some => format!("Sums over all items are in {unit}; left out: {}.\n", some.join(", ")),
    };
    text
}

/// The words for what a result compares.
fn words_of(manifest: &Manifest) -> Words {
    words(manifest.superposition.as_ref().map_or(2, |record| record.shocks))
}

/// Pairs with what they cost together, S, and what makes it.
fn listed(manifest: &Manifest, side: &str, rows: &[SetRow]) -> String {
    let (words, unit) = (words_of(manifest), manifest.dataset.sign());
    let title = format!("The {} most {side} than {}", words.many, words.than);
    if rows.is_empty() {
        return format!("\n{title}: none.\n");
    }
    let has_food = rows.iter().all(|row| row.kcal.is_some());
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|r| {
            let stages =
                r.stages.map_or(["-".to_string(), "-".into(), "-".into()], |s| s.map(number));
            let mut row = vec![r.set.scenario.to_string()];
            row.extend(r.set.names());
            if let (Some(kcal), Some(s)) = (&r.kcal, r.s_kcal.filter(|_| has_food)) {
                row.extend([number(kcal[0]), number(s)]);
            }
            row.extend([number(r.al[0]), number(r.s)]);
            row.extend(stages);
            row
        })
        .collect();
    let mut columns =
        vec![Column::number(words.one), Column::text("first"), Column::text("second")];
    if rows.iter().any(|row| row.set.sectors.len() == 3) {
        columns.push(Column::text("third"));
    }
    if has_food {
        columns.extend([Column::number("joint, kcal").or_out(4), Column::number("S, kcal")]);
    }
    columns.extend([
        Column::number(&format!("joint, {unit}")).or_out(5),
        Column::number(&format!("S, {unit}")).or_out(u8::from(has_food)),
        Column::number("overlap").or_out(6),
        Column::number("adaptation").or_out(6),
        Column::number("substitution").or_out(6),
    ]);
    let about = match has_food {
        true => format!(
            "kcal per person and day worldwide; overlap, adaptation and substitution, which add up to S, in {unit}"
        ),
        false => format!("which stage makes them so, {unit}"),
    };
    format!("\n{title} ({about}):\n{}\n", fitted(&columns, &cells))
}
