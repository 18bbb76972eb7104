//! A study from beginning to end, year by year on the disk, so that it can be continued.
//!
//! ```text
//! OUT/study.json            what was asked, of which panel, and what came of it; written last
//! OUT/years/YEAR.parquet    indicators of a year with its sweep; what a continued run keeps
//! OUT/*.parquet             one per table of `shocksweep_trade`
//! ```

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use shocksweep_columnar::{Record, write};
use shocksweep_trade::indicators::{Indicator, YearIndicators};
use shocksweep_trade::lists::{Candidate, Item};
use shocksweep_trade::panel::{About, Panel};
use shocksweep_trade::study::{Study, StudyTables};

use super::TradeRunError;
use super::job::{TradeJob, WeightChoice};
use super::notes::notes;
use super::sweep::{Machine, estimate, year};

/// Name of the description of a result; a folder without it is unfinished.
pub const STUDY: &str = "study.json";

/// Name of what an unfinished result was asked for.
const ASKED: &str = "asked.json";

/// What is done with what lies in the output folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The folder must be empty, or not there.
    New,
    /// An earlier result is removed.
    Replace,
    /// An unfinished result is continued.
    Resume,
}

/// What a finished result says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Program that made it.
    pub made_by: String,
    /// The panel.
    pub panel: About,
    /// Number of areas.
    pub areas: usize,
    /// Items, by name.
    pub items: Vec<ItemAbout>,
    /// The job, every default filled in.
    pub job: TradeJob,
    /// What the user should know.
    pub notes: Vec<String>,
    /// What was asked, as a hash: of the panel, the candidates, the stability and the settings.
    pub asked: String,
}

/// An item of a study.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ItemAbout {
    /// Name.
    pub name: String,
    /// Stage of the supply chain.
    pub tier: String,
}

fn about(item: &Item) -> ItemAbout {
    ItemAbout { name: item.name.to_string(), tier: item.tier.name().into() }
}

/// Reads what a finished study says of itself, and its tables.
///
/// # Errors
/// The folder holds none, or one that is damaged.
pub fn read(folder: &Path) -> Result<(Manifest, StudyTables), TradeRunError> {
    let path = folder.join(STUDY);
    let missing = || {
        let problem = format!(
            "holds no finished study of trade (no {STUDY}); expected what `trade run` writes"
        );
        TradeRunError::Output { path: folder.to_path_buf(), problem }
    };
    let text = shocksweep_columnar::read::text(&path).map_err(|_| missing())?;
    let manifest = serde_json::from_str(&text).map_err(|error| {
        let problem = format!("not readable: {error}; run the study again");
        TradeRunError::Output { path: path.clone(), problem }
    })?;
    Ok((manifest, StudyTables::read(folder)?))
}

/// Told how a study goes on.
pub trait Watch: Sync {
    /// A year is run: so many failures.
    fn year(&self, _year: i32) {}
    /// So many more failures are done.
    fn advance(&self, _failures: usize) {}
    /// Something the user should know.
    fn note(&self, _text: &str) {}
}

/// Nobody watches.
pub struct Unwatched;

impl Watch for Unwatched {}

/// A finished study.
#[derive(Debug)]
pub struct Finished {
    /// The panel.
    pub panel: Panel,
    /// All tables.
    pub tables: StudyTables,
    /// What it says of itself.
    pub manifest: Manifest,
    /// Where it lies.
    pub folder: PathBuf,
}

/// Runs a job into `out`.
///
/// # Errors
/// The input is faulty (then nothing is written), the engine fails, or the folder cannot be written.
pub fn run(
    job: &TradeJob,
    out: &Path,
    start: Start,
    machine: &Machine,
    stop: &(dyn Fn() -> bool + Sync),
    watch: &dyn Watch,
) -> Result<Finished, TradeRunError> {
    job.settings()?;
    let panel = job.open()?;
    let (study, candidates) = job.study(&panel)?;
    let asked = asked(job, &study, &candidates);
    check_cost(&study, panel.years.len(), job.any_cost)?;
    let notes = notes(&study, &candidates);
    prepare(out, start, &asked)?;
    notes.iter().for_each(|note| watch.note(note));
    let years = out.join("years");
    std::fs::create_dir_all(&years).map_err(TradeRunError::io(&years))?;
    let mut found = Vec::new();
    let mut losses = Vec::new();
    for (at, of_panel) in panel.years.iter().enumerate() {
        let is_last = at + 1 == panel.years.len();
        let path = years.join(format!("{}.parquet", of_panel.year));
        // Losses of the last year are kept by no file of its own: it is run again.
        let kept = if is_last { None } else { kept(&panel, of_panel.year, &path) };
        if let Some(kept) = kept {
            found.push(kept);
            continue;
        }
        watch.year(of_panel.year);
        let (of_year, listed) = year(&study, at, machine, is_last, stop, &|n| watch.advance(n))?;
        write::batch(&path, &Indicator::batch(&of_year.rows))
            .map_err(shocksweep_trade::TradeError::from)?;
        found.push(of_year);
        losses = listed;
    }
    let tables = study.tables(&found, losses);
    tables.write(out, job.output.csv)?;
    let manifest = Manifest {
        made_by: concat!("shocksweep ", env!("CARGO_PKG_VERSION")).into(),
        panel: panel.about.clone(),
        areas: panel.areas.len(),
        items: panel.items.iter().map(about).collect(),
        job: job.clone(),
        notes,
        asked,
    };
    let text = serde_json::to_string_pretty(&manifest).unwrap_or_default();
    text_file(&out.join(STUDY), &text)?;
    let _ = std::fs::remove_file(out.join(ASKED));
    drop(study);
    Ok(Finished { panel, tables, manifest, folder: out.to_path_buf() })
}

