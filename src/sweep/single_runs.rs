//! The runs of single shocks that pairs are made of.

use rayon::prelude::*;

use crate::engine::cpu::lanes::LANES;
use crate::interaction::bound::{Sensitivity, Weights};
use crate::interaction::single::{Setting, Single, SingleWork, singles};
use crate::interaction::told::Telling;
use crate::scenario::Shock;

/// The run of every shock, with what is asked of it beside another: in the order of the shocks, like ones side by side.
pub fn single_runs(
    (setting, telling): (Setting<'_>, &Telling),
    weights: Option<&Weights>,
    shocks: &[Shock],
) -> Vec<Single> {
    let tables = setting.tables;
    let mut order: Vec<usize> = (0..shocks.len()).collect();
    order.sort_by_key(|&at| tables.net.place(shocks[at].sector as usize));
    let mut runs: Vec<(usize, Single)> = order
        .par_chunks(LANES)
        .map_init(
            || SingleWork::new(tables),
            |room, of| {
                let own: Vec<Shock> = of.iter().map(|&at| shocks[at]).collect();
                let mut runs = singles(setting, &own, room);
                for run in &mut runs {
                    run.gains = telling.gains(tables, &run.trace);
                    run.sensitivity = weights.map(|w| Sensitivity::of(&setting, w, run));
                }
                of.iter().copied().zip(runs).collect::<Vec<_>>()
            },
        )
        .flatten_iter()
        .collect();
    runs.sort_by_key(|run| run.0);
    runs.into_iter().map(|run| run.1).collect()
}
