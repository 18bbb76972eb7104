//! Tables: guarded reading and whole-or-nothing writing of Parquet and CSV.
//!
//! Knows nothing of food or trade. A result table is declared once, as a struct, by [`record!`]:
//! the struct is the row, its fields are the schema, its comments are the documentation that the
//! written file carries.
//!
//! | module | what it does |
//! |---|---|
//! | [`text`] | small tables of a user as text, from CSV or Parquet |
//! | [`nearest`](mod@nearest) | the name that somebody probably meant |
//! | [`record`](mod@record) | tables declared once: rows, schema, Arrow columns and back |
//! | [`write`](mod@write) | rows to Parquet or CSV, whole or not at all |

pub mod nearest;
pub mod record;
pub mod text;
pub mod write;

pub use record::{Cell, Record};

#[doc(hidden)]
pub use {arrow_array, arrow_schema};
