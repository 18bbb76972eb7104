//! Runs triples again, by their definition: every subset in the reference engine.

use crate::analysis::superposition::SetRow;
use crate::results::triples::TripleRow;
use crate::superposition::set::values;
use crate::superposition::{ShockSet, Stages};
use crate::sweep::sets::SetRunner;

/// Largest difference of rows from their triples run again, relative to their losses, and what was found; `lost`
/// are triples whose S is not known.
pub(super) fn compare(
    runner: &SetRunner<'_>,
    (rows, sets): (&[&SetRow], &[ShockSet]),
    lost: &[ShockSet],
) -> Result<(f64, String), String> {
    let has_stages = rows.iter().any(|row| row.stages.is_some());
    let run = |sets: &[ShockSet], stages: bool| {
        runner.triples(sets, stages, None).map(|found| found.0).map_err(|e| e.to_string())
    };
    let again = run(sets, has_stages)?;
    if let Some(row) = run(lost, false)?.iter().find(|row| !row.sums.diverged) {
        return Err(format!("triple {} does not diverge in the reference engine", row.set.id));
    }
    let (mut largest, mut worst) = (0.0f64, None);
    for (row, again) in rows.iter().zip(&again) {
        let difference = difference(row, again);
        if difference > largest || difference.is_nan() {
            (largest, worst) = (difference, Some(row.set.scenario));
        }
    }
    let place = worst.map_or(String::new(), |id| format!(" (triple {id})"));
    let found = format!(
        "{} triples, all their subsets in the reference engine; largest difference {largest:.1e} of their losses{place}",
        rows.len()
    );
    Ok((largest, found))
}

/// Largest difference between a row and the same triple run again, relative to its losses.
fn difference(row: &SetRow, again: &TripleRow) -> f64 {
    let sums = &again.sums;
    if sums.diverged || row.overshoot != sums.overshoot {
        return f64::INFINITY;
    }
    let of_size = |added: &[f64; 8]| 1.0 + values(added).iter().map(|al| al.abs()).sum::<f64>();
    let largest = |scale: f64, pairs: &[(f64, f64)]| {
        let differs = |(found, expected): &(f64, f64)| (found - expected).abs() / scale;
        // What is no number is the largest difference of all.
        let of =
            |largest: f64, own: f64| if own.is_nan() { f64::INFINITY } else { largest.max(own) };
        pairs.iter().map(differs).fold(0.0, of)
    };
    // The columns in the order of subsets: singles a, b, c are 1, 2, 4; pairs ab, ac, bc 3, 5, 6.
    let all = |found: &[f64], of_pairs: &[f64], s: f64, added: &[f64; 8]| -> Vec<(f64, f64)> {
        let expected =
            [values(added)[7], added[1], added[2], added[4], added[3], added[5], added[6]];
        let found = found.iter().chain(of_pairs).copied();
        found.zip(expected).chain([(s, added[7])]).collect()
    };
    let mut tonnes = all(&row.al, &row.s_of_pairs, row.s, &sums.added);
    tonnes.push((row.s_shocked, sums.s_shocked));
    if let (Some(found), Some(Stages { overlap, adaptation, substitution })) =
        (row.stages, again.stages)
    {
        tonnes.extend(found.into_iter().zip([overlap, adaptation, substitution]));
    }
    let in_tonnes = largest(of_size(&sums.added), &tonnes);
    match (&row.kcal, &sums.kcal, row.s_kcal) {
        (None, None, None) => in_tonnes,
        (Some(found), Some(added), Some(s)) => {
            let kcal = all(found, &row.s_kcal_of_pairs, s, added);
            in_tonnes.max(largest(of_size(added), &kcal))
        }
        _ => f64::INFINITY,
    }
}
