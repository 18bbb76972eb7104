//! Dependency in product trade, after Klimek, Baum, Gerschberger & Hess 2025, "Systemic trade risk
//! suppresses comparative advantage in rare earth dependent industries" (arXiv 2508.00556).
//!
//! Everything here needs no engine: reading trade, finding links between products, measuring
//! dependency, comparing, grouping, regressing. What a failure does to others is for whoever has an
//! engine.
//!
//! | module | what it does |
//! |---|---|
//! | [`baci`] | streams bilateral trade in BACI's layout |
//! | [`lists`] | products, areas, candidate links, stability: the small tables of a user |
//! | [`panel`] | yearly flows of items between areas, with their provenance |
//! | [`balance`], [`mod@production`] | what every area has of every item; a proxy of production, or what is known of it |
//! | [`indicators`], [`mod@pagerank`] | exposure, concentration, advantage, trade risk |
//! | [`parameters`], [`recursion`], [`own_market`] | the shock model of a year; the losses of one failure, plainly; of all failures in an item without links |
//! | [`risk`], [`reach`] | systemic trade risk and influence from the losses of all failures; how far these are felt |
//! | [`links`], [`effects`] | links between items that trade supports; least squares with two sets of effects |
//! | [`world`] | every item in every year |
//! | [`profiles`] | areas by tier, and whether tiers differ |
//! | [`clusters`], [`kmeans`] | groups of areas that depend alike |
//! | [`regressions`] | does dependency today tell how trade changes? |
//! | [`study`] | from a panel to all its tables |
//! | [`synth`] | a built-in panel: invented trade in rare-earth products |
#![warn(clippy::print_stderr, clippy::print_stdout, clippy::too_many_lines, clippy::unwrap_used)]

mod absorb;
pub mod baci;
pub mod balance;
pub mod clusters;
pub mod effects;
pub mod error;
pub mod indicators;
pub mod kmeans;
pub mod links;
pub mod lists;
pub mod own_market;
pub mod pagerank;
pub mod panel;
pub mod parameters;
pub mod production;
pub mod profiles;
pub mod reach;
pub mod recursion;
pub mod regressions;
pub mod risk;
pub mod study;
pub mod synth;
mod synth_world;
pub mod world;

pub use error::TradeError;
