//! Shocks by their interaction: what they do together beyond what each does alone.
//!
//! With the losses `L = xb - x` and the matrix `A_r` and output without input `b_r` of a run r, a
//! pair's interaction `s = L_ab - L_a - L_b` obeys a recursion of its own, exactly:
//!
//! ```text
//! s(t) = A_0 s(t-1) + D_a (L_b + s)(t-1) + D_b (L_a + s)(t-1) - C x_ab(t-1) - c
//!
//! D_a = A_a - A_0     C = A_ab - A_a - A_b + A_0     c = b_ab - b_a - b_b + b_0     s(-1) = 0
//! ```
//!
//! which is the part {a, b} of `x(t) = A x(t-1) + b` when every quantity carries its parts
//! ([`parts`]). The same holds for three shocks, and for one: `L_a` is the part {a}. Nothing here is
//! ever a difference of two runs: the parts of adapted parameters are formed as differences
//! ([`trade`], [`production`]), so that S is as accurate as the losses it is made of, and exactly 0
//! where the shocks do not meet.
//!
//! Who decides in the joint run is read off `L_a + L_b + s` with the thresholds and the tolerance
//! on ties of any other run ([`hits`]). [`plain`] is the recursion as written; screenings run it for many
//! partners of one shock side by side ([`pairs`]), triples and whatever is explained for all subsets of
//! their shocks at once ([`lattice`]). Of most pairs that meet it is known to be small before it is propagated
//! ([`bound`]). A cap on output and bans on trade break it ([`plain::holds`]): such sets are run, alone and together.

pub mod bound;
pub mod cross;
pub mod hits;
mod indexed;
pub mod lanes;
pub mod lattice;
pub mod meeting;
pub mod on_device;
pub mod pairs;
pub mod parts;
pub mod patch;
pub mod plain;
pub mod production;
pub mod single;
pub mod tables;
pub mod told;
pub mod touched;
pub mod trade;