/// Seconds beyond which a sweep is refused unless it is asked for whatever it costs.
const MAX_SECONDS: f64 = 3600.0;

/// Refuses a sweep of so many years that takes hours, unless it is asked for whatever it costs.
///
/// # Errors
/// What it would cost.
pub fn check_cost(study: &Study<'_>, years: usize, any_cost: bool) -> Result<(), TradeRunError> {
    let seconds = estimate(study, study.panel.years.len() - 1) * years as f64;
    if any_cost || seconds <= MAX_SECONDS {
        return Ok(());
    }
    let (items, hours) = (study.panel.items.len(), (seconds / 3600.0).ceil() as u64);
    Err(TradeRunError::Expensive { items, years, hours })
}

fn text_file(path: &Path, text: &str) -> Result<(), TradeRunError> {
    use std::io::Write;
    write::whole(path, |file| file.write_all(text.as_bytes()))
        .map_err(shocksweep_trade::TradeError::from)?;
    Ok(())
}

/// A hash of all that the result depends on.
fn asked(job: &TradeJob, study: &Study<'_>, candidates: &[Candidate]) -> String {
    let panel = study.panel;
    let stability = study.stability.as_ref().map(|s| &s.of[..]);
    let mut hasher = blake3::Hasher::new();
    let mut put = |bytes: &[u8]| {
        // The length first, so that no two lists of parts are alike.
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    let settings = (panel.about.amount, job.links, job.reexport_share, job.horizon, job.engine);
    put(format!("{settings:?} {stability:?}").as_bytes());
    // The usual weights are not put: studies of earlier versions are continued.
    if job.weights != WeightChoice::Market {
        put(format!("{:?}", job.weights).as_bytes());
    }
    if let Some(production) = &study.production {
        put(format!("{:?}", production.of).as_bytes());
    }
    panel.areas.iter().for_each(|area| put(area.as_bytes()));
    for item in &panel.items {
        put(format!("{} {:?} {:?}", item.name, item.tier, item.codes).as_bytes());
    }
    for candidate in candidates {
        put(format!("{} {}", candidate.input, candidate.output).as_bytes());
    }
    for year in &panel.years {
        put(format!("{} {:?} {:?} {}", year.year, year.starts, year.exports, year.total).as_bytes());
        let mut bytes = Vec::with_capacity(year.flows.len() * 20);
        for flow in &year.flows {
            bytes.extend(flow.exporter.to_le_bytes());
            bytes.extend(flow.importer.to_le_bytes());
            bytes.extend(flow.value.to_le_bytes());
            bytes.extend(flow.quantity.unwrap_or(-1.0).to_le_bytes());
        }
        put(&bytes);
    }
    hasher.finalize().to_hex().to_string()
}

/// Makes room for the result, or finds what is to be continued.
fn prepare(out: &Path, start: Start, asked: &str) -> Result<(), TradeRunError> {
    let refuse = |problem: &str| {
        Err(TradeRunError::Output { path: out.to_path_buf(), problem: problem.into() })
    };
    let is_result = out.join(STUDY).is_file();
    let is_begun = out.join(ASKED).is_file();
    let is_empty =
        std::fs::read_dir(out).map_or(!out.exists(), |mut entries| entries.next().is_none());
    match start {
        Start::New if is_empty => {}
        Start::New if is_begun => return Err(TradeRunError::Unfinished(out.to_path_buf())),
        Start::New => return Err(TradeRunError::Exists(out.to_path_buf())),
        Start::Replace if is_empty => {}
        Start::Replace if is_result || is_begun => {
            std::fs::remove_dir_all(out).map_err(TradeRunError::io(out))?;
        }
        Start::Replace => {
            return refuse("is no study of shocksweep (no study.json); it is not replaced");
        }
        Start::Resume if is_begun || is_result => {
            let before = shocksweep_columnar::read::text(&out.join(ASKED)).unwrap_or_default();
            let finished = || -> Option<String> {
                let text = shocksweep_columnar::read::text(&out.join(STUDY)).ok()?;
                Some(serde_json::from_str::<Manifest>(&text).ok()?.asked)
            };
            if before != asked && finished().as_deref() != Some(asked) {
                return Err(TradeRunError::Different(out.to_path_buf()));
            }
        }
        Start::Resume if is_empty => {}
        Start::Resume => return refuse("is no study of shocksweep; choose another folder"),
    }
    std::fs::create_dir_all(out).map_err(TradeRunError::io(out))?;
    text_file(&out.join(ASKED), asked)
}

/// Indicators of a year that is done; `None` for one that is to be run.
fn kept(panel: &Panel, year: i32, path: &Path) -> Option<YearIndicators> {
    let rows = shocksweep_trade::indicators::read(path)?;
    YearIndicators::from_rows(panel, year, rows)
}
