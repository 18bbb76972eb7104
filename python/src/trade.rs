//! Dependency in product trade: a panel, its questions, its studies.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::prelude::*;
use shocksweep::low_level::report::trade as told;
use shocksweep::low_level::trade::TradeRunError;
use shocksweep::low_level::trade::dataset::dataset;
use shocksweep::low_level::trade::job::{ImportJob, LinkChoice, TradeJob, request};
use shocksweep::low_level::trade::run::{self, Unwatched, check_cost};
use shocksweep::low_level::trade::sweep::{self, Machine};
use shocksweep_trade::TradeError;
use shocksweep_trade::panel::import::import;
use shocksweep_trade::panel::{Amount, Panel, store};
use shocksweep_trade::study::{Study, StudyTables};

use crate::error;
use crate::findings::{Findings, chosen};
use crate::world::{World, engine_kind};

/// How a panel is studied.
#[derive(FromPyObject)]
pub struct Options {
    #[pyo3(item)]
    candidates: Option<PathBuf>,
    #[pyo3(item)]
    links: String,
    #[pyo3(item)]
    stability: Option<PathBuf>,
    #[pyo3(item)]
    reexport_share: f64,
    #[pyo3(item)]
    production: Option<PathBuf>,
    #[pyo3(item)]
    horizon: Option<usize>,
    #[pyo3(item)]
    engine: String,
    #[pyo3(item)]
    any_cost: bool,
}

impl Options {
    fn job(&self, panel: String) -> PyResult<TradeJob> {
        let usual = TradeJob::default();
        let links: LinkChoice = chosen("choice of links", &self.links)?;
        Ok(TradeJob {
            panel,
            candidates: self.candidates.clone(),
            links,
            stability: self.stability.clone(),
            reexport_share: self.reexport_share,
            production: self.production.clone(),
            horizon: self.horizon.unwrap_or(usual.horizon),
            engine: engine_kind(&self.engine)?,
            any_cost: self.any_cost,
            ..usual
        })
    }
}

/// Trade of products over years, and how it is studied.
#[pyclass(frozen, module = "shocksweep")]
pub struct TradePanel {
    panel: Panel,
    job: TradeJob,
    tables: OnceLock<StudyTables>,
}

/// Asks Python between two batches whether it was interrupted.
pub struct Interrupt {
    is_set: AtomicBool,
}

impl Interrupt {
    /// Not interrupted yet.
    pub fn new() -> Self {
        Interrupt { is_set: AtomicBool::new(false) }
    }

    /// Whether Python wants to stop.
    pub fn asked(&self) -> bool {
        if !self.is_set.load(Ordering::Relaxed) && Python::attach(|py| py.check_signals()).is_err()
        {
            self.is_set.store(true, Ordering::Relaxed);
        }
        self.is_set.load(Ordering::Relaxed)
    }

    /// What Python sees of an error: its own where it was the reason.
    pub fn or(&self, problem: PyErr) -> PyErr {
        match self.is_set.load(Ordering::Relaxed) {
            true => pyo3::exceptions::PyKeyboardInterrupt::new_err("stopped"),
            false => problem,
        }
    }
}

impl TradePanel {
    fn study(&self) -> PyResult<Study<'_>> {
        Ok(self.job.study(&self.panel).map_err(error::trade)?.0)
    }

    fn machine(&self) -> Machine {
        Machine { engine: Some(self.job.engine), ..Machine::default() }
    }

    fn position(&self, year: Option<i32>) -> PyResult<usize> {
        let Some(year) = year else { return Ok(self.panel.years.len() - 1) };
        self.panel.position(year).ok_or_else(|| {
            let about = &self.panel.about;
            error::input(format!(
                "the panel holds no year {year} (expected one from {} to {})",
                about.first_year, about.last_year
            ))
        })
    }

    fn about(&self) -> Vec<(&'static str, String)> {
        let about = &self.panel.about;
        vec![("dataset", about.name.clone()), ("synthetic", about.synthetic.to_string())]
    }

    /// All tables; every year's failures are run when they are first asked for.
    fn tables(&self) -> PyResult<&StudyTables> {
        if let Some(tables) = self.tables.get() {
            return Ok(tables);
        }
        let (study, machine) = (self.study()?, self.machine());
        let years = self.panel.years.len();
        check_cost(&study, years, self.job.any_cost).map_err(error::trade)?;
        let interrupt = Interrupt::new();
        let stop = || interrupt.asked();
        let (mut found, mut losses) = (Vec::new(), Vec::new());
        for at in 0..years {
            let is_last = at + 1 == years;
            let year = sweep::year(&study, at, &machine, is_last, &stop, &|_| {});
            let (of_year, listed) = year.map_err(|e| interrupt.or(error::trade(e)))?;
            found.push(of_year);
            losses = listed;
        }
        Ok(self.tables.get_or_init(|| study.tables(&found, losses)))
    }

    fn found(&self, words: impl FnOnce(&StudyTables) -> String) -> PyResult<Findings> {
        let tables = self.tables()?;
        all(words(tables), &self.about(), tables)
    }
}

/// Tables of a study beside what is said of it.
pub(crate) fn all(
    words: String,
    about: &[(&str, String)],
    tables: &StudyTables,
) -> PyResult<Findings> {
    let of = &tables.clustering;
    Findings::said(words)
        .and(about, &tables.links)?
        .and(about, &tables.indicators)?
        .and(about, &tables.world)?
        .and(about, &tables.parameters)?
        .and(about, &tables.losses)?
        .and(about, &tables.profiles)?
        .and(about, &tables.tiers)?
        .and(about, &of.features)?
        .and(about, &of.quality)?
        .and(about, &of.clusters)?
        .and(about, &of.centres)?
        .and(about, &of.years)?
        .and(about, &tables.regressions)?
        .and(about, &tables.counts)?
        .and(about, &tables.fills)
}

