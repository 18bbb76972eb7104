//! A dataset with learned rules, and everything that was found on the way as tables.

use shocksweep_columnar::Name;

use super::impact::Impact;
use super::rules::{in_use, substitutability};
use super::stability::Stability;
use super::tables::{
    CandidateRow, EventRow, ImpactRow, ObservationRow, RuleRow, StabilityRow, SubstitutionRow,
};
use super::{Candidate, Learned, LearnedRule, Observation, RuleKind, Series, SubstitutionRule};
use crate::dataset::store::Report;
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
        reserves: Vec::new(),
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
    let labels = &series.labels;
    let events = learned.candidates.iter().filter(|c| c.is_event());
    vec![
        Report::of(&rows(&learned.candidates, |c| candidate(series, c))),
        Report::of(&events.map(|c| event(series, c)).collect::<Vec<_>>()),
        Report::of(&rows(&learned.observations, |o| observation(series, o))),
        Report::of(&rows(&learned.rules, |r| rule(labels, r))),
        Report::of(&rows(&learned.substitutions, |s| test(labels, s))),
        Report::of(&rows(impacts, |i| impact(labels, i))),
    ]
}

fn rows<T, R>(of: &[T], row: impl Fn(&T) -> R) -> Vec<R> {
    of.iter().map(row).collect()
}

/// Area and item of a sector, and the year at a position.
fn sector_year(series: &Series, sector: usize, at: usize) -> (Name, Name, i64) {
    let (l, d) = (&series.labels, series.labels.dimensions());
    let (area, item) = (&l.areas[d.area_of(sector)].name, &l.items[d.item_of(sector)].name);
    (area.into(), item.into(), i64::from(series.years[at].year))
}

fn event(series: &Series, c: &Candidate) -> EventRow {
    let (area, item, year) = sector_year(series, c.sector, c.at);
    EventRow {
        area,
        item,
        year,
        relative_loss: c.relative_loss,
        absolute_loss: c.absolute_loss,
        cv_before: c.cv_before,
        cv_after: c.cv_after,
    }
}

fn candidate(series: &Series, c: &Candidate) -> CandidateRow {
    let (area, item, year) = sector_year(series, c.sector, c.at);
    let [ok_relative, ok_absolute, ok_window, ok_before, ok_after, ok_exists] = c.ok;
    CandidateRow {
        area,
        item,
        year,
        relative_loss: c.relative_loss,
        absolute_loss: c.absolute_loss,
        cv_before: c.cv_before,
        cv_after: c.cv_after,
        ok_relative,
        ok_absolute,
        ok_window,
        ok_before,
        ok_after,
        ok_exists,
        event: c.is_event(),
    }
}

fn observation(series: &Series, o: &Observation) -> ObservationRow {
    let (area, item, year) = sector_year(series, o.event.sector, o.event.at);
    let [key1, key2] = key_names(&series.labels, o.kind, o.key).map(str::to_string);
    ObservationRow {
        area,
        item,
        year,
        kind: o.kind.name().to_string(),
        before: o.before,
        after: o.after,
        multiplier: o.multiplier(),
        rewiring: o.rewiring(),
        key1,
        key2,
    }
}

fn rule(labels: &Labels, r: &LearnedRule) -> RuleRow {
    let [key1, key2] = key_names(labels, r.kind, r.key).map(str::to_string);
    RuleRow {
        kind: r.kind.name().to_string(),
        key1,
        key2,
        multiplier: r.multiplier,
        multiplier_n: r.multiplier_n as i64,
        rewiring: r.rewiring,
        rewiring_n: r.rewiring_n as i64,
    }
}

fn test(labels: &Labels, s: &SubstitutionRule) -> SubstitutionRow {
    let item = |at: usize| Name::from(&labels.items[at].name);
    SubstitutionRow {
        item: item(s.item),
        substitute: item(s.substitute),
        n: s.n as i64,
        index: s.index,
        t: s.t,
        p_t: s.p_t.map(|p| p.0),
        p_t_bh: s.p_t.map(|p| p.1),
        p_flip: s.p_flip.map(|p| p.0),
        p_flip_bh: s.p_flip.map(|p| p.1),
        flips: match s.is_exact() {
            Some(true) => "exact",
            Some(false) => "sampled",
            None => "",
        }
        .to_string(),
        kept: s.kept,
    }
}

fn impact(labels: &Labels, i: &Impact) -> ImpactRow {
    let [key1, key2] = impact_names(labels, i).map(str::to_string);
    let kind = kind_name(i.kind).to_string();
    ImpactRow { kind, key1, key2, n: i.n as i64, factor: i.factor, impact: i.impact }
}

/// `stability`: agreement of the rules of two halves, by thresholds and family.
pub fn stability_report(of: &[Stability]) -> Report {
    Report::of(&rows(of, |s| StabilityRow {
        relative: s.criteria.relative,
        absolute: s.criteria.absolute,
        deviation: s.criteria.deviation,
        kind: kind_name(s.kind).to_string(),
        part: s.part.to_string(),
        events_first: s.events_first as i64,
        events_second: s.events_second as i64,
        tp: s.all.tp as i64,
        tn: s.all.tn as i64,
        fp: s.all.fp as i64,
        fn_: s.all.fn_ as i64,
        mcc: s.all.mcc(),
        tp_possible: s.possible.tp as i64,
        tn_possible: s.possible.tn as i64,
        fp_possible: s.possible.fp as i64,
        fn_possible: s.possible.fn_ as i64,
        mcc_possible: s.possible.mcc(),
    }))
}
