//! A world that is asked while people look at it: typed questions, answered by one engine behind a queue.
//!
//! [`question`] and [`answer`] are what is asked and what is said, as JSON has them; [`explorer`] knows how each
//! is answered; [`queue`] puts one question after another to it and drops those that nobody waits for any
//! more. Nothing here knows of browsers or sockets, and nothing writes to the disk.
//!
//! | question | answered by |
//! |---|---|
//! | who loses, step by step | [`losses`] |
//! | what one area loses, item by item, and from whom it buys | [`panel`] |
//! | why: over which links a loss came | [`reasons`] |
//! | what an area must fear most; what makes a failure worse | [`fears`], once all single failures are known |
//! | what a change of the world does; which change is best | [`worlds`], [`best`] |
//! | every loss, as an Arrow file | [`table`] |
//! | scenarios of a finished sweep | [`sweep`] |
//!
//! # How losses are told
//!
//! As everywhere ([`crate::measure`], [`crate::exposure::What`]): all items of an area in a measure, counted
//! where they are eaten, or one item in its own unit. Heads of animals are added to nothing, sectors that
//! have run away count nothing and are counted.

pub mod answer;
mod background;
pub mod best;
pub mod catalogue;
pub mod error;
pub mod explorer;
pub mod fears;
pub mod losses;
pub mod panel;
pub mod question;
pub mod queue;
pub mod reasons;
pub mod sweep;
pub mod table;
#[cfg(test)]
mod tests;

pub mod worlds;

pub use answer::Reply;
pub use error::ExploreError;
pub use explorer::Explorer;
pub use question::{Asked, Question};
pub use queue::{Queue, Ticket};
