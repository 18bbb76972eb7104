//! `shocksweep trade ...`: dependency in product trade.

mod args;

use std::io::Write;

use shocksweep_trade::panel::import::import;
use shocksweep_trade::panel::{Amount, store};
use shocksweep_trade::study::{Study, StudyTables};

use super::plot::NO_FORMAT;
use super::say::say;
use super::signals::{interrupted, listen};
use super::{CliError, ink};
use crate::dataset::store as dataset_store;
use crate::report::html;
use crate::report::picture::ImageFormat;
use crate::report::picture::trade::draw;
use crate::report::trade as text;
use crate::trade::TradeRunError;
use crate::trade::dataset::dataset;
use crate::trade::job::{ImportJob, TradeJob, request};
use crate::trade::run::{STUDY, Start, Watch, check_cost, read, run};
use crate::trade::sweep::Machine;
pub use args::{
    AmountArg, DatasetArgs, EvidenceArgs, ImportArgs, MeasureArgs, PanelArgs, PlotArgs, ReportArgs,
    RiskArgs, TradeCommand, TradeRunArgs,
};

/// Does what a trade command asks.
///
/// # Errors
/// The input is wrong, or the output cannot be written.
pub fn execute(command: TradeCommand) -> Result<(), CliError> {
    match command {
        TradeCommand::Import(args) => execute_import(&args),
        TradeCommand::Run(args) => execute_run(args),
        TradeCommand::Links(args) => {
            let (job, panel) = opened(&args.panel, &args.evidence)?;
            let study = studied(&job, &panel)?;
            print(&text::links(&study.tests, job.links))
        }
        TradeCommand::Indicators(args) => {
            let (job, panel) = opened(&args.panel, &args.evidence)?;
            let study = studied(&job, &panel)?;
            print(&text::indicators(&study))
        }
        TradeCommand::Dataset(args) => execute_dataset(&args),
        TradeCommand::Risk(args) => execute_risk(&args),
        TradeCommand::Tiers(args) => print(&text::tiers(&measured(&args)?)),
        TradeCommand::Clusters(args) => print(&text::clusters(&measured(&args)?)),
        TradeCommand::Regress(args) => print(&text::regressions(&measured(&args)?)),
        TradeCommand::Report(args) => execute_report(&args),
        TradeCommand::Plot(args) => execute_plot(&args),
    }
}

fn print(text: &str) -> Result<(), CliError> {
    Ok(ink::print(text)?)
}

fn opened(
    panel: &str,
    args: &EvidenceArgs,
) -> Result<(TradeJob, shocksweep_trade::panel::Panel), CliError> {
    let mut job = TradeJob { panel: panel.to_string(), ..TradeJob::default() };
    args.put_over(&mut job);
    let panel = job.open()?;
    Ok((job, panel))
}

fn studied<'p>(
    job: &TradeJob,
    panel: &'p shocksweep_trade::panel::Panel,
) -> Result<Study<'p>, CliError> {
    Ok(job.study(panel)?.0)
}

/// The tables of a finished study, or of a panel that is measured here.
fn measured(args: &MeasureArgs) -> Result<StudyTables, CliError> {
    let folder = std::path::Path::new(&args.of.panel);
    if folder.join(STUDY).is_file() {
        return Ok(read(folder)?.1);
    }
    let (mut job, panel) = opened(&args.of.panel, &args.of.evidence)?;
    job.horizon = args.horizon.unwrap_or(job.horizon);
    let study = studied(&job, &panel)?;
    let machine = Machine { engine: Some(args.engine), device: args.device.choice(args.engine)? };
    check_cost(&study, panel.years.len(), args.any_cost)?;
    listen(false);
    let found = (0..panel.years.len()).map(|at| {
        let (found, _) =
            crate::trade::sweep::year(&study, at, &machine, false, &interrupted, &|_| {})?;
        Ok(found)
    });
    let found = found.collect::<Result<Vec<_>, TradeRunError>>()?;
    Ok(study.tables(&found, Vec::new()))
}

fn execute_import(args: &ImportArgs) -> Result<(), CliError> {
    let from = ImportJob {
        source: args.src.clone(),
        items: args.items.clone(),
        areas: args.areas.clone(),
        merge: args.merge.clone(),
        amount: args.amount.into(),
    };
    let panel = import(&request(&from, args.name.as_deref(), args.licence.as_deref()))
        .map_err(TradeRunError::from)?;
    store::write(&panel, &args.panel, args.force).map_err(TradeRunError::from)?;
    print(&text::imported(&panel, &args.panel))
}

/// What a dataset in kUSD holds.
const VALUES: &str = "\
Its amounts are values, kUSD: losses, sums over items and rankings are in them; \
`trade import --amount quantity` makes a panel in tonnes.
";

