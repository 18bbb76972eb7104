//! What tests say: of tiers, of clusters, of regressions.

use std::collections::BTreeMap;
use std::fmt::Write;

use shocksweep_trade::clusters::{ALWAYS, ClusterQuality};
use shocksweep_trade::profiles::{POOLED, TierTest};
use shocksweep_trade::regressions::Regression;
use shocksweep_trade::study::StudyTables;

use super::{LEVEL, p_value};
use crate::report::table;

/// Mean silhouette below which clusters are called weak (Kaufman & Rousseeuw 1990).
const WEAK: f64 = 0.25;

/// Verdicts on tiers against all items.
pub fn tiers(tables: &StudyTables) -> String {
    let pooled: Vec<&TierTest> = tables.tiers.iter().filter(|test| test.scope == POOLED).collect();
    let mut text =
        "Tiers against all items, area by area (Wilcoxon signed-rank, all years pooled):\n"
            .to_string();
    let line = |test: &&TierTest| {
        let verdict = match (test.p_bh, test.median_difference) {
            (Some(p), Some(d)) if p <= LEVEL => {
                if d > 0.0 {
                    "higher"
                } else {
                    "lower"
                }
            }
            (Some(_), _) => "no difference",
            _ => "too few areas",
        };
        vec![
            test.indicator.clone(),
            test.tier.clone(),
            verdict.into(),
            test.median_difference.map_or("-".into(), |d| format!("{d:+.3}")),
            p_value(test.p_bh),
            test.n.to_string(),
        ]
    };
    // A tier that no area trades would fill the table with nothing.
    let (empty, compared): (Vec<&TierTest>, Vec<&TierTest>) =
        pooled.into_iter().partition(|test| test.n == 0);
    text += &table(
        &["indicator", "tier", "verdict", "median difference", "p (BH)", "areas"],
        compared.iter().map(line).collect(),
        3,
    );
    text + "\n" + &without("Nothing to compare", empty.iter().map(|test| &*test.tier)) + "\n"
}

/// A sentence about what was left out of a table, each name once; none if that is nothing.
fn without<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> String {
    let mut left_out: Vec<String> = names.map(readable).collect();
    left_out.sort();
    left_out.dedup();
    match left_out.is_empty() {
        true => String::new(),
        false => format!("{what}: {}.\n", left_out.join(", ")),
    }
}

/// A word of the tables as people write it.
fn readable(word: &str) -> String {
    word.replace('_', " ")
}

/// Clusters with members: of the chosen number, and of five.
pub fn clusters(tables: &StudyTables) -> String {
    let mut text = String::new();
    if tables.clustering.quality.is_empty() {
        return "Clusters: none; too few areas have a value in all features.\n\n".into();
    }
    // Who trades most is named first.
    let mut trade: BTreeMap<&str, f64> = BTreeMap::new();
    for row in &tables.indicators {
        *trade.entry(&row.area).or_default() += row.imports + row.exports;
    }
    let traded = |area: &str| trade.get(area).copied().unwrap_or(0.0);
    let mut shown: Vec<&ClusterQuality> =
        tables.clustering.quality.iter().filter(|q| q.chosen || q.k == ALWAYS as u32).collect();
    shown.sort_by_key(|q| !q.chosen);
    for quality in shown {
        let reason = if quality.chosen { "largest silhouette" } else { "as in the paper" };
        let weak = if quality.silhouette < WEAK { ": weak, read it with care" } else { "" };
        let _ = writeln!(
            text,
            "{} clusters ({reason}, {:.2}{weak}), by falling influence; means in standard deviations, members by \
             falling trade:",
            quality.k, quality.silhouette
        );
        for centre in tables.clustering.centres.iter().filter(|centre| centre.k == quality.k) {
            let members = tables
                .clustering
                .clusters
                .iter()
                .filter(|c| c.k == centre.k && c.cluster == centre.cluster);
            let mut members: Vec<&str> = members.map(|c| &*c.area).collect();
            members.sort_by(|a, b| traded(b).total_cmp(&traded(a)).then(a.cmp(b)));
            let _ = writeln!(
                text,
                "  {}: influence {}, STR {}, exposure {}, concentration {}: {}",
                centre.cluster,
                signed(centre.all_influence_own),
                signed(centre.all_str),
                signed(centre.all_exposure),
                signed(centre.all_concentration),
                listed(&members)
            );
        }
    }
    text + "\n"
}

/// The first names, which may have commas themselves, and how many more there are.
fn listed(members: &[&str]) -> String {
    const NAMES: usize = 14;
    let more = members.len().saturating_sub(NAMES);
    let names = members[..members.len().min(NAMES)].join("; ");
    if more == 0 { names } else { format!("{names} and {more} more") }
}

fn signed(value: Option<f64>) -> String {
    value.map_or("-".into(), |v| format!("{v:+.1}"))
}

/// What regressions say of exposure and risk.
pub fn regressions(tables: &StudyTables) -> String {
    let mut text = "Does dependency tell what follows? (area and item-year effects, errors clustered by area)\n".to_string();
    let is_shown = |row: &&Regression| {
        let set = ["all", "input", "with_inputs"].contains(&row.set.as_str());
        row.effects == "area"
            && row.risk == "str"
            && set
            && row.regressor != "level"
            && row.regressor != "concentration"
            && row.regressor != "inputs_concentration"
    };
    let line = |row: &Regression| {
        let reason = readable(&row.reason);
        let verdict = match (row.p, row.coef) {
            (Some(p), Some(c)) if p <= LEVEL => {
                if c > 0.0 {
                    "up"
                } else {
                    "down"
                }
            }
            (Some(_), _) => "not distinguishable from 0",
            _ => reason.as_str(),
        };
        let interval = row
            .low
            .zip(row.high)
            .map_or("-".into(), |(low, high)| format!("{low:.3} to {high:.3}"));
        vec![
            row.outcome.clone(),
            readable(&row.set),
            readable(&row.regressor),
            verdict.into(),
            interval,
            p_value(row.p),
            row.n.to_string(),
        ]
    };
    let (empty, estimated): (Vec<&Regression>, Vec<&Regression>) =
        tables.regressions.iter().filter(is_shown).partition(|row| row.n == 0);
    let rows: Vec<Vec<String>> = estimated.into_iter().map(line).collect();
    text += &table(&["change of", "items", "by", "verdict", "95 % interval", "p", "n"], rows, 4);
    text + "\n" + &without("Too little to estimate", empty.iter().map(|row| row.set.as_str()))
}
