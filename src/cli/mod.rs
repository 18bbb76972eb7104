//! The command line: arguments, and what each command does with them.

pub mod aggregate;
pub mod bench;
pub mod calibrate;
pub mod cluster;
pub mod compare;
pub mod dataset;
pub mod devices;
mod error;
pub mod explain;
#[cfg(feature = "explore")]
pub mod explore;
pub mod exposure;
pub mod glossary;
mod ink;
pub mod learn;
pub mod merge;
pub mod mitigate;
#[cfg(feature = "networks")]
pub mod network;
mod place;
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

use clap::{Parser, Subcommand};
pub use error::{CliError, EXIT_BAD_INPUT, EXIT_CHECK_FAILED, EXIT_INTERRUPTED, EXIT_TRY_AGAIN};

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
  shocksweep explore                                  the same in the browser, while you look
  shocksweep run jobs/adaptive.toml                   every single shock, as Parquet
  shocksweep run jobs/screen-group.toml               which pairs are far worse than their sum
  shocksweep explain results/screen-group             and why
  shocksweep dataset import FABIO_FOLDER food2020     published files to shocksweep's own form
  shocksweep run --dataset food2020 --all-single --adaptation both --out results/food2020

With the feature `objects`, datasets, tables and results are read at an address as well as in a
folder, s3://BUCKET/PREFIX or https://HOST/PATH; `run` and what makes datasets write to s3://.
Credentials, region, store: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL.

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
    /// Write a job as scripts for the scheduler of a cluster.
    #[command(subcommand)]
    Cluster(cluster::ClusterCommand),
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
    /// Open a page that answers while you look: click a country, see who loses, change the world.
    #[cfg(feature = "explore")]
    Explore(explore::ExploreArgs),
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

/// Does what the command line asks.
///
/// # Errors
/// As said by the error; its [`CliError::exit_code`] is the program's.
pub fn execute(cli: Cli) -> Result<(), CliError> {
    let mut command = cli.command;
    // Held until the command has ended.
    let _copies = place::Copies::bring(&mut command)?;
    match command {
        Command::Dataset(command) => dataset::execute(command),
        Command::Calibrate(args) => calibrate::execute(&args),
        Command::Learn(args) => learn::execute(&args),
        Command::Run(args) => run::execute(args),
        Command::Plan(args) => plan::execute(args),
        Command::Status(args) => status::execute(&args),
        Command::Verify(args) => verify::execute(&args),
        Command::Merge(args) => merge::execute(&args),
        Command::Cluster(command) => cluster::execute(command),
        Command::Shock(args) => shock::execute(args),
        Command::Glossary(args) => glossary::execute(&args),
        Command::Report(args) => report::execute(&args),
        Command::Plot(args) => plot::execute(&args),
        Command::Aggregate(args) => aggregate::execute(&args),
        Command::Compare(args) => compare::execute(&args),
        Command::Mitigate(args) => mitigate::execute(&args),
        Command::Explain(args) => explain::execute(args),
        #[cfg(feature = "explore")]
        Command::Explore(args) => explore::execute(&args),
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
