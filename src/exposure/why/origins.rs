//! What the sources of a run contribute to a loss, over all ways.

use std::collections::BTreeMap;

use super::Target;
use super::sources::{Source, TracedRun};

/// What a source contributes to the target's loss after the last step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Origin {
    /// Sector where it arises.
    pub sector: u32,
    /// What it is.
    pub source: Source,
    /// Loss, in the target's unit, of all steps.
    pub loss: f64,
}

/// Contributions of all sources, the largest first; they sum to the target's loss.
///
/// From `w(tau) = target` back with `w(t-1) = A'(t)^T w(t)`, a loss that arises in sector s in step t
/// contributes `w[s](t)` times itself.
pub fn origins(run: &TracedRun<'_>, target: &Target) -> Vec<Origin> {
    let mut found: BTreeMap<(u32, Source), f64> = BTreeMap::new();
    let mut weights = vec![0.0; run.dimensions().sectors()];
    target.weights.iter().for_each(|&(sector, weight)| weights[sector as usize] = weight);
    for t in (0..run.steps()).rev() {
        for (&(sector, source), loss) in run.sources(t) {
            let weight = weights[sector as usize];
            if weight != 0.0 {
                *found.entry((sector, source)).or_insert(0.0) += weight * loss;
            }
        }
        let Some(before) = t.checked_sub(1) else { break };
        let mut earlier = vec![0.0; weights.len()];
        for (sector, &weight) in weights.iter().enumerate().filter(|(_, weight)| **weight != 0.0) {
            run.each_now(sector, t, |from, share| earlier[from] += weight * share);
        }
        // Sectors that no loss has reached by then send nothing, whatever reaches them backwards.
        for (sector, weight) in earlier.iter_mut().enumerate() {
            if !run.is_reached(sector, before) {
                *weight = 0.0;
            }
        }
        weights = earlier;
    }
    let mut origins: Vec<Origin> = found
        .into_iter()
        .map(|((sector, source), loss)| Origin { sector, source, loss })
        .filter(|origin| origin.loss != 0.0)
        .collect();
    origins.sort_by(|a, b| b.loss.abs().total_cmp(&a.loss.abs()).then(a.sector.cmp(&b.sector)));
    origins
}
