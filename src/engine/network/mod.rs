//! What the fast engines share: the network by place, how far losses spread, and what adaptation
//! changes of it.
//!
//! | file | what it holds |
//! |---|---|
//! | [`layout`] | production and trade as weighted links between places |
//! | [`by_place`] | the baseline in the order of places |
//! | [`reach`] | which scenarios are best computed side by side |
//! | [`tables`] | rules with the entries that they can change |
//! | [`tile`], [`untouched`], [`production`] | what changes in the trade of an item, in the production of an area |
//! | [`decided`], [`changes`] | what a scenario has decided, and its changes as steps apply them |
//!
//! Nothing here knows how losses are stored or propagated.

pub mod by_place;
pub mod changes;
pub mod decided;
pub mod layout;
pub mod production;
pub mod reach;
pub mod row_blocks;
pub mod tables;
pub mod tile;
pub mod untouched;

pub use by_place::ByPlace;
pub use changes::Changes;
pub use decided::{Decided, Room};
pub use layout::{Network, WORD, bits};
pub use reach::Reach;
