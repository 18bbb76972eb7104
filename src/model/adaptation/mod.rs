//! Adaptation and substitution: how parameters change once losses are felt.
//!
//! Source: Baum et al. 2024, Methods 4. Two changes, each once, then kept to the end of the run:
//!
//! | after step | who | what |
//! |---|---|---|
//! | 1 | sectors with RL >= 0.26 and AL >= 1000 t ("adapting", set M) | rules change their imports, exports, shares, allocation and output: [`fn@adapt`] |
//! | 2 | sectors with RL >= 0.26 and AL >= 1000 t now ("substituting") | imports of their substitutes grow: [`fn@substitute`] |
//!
//! A rule is a pair (multiplier `m`, rewiring `r`) for one parameter entry; `rl` is the adapting
//! sector's relative loss:
//!
//! ```text
//! p' = (p m + r) rl                                                    entry::changed
//! column *= target / sum    if sum > 0 and over 1 % away from target   entry::rescaling
//! ```
//!
//! [`settings`] holds every switch with its published value; [`differences`] lists where the paper,
//! the published program and shocksweep differ. The functions here are the plain form, used by the
//! reference engine; the cpu engine builds the same changes as a handful of rows, columns and
//! factors from the same scalar equations in [`entry`].

pub mod adapt;
pub mod differences;
pub mod entry;
pub mod fired;
pub mod settings;
pub mod substitute;

pub use adapt::{Adapted, adapt, adapted_shares};
pub use entry::{Hit, Thresholds};
pub use settings::{AdaptationSettings, MissingRule, SubstituteConflict};
pub use substitute::{import_growth, substitute};
