//! A dataset with learned rules, and everything that was found on the way as tables.

use super::impact::Impact;
use super::rules::{in_use, substitutability};
use super::stability::Stability;
use super::{Candidate, Learned, RuleKind, Series, SubstitutionRule};
use crate::dataset::store::arrays::{dictionary, flags, floats, integers, options, texts};
use crate::dataset::store::{Columns, Report};
use crate::dataset::{Dataset, Labels, Metadata, Parameters, TableSource, TableStatus};

/// Tables of a dataset that are learned.
const RULES: [&str; 8] = [
    "rules_alpha",
    "rules_beta",
    "rules_nu",
    "rules_shares",
    "rules_import",
    "rules_export",
    "rule_blocks",
    "substitutability",
];

/// The parameters of one year, and the part of consumption eaten in it, with the rules of all.
///
/// `metadata` describes the parameters; `method` says what the rules were learned from, and how.
pub fn dataset(
    labels: &Labels,
    (parameters, food_part): (Parameters, Option<Vec<f64>>),
    learned: &Learned,
    metadata: Metadata,
    method: &str,
) -> Dataset {
    let d = labels.dimensions();
    let mut metadata = metadata;
    metadata.sources.retain(|s| !RULES.contains(&s.table.as_str()));
    let worst = |status| metadata.synthetic || !metadata.tables_with(status).is_empty();
    // Rules are no better than what they were learned from.
    let status = if worst(TableStatus::Synthetic) {
        TableStatus::Synthetic
    } else if worst(TableStatus::Reconstructed) {
        TableStatus::Reconstructed
    } else {
        TableStatus::Original
    };
    metadata.sources.extend(RULES.map(|table| TableSource {
        table: table.to_string(),
        source: method.to_string(),
        status,
    }));
    Dataset {
        metadata,
        labels: labels.clone(),
        parameters,
        rules: Some(in_use(&learned.rules, d)),
        substitutability: Some(substitutability(&learned.substitutions, d)),
        food_part,
    }
}

/// What the keys of a rule stand for: item and process, item and nothing, or two areas (importer
/// first for imports, exporter first for exports).
pub fn key_names(labels: &Labels, kind: RuleKind, key: (u32, u32)) -> [&str; 2] {
    let item = |at: u32| labels.items[at as usize].name.as_str();
    let area = |at: u32| labels.areas[at as usize].name.as_str();
    match kind {
        kind if kind.is_of_process() => {
            [item(key.0), labels.processes[key.1 as usize].name.as_str()]
        }
        kind if kind.is_of_trade() => [area(key.0), area(key.1)],
        _ => [item(key.0), ""],
    }
}

/// Name of a family in tables; substitution is none of the eight.
pub fn kind_name(kind: Option<RuleKind>) -> &'static str {
    kind.map_or("substitution", RuleKind::name)
}

/// Names of what an impact is about.
pub fn impact_names<'a>(labels: &'a Labels, impact: &Impact) -> [&'a str; 2] {
    match impact.kind {
        Some(kind) => key_names(labels, kind, impact.key),
        None => {
            let name = |at: u32| labels.items[at as usize].name.as_str();
            [name(impact.key.0), name(impact.key.1)]
        }
    }
}

/// `candidates`, `events`, `rule_observations`, `rules`, `substitution_tests` and `impact`.
pub fn reports(series: &Series, learned: &Learned, impacts: &[Impact]) -> Vec<Report> {
    let all: Vec<&Candidate> = learned.candidates.iter().collect();
    let events: Vec<&Candidate> = all.iter().copied().filter(|c| c.is_event()).collect();
    let verdict = |at: usize| flags(all.iter().map(|c| c.ok[at]));
    let mut candidates = losses(series, &all);
    candidates.extend([
        ("ok_relative", verdict(0)),
        ("ok_absolute", verdict(1)),
        ("ok_window", verdict(2)),
        ("ok_before", verdict(3)),
        ("ok_after", verdict(4)),
        ("ok_exists", verdict(5)),
        ("event", flags(all.iter().map(|c| c.is_event()))),
    ]);
    vec![
        Report { name: "candidates", columns: candidates },
        Report { name: "events", columns: losses(series, &events) },
        Report { name: "rule_observations", columns: observations(series, learned) },
        Report { name: "rules", columns: rules(&series.labels, learned) },
        Report { name: "substitution_tests", columns: tests(series, &learned.substitutions) },
        Report { name: "impact", columns: impact(&series.labels, impacts) },
    ]
}

/// Areas and items of sectors, and the year at a position.
fn sector_year(series: &Series, rows: impl Iterator<Item = (usize, usize)> + Clone) -> Columns {
    let (l, d) = (&series.labels, series.labels.dimensions());
    let area = rows.clone().map(|(s, _)| &l.areas[d.area_of(s)].name);
    let item = rows.clone().map(|(s, _)| &l.items[d.item_of(s)].name);
    let year = rows.map(|(_, at)| i64::from(series.years[at].year));
    vec![("area", dictionary(area)), ("item", dictionary(item)), ("year", integers(year))]
}

