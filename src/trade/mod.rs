//! Dependency in product trade on the engines of the shock model.
//!
//! [`shocksweep_trade`] does everything that needs no engine; here the trade of a year becomes a
//! dataset like any other ([`mod@dataset`]), its trade risk a sweep of every failure ([`mod@sweep`]), and a
//! panel a folder of tables ([`mod@run`]).

pub mod dataset;
pub mod error;
pub mod job;
mod notes;
pub mod run;
pub mod sweep;

pub use error::TradeRunError;
