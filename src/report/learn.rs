//! What was learned from a series of years, for a person.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{number, table, whole};
use crate::learn::breaks::breaks;
use crate::learn::dataset::{impact_names, kind_name};
use crate::learn::impact::Impact;
use crate::learn::stability::Stability;
use crate::learn::{LearnOptions, Learned, RuleKind, Series};
use crate::study::backtest::{Backtest, RUNS};

/// Rules listed by impact.
const ROWS: usize = 10;

/// What was covered, the families of rules, and the rules that can move most.
pub fn summary(
    series: &Series,
    learned: &Learned,
    impacts: &[Impact],
    options: &LearnOptions,
) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    coverage(series, learned, options, &mut text);
    for found in breaks(series, &learned.events) {
        let (name, year) = (&series.labels.areas[found.area].name, series.years[found.at].year);
        let _ = writeln!(
            text,
            "Warning: {name} loses all of its {} items after {year}: a break in reporting rather than \
             a shock? Its events teach rules to all areas; --leave-out-area \"{name}\" leaves them out.",
            found.items
        );
    }
    let rows = RuleKind::ALL.into_iter().map(|kind| family(learned, kind)).collect();
    let header = ["rules for", "multipliers", "events each", "rewirings", "events each"];
    let _ = writeln!(text, "\n{}", table(&header, rows, 1));
    let (tested, kept) = (
        learned.substitutions.iter().filter(|s| s.p_t.is_some()).count(),
        learned.substitutions.iter().filter(|s| s.kept).count(),
    );
    let _ = writeln!(
        text,
        "\nSubstitution: {} pairs of items seen, {} tested, {} kept (both adjusted p at most {}).",
        whole(learned.substitutions.len()),
        whole(tested),
        whole(kept),
        options.significance
    );
    let listed = |is_listed: fn(&Impact) -> bool| impacts.iter().filter(|i| is_listed(i)).collect();
    let imports = listed(|i| i.kind == Some(RuleKind::Import));
    let production = listed(|i| i.kind.is_some_and(RuleKind::is_of_process));
    let substitutions = listed(|i| i.kind.is_none());
    largest(series, "Import rules", ["importer", "exporter"], imports, &mut text);
    largest(series, "Rules of production", ["item", "process"], production, &mut text);
    largest(series, "Substitutions", ["item", "substitute"], substitutions, &mut text);
    text
}

fn coverage(series: &Series, learned: &Learned, options: &LearnOptions, text: &mut String) {
    let (d, c) = (series.labels.dimensions(), &options.criteria);
    let [first, last] =
        [series.years.first(), series.years.last()].map(|y| y.map_or(0, |y| y.year));
    let _ = writeln!(text, "{} years, {first} to {last}.", series.years.len());
    let gone: Vec<&str> = (series.labels.areas.iter().zip(&series.exists))
        .filter(|(_, exists)| !**exists)
        .map(|(area, _)| area.name.as_str())
        .collect();
    if !gone.is_empty() {
        let _ = writeln!(
            text,
            "{} of {} areas do not possess something in every year and teach nothing: {}.",
            gone.len(),
            d.areas,
            gone.join(", ")
        );
    }
    let _ = writeln!(
        text,
        "{} sectors ever lose; the largest loss of {} is an event: at least {:.0} % and {} t, {} \
         years before and after it, each side varying by at most {} of its mean.",
        whole(learned.candidates.len()),
        whole(learned.events.len()),
        100.0 * c.relative,
        number(c.absolute),
        c.quiet,
        c.deviation
    );
    let areas: BTreeSet<usize> = learned.events.iter().map(|e| d.area_of(e.sector)).collect();
    let items: BTreeSet<usize> = learned.events.iter().map(|e| d.item_of(e.sector)).collect();
    let _ = writeln!(
        text,
        "Events cover {} of {} sectors, {} of {} areas, {} of {} items.",
        whole(learned.events.len()),
        whole(d.sectors()),
        whole(areas.len()),
        whole(d.areas),
        whole(items.len()),
        whole(d.items)
    );
}

