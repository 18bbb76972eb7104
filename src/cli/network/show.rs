//! Results of `network` as people see them: printed, drawn, as a page.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use shocksweep_columnar::{Record, write};
use shocksweep_networks::NetworkError;
use shocksweep_networks::job::{About, Stored};
use shocksweep_networks::reading::layouts;
use shocksweep_networks::records::{FitRow, Mple};

use super::super::{CliError, ink};
use super::report;
use crate::cli::plot::NO_FORMAT;
use crate::report::network as words;
use crate::report::network::picture::{Choice, NetworkFigure, draw};
use crate::report::picture::ImageFormat;

/// How estimates are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table for the terminal.
    Text,
    /// LaTeX with booktabs.
    Latex,
    /// HTML.
    Html,
}

/// Arguments of `shocksweep network read`.
#[derive(Debug, Args)]
pub struct ReadArgs {
    /// Result folder.
    pub result: PathBuf,
    /// As what.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Also print where the numbers of Liu et al. 2025 do not fit together.
    #[arg(long)]
    pub paper: bool,
}

/// Arguments of `shocksweep network plot`.
#[derive(Debug, Args)]
pub struct PlotArgs {
    /// Result folder.
    pub result: PathBuf,
    /// What to draw.
    #[arg(long, value_enum)]
    pub kind: NetworkFigure,
    /// File to write: .svg, .png or .pdf.
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,
    /// Tier, or coop, conf [default: the first tier; of maps and ranks coop].
    #[arg(long, value_name = "NAME")]
    pub network: Option<String>,
    /// Year [default: the last].
    #[arg(long)]
    pub year: Option<i32>,
    /// Model of gof and roc [default: the last with drawn networks].
    #[arg(long)]
    pub model: Option<String>,
    /// Measure of ranks [default: degree; of tiers trade].
    #[arg(long)]
    pub measure: Option<String>,
    /// Width of a PNG, pixels.
    #[arg(long, default_value_t = 1800, value_name = "PIXELS", value_parser = clap::value_parser!(u32).range(100..=20_000))]
    pub width: u32,
}

/// Arguments of `shocksweep network report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Result folder.
    pub result: PathBuf,
    /// Page to write.
    #[arg(short, long, value_name = "FILE", default_value = "network.html")]
    pub out: PathBuf,
}

/// Prints the estimates of a result.
///
/// # Errors
/// The input cannot be used, or the output cannot be written.
pub(super) fn print(args: &ReadArgs) -> Result<(), CliError> {
    let about = About::read(&args.result).ok_or_else(|| {
        let path = args.result.display();
        NetworkError::Options(format!("{path}: is no result of `network run`; expected one"))
    })?;
    let table = |name: &str| args.result.join(format!("{name}.parquet"));
    let mple: Vec<Mple> = Mple::read(&table("mple")).map_err(NetworkError::from)?;
    let fits: Vec<FitRow> = FitRow::read(&table("fits")).map_err(NetworkError::from)?;
    let found = layouts(&mple, &fits);
    match args.format {
        Format::Text => {
            let notes = if args.paper { words::paper_notes().to_string() } else { String::new() };
            ink::print(&format!("{}\n{}{notes}", words::about(&about), report(&mple, &fits)))?;
        }
        Format::Latex => ink::data(&words::latex(&found))?,
        Format::Html => ink::data(&words::html(&found))?,
    }
    Ok(())
}

/// Draws a picture of a result.
///
/// # Errors
/// The input cannot be used, or the output cannot be written.
pub(super) fn plot(args: &PlotArgs) -> Result<(), CliError> {
    let format = ImageFormat::of(&args.out).ok_or(CliError::Usage(NO_FORMAT))?;
    let choice = Choice {
        network: args.network.clone(),
        year: args.year,
        model: args.model.clone(),
        measure: args.measure.clone(),
    };
    let picture = draw(&Stored::read(&args.result)?, args.kind, &choice)?;
    let bytes = picture.bytes(format, args.width)?;
    write_file(&args.out, &bytes)?;
    Ok(ink::print(&format!("{}: {}\n", args.out.display(), picture.title()))?)
}

/// Writes the page of a result.
///
/// # Errors
/// The input cannot be used, or the output cannot be written.
pub(super) fn page(args: &ReportArgs) -> Result<(), CliError> {
    let page = words::page(&Stored::read(&args.result)?);
    write_file(&args.out, page.as_bytes())?;
    let size = page.len() as f64 / 1e6;
    Ok(ink::print(&format!("{}: {size:.1} MB.\n", args.out.display()))?)
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    write::whole(path, |file| file.write_all(bytes)).map_err(NetworkError::from)?;
    Ok(())
}
