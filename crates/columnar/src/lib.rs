//! Tables: guarded reading and whole-or-nothing writing of Parquet and CSV.
//!
//! Knows nothing of food or trade. A result table is declared once, as a struct, by [`record!`]:
//! the struct is the row, its fields are the schema, its comments are the documentation that the
//! written file carries.
//!
//! | module | what it does |
//! |---|---|
//! | [`read`] | Parquet files of anybody: columns, batch by batch, in bounded memory |
//! | [`delimited`] | CSV files of anybody: separators, decimal commas, encodings |
//! | [`formula`] | texts that spreadsheets would take for formulas |
//! | [`text`] | small tables of a user as text, from CSV or Parquet |
//! | [`nearest`](mod@nearest) | the name that somebody probably meant |
//! | [`paths`] | what no path of a job may hold |
//! | [`record`](mod@record) | tables declared once: rows, schema, Arrow columns and back |
//! | [`write`](mod@write) | rows to Parquet or CSV, whole or not at all |
//! | [`commit`] | files that are either not there or whole |
//! | [`chunk`] | column chunks laid out by hand, for tables of millions of rows |
//! | [`dictionary`] | dictionaries that are known beforehand |
#![warn(clippy::print_stderr, clippy::print_stdout, clippy::too_many_lines, clippy::unwrap_used)]

mod cell;
pub mod chunk;
pub mod commit;
pub mod delimited;
pub mod dictionary;
mod error;
mod files;
pub mod formula;
mod list;
mod name;
pub mod nearest;
pub mod paths;
pub mod read;
pub mod record;
pub mod text;
mod thrift;
pub mod write;

pub use cell::Cell;
pub use error::{TableError, WriteError, brief, shown, visible};
pub use name::{Name, name_type};
pub use record::Record;

#[doc(hidden)]
pub use {arrow_array, arrow_schema};
