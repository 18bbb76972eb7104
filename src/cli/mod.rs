//! The command line: arguments, and what each command does with them.

pub mod aggregate;
pub mod bench;
pub mod calibrate;
pub mod compare;
pub mod dataset;
pub mod devices;
pub mod explain;
pub mod exposure;
pub mod glossary;
mod ink;
pub mod learn;
pub mod merge;
pub mod mitigate;
#[cfg(feature = "networks")]
pub mod network;
pub mod plan;
pub mod plot;
pub mod progress;
pub mod report;
pub mod run;
pub mod say;
pub mod shock;
pub mod signals;
pub mod status;
pub mod switches;
#[cfg(feature = "trade")]
pub mod trade;
pub mod validate;
pub mod verify;

use std::io::ErrorKind;

use clap::{Parser, Subcommand};

use crate::analysis::aggregate::AggregateError;
use crate::compare::CompareError;
use crate::dataset::DatasetError;
use crate::dataset::synth::SynthError;
use crate::engine::EngineError;
use crate::exposure::ExposureError;
use crate::hint::Hint;
use crate::job::JobError;
use crate::mitigate::MitigateError;
use crate::report::picture::PictureError;
use crate::scenario::ScenarioProblem;
use crate::sink::SinkError;
use crate::study::explain::ExplainError;
#[cfg(feature = "trade")]
use crate::trade::TradeRunError;
use crate::whatif::WhatIfError;

/// Exit code for bad input: a file, a name, a value that cannot be used.
pub const EXIT_BAD_INPUT: u8 = 2;
/// Exit code for a check that failed.
pub const EXIT_CHECK_FAILED: u8 = 3;

/// Exit code where the same command may well succeed later: the folder is in use, or the run was
/// stopped and can be continued. Schedulers know it (`EX_TEMPFAIL`).
pub const EXIT_TRY_AGAIN: u8 = 75;

/// Exit code for a run that was stopped a second time, at once: that of a program killed by Ctrl-C.
pub const EXIT_INTERRUPTED: u8 = 130;

/// If these producers fail, who loses what?
///
/// shocksweep removes the output of producing sectors (an area's item, such as India's rice) from
/// a network of food production and trade, lets the loss spread through ten yearly steps, and
/// tells which sectors end up with how much less.
#[derive(Debug, Parser)]
#[command(name = "shocksweep", version, arg_required_else_help = true)]
#[command(after_help = "\
Examples:
  shocksweep shock \"India/Rice and products\"          who loses what, as a table
  shocksweep run jobs/adaptive.toml                   every single shock, as Parquet
  shocksweep run jobs/screen-group.toml               which pairs are far worse than their sum
  shocksweep explain results/screen-group             and why
  shocksweep dataset import FABIO_FOLDER food2020     published files to shocksweep's own form
  shocksweep run --dataset food2020 --all-single --adaptation both --out results/food2020

Exit codes: 0 done, 1 could not finish (what is done is on the disk), 2 bad input
(nothing was written), 3 a check failed, 75 stopped or in use: try again.")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Import, check or invent a dataset.
    #[command(subcommand)]
    Dataset(dataset::DatasetCommand),
    /// Make a dataset from the supply-use tables of a year.
    Calibrate(calibrate::CalibrateArgs),
    /// Learn rules of adaptation and substitutability from a series of years.
    Learn(learn::LearnArgs),
    /// Run a set of scenarios and write their losses as Parquet.
    Run(run::RunArgs),
    /// Say what a job would run, and estimate what that costs.
    Plan(plan::PlanArgs),
    /// Say how far a run is: done, running, missing, rate, time left.
    Status(status::StatusArgs),
    /// Check a result: files, checksums, tables, and a sample run again.
    Verify(verify::VerifyArgs),
    /// Join the shards of a run into one result.
    Merge(merge::MergeArgs),
    /// Run one scenario and print the largest losers.
    Shock(shock::ShockArgs),
    /// Turn a result into one page that people look at.
    Report(report::ReportArgs),
    /// Draw one picture of a result, for a paper.
    Plot(plot::PlotArgs),
    /// Sum losses over regions, groups and scenarios.
    Aggregate(aggregate::AggregateArgs),
    /// Compare two results: what got worse, what better.
    Compare(compare::CompareArgs),
    /// Say why pairs of shocks are worse, or better, than their sum.
    Explain(explain::ExplainArgs),
    /// Rank changes of the world by how much they cut a loss per tonne.
    Mitigate(Box<mitigate::MitigateArgs>),
    /// Say whose failure an area must fear, how much, and why.
    Exposure(Box<exposure::ExposureArgs>),
    /// Build networks of trade dependence and conflict, and fit models of how they change.
    #[cfg(feature = "networks")]
    #[command(subcommand)]
    Network(Box<network::NetworkCommand>),
    /// Dependency in product trade: import, measure, test, group, regress.
    #[cfg(feature = "trade")]
    #[command(subcommand)]
    Trade(trade::TradeCommand),
    /// List the graphics adapters that the gpu engine can use.
    Devices(devices::DevicesArgs),
    /// Compare the gpu engine with the cpu engine on a sample of every kind of scenario.
    Validate(validate::ValidateArgs),
    /// Explain the words and symbols of the tables (also `shocksweep help glossary`).
    Glossary(glossary::GlossaryArgs),
    /// Measure the engines on the same scenarios, verified first.
    Bench(bench::BenchArgs),
}