fn losses(series: &Series, rows: &[&Candidate]) -> Columns {
    let mut columns = sector_year(series, rows.iter().map(|c| (c.sector, c.at)));
    columns.extend([
        ("relative_loss", floats(rows.iter().map(|c| c.relative_loss))),
        ("absolute_loss", floats(rows.iter().map(|c| c.absolute_loss))),
        ("cv_before", options(rows.iter().map(|c| c.cv_before))),
        ("cv_after", options(rows.iter().map(|c| c.cv_after))),
    ]);
    columns
}

fn observations(series: &Series, learned: &Learned) -> Columns {
    let rows = &learned.observations;
    let keys = |at: usize| rows.iter().map(move |o| key_names(&series.labels, o.kind, o.key)[at]);
    let mut columns = sector_year(series, rows.iter().map(|o| (o.event.sector, o.event.at)));
    columns.extend([
        ("kind", texts(rows.iter().map(|o| o.kind.name()))),
        ("before", floats(rows.iter().map(|o| o.before))),
        ("after", floats(rows.iter().map(|o| o.after))),
        ("multiplier", options(rows.iter().map(|o| o.multiplier()))),
        ("rewiring", options(rows.iter().map(|o| o.rewiring()))),
        ("key1", texts(keys(0))),
        ("key2", texts(keys(1))),
    ]);
    columns
}

fn rules(labels: &Labels, learned: &Learned) -> Columns {
    let rows = &learned.rules;
    let keys = |at: usize| rows.iter().map(move |r| key_names(labels, r.kind, r.key)[at]);
    vec![
        ("kind", texts(rows.iter().map(|r| r.kind.name()))),
        ("key1", texts(keys(0))),
        ("key2", texts(keys(1))),
        ("multiplier", options(rows.iter().map(|r| r.multiplier))),
        ("multiplier_n", integers(rows.iter().map(|r| r.multiplier_n as i64))),
        ("rewiring", options(rows.iter().map(|r| r.rewiring))),
        ("rewiring_n", integers(rows.iter().map(|r| r.rewiring_n as i64))),
    ]
}

fn tests(series: &Series, rows: &[SubstitutionRule]) -> Columns {
    let item = |at: usize| &series.labels.items[at].name;
    let method = |s: &SubstitutionRule| match s.is_exact() {
        Some(true) => "exact",
        Some(false) => "sampled",
        None => "",
    };
    vec![
        ("item", dictionary(rows.iter().map(|s| item(s.item)))),
        ("substitute", dictionary(rows.iter().map(|s| item(s.substitute)))),
        ("n", integers(rows.iter().map(|s| s.n as i64))),
        ("index", floats(rows.iter().map(|s| s.index))),
        ("t", options(rows.iter().map(|s| s.t))),
        ("p_t", options(rows.iter().map(|s| s.p_t.map(|p| p.0)))),
        ("p_t_bh", options(rows.iter().map(|s| s.p_t.map(|p| p.1)))),
        ("p_flip", options(rows.iter().map(|s| s.p_flip.map(|p| p.0)))),
        ("p_flip_bh", options(rows.iter().map(|s| s.p_flip.map(|p| p.1)))),
        ("flips", texts(rows.iter().map(method))),
        ("kept", flags(rows.iter().map(|s| s.kept))),
    ]
}

fn impact(labels: &Labels, rows: &[Impact]) -> Columns {
    vec![
        ("kind", texts(rows.iter().map(|i| kind_name(i.kind)))),
        ("key1", texts(rows.iter().map(|i| impact_names(labels, i)[0]))),
        ("key2", texts(rows.iter().map(|i| impact_names(labels, i)[1]))),
        ("n", integers(rows.iter().map(|i| i.n as i64))),
        ("factor", floats(rows.iter().map(|i| i.factor))),
        ("impact", floats(rows.iter().map(|i| i.impact))),
    ]
}

/// `stability`: agreement of the rules of two halves, by thresholds and family.
pub fn stability_report(rows: &[Stability]) -> Report {
    let count = |of: &dyn Fn(&Stability) -> u64| integers(rows.iter().map(|s| of(s) as i64));
    let columns = vec![
        ("relative", floats(rows.iter().map(|s| s.criteria.relative))),
        ("absolute", floats(rows.iter().map(|s| s.criteria.absolute))),
        ("deviation", floats(rows.iter().map(|s| s.criteria.deviation))),
        ("kind", texts(rows.iter().map(|s| kind_name(s.kind)))),
        ("part", texts(rows.iter().map(|s| s.part))),
        ("events_first", count(&|s| s.events_first as u64)),
        ("events_second", count(&|s| s.events_second as u64)),
        ("tp", count(&|s| s.all.tp)),
        ("tn", count(&|s| s.all.tn)),
        ("fp", count(&|s| s.all.fp)),
        ("fn", count(&|s| s.all.fn_)),
        ("mcc", options(rows.iter().map(|s| s.all.mcc()))),
        ("tp_possible", count(&|s| s.possible.tp)),
        ("tn_possible", count(&|s| s.possible.tn)),
        ("fp_possible", count(&|s| s.possible.fp)),
        ("fn_possible", count(&|s| s.possible.fn_)),
        ("mcc_possible", options(rows.iter().map(|s| s.possible.mcc()))),
    ];
    Report { name: "stability", columns }
}
