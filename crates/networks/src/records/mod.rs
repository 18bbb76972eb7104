//! Tables of results: a row of each is declared here, once.

mod models;
mod networks;

pub use models::*;
pub use networks::*;
