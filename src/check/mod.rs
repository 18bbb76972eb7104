//! Whether what was computed is right: results against themselves and the reference engine, engines
//! against each other.
//!
//! | module | question |
//! |---|---|
//! | [`verify`] | is a result whole, and does a sample of it come out again? |
//! | [`integrity`], [`totals`], [`pair_checks`] | do its tables say of each other what they should? |
//! | [`validate`] | do two engines agree on every kind of scenario? |

pub mod integrity;
mod interactions;
mod kinds;
pub mod pair_checks;
mod read_losses;
pub mod seal;
mod settles;
mod summed;
pub mod totals;
mod totals_again;
pub mod validate;
pub mod verify;
mod verify_pairs;
mod verify_triples;

pub use settles::settles;
