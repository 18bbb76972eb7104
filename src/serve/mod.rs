//! The page that asks a world, and the server of that page: on this machine, read-only, asking nothing of
//! any network.
//!
//! | part | what it does |
//! |---|---|
//! | [`assets`] | the page: everything it needs, in the program |
//! | [`guard`] | who may ask: the right host, from the page's own origin, with the token of this start |
//! | [`routes`] | requests to answers |
//! | [`limits`] | how much, how long, how many at once; who reads too slowly is cut off |
//! | [`server`] | listens |
//!
//! hyper serves HTTP/1.1 and tokio drives it on one thread; the engine has threads of its own. They are the
//! smallest servers that are well kept: some ten crates that nothing else here needs, 12 s of processor time of a
//! cold release build's 540. Their time-outs can be set, which a slow client must not outlast (`tiny_http` has none,
//! and no release in years). Routes are few: a framework above them would add more than it saves.

pub mod assets;
pub mod guard;
pub mod limits;
pub mod routes;
pub mod server;

pub use guard::{Guard, Token};
pub use server::{ServeError, Server};
