//! Superposition of two shocks: how far the joint loss is from the sum of the single losses.
//!
//! ```text
//! S = L_ab - L_a - L_b        losses after the last step, tonnes (Baum et al. 2024, eqs. 4, 42, 43)
//! ```
//!
//! [`pair`] computes it from runs, or takes it from [`crate::interaction`], which propagates it by
//! itself: so screenings find it, except where a cap on output breaks that recursion or another engine than the
//! cpu's is asked for; what is close to 0 they tell by [`crate::interaction::bound`]. The rest of this module tells
//! of pairs that would have to be run, for most of a large screening, that S is 0 or close to it ([`rules`]).
//!
//! # Why two runs may not interact
//!
//! With the losses `L(t) = xb(t) - x(t)` and the matrix `N` of one step (production after the shock,
//! plus trade), let `N_a = N_0 + D_a` be the matrix of the run with shock a, where `D_a(t)` holds
//! what the shock removes from a row, and what a's adaptation and substitution change. If the joint
//! run changes what the two runs change, `N_ab = N_0 + D_a + D_b`, then `S(t) = L_ab - L_a - L_b`,
//! for all sectors at once, obeys
//!
//! ```text
//! S(t) = N_ab S(t-1) + D_a(t) L_b(t-1) + D_b(t) L_a(t-1),      S(-1) = 0
//! ```
//!
//! since every other term occurs once on either side. So:
//!
//! - **Independent.** Where no loss of b lies in a column that `D_a` changes, in any step, and the
//!   other way round, both source terms are 0 and S is exactly 0.
//! - **Negligible.** All entries of N are at least 0. With weights `V >= 1` per sector
//!   ([`network`]) and `g` the largest growth `N_ab' V / V`, at least 1, the summed absolute values
//!   of `S(t)` are at most
//!
//!   ```text
//!   sum over s of  |D_a|' V [s] sum_t |L_b(t)[s]|  +  the same with a and b exchanged,   times g^(tau-2)
//!   ```
//!
//!   `N_ab` lies between the two runs' matrices with doubled increases, so `g` is the larger one of
//!   two numbers that each single run gives: `(N_0 + 2 increase)' V / V`.
//!
//! `N_ab = N_0 + D_a + D_b` holds if no constraint and no product of parameters is changed by both:
//! columns of T (with the exporter's shares), alpha and beta columns of a process, nu into a process
//! whose alpha the other run sets, the shocked sector's own output. These are compared as *what the
//! rules may touch*, not as what has changed in the end ([`changes`]). And it needs equal decisions:
//!
//! - an adapting sector's parameters follow from its exact relative loss, so no loss of the other
//!   run may have reached it, nor any source of interaction arisen, up to the deciding step;
//! - every sector where a loss of each run meets must be above or below the thresholds whatever a
//!   change of S within the tolerance does. Sectors that have less than half of what is needed in
//!   both runs are. The same holds where only one run has a loss, unless S is exactly 0.
//!
//! Pairs that fail any of this are run. With a cap on output (`output_cap`) every pair is run.
//! All of it holds in exact arithmetic; a run adds rounding, about 1e-9 of the losses.

mod best;
pub mod changes;
pub mod collect;
pub mod network;
pub mod pair;
pub mod rules;
pub mod set;
pub mod single;

pub use pair::{Eaten, Method, Mode, Pair, PairLoss, Stages, Superposition};
pub use set::{SetSums, ShockSet};