#[pymethods]
impl TradePanel {
    #[getter]
    fn name(&self) -> &str {
        &self.panel.about.name
    }

    #[getter]
    fn is_synthetic(&self) -> bool {
        self.panel.about.synthetic
    }

    #[getter]
    fn areas(&self) -> Vec<&str> {
        self.panel.areas.iter().map(|area| &**area).collect()
    }

    #[getter]
    fn items(&self) -> Vec<&str> {
        self.panel.items.iter().map(|item| &*item.name).collect()
    }

    #[getter]
    fn years(&self) -> Vec<i32> {
        self.panel.years.iter().map(|year| year.year).collect()
    }

    /// Tests of the candidate links.
    fn links(&self, py: Python<'_>) -> PyResult<Findings> {
        py.detach(|| {
            let study = self.study()?;
            Findings::said(told::links(&study.tests, self.job.links))
                .and(&self.about(), &study.tests)
        })
    }

    /// What is lost if producers of a year fail.
    fn risk(&self, py: Python<'_>, year: Option<i32>) -> PyResult<Findings> {
        py.detach(|| {
            let (study, at) = (self.study()?, self.position(year)?);
            check_cost(&study, 1, self.job.any_cost).map_err(error::trade)?;
            let interrupt = Interrupt::new();
            let stop = || interrupt.asked();
            let found = sweep::year(&study, at, &self.machine(), true, &stop, &|_| {});
            let (found, losses) = found.map_err(|e| interrupt.or(error::trade(e)))?;
            Findings::said(told::risk(&study, at, &found))
                .and(&self.about(), &found.rows)?
                .and(&self.about(), &losses)
        })
    }

    /// Who depends on whom, how concentrated trade is.
    fn indicators(&self, py: Python<'_>) -> PyResult<Findings> {
        py.detach(|| {
            let words = told::indicators(&self.study()?);
            self.found(|_| words)
        })
    }

    /// Whether tiers differ.
    fn tiers(&self, py: Python<'_>) -> PyResult<Findings> {
        py.detach(|| self.found(told::tiers))
    }

    /// Which areas depend alike.
    fn clusters(&self, py: Python<'_>) -> PyResult<Findings> {
        py.detach(|| self.found(told::clusters))
    }

    /// What follows from dependency.
    fn regress(&self, py: Python<'_>) -> PyResult<Findings> {
        py.detach(|| self.found(told::regressions))
    }

    /// A year as a world that food's questions are asked of.
    fn world(&self, py: Python<'_>, year: Option<i32>) -> PyResult<World> {
        py.detach(|| {
            let (study, at) = (self.study()?, self.position(year)?);
            let (balance, parameters) = study.model(at);
            let made = dataset(&self.panel, &balance, &parameters);
            Ok(World::new(made, self.job.panel.clone()))
        })
    }

    /// Writes the panel.
    fn save(&self, py: Python<'_>, folder: PathBuf, force: bool) -> PyResult<()> {
        py.detach(|| store::write(&self.panel, &folder, force)).map_err(wrong)
    }

    /// Runs the whole study into a folder.
    fn run(&self, py: Python<'_>, out: PathBuf, start: (bool, bool), csv: bool) -> PyResult<()> {
        let start = match start {
            (true, true) => return Err(error::input("`resume` and `force` exclude each other")),
            (true, false) => run::Start::Resume,
            (false, true) => run::Start::Replace,
            (false, false) => run::Start::New,
        };
        let mut job = self.job.clone();
        job.output.csv = csv;
        py.detach(|| {
            let interrupt = Interrupt::new();
            let stop = || interrupt.asked();
            let ended = run::run(&job, &out, start, &self.machine(), &stop, &Unwatched);
            ended.map(drop).map_err(|e| interrupt.or(error::trade(e)))
        })
    }

    fn __repr__(&self) -> String {
        let (about, panel) = (&self.panel.about, &self.panel);
        format!(
            "Panel {}: {} areas, {} items, {} to {}{}",
            about.name,
            panel.areas.len(),
            panel.items.len(),
            about.first_year,
            about.last_year,
            if about.synthetic { "; invented numbers" } else { "" }
        )
    }
}

/// Opens a panel: a folder, or `synthetic`.
#[pyfunction]
pub fn trade_panel(py: Python<'_>, panel: String, options: Options) -> PyResult<TradePanel> {
    let job = options.job(panel)?;
    py.detach(|| {
        let panel = job.open().map_err(error::trade)?;
        let opened = TradePanel { panel, job, tables: OnceLock::new() };
        opened.study()?;
        Ok(opened)
    })
}

/// Makes a panel of trade in BACI's layout.
#[pyfunction]
#[pyo3(signature = (source, folder, tables, amount, about, force))]
pub fn trade_import(
    py: Python<'_>,
    source: PathBuf,
    folder: PathBuf,
    tables: (PathBuf, PathBuf, Option<PathBuf>),
    amount: &str,
    about: (Option<String>, Option<String>),
    force: bool,
) -> PyResult<()> {
    let (items, areas, merge) = tables;
    let amount = match amount {
        "value" => Amount::Value,
        "quantity" => Amount::Quantity,
        other => {
            return Err(error::input(format!(
                "`{other}` is no amount (expected one of value, quantity)"
            )));
        }
    };
    let from = ImportJob { source, items, areas, merge, amount };
    py.detach(|| {
        let asked = request(&from, about.0.as_deref(), about.1.as_deref());
        let panel = import(&asked).map_err(wrong)?;
        store::write(&panel, &folder, force).map_err(wrong)
    })
}

fn wrong(problem: TradeError) -> PyErr {
    error::trade(TradeRunError::from(problem))
}
