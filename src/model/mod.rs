//! The shock-propagation model, equation by equation: the static one here, adaptation in
//! [`mod@adaptation`].
//!
//! Sources: Laber et al. 2023 (*Nature Food* 4, 508-517), eqs. 1-10, for the model;
//! Baum et al. 2024 (arXiv:2411.03502), Methods 2, for its use with yearly steps.
//!
//! # Notation
//!
//! Amounts are tonnes per model year, except live animals (1000 heads). `N` is the number of
//! sectors (areas x items), `K` of process columns (areas x processes).
//!
//! | symbol | meaning | shape | unit | where |
//! |---|---|---|---|---|
//! | `x0` | available amount at t = 0 | N | t | [`Parameters::x0`] |
//! | `start` | start stock, added to output in the first step only | N | t | [`Parameters::start_stock`] |
//! | `eta_prod` | share set aside for production | N | 1 | [`Parameters::share_eta_prod`] |
//! | `eta_exp` | share set aside for export | N | 1 | [`Parameters::share_eta_exp`] |
//! | `eta_cons` | the rest, `1 - eta_prod - eta_exp`: leaves the model | N | 1 | - |
//! | `nu` | share of the production amount given to a process | K x N | 1 | [`Parameters::allocation_nu`] |
//! | `alpha` | output per unit of input | N x K | 1 | [`Parameters::conversion_alpha`] |
//! | `beta` | output without input | N x K | t | [`Parameters::output_beta`] |
//! | `T` | share of an exporter's exports that an importer takes | N x N | 1 | [`Parameters::trade_t`] |
//! | `o`, `h`, `x` | output, imports, available amount of one step | N | t | [`step`] |
//! | `xb`, `ob` | the same of the run without a shock | N | t | [`Baseline`] |
//! | `phi` | intensity of a shock: share of output lost, every step | - | 1 | [`Shock`] |
//! | `AL`, `RL` | absolute and relative loss | N | t, 1 | [`losses`] |
//!
//! # One step
//!
//! For t = 0 .. tau-1, from `x = x(t-1)` with `x(-1) = x0`:
//!
//! ```text
//! o = alpha (nu (eta_prod * x)) + beta 1     (+ start when t = 0)    step::output
//! o[s] *= 1 - phi_s                          every shocked sector s  step::shock
//! h = T (eta_exp * x)                                                step::imports
//! x = o + h                                                          step::available
//! ```
//!
//! # Adaptation
//!
//! After step 1 badly hit sectors change their parameters, after step 2 they substitute (Baum et al.
//! 2024, Methods 4): see [`mod@adaptation`], and [`adaptation::differences`] for every point where paper
//! and published program differ.
//!
//! # Reserves
//!
//! A dataset may have stocks that are released where something is lost: see [`mod@reserves`].
//!
//! # What follows from linearity
//!
//! With `A = alpha nu diag(eta_prod) + T diag(eta_exp)` the losses obey `L(t) = A L(t-1)`, except
//! that the output loss of a shocked sector is `phi ob + (1 - phi)` times the loss it would
//! otherwise have had. `L` starts at zero, so it stays sparse: [`crate::engine::cpu`] propagates
//! `L` itself, while [`mod@crate::engine::reference`] runs the amounts and subtracts.
//!
//! [`Parameters::x0`]: crate::dataset::Parameters::x0
//! [`Parameters::start_stock`]: crate::dataset::Parameters::start_stock
//! [`Parameters::share_eta_prod`]: crate::dataset::Parameters::share_eta_prod
//! [`Parameters::share_eta_exp`]: crate::dataset::Parameters::share_eta_exp
//! [`Parameters::allocation_nu`]: crate::dataset::Parameters::allocation_nu
//! [`Parameters::conversion_alpha`]: crate::dataset::Parameters::conversion_alpha
//! [`Parameters::output_beta`]: crate::dataset::Parameters::output_beta
//! [`Parameters::trade_t`]: crate::dataset::Parameters::trade_t

pub mod adaptation;
pub mod bans;
pub mod baseline;
pub mod combined;
pub mod constants;
pub mod divergence;
pub mod losses;
pub mod reserves;
pub mod shock;
pub mod step;

pub use baseline::Baseline;
pub use shock::{Course, Shock, ShockKind};
