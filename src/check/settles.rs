//! Whether the amounts of a dataset settle without a shock.

use crate::dataset::Dataset;
use crate::dataset::check::{Status, Verdict};
use crate::model::Baseline;
use crate::model::constants::{OVERSHOOT_MULTIPLE, STEPS};
use crate::model::divergence::exceeds;

/// Growth in the last step below which an amount settles, unit 1.
const AT_REST: f64 = 0.01;

/// Warns of sectors whose amount grows on and on in the unshocked run: production that feeds itself, often
/// a slip of units. Runs of many steps leave the range of numbers there.
///
/// The dataset must have a label for every entry.
pub fn settles(dataset: &Dataset) -> Verdict {
    let p = &dataset.parameters;
    let baseline = Baseline::compute(p, STEPS);
    let [first, before, last] =
        [0, STEPS - 2, STEPS - 1].map(|step| baseline.available[step].as_slice());
    let mut violations = 0;
    let mut worst: Option<(f64, usize)> = None;
    for (sector, &end) in last.iter().enumerate() {
        let start = p.x0[sector].max(first[sector]);
        let grows = exceeds(end, OVERSHOOT_MULTIPLE * start)
            && exceeds(end, (1.0 + AT_REST) * before[sector]);
        if !grows {
            continue;
        }
        violations += 1;
        let size = if end.is_finite() { end } else { f64::INFINITY };
        if worst.is_none_or(|(largest, _)| size > largest) {
            worst = Some((size, sector));
        }
    }
    let detail = worst.map_or(String::new(), |(_, sector)| {
        format!(
            "{} grows from {} to {:.3e} in {STEPS} steps, and on",
            dataset.labels.sector_name(sector),
            p.x0[sector],
            last[sector]
        )
    });
    let status = if violations == 0 { Status::Pass } else { Status::Warn };
    Verdict { invariant: "amounts settle without a shock", status, violations, detail }
}