/// How many rules a family has, and how many events are behind one.
fn family(learned: &Learned, kind: RuleKind) -> Vec<String> {
    let count = |of: &dyn Fn(&crate::learn::LearnedRule) -> usize| {
        let events: Vec<usize> =
            learned.rules.iter().filter(|r| r.kind == kind).map(of).filter(|&n| n > 0).collect();
        let mean = events.iter().sum::<usize>() as f64 / events.len().max(1) as f64;
        [whole(events.len()), if events.is_empty() { String::new() } else { number(mean) }]
    };
    let [multipliers, rewirings] = [count(&|r| r.multiplier_n), count(&|r| r.rewiring_n)];
    [vec![kind.name().to_string()], multipliers.to_vec(), rewirings.to_vec()].concat()
}

/// The rules that can move most, as in Table 1 of Baum et al. 2024.
fn largest(
    series: &Series,
    what: &str,
    keys: [&str; 2],
    mut impacts: Vec<&Impact>,
    text: &mut String,
) {
    if impacts.is_empty() {
        let _ = writeln!(text, "\n{what}: none can move anything.");
        return;
    }
    impacts.sort_by(|a, b| {
        b.impact.abs().total_cmp(&a.impact.abs()).then(a.kind.cmp(&b.kind)).then(a.key.cmp(&b.key))
    });
    let rows = impacts.iter().take(ROWS).map(|i| {
        let names = impact_names(&series.labels, i).map(str::to_string);
        let kind = kind_name(i.kind).to_string();
        let numbers = [number(i.factor), whole(i.n), number(i.impact)];
        [vec![kind], names.to_vec(), numbers.to_vec()].concat()
    });
    let header = ["kind", keys[0], keys[1], "factor", "flows", "impact, t"];
    let _ = writeln!(
        text,
        "\n{what} that can move most, {} of {} (full loss, mean of the flows changed):\n{}",
        impacts.len().min(ROWS),
        whole(impacts.len()),
        table(&header, rows.collect(), 3)
    );
}

/// Agreement of two halves at the thresholds in use.
pub fn stability(rows: &[Stability], options: &LearnOptions) -> String {
    let c = options.criteria;
    let is_shown = |s: &&Stability| {
        let at = s.criteria;
        (at.relative, at.absolute, at.deviation) == (c.relative, c.absolute, c.deviation)
    };
    let shown: Vec<&Stability> = rows.iter().filter(is_shown).collect();
    let correlation = |mcc: Option<f64>| mcc.map_or("-".to_string(), |mcc| format!("{mcc:.2}"));
    let lines = shown.iter().map(|s| {
        let p = s.possible;
        vec![
            kind_name(s.kind).to_string(),
            s.part.to_string(),
            correlation(s.all.mcc()),
            correlation(p.mcc()),
            whole(p.tp as usize),
            whole(p.fn_ as usize),
            whole(p.fp as usize),
        ]
    });
    let header =
        ["rules for", "part", "correlation", "of possible", "in both", "first only", "second only"];
    let events = shown.first().map_or((0, 0), |s| (s.events_first, s.events_second));
    format!(
        "\nStability: {} events in the first half of the years, {} in the second (quiet years: 3). \
         Matthews\ncorrelation of \"there is a rule\" over all entries, and over those that can \
         exist; other thresholds\nare in stability.parquet.\n{}\n",
        whole(events.0),
        whole(events.1),
        table(&header, lines.collect(), 2)
    )
}

/// How close the runs come to the observed shares.
pub fn backtest(b: &Backtest) -> String {
    let mut rows = Vec::new();
    for (what, with_event) in [("sectors with an event", true), ("all sectors", false)] {
        for (run, distance) in RUNS.iter().zip(b.distances(with_event)) {
            rows.push(vec![
                what.to_string(),
                run.to_string(),
                whole(distance.sectors),
                number(distance.mean),
                number(distance.deviation),
            ]);
        }
    }
    let header = ["over", "run", "sectors", "mean share off by", "its spread off by"];
    format!(
        "\nBacktest: rules of {} events up to {}, tried on {} losses up to {} ({} of them in \
         sectors that make\nnothing, which no shock can hit); {} decisions to adapt or substitute. \
         Shares in the world's amount,\nagainst those observed:\n{}\n",
        whole(b.events_first),
        b.years.0,
        whole(b.events_second),
        b.years.1,
        whole(b.without_effect),
        whole(b.adapting),
        table(&header, rows, 2)
    )
}
