//! `shocksweep merge`: joins the shards of a run.

use std::path::PathBuf;

use clap::Args;

use super::{CliError, ink};
use crate::report::whole;
use crate::sweep::merge::{Merged, merge};

/// Arguments of `shocksweep merge`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example, on one machine (on a cluster every shard is a task of its own):
  for n in 1 2 3 4; do shocksweep run JOB --shard $n/4 --out part$n; done
  shocksweep merge results/all part1 part2 part3 part4

The shards must be complete and of one run: the same dataset, job and version of the program. The
tables are those of a single run, byte for byte. The shards stay as they are.

Joined shards of a screening are put together by running its job once more, which computes nothing
but the stages of the pairs that are kept:
  shocksweep merge results/screen part1 part2 && shocksweep run JOB --out results/screen --resume")]
pub struct MergeArgs {
    /// Folder of the joined result.
    pub out: PathBuf,
    /// Folders of the shards, in any order.
    #[arg(required = true)]
    pub shards: Vec<PathBuf>,
    /// Replace an earlier result in the same folder.
    #[arg(long)]
    pub force: bool,
    /// Print nothing but errors.
    #[arg(long)]
    pub quiet: bool,
}

/// Joins shards and says what came of it.
///
/// # Errors
/// The shards do not fit, or the result cannot be written.
pub fn execute(args: &MergeArgs) -> Result<(), CliError> {
    let merged = merge(&args.out, &args.shards, args.force)?;
    if args.quiet {
        return Ok(());
    }
    let (shards, out) = (args.shards.len(), args.out.display());
    Ok(ink::print(&match merged {
        Merged::Parts(parts) => format!(
            "{shards} shards of a screening joined in {out}: {parts} parts.\n\
             To put them together: shocksweep run JOB --out {out} --resume\n"
        ),
        Merged::Complete(manifest) => format!(
            "{shards} shards joined in {out}: {} scenarios, {} rows of losses, {} files.\n",
            whole(manifest.counts.scenarios),
            whole(manifest.counts.loss_rows),
            manifest.files.len() + 1,
        ),
    })?)
}
