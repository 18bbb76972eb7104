//! `shocksweep plot`: pictures for papers.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::report::left_out;
use super::{CliError, ink};
use crate::analysis::overview::{Options, overview};
use crate::report::picture::{Choice, Figure, ImageFormat, draw};
use crate::scenario::Response;
use crate::sink::SinkError;
use crate::sink::commit::Pending;

/// A file whose name says no format.
pub(super) const NO_FORMAT: &str = "--out must end in .svg, .png or .pdf";

/// With or without adaptation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Way {
    /// With.
    On,
    /// Without.
    Off,
}

/// Arguments of `shocksweep plot`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  shocksweep plot results/adaptive --kind map --scenario \"India/Rice and products\" -o rice.svg
  shocksweep plot results/adaptive --kind heatmap --split -o heatmap.png --width 2400
  shocksweep plot results/screen-group --kind superposition -o pairs.svg

Letters are drawn as outlines, so that a picture looks the same everywhere (--text keeps them as
text); colours keep apart for colour-blind eyes and on grey paper. Results of data that are not
original say so in the picture.")]
pub struct PlotArgs {
    /// Result folder of a finished run.
    pub result: PathBuf,
    /// What to draw.
    #[arg(long, value_enum)]
    pub kind: Figure,
    /// File to write: .svg, .png or .pdf.
    #[arg(short, long, value_name = "FILE")]
    pub out: PathBuf,
    /// Scenario to draw, by name or identifier [default: the case of the papers, or the worst].
    #[arg(long, value_name = "NAME")]
    pub scenario: Option<String>,
    /// Item of a map, or `all` [default: the shocked one].
    #[arg(long, value_name = "NAME")]
    pub item: Option<String>,
    /// Circles of a map in tonnes instead of kilograms per person.
    #[arg(long)]
    pub tonnes: bool,
    /// Run that a heatmap shows [default: on, if there is one].
    #[arg(long, value_enum)]
    pub adaptation: Option<Way>,
    /// Split the cells of a heatmap: this failure, and that of each item itself.
    #[arg(long)]
    pub split: bool,
    /// Item or group of items left out of sums over items; as in `report`.
    #[arg(long, value_name = "NAME")]
    pub leave_out: Vec<String>,
    /// Keep the letters of an SVG as text, to be searched and edited; their look is then the reader's.
    #[arg(long)]
    pub text: bool,
    /// Table of regions (columns area, region) to take instead of those of the result.
    #[arg(long, value_name = "FILE")]
    pub regions: Option<PathBuf>,
    /// Width of a PNG, pixels.
    #[arg(long, default_value_t = 1800, value_name = "PIXELS", value_parser = clap::value_parser!(u32).range(100..=20_000))]
    pub width: u32,
}

/// Draws a picture of a result.
///
/// # Errors
/// The folder is no finished result, does not have what is to be drawn, or the file cannot be written.
pub fn execute(args: &PlotArgs) -> Result<(), CliError> {
    let format = ImageFormat::of(&args.out).ok_or(CliError::Usage(NO_FORMAT))?;
    let scenarios: Vec<String> = args.scenario.iter().cloned().collect();
    // A trace needs its scenario told in detail; they come right after those asked for.
    let most = if args.kind == Figure::Trace && scenarios.is_empty() { 60 } else { 1 };
    let leave_out = left_out(&args.leave_out);
    let options = Options { scenarios, most, leave_out, regions: args.regions.clone() };
    let overview = overview(&args.result, &options)?;
    let choice = Choice {
        item: args.item.clone(),
        tonnes: args.tonnes,
        adaptation: args.adaptation.map(|way| Response::from(way == Way::On)),
        split: args.split,
    };
    let picture = draw(&overview, args.kind, &choice)?;
    let bytes = match (format, args.text) {
        (_, false) => picture.bytes(format, args.width)?,
        (ImageFormat::Svg, true) => picture.text_svg().into_bytes(),
        _ => return Err(CliError::Usage("--text is for .svg: letters of a PNG or PDF are drawn")),
    };
    let mut pending = Pending::create(&args.out).map_err(SinkError::from)?;
    pending.write_all(&bytes).map_err(SinkError::io(&args.out))?;
    pending.commit().map_err(SinkError::from)?;
    Ok(ink::print(&format!("{}: {}\n", args.out.display(), picture.title()))?)
}
