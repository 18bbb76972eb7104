//! `shocksweep compare`: two results side by side.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::place::shown;
use super::{CliError, ink};
use crate::compare::{compare, compare_losses};
use crate::report::compare::{page, text};
use crate::report::picture::ImageFormat;
use crate::report::picture::compare::draw;
use crate::sink::SinkError;
use crate::sink::commit::Pending;

/// Arguments of `shocksweep compare`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shocksweep compare results/as-it-is results/diversified
  shocksweep compare results/2013 results/2020 --out differences --page differences.html
  shocksweep compare results/cpu results/reference --plot areas.svg

Scenarios are matched by their names, in any case; areas and items of both must be the same. Differences
are B less A: positive where B loses more. --out writes scenario_differences, area_differences,
item_differences and sector_differences (Parquet), with --losses also loss_differences: every sector in
every scenario, where it differs.")]
pub struct CompareArgs {
    /// Result folder A.
    pub a: PathBuf,
    /// Result folder B.
    pub b: PathBuf,
    /// Folder for the tables of all differences.
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Also write what every sector loses in every scenario, where that differs.
    #[arg(long, requires = "out")]
    pub losses: bool,
    /// Picture of the areas that changed most: .svg, .png or .pdf.
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
    /// Page with the picture and the tables.
    #[arg(long, value_name = "FILE")]
    pub page: Option<PathBuf>,
    /// Rows of each table.
    #[arg(long, default_value_t = 10)]
    pub top: usize,
}

/// Prints what two results differ in.
///
/// # Errors
/// They cannot be compared, or a file cannot be written.
pub fn execute(args: &CompareArgs) -> Result<(), CliError> {
    let plot = match &args.plot {
        None => None,
        Some(path) => {
            let format = ImageFormat::of(path);
            Some((path, format.ok_or(CliError::Usage("--plot must end in .svg, .png or .pdf"))?))
        }
    };
    let found = compare(&args.a, &args.b, args.top, args.out.as_deref())?;
    let names = [&args.a, &args.b].map(|path| shown(&path.display().to_string()));
    let names = [names[0].as_str(), names[1].as_str()];
    let mut said = text(&found, names, args.top);
    if let Some((path, format)) = plot {
        let nothing = CliError::Usage("no area changes: there is nothing to draw");
        let picture = draw(&found, names).ok_or(nothing)?;
        write(path, &picture.bytes(format, 1800)?)?;
        said += &format!("\n{}: {}.\n", path.display(), picture.title());
    }
    if let Some(path) = &args.page {
        write(path, page::page(&found, names, args.top.max(50)).as_bytes())?;
        said += &format!("\n{}: open it in a browser.\n", path.display());
    }
    if let Some(folder) = &args.out {
        said += &format!("\n{}: tables of all differences (Parquet).\n", folder.display());
        if args.losses {
            let rows = compare_losses(&args.a, &args.b, folder)?;
            let rows = crate::report::whole(rows as usize);
            said += &format!(
                "{}: {rows} losses differ (loss_differences.parquet).\n",
                folder.display()
            );
        }
    }
    ink::print(&said)?;
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let mut pending = Pending::create(path).map_err(SinkError::from)?;
    pending.write_all(bytes).map_err(SinkError::io(path))?;
    pending.commit().map_err(SinkError::from)?;
    Ok(())
}
