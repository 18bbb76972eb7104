//! What a screening says of all its pairs: how many meet, run away, were checked.

use super::{number, whole};
use crate::sink::manifest::{Manifest, SuperpositionRecord};

/// How many pairs a screening judged, and how.
pub(super) fn screened(manifest: &Manifest, record: &SuperpositionRecord) -> String {
    let unit = manifest.dataset.sign();
    let of = |pairs: u64| {
        let share = super::percent(pairs as f64 / record.pairs.max(1) as f64);
        format!("{} ({share})", whole(pairs as usize))
    };
    let mut text = format!(
        "{} pairs on dataset `{}`, {} steps, {} engine ({}, {}), in {:.1} s.\n\
         {} meet; {} do not: S is 0",
        whole(record.pairs as usize),
        manifest.dataset.name,
        manifest.job.steps,
        manifest.engine.name,
        manifest.engine.device,
        manifest.engine.precision,
        manifest.times.total_s,
        of(record.run),
        of(record.independent),
    );
    if record.negligible > 0 {
        let tolerance = number(record.tolerance);
        let of = of(record.negligible);
        text += &format!("; {of} hardly do: |S| is provably below {tolerance} {unit}");
    }
    if record.runaway > 0 {
        text += &format!(
            "; {} left out: a run has runaway sectors, production feeding itself, no finding",
            of(record.runaway)
        );
        if record.runaway_together > 0 {
            let many = whole(record.runaway_together as usize);
            text += &format!(" ({many} of them only with both shocks)");
        }
    }
    text += ".\n";
    text += &diverged(record);
    if let Some(check) = &record.check {
        text += &format!(
            "To check that, {} of those that do not were computed: |S| up to {} {unit} (rounding)",
            whole((check.independent + check.negligible) as usize),
            number(check.largest_independent),
        );
        if check.negligible > 0 {
            text += &format!(
                ", of those that hardly do up to {} {unit} and {:.0} % of their bound",
                number(check.largest_negligible),
                100.0 * check.largest_share_of_bound,
            );
        }
        text += &format!("; {} broke a rule.\n", check.broken);
    }
    text
}

/// Pairs of which S is not known.
pub(super) fn diverged(record: &SuperpositionRecord) -> String {
    match record.diverged {
        0 => String::new(),
        n => format!(
            "{} diverged: amounts of a run leave the range of numbers, S is not known; they are in nothing \
             that is ranked or summed.\n",
            whole(n as usize)
        ),
    }
}
