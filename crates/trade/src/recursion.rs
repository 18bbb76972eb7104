//! The losses of one failure, plainly: what every engine's answer is compared with.
//!
//! ```text
//! L(0) = P e_s        L(t) = A_s L(t-1) + P e_s
//! ```
//!
//! `A = alpha nu diag(eta_prod) + T diag(eta_exp)`, and `A_s` is A without the production row of the
//! failed sector, whose whole output is lost in every step.

use crate::balance::Balance;
use crate::parameters::Parameters;

/// Losses after `steps` steps (t = 0 .. steps - 1) when an item of an area fails; one per sector,
/// `item * areas + area`.
pub fn losses(
    balance: &Balance,
    p: &Parameters,
    (item, area): (usize, usize),
    steps: usize,
) -> Vec<f64> {
    let failed = balance.at(item, area);
    let size = p.x0.len();
    let mut lost = vec![0.0; size];
    for step in 0..steps {
        let mut next = vec![0.0; size];
        if step > 0 {
            for &(c, process, r, share) in &p.nu {
                let (made, used) = (balance.at(process, c), balance.at(r, c));
                next[made] += p.alpha[made] * share * p.eta_prod[used] * lost[used];
            }
        }
        next[failed] = balance.production[failed];
        if step > 0 {
            for (i, flows) in balance.flows.iter().enumerate() {
                for flow in flows {
                    let from = balance.at(i, flow.exporter);
                    let share = flow.amount / balance.exports[from];
                    next[balance.at(i, flow.importer)] += share * p.eta_exp[from] * lost[from];
                }
            }
        }
        lost = next;
    }
    lost
}