/// Index of a year of the panel.
fn position(panel: &shocksweep_trade::panel::Panel, year: Option<i32>) -> Result<usize, CliError> {
    let last = panel.years.len() - 1;
    let Some(year) = year else { return Ok(last) };
    panel.position(year).ok_or_else(|| {
        let about = &panel.about;
        let text = format!(
            "the panel holds no year {year}; expected one from {} to {}",
            about.first_year, about.last_year
        );
        TradeRunError::from(shocksweep_trade::TradeError::Settings(text)).into()
    })
}

fn execute_dataset(args: &DatasetArgs) -> Result<(), CliError> {
    let (job, panel) = opened(&args.panel, &args.evidence)?;
    let study = studied(&job, &panel)?;
    let (balance, parameters) = study.model(position(&panel, args.year)?);
    let dataset = dataset(&panel, &balance, &parameters);
    dataset_store::write(&dataset, &args.out, args.force)?;
    super::dataset::announce(&dataset, &args.out)?;
    if panel.about.amount == Amount::Value {
        return print(VALUES);
    }
    Ok(())
}

fn execute_risk(args: &RiskArgs) -> Result<(), CliError> {
    let (job, panel) = opened(&args.of.panel, &args.of.evidence)?;
    let study = studied(&job, &panel)?;
    let at = position(&panel, args.year)?;
    check_cost(&study, 1, args.any_cost)?;
    let machine = Machine { engine: Some(args.engine), device: args.device.choice(args.engine)? };
    listen(false);
    let (found, _) = crate::trade::sweep::year(&study, at, &machine, false, &interrupted, &|_| {})?;
    print(&text::risk(&study, at, &found))
}

fn execute_run(args: TradeRunArgs) -> Result<(), CliError> {
    if let Some(threads) = args.threads {
        // Fails only if the pool exists already, which nothing before this line makes.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(usize::from(threads)).build_global();
    }
    let mut job = match &args.job {
        Some(path) => TradeJob::read(path)?,
        None => TradeJob::default(),
    };
    if args.job.is_none() && args.panel.is_none() {
        return Err(CliError::Usage(
            "nothing to run: give a job file, or --panel PANEL (`synthetic` for the built-in one)",
        ));
    }
    if let Some(panel) = &args.panel {
        job.panel.clone_from(panel);
        job.import = None;
    }
    args.evidence.put_over(&mut job);
    job.horizon = args.horizon.unwrap_or(job.horizon);
    job.engine = args.engine.unwrap_or(job.engine);
    job.any_cost |= args.any_cost;
    job.output.csv |= args.csv;
    let Some(out) = args.out.or_else(|| job.output.folder.clone()) else {
        return Err(CliError::Usage("where to? Give --out OUT, or `folder` in [output]"));
    };
    let start = match (args.resume, args.force) {
        (true, _) => Start::Resume,
        (false, true) => Start::Replace,
        (false, false) => Start::New,
    };
    let machine = Machine { engine: Some(job.engine), device: args.device.choice(job.engine)? };
    listen(args.quiet);
    let watch = Lines { quiet: args.quiet };
    let finished = run(&job, &out, start, &machine, &interrupted, &watch);
    if interrupted() && finished.is_err() {
        let years = std::fs::read_dir(out.join("years")).map_or(0, |entries| entries.count());
        return Err(CliError::Stopped(format!(
            "{years} years are on the disk in {}",
            out.display()
        )));
    }
    let finished = finished?;
    let (manifest, tables) = (&finished.manifest, &finished.tables);
    let page = html::trade::page(manifest, tables, text::takeaways(manifest, tables));
    write(&out.join("report.html"), page.as_bytes())?;
    if args.quiet { Ok(()) } else { print(&text::summary(&finished)) }
}

fn execute_report(args: &ReportArgs) -> Result<(), CliError> {
    let (manifest, tables) = read(&args.result)?;
    let page = html::trade::page(&manifest, &tables, text::takeaways(&manifest, &tables));
    write(&args.out, page.as_bytes())?;
    print(&format!("{}: the page of {}\n", args.out.display(), args.result.display()))
}

fn execute_plot(args: &PlotArgs) -> Result<(), CliError> {
    let format = ImageFormat::of(&args.out).ok_or(CliError::Usage(NO_FORMAT))?;
    let (manifest, tables) = read(&args.result)?;
    let picture = draw(&manifest, &tables, args.kind)?;
    let bytes = picture.bytes(format, args.width)?;
    write(&args.out, &bytes)?;
    print(&format!("{}: {}\n", args.out.display(), picture.title()))
}

/// Writes a file whole or not at all.
fn write(path: &std::path::Path, bytes: &[u8]) -> Result<(), CliError> {
    shocksweep_columnar::write::whole(path, |file| file.write_all(bytes))
        .map_err(|error| TradeRunError::from(shocksweep_trade::TradeError::from(error)))?;
    Ok(())
}

/// Lines on standard error.
struct Lines {
    quiet: bool,
}

impl Watch for Lines {
    fn year(&self, year: i32) {
        if !self.quiet {
            say(&format!("running the failures of {year}"));
        }
    }

    fn note(&self, text: &str) {
        if !self.quiet {
            say(&format!("note: {text}"));
        }
    }
}
