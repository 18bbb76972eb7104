//! What a run says of superpositions: the most super-additive pairs, why, and the distribution.

use std::path::Path;

use super::{number, table, whole};
use crate::analysis::superposition::{self, Distribution, PairRow};
use crate::scenario::ScenarioId;
use crate::scenario::percent;
use crate::sink::SinkError;
use crate::sink::folder::RANKING;
use crate::sink::manifest::{Manifest, SuperpositionRecord};

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
    let distributions = distributions(&rows);
    let mut text = format!(
        "\nSuperposition of {} pairs: joint loss less the sum of the single losses.\n",
        whole(rows.len())
    );
    text += &manifest.superposition.as_ref().map_or(String::new(), diverged);
    text += &distribution_text(manifest, &distributions);
    rows.sort_by(|a, b| b.s.total_cmp(&a.s).then(a.scenario.cmp(&b.scenario)));
    let sub = rows.iter().rev().filter(|row| row.s < 0.0).take(SHOWN_SUB).cloned();
    let sub: Vec<PairRow> = sub.collect();
    let runaway = gains(&rows[..rows.len().min(shown)]);
    rows.retain(|row| row.al.iter().all(|al| *al >= 0.0));
    rows.truncate(shown);
    text += &most_super_additive(LOSSES, &rows);
    text += &left_out(runaway, shown);
    text += &most_super_additive(SUB, &sub);
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
    }
    text += &distribution_text(manifest, &superposition::moments(folder)?);
    let losses = best(folder, "super-additive losses", shown)?;
    text += &most_super_additive(LOSSES, &losses);
    text += &left_out(gains(&best(folder, "super-additive", shown)?), shown);
    let files: Vec<&str> = manifest.files.iter().map(|f| f.path.as_str()).collect();
    text += &format!(
        "\nFiles in {}: manifest.json, {}\nWhy: shocksweep explain {} PAIR\n",
        folder.display(),
        files.join(", "),
        folder.display()
    );
    Ok(text)
}

/// The most super-additive pairs of a result.
///
/// # Errors
/// The result cannot be read.
pub fn ranked(manifest: &Manifest, folder: &Path, shown: usize) -> Result<String, SinkError> {
    let mut text = match &manifest.dataset.warning {
        Some(warning) => format!("Note: {warning}.\n"),
        None => String::new(),
    };
    let all = best(folder, "super-additive", shown)?;
    if folder.join(RANKING).exists() {
        let losses = best(folder, "super-additive losses", shown)?;
        text += &most_super_additive(LOSSES, &losses);
        text += &left_out(gains(&all), shown);
    } else {
        text += &most_super_additive(ALL, &all);
    }
    text += &format!("\nOne pair in detail: shocksweep explain {} PAIR\n", folder.display());
    Ok(text)
}

/// Rows of the first pairs of a ranking; of a result without rankings, by S.
///
/// # Errors
/// The result cannot be read.
pub fn best(folder: &Path, ranking: &str, shown: usize) -> Result<Vec<PairRow>, SinkError> {
    let mut rows = superposition::pairs(folder)?;
    if !folder.join(RANKING).exists() {
        rows.sort_by(|a, b| b.s.total_cmp(&a.s).then(a.scenario.cmp(&b.scenario)));
        rows.truncate(shown);
        return Ok(rows);
    }
    let places = superposition::ranking(folder, ranking)?;
    let row = |&(id, _): &(ScenarioId, f64)| rows.iter().find(|r| r.scenario == id).cloned();
    Ok(places.iter().take(shown).filter_map(row).collect())
}

fn screened(manifest: &Manifest, record: &SuperpositionRecord) -> String {
    let share = |pairs: u64| 100.0 * pairs as f64 / record.pairs.max(1) as f64;
    let times = &manifest.times;
    let mut text = format!(
        "{} pairs on dataset `{}`, {} steps, {} engine ({}, {}), in {:.1} s.\n\
         {} run ({:.1} %); {} independent ({:.1} %): the two runs do not touch, S is 0; {} negligible \
         ({:.1} %): |S| is provably below {} t.\n",
        whole(record.pairs as usize),
        manifest.dataset.name,
        manifest.job.steps,
        manifest.engine.name,
        manifest.engine.device,
        manifest.engine.precision,
        times.total_s,
        whole(record.run as usize),
        share(record.run),
        whole(record.independent as usize),
        share(record.independent),
        whole(record.negligible as usize),
        share(record.negligible),
        number(record.tolerance),
    );
    text += &diverged(record);
    if let Some(check) = &record.check {
        text += &format!(
            "To check that, {} of these were run: the independent ones give |S| up to {} t (rounding), \
             the negligible ones up to {} t and {:.0} % of their bound; {} broke a rule.\n",
            whole((check.independent + check.negligible) as usize),
            number(check.largest_independent),
            number(check.largest_negligible),
            100.0 * check.largest_share_of_bound,
            check.broken,
        );
    }
    text
}

