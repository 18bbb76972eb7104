//! A study of trade as a file: what to read, what to ask, where to write.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use shocksweep_columnar::paths::toml_problem;
use shocksweep_trade::links::Chosen;
use shocksweep_trade::lists::{self, Candidate, Stability};
use shocksweep_trade::panel::import::{Request, import};
use shocksweep_trade::panel::{Amount, Panel, store};
use shocksweep_trade::production;
use shocksweep_trade::risk::Weights;
use shocksweep_trade::study::{HORIZON, Settings, Study};
use shocksweep_trade::synth::{self, SYNTHETIC};

use super::TradeRunError;
use crate::job::EngineKind;

/// Which candidates are links, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum LinkChoice {
    /// Those that the test in differences keeps.
    #[default]
    Tested,
    /// Those that the test in levels keeps.
    Levels,
    /// All candidates, without testing.
    All,
}

impl From<LinkChoice> for Chosen {
    fn from(choice: LinkChoice) -> Self {
        match choice {
            LinkChoice::Tested => Chosen::Tested,
            LinkChoice::Levels => Chosen::Levels,
            LinkChoice::All => Chosen::All,
        }
    }
}

/// How failing producers are weighted in trade risk, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum WeightChoice {
    /// By what they make.
    #[default]
    Market,
    /// All alike.
    Uniform,
}

impl From<WeightChoice> for Weights {
    fn from(choice: WeightChoice) -> Self {
        match choice {
            WeightChoice::Market => Weights::Market,
            WeightChoice::Uniform => Weights::Uniform,
        }
    }
}

/// Files to make a panel of, instead of a panel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportJob {
    /// File or folder of trade in BACI's layout.
    pub source: PathBuf,
    /// Table of items: code, item, tier.
    pub items: PathBuf,
    /// BACI's table of areas.
    pub areas: PathBuf,
    /// Table of merges: country_code, area.
    #[serde(default)]
    pub merge: Option<PathBuf>,
    /// What flows are measured by.
    #[serde(default)]
    pub amount: Amount,
}

/// Where results go.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Output {
    /// Result folder.
    pub folder: Option<PathBuf>,
    /// Whether tables are written as CSV as well.
    pub csv: bool,
}

/// A study of trade as written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TradeJob {
    /// `"synthetic"`, or the folder of a panel.
    pub panel: String,
    /// Table of candidate links; the built-in panel has its own.
    pub candidates: Option<PathBuf>,
    /// Which candidates are links.
    pub links: LinkChoice,
    /// Table of political stability.
    pub stability: Option<PathBuf>,
    /// Share of what passes through that is re-exported.
    pub reexport_share: f64,
    /// Table of production, in place of the proxy: year, area, item, amount.
    pub production: Option<PathBuf>,
    /// How failing producers are weighted in trade risk.
    pub weights: WeightChoice,
    /// Years over which regressions look ahead.
    pub horizon: usize,
    /// Engine.
    pub engine: EngineKind,
    /// Whether a sweep that takes hours is run all the same.
    pub any_cost: bool,
    /// Files to make a panel of, instead of `panel`.
    pub import: Option<ImportJob>,
    /// Where results go.
    pub output: Output,
}

impl Default for TradeJob {
    fn default() -> Self {
        TradeJob {
            panel: SYNTHETIC.into(),
            candidates: None,
            links: LinkChoice::Tested,
            stability: None,
            reexport_share: 0.0,
            production: None,
            weights: WeightChoice::Market,
            horizon: HORIZON,
            engine: EngineKind::Cpu,
            any_cost: false,
            import: None,
            output: Output::default(),
        }
    }
}

/// Longest horizon that is sensible; panels are shorter.
const MAX_HORIZON: usize = 200;

impl TradeJob {
    /// Reads a job file; what it names lies where the program was called.
    ///
    /// # Errors
    /// The file is not there, is no TOML, or holds an unknown key or value.
    pub fn read(path: &Path) -> Result<Self, TradeRunError> {
        let fail = |problem: String| TradeRunError::Job { path: path.to_path_buf(), problem };
        let text = shocksweep_columnar::read::text(path)
            .map_err(|error| fail(format!("cannot be read: {error}; expected a job (TOML)")))?;
        if let Ok(table) = text.parse::<toml::Table>()
            && let Some(problem) = crate::hint::control_character(&table)
        {
            return Err(fail(problem));
        }
        toml::from_str(&text).map_err(|error| {
            let line = error
                .span()
                .map(|span| 1 + text[..span.start.min(text.len())].matches('\n').count());
            let line = line.map(|line| format!("line {line}: ")).unwrap_or_default();
            fail(format!("{line}{}", toml_problem(error.message())))
        })
    }

    /// Checks the numbers.
    ///
    /// # Errors
    /// Which one is out of range.
    pub fn settings(&self) -> Result<Settings, TradeRunError> {
        let fail = |text: &str| Err(shocksweep_trade::TradeError::Settings(text.into()).into());
        if !(0.0..=1.0).contains(&self.reexport_share) {
            return fail("reexport_share must be a share from 0 to 1");
        }
        if !(1..=MAX_HORIZON).contains(&self.horizon) {
            return fail("horizon must be a number of years from 1 to 200");
        }
        Ok(Settings {
            links: self.links.into(),
            reexport_share: self.reexport_share,
            horizon: self.horizon,
            weights: self.weights.into(),
        })
    }

    /// The panel: built in, from a folder, or imported here.
    ///
    /// # Errors
    /// It is faulty.
    pub fn open(&self) -> Result<Panel, TradeRunError> {
        if let Some(from) = &self.import {
            return Ok(import(&request(from, None, None))?);
        }
        open(&self.panel)
    }

    /// The study of a panel, its candidates tested, and the candidates.
    ///
    /// # Errors
    /// A setting or a table is faulty.
    pub fn study<'p>(
        &self,
        panel: &'p Panel,
    ) -> Result<(Study<'p>, Vec<Candidate>), TradeRunError> {
        let settings = self.settings()?;
        let (candidates, stability) = self.evidence(panel)?;
        let production = self.production.as_ref().map(|path| production::read(path, panel));
        let production = production.transpose()?;
        let mut study = Study::new(panel, &candidates, stability, settings);
        study.production = production;
        Ok((study, candidates))
    }

    /// Candidates and stability for a panel.
    fn evidence(
        &self,
        panel: &Panel,
    ) -> Result<(Vec<Candidate>, Option<Stability>), TradeRunError> {
        let candidates = match &self.candidates {
            Some(path) => lists::candidates(path, &panel.items)?,
            None if panel.about.synthetic => synth::candidates(panel),
            None => Vec::new(),
        };
        let stability = self.stability.as_ref().map(|path| lists::stability(path, &panel.areas));
        Ok((candidates, stability.transpose()?))
    }
}

/// What to import, named after its source unless told otherwise.
pub fn request(from: &ImportJob, name: Option<&str>, licence: Option<&str>) -> Request {
    let stem = from.source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Request {
        source: from.source.clone(),
        items: from.items.clone(),
        areas: from.areas.clone(),
        merge: from.merge.clone(),
        amount: from.amount,
        name: name.map_or(stem, String::from),
        licence: licence.unwrap_or("as its source").into(),
    }
}

/// Opens a panel by name.
///
/// # Errors
/// The folder holds none, or one that is damaged.
pub fn open(panel: &str) -> Result<Panel, TradeRunError> {
    match panel {
        SYNTHETIC => Ok(synth::synthesize(SEED)),
        folder => Ok(store::read(Path::new(folder))?),
    }
}

/// Seed of the built-in panel.
pub const SEED: u64 = 1;
