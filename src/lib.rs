//! # shocksweep
//!
//! If these producers fail, who loses what?
//!
//! Areas (countries) produce, process and trade items (products). A shock removes the output of
//! one or more sectors, a sector being an area's item; the loss spreads through trade and
//! production for ten yearly steps. [`low_level::model`] states the equations and the notation;
//! everything else is arranged in the order in which data flow:
//!
//! ```text
//! tables -> dataset -> model -> scenario -> engine (reference | cpu | gpu) -> sink -> analysis -> report
//! ```
//!
//! The names below are the face of the library: a [`Dataset`], a [`Job`], the [`Plan`] it makes, its
//! [`Scenario`]s, an [`Engine`], and [`run`] (results on the disk) or [`collect`] ([`Results`] in memory,
//! as Arrow tables). The rooms that they come from are in [`low_level`].
//!
//! ```
//! use std::sync::Arc;
//! use shocksweep::{Job, Plan, RunOptions, ScenarioSet, ShockRow, Silent, collect, open, scenarios};
//!
//! let world = Arc::new(open("synthetic")?);
//! let rows = [ShockRow::new(0, "India", "Rice and products", 1.0)];
//! let scenarios = scenarios(&rows, &world)?;
//! let plan = Plan::of_scenarios(world, &Job::new(ScenarioSet::AllSingle), scenarios)?;
//! let results = collect(&plan, &RunOptions::new(), &Silent)?.expect("nothing stops it");
//! let losses = results.table("losses").expect("a run has losses");
//! assert!(losses[0].num_rows() > 0 && losses[0].column_by_name("al").is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Every command of the program is a function that any other program may call:
//!
//! | command | function |
//! |---|---|
//! | `run` | [`run`], [`collect`]; part by part [`low_level::sweep::work::Work`] |
//! | `merge` | [`low_level::sweep::merge::merge`] |
//! | `shock` | [`low_level::study::shock::shock`] |
//! | `plan` | [`Plan::new`], [`low_level::study::estimate`] |
//! | `exposure` | [`low_level::exposure::answer`]; why something is lost: [`low_level::exposure::why::why`] |
//! | `mitigate` | [`low_level::mitigate::mitigate`] |
//! | `compare` | [`low_level::compare::compare`] |
//! | `explore` | `low_level::explore::Explorer`, served by `low_level::serve::Server` |
//! | `explain` | [`low_level::study::explain::of_result`] |
//! | `verify` | [`low_level::check::verify::verify`] |
//! | `validate`, `bench` | [`low_level::check::validate`], [`low_level::study::bench`] |
//! | `aggregate` | [`low_level::analysis::aggregate::rows`]; as Arrow [`low_level::report::aggregate::batch`] |
//! | `report` | [`low_level::analysis::overview::overview`], then [`low_level::report::html::page`] |
//! | `plot` | [`low_level::analysis::overview::overview`], then [`low_level::report::picture::draw`] |
//! | `calibrate` | [`low_level::calibrate::dataset::from_tables`] |
//! | `learn` | [`low_level::study::learning::from_series`] |
//! | `dataset` | [`open`], [`low_level::dataset::import`], [`low_level::dataset::check::check`], [`low_level::dataset::store`] |
//! | `cluster` | [`low_level::report::cluster::Array`] |
//! | `status` | [`low_level::report::status::Standing`] |
#![warn(clippy::print_stderr, clippy::print_stdout, clippy::too_many_lines, clippy::unwrap_used)]
#![forbid(unsafe_code)]

/// The rooms of the library, in the order of what they know: each may use those above it, none below.
///
/// They are as documented and tested as the names of the crate's face, but nothing here is promised to
/// stay: a new version may rename, move or remove it. What a program needs for good should be asked for.
///
/// | room | what it does |
/// |---|---|
/// | [`tables`] | yearly supply-use tables: what datasets are made from |
/// | [`calibrate`] | parameters of the model from the tables of a year |
/// | [`learn`] | rules of adaptation and substitutability from a series of years |
/// | [`dataset`] | reads, checks, stores and invents the model's inputs, tied to their labels |
/// | [`model`] | the equations, one function each, and the published constants |
/// | [`scenario`] | which sectors fail, and how badly |
/// | [`whatif`] | a dataset changed by a readable file |
/// | [`measure`] | in what losses are told: mass, energy, protein, a weight of one's own |
/// | [`job`] | what to compute: the file as written, the plan as checked |
/// | [`engine`] | turns scenarios into losses |
/// | [`interaction`] | propagates what shocks do together beyond each alone |
/// | [`superposition`] | how far two shocks together differ from their sum, and when that is known without a run |
/// | [`results`] | the tables of a result, each declared once |
/// | [`sink`] | writes losses and provenance to disk |
/// | [`sweep`] | runs a plan: the only place that sees both an engine and a sink |
/// | [`study`] | what engines are asked beside runs: explain, backtest, bench, estimate |
/// | [`exposure`] | the other side: whose failure an area must fear, how much, and why |
/// | [`compare`] | two results side by side |
/// | [`mitigate`] | changes of the world ranked by how much they cut a loss |
/// | `trade` | dependency in product trade: panels, and trade risk as a sweep |
/// | [`analysis`] | asks questions of written results |
/// | [`check`] | whether results and engines are right |
/// | [`report`] | tables, pages and pictures for people |
/// | `explore` | a world that is asked while people look at it: one engine behind a queue |
/// | `serve` | the page that asks it, and the server of that page |
/// | `cli` | the command line |
/// | [`objects`] | datasets and results in object stores, at `s3://` and `https://` |
/// | [`hint`] | what would help after an error |
/// | [`sparse`], [`statistics`], [`text_table`] | sparse rows, tests, small tables of text; know nothing of food |
#[path = ""]
pub mod low_level {
    pub mod analysis;
    pub mod calibrate;
    pub mod check;
    #[cfg(feature = "cli")]
    pub mod cli;
    pub mod compare;
    pub mod dataset;
    pub mod engine;
    #[cfg(feature = "explore")]
    pub mod explore;
    pub mod exposure;
    pub mod hint;
    pub mod interaction;
    pub mod job;
    pub mod learn;
    pub mod measure;
    pub mod mitigate;
    pub mod model;
    pub mod objects;
    pub mod report;
    pub mod results;
    pub mod scenario;
    #[cfg(feature = "explore")]
    pub mod serve;
    pub mod sink;
    pub mod sparse;
    pub mod study;
    pub mod superposition;
    pub mod sweep;
    pub mod tables;
    #[cfg(feature = "trade")]
    pub mod trade;
    pub mod whatif;
    pub use shocksweep_columnar::text as text_table;
    pub use shocksweep_statistics as statistics;
}

// Within the crate a room is called by its own name.
use low_level::*;

pub use dataset::Dataset;
pub use engine::Engine;
pub use job::plan::open_dataset as open;
pub use job::{EngineKind, JobFile as Job, Plan, ScenarioSet};
pub use scenario::rows::{ShockRow, scenarios};
pub use scenario::{Scenario, ScenarioId};
pub use sink::Results;
pub use sweep::{Progress, RunOptions, Silent, collect, make_engine, run};