/// Pairs of which S is not known.
fn diverged(record: &SuperpositionRecord) -> String {
    match record.diverged {
        0 => String::new(),
        n => format!(
            "{} diverged: amounts of a run leave the range of numbers, S is not known; they are in nothing \
             that is ranked or summed.\n",
            whole(n as usize)
        ),
    }
}

/// The four measures over all pairs at hand.
fn distributions(rows: &[PairRow]) -> Vec<Distribution> {
    let of = |measure: &str, value: &dyn Fn(&PairRow) -> Option<f64>| {
        Distribution::of(measure, rows.iter().filter_map(value).collect())
    };
    vec![
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
    header.extend(["super", "sub"]);
    let meaning = |measure: &str| match measure {
        "s" => "whole network, t",
        "s_per_capita" => "whole network, kg per person",
        "s_shocked" => "shocked items, t",
        _ => "shocked items, kg per person",
    };
    let rows = distributions.iter().filter(|d| d.count > 0).map(|d| {
        let share = |pairs: u64| format!("{:.1} %", 100.0 * pairs as f64 / d.count as f64);
        let mut row = vec![
            meaning(&d.measure).to_string(),
            number(d.mean),
            d.t().map_or("-".to_string(), |t| format!("{t:.2}")),
            d.p().map_or("-".to_string(), number),
        ];
        row.extend(match d.quantiles {
            Some(quantiles) => quantiles.map(number).to_vec(),
            None if has_quantiles => vec!["-".to_string(); 5],
            None => Vec::new(),
        });
        row.extend([share(d.above), share(d.below)]);
        row
    });
    let mut text = format!(
        "\nS over all pairs, with a one-sample t-test of the mean against 0 (super, sub: above 0.001, \
         below -0.001):\n{}\n",
        table(&header, rows.collect(), 1)
    );
    if !manifest.dataset.synthetic {
        let [(shocked, t_shocked), (network, t_network)] = PUBLISHED;
        text += &format!(
            "Published for 1,000 sampled pairs (Baum et al. 2024, figure 4; other trade data, so no \
             test): shocked items {shocked} kg per person (t = {t_shocked}), whole network {network} \
             (t = {t_network}).\n"
        );
    }
    let left_out = manifest.superposition.as_ref().map_or(&[][..], |s| &s.leave_out[..]);
    text += &match left_out {
        [] => {
            "Sums over all items add heads of animals to tonnes, as the paper's do.\n".to_string()
        }
        some => format!("Sums over all items are of tonnes; left out: {}.\n", some.join(", ")),
    };
    text
}

/// Titles of the rankings.
const SUB: &str = "The most sub-additive pairs";
const ALL: &str = "The most super-additive pairs";
const LOSSES: &str = "The most super-additive pairs of which no run ends with a net gain";

/// The most super-additive pairs with what makes them so.
fn most_super_additive(title: &str, rows: &[PairRow]) -> String {
    if rows.is_empty() {
        return format!("\n{title}: none.\n");
    }
    let header =
        ["pair", "first", "second", "joint loss", "S", "overlap", "adaptation", "substitution"];
    let cells = rows.iter().map(|r| {
        let shock = |n: usize| {
            let sector = r.sectors[n].join(" / ");
            match r.phi[n] {
                1.0 => sector,
                phi => format!("{sector} -{} %", percent(phi)),
            }
        };
        let stages = r.stages.map_or(["-".to_string(), "-".into(), "-".into()], |s| s.map(number));
        let mut row =
            vec![r.scenario.to_string(), shock(0), shock(1), number(r.al[0]), number(r.s)];
        row.extend(stages);
        row
    });
    format!(
        "\n{title}, and which stage makes them so (t):\n{}\n",
        table(&header, cells.collect(), 3)
    )
}

/// Pairs of which a run ends with a net gain: production has run away.
fn gains(rows: &[PairRow]) -> usize {
    rows.iter().filter(|row| row.al.iter().any(|al| *al < 0.0)).count()
}

/// What leads by S alone and is not listed.
fn left_out(gains: usize, shown: usize) -> String {
    match gains {
        0 => String::new(),
        n => format!(
            "{n} of the {shown} first by S alone have a run that ends with a net gain: runaway production, no \
             finding. They are in the tables and not listed.\n"
        ),
    }
}
