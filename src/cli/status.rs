//! `shocksweep status`: how far a run is.

use std::path::PathBuf;

use clap::Args;

use super::place::is_copy;
use super::{CliError, ink};
use crate::report::status::{Standing, text};

/// Arguments of `shocksweep status`.
#[derive(Debug, Args)]
#[command(after_help = "\
Reads the ledger of a result folder; works from another terminal while the run goes on, and disturbs
nothing. Scenarios count when their part is on the disk.

Example:
  shocksweep status results/adaptive
  shocksweep status part1 part2 part3")]
pub struct StatusArgs {
    /// Result folders, or folders of shards.
    #[arg(required = true)]
    pub folders: Vec<PathBuf>,
    /// One JSON object per folder instead of text.
    #[arg(long)]
    pub json: bool,
}

/// Prints the standing of runs.
///
/// # Errors
/// A folder holds no result.
pub fn execute(args: &StatusArgs) -> Result<(), CliError> {
    for root in &args.folders {
        let mut standing = Standing::read(root)?;
        // Whether its process lives is not known of a store.
        if is_copy(root) && standing.state == "stopped" {
            standing.state = "unfinished";
        }
        if args.json {
            ink::data(&format!("{}\n", serde_json::json!(standing)))?;
        } else {
            ink::print(&text(root, &standing, "--resume"))?;
        }
    }
    Ok(())
}