/// Why a command did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A job, or something it names, is wrong.
    #[error("{0}{hint}", hint = worded(.0.hint()))]
    Job(#[from] JobError),
    /// A change of a dataset cannot be made.
    #[error("{0}")]
    WhatIf(#[from] WhatIfError),
    /// A dataset is wrong.
    #[error("{0}{hint}", hint = worded(.0.hint()))]
    Dataset(#[from] DatasetError),
    /// A synthetic world cannot be made.
    #[error("{0}")]
    Synth(#[from] SynthError),
    /// A shock given on the command line is wrong.
    #[error("{0}")]
    Shock(#[from] ScenarioProblem),
    /// A result cannot be written.
    #[error("{0}{hint}", hint = worded(.0.hint()))]
    Sink(#[from] SinkError),
    /// A question that a result does not answer.
    #[error("{0}")]
    Aggregate(AggregateError),
    /// A picture that cannot be drawn.
    #[error("{0}")]
    Picture(#[from] PictureError),
    /// A measure that losses cannot be told in.
    #[error("{0}")]
    Measure(#[from] crate::measure::WeightsError),
    /// Networks, or models of them, that cannot be made.
    #[cfg(feature = "networks")]
    #[error("{0}")]
    Network(#[from] shocksweep_networks::NetworkError),
    /// A study of trade that cannot be done.
    #[cfg(feature = "trade")]
    #[error("{0}{hint}", hint = worded(.0.hint()))]
    Trade(#[from] TradeRunError),
    /// A table that there is not.
    #[error("no table `{name}`{hint}; expected `tables` or one of {known}")]
    NoTable {
        /// What was asked for.
        name: String,
        /// The nearest name.
        hint: String,
        /// All names.
        known: String,
    },
    /// Arguments that do not fit together.
    #[error("{0}")]
    Usage(&'static str),
    /// A check found violations; the report is printed already.
    #[error("the dataset fails {0} of the checks above")]
    Check(usize),
    /// A rule of a screening does not hold; the result is written and says where.
    #[error(
        "the screening's rules were wrong for {0} of the pairs that were run to check them: a fault of the program; run again with `rules = false` in [superposition], and report it"
    )]
    Rules(u64),
    /// The run was stopped; what it has done is on the disk.
    #[error("stopped: {0}; continue with the same command and --resume")]
    Stopped(String),
    /// A result that is not what it should be; the report is printed already.
    #[error("the result fails {0} of the checks above")]
    Verify(usize),
    /// A pair that cannot be explained.
    #[error("{0}")]
    Explain(ExplainError),
    /// A search for changes that has no answer.
    #[error("{0}")]
    Mitigate(MitigateError),
    /// Results that cannot be compared.
    #[error("{0}")]
    Compare(CompareError),
    /// A question about exposure that has no answer.
    #[error("{0}")]
    Exposure(ExposureError),
    /// An engine that is not there, or has failed.
    #[error("{0}{hint}", hint = worded(.0.hint()))]
    Engine(#[from] EngineError),
    /// A device that differs from the cpu engine; the report is printed already.
    #[error("{}", validated(*.0))]
    Validate(usize),
    /// The terminal is gone.
    #[error("cannot write to standard output: {0}")]
    Print(#[from] std::io::Error),
}

/// What would help, in the words of this command line.
fn worded(hint: Option<Hint>) -> &'static str {
    match hint {
        None => "",
        Some(Hint::NameFolder) => ": give `folder` in [output] or --out",
        Some(Hint::NameAnyFolder) => "; --out may name any folder",
        Some(Hint::WithoutAdaptation) => "; run it with `--adaptation off` or import the rules",
        Some(Hint::ReplaceResult) => {
            "; choose another folder, or --force to replace a shocksweep result"
        }
        Some(Hint::ContinueOrReplace) => "; continue it with --resume, or start over with --force",
        Some(Hint::StartOver) => "; choose another folder, or --force to start over",
        Some(Hint::ContinueWithRoom) => "; make room, then continue with --resume",
        Some(Hint::ContinueShard) => "; run its shard again with --resume",
        Some(Hint::ReplaceDataset) => "; give another name, or --force to replace it",
        Some(Hint::AllowSoftware) => "; `--device` names one, `--allow-software` allows any",
        Some(Hint::ReplaceStudy) => "; choose another folder, or --force to replace a study",
        Some(Hint::AllowAnyCost) => ", or allow it with --any-cost",
    }
}

impl From<ExplainError> for CliError {
    fn from(error: ExplainError) -> Self {
        match error {
            ExplainError::Result(error) => CliError::Sink(error),
            ExplainError::Engine(error) => CliError::Engine(error),
            error => CliError::Explain(error),
        }
    }
}

impl From<MitigateError> for CliError {
    fn from(error: MitigateError) -> Self {
        match error {
            MitigateError::Engine(error) => CliError::Engine(error),
            error => CliError::Mitigate(error),
        }
    }
}

impl From<CompareError> for CliError {
    fn from(error: CompareError) -> Self {
        match error {
            CompareError::Result(error) => CliError::Sink(error),
            error => CliError::Compare(error),
        }
    }
}

impl From<ExposureError> for CliError {
    fn from(error: ExposureError) -> Self {
        match error {
            ExposureError::Result(error) => CliError::Sink(error),
            ExposureError::Engine(error) => CliError::Engine(error),
            error => CliError::Exposure(error),
        }
    }
}

fn validated(broken: usize) -> String {
    match broken {
        0 => "nothing was compared: no scenario of the sample has an effect".to_string(),
        broken => format!("the gpu engine breaks {broken} of the bounds above"),
    }
}

impl From<AggregateError> for CliError {
    fn from(error: AggregateError) -> Self {
        match error {
            AggregateError::Result(error) => CliError::Sink(error),
            error => CliError::Aggregate(error),
        }
    }
}

impl CliError {
    /// Exit code of the program.
    pub fn exit_code(&self) -> u8 {
        match self {
            CliError::Check(_)
            | CliError::Rules(_)
            | CliError::Verify(_)
            | CliError::Validate(_) => EXIT_CHECK_FAILED,
            CliError::Engine(error) | CliError::Sink(SinkError::Engine(error)) => {
                if error.is_bad_input() { EXIT_BAD_INPUT } else { 1 }
            }
            #[cfg(feature = "networks")]
            CliError::Network(error) => {
                if error.is_bad_input() {
                    EXIT_BAD_INPUT
                } else {
                    1
                }
            }
            #[cfg(feature = "trade")]
            CliError::Trade(error) => {
                if error.is_bad_input() {
                    EXIT_BAD_INPUT
                } else {
                    1
                }
            }
            CliError::Stopped(_) | CliError::Sink(SinkError::InUse(_)) => EXIT_TRY_AGAIN,
            // Who reads has seen enough.
            CliError::Print(error) if error.kind() == ErrorKind::BrokenPipe => 0,
            CliError::Print(_) => 1,
            // A place that is not there, or may not be written, is a slip of the command line; a disk that
            // is full or fails is none.
            CliError::Sink(SinkError::Io { source, .. }) if is_slip(source.kind()) => {
                EXIT_BAD_INPUT
            }
            CliError::Sink(
                SinkError::Exists(_)
                | SinkError::Foreign(_)
                | SinkError::Unfinished(_)
                | SinkError::Different { .. }
                | SinkError::NoFolder
                | SinkError::NoSuchPart { .. }
                | SinkError::Shard(_)
                | SinkError::Merge(_)
                | SinkError::Unreadable { .. }
                | SinkError::Table(_),
            ) => EXIT_BAD_INPUT,
            CliError::Sink(_) => 1,
            _ => EXIT_BAD_INPUT,
        }
    }
}

/// Whether it is a slip of who typed the command that the operating system refuses.
fn is_slip(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::NotFound
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::PermissionDenied
            | ErrorKind::AlreadyExists
            | ErrorKind::InvalidInput
            | ErrorKind::InvalidFilename
            | ErrorKind::ReadOnlyFilesystem
    )
}

/// Does what the command line asks.
///
/// # Errors
/// As said by the error; its [`CliError::exit_code`] is the program's.
pub fn execute(cli: Cli) -> Result<(), CliError> {
    match cli.command {
        Command::Dataset(command) => dataset::execute(command),
        Command::Calibrate(args) => calibrate::execute(&args),
        Command::Learn(args) => learn::execute(&args),
        Command::Run(args) => run::execute(args),
        Command::Plan(args) => plan::execute(args),
        Command::Status(args) => status::execute(&args),
        Command::Verify(args) => verify::execute(&args),
        Command::Merge(args) => merge::execute(&args),
        Command::Shock(args) => shock::execute(args),
        Command::Glossary(args) => glossary::execute(&args),
        Command::Report(args) => report::execute(&args),
        Command::Plot(args) => plot::execute(&args),
        Command::Aggregate(args) => aggregate::execute(&args),
        Command::Compare(args) => compare::execute(&args),
        Command::Mitigate(args) => mitigate::execute(&args),
        Command::Explain(args) => explain::execute(args),
        Command::Exposure(args) => exposure::execute(&args),
        #[cfg(feature = "networks")]
        Command::Network(command) => network::execute(*command),
        #[cfg(feature = "trade")]
        Command::Trade(command) => trade::execute(command),
        Command::Devices(args) => devices::execute(&args),
        Command::Validate(args) => validate::execute(args),
        Command::Bench(args) => bench::execute(args),
    }
}
