//! A dataset and the questions it answers.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use pyo3::prelude::*;
use shocksweep::low_level::dataset::names::NameIndex;
use shocksweep::low_level::dataset::{check, hash, store};
use shocksweep::low_level::engine::gpu::adapter::DeviceChoice;
use shocksweep::low_level::exposure;
use shocksweep::low_level::job::Adaptation;
use shocksweep::low_level::model::constants::STEPS;
use shocksweep::low_level::results;
use shocksweep::low_level::scenario::switches::Switches;
use shocksweep::low_level::scenario::{check_intensity, spec};
use shocksweep::low_level::study::shock;
use shocksweep::low_level::whatif::{self, WhatIf};
use shocksweep::{Dataset, Engine, EngineKind, Scenario, ScenarioId, make_engine, open};

use crate::answer::Answer;
use crate::error;
use crate::table::Table;

/// A dataset in memory: the world that is shocked.
///
/// `load` and `synthetic` make one. It never changes; `what_if` gives another one.
#[pyclass(frozen, module = "shocksweep")]
pub struct World {
    /// The data.
    pub dataset: Arc<Dataset>,
    /// What it was loaded from.
    given: String,
    /// The cpu engine for the usual number of steps, made when it is first asked for.
    engine: OnceLock<Arc<dyn Engine>>,
}

impl World {
    /// A world of data.
    pub fn new(dataset: Dataset, given: String) -> Self {
        World { dataset: Arc::new(dataset), given, engine: OnceLock::new() }
    }

    fn engine(&self, kind: EngineKind) -> PyResult<Arc<dyn Engine>> {
        let make = || make_engine(kind, &DeviceChoice::default(), &self.dataset, STEPS);
        if kind != EngineKind::Cpu {
            return Ok(Arc::from(make().map_err(error::engine)?));
        }
        if let Some(engine) = self.engine.get() {
            return Ok(engine.clone());
        }
        let made: Arc<dyn Engine> = Arc::from(make().map_err(error::engine)?);
        Ok(self.engine.get_or_init(|| made).clone())
    }
}

/// The engine of a name.
pub fn engine_kind(name: &str) -> PyResult<EngineKind> {
    match name {
        "cpu" => Ok(EngineKind::Cpu),
        "gpu" => Ok(EngineKind::Gpu),
        "reference" => Ok(EngineKind::Reference),
        _ => Err(error::input(format!(
            "`{name}` is no engine (expected one of cpu, gpu, reference)"
        ))),
    }
}

/// Whether areas adapt, as Python says it.
pub fn adaptation(text: Option<&str>) -> PyResult<Option<Adaptation>> {
    match text {
        None => Ok(None),
        Some("on") => Ok(Some(Adaptation::On)),
        Some("off") => Ok(Some(Adaptation::Off)),
        Some("both") => Ok(Some(Adaptation::Both)),
        Some(text) => Err(error::input(format!(
            "`{text}` is no way to adapt (expected one of on, off, both)"
        ))),
    }
}

/// Loads a dataset: a folder, or `synthetic`.
#[pyfunction]
pub fn load(py: Python<'_>, dataset: String) -> PyResult<World> {
    let loaded = py.detach(|| open(&dataset)).map_err(error::job)?;
    Ok(World::new(loaded, dataset))
}

#[pymethods]
impl World {
    /// Name of the dataset.
    #[getter]
    fn name(&self) -> &str {
        &self.dataset.metadata.name
    }

    /// Names of the areas, in order.
    #[getter]
    fn areas(&self) -> Vec<&str> {
        self.dataset.labels.areas.iter().map(|area| area.name.as_str()).collect()
    }

    /// Names of the items, in order.
    #[getter]
    fn items(&self) -> Vec<&str> {
        self.dataset.labels.items.iter().map(|item| item.name.as_str()).collect()
    }

    /// Whether the data are invented.
    #[getter]
    fn is_synthetic(&self) -> bool {
        self.dataset.metadata.synthetic
    }

    /// What must be said of the data wherever their results are shown; `None` for original data.
    #[getter]
    fn warning(&self) -> Option<String> {
        self.dataset.metadata.warning()
    }

    /// Whether areas can adapt: the dataset has rules.
    #[getter]
    fn has_rules(&self) -> bool {
        self.dataset.rules.is_some()
    }

    /// What it was loaded from.
    #[getter]
    fn source(&self) -> &str {
        &self.given
    }

    /// Checksum of the content: equal for equal data, wherever they lie.
    #[getter]
    fn content_hash(&self, py: Python<'_>) -> String {
        py.detach(|| hash::content_hash(&self.dataset))
    }

    /// The full name of an area or item as people write it.
    fn area(&self, name: &str) -> PyResult<String> {
        let index = NameIndex::new(&self.dataset.labels);
        let at = index.area(name).map_err(error::input)?;
        Ok(self.dataset.labels.areas[at].name.clone())
    }

    /// The full name of an item as people write it.
    fn item(&self, name: &str) -> PyResult<String> {
        let index = NameIndex::new(&self.dataset.labels);
        let at = index.item(name).map_err(error::input)?;
        Ok(self.dataset.labels.items[at].name.clone())
    }

    /// The areas as a table: codes, region, population, development.
    fn area_table(&self) -> PyResult<Table> {
        Ok(Table::of(results::areas::batch(&self.dataset).map_err(error::input)?))
    }

    /// Where an area's supply of an item comes from: its suppliers, largest first.
    fn suppliers(&self, area: &str, item: &str) -> PyResult<Table> {
        let index = NameIndex::new(&self.dataset.labels);
        let area = index.area(area).map_err(error::input)?;
        let item = index.item(item).map_err(error::input)?;
        let rows = exposure::rows::suppliers(&self.dataset, area, item);
        Ok(Table::of(results::batch(&self.dataset, &rows).map_err(error::input)?))
    }

    /// One scenario, answered at once.
    #[pyo3(signature = (shocks, adaptation = None, engine = "cpu"))]
    fn shock(
        &self,
        py: Python<'_>,
        shocks: Vec<(String, f64)>,
        adaptation: Option<&str>,
        engine: &str,
    ) -> PyResult<Answer> {
        let ways = crate::world::adaptation(adaptation)?;
        let ways = ways.unwrap_or_else(|| shock::ways(&self.dataset));
        if ways != Adaptation::Off && self.dataset.rules.is_none() {
            return Err(error::input(format!(
                "dataset `{}` has no rules of adaptation; `adaptation=\"off\"` runs without",
                self.name()
            )));
        }
        let mut all = Vec::new();
        for (sector, phi) in &shocks {
            let phi = check_intensity(*phi).map_err(error::input)?;
            let mut of = spec::parse(sector, &self.dataset).map_err(error::input)?;
            of.iter_mut().for_each(|shock| shock.phi *= phi);
            all.extend(of);
        }
        let kind = engine_kind(engine)?;
        py.detach(|| self.answer(all, ways, kind))
    }

    /// One scenario given as the share of output lost in every sector.
    #[pyo3(signature = (phi, adaptation = None, engine = "cpu"))]
    fn shock_vector(
        &self,
        py: Python<'_>,
        phi: Vec<f64>,
        adaptation: Option<&str>,
        engine: &str,
    ) -> PyResult<Answer> {
        let sectors = self.dataset.dimensions().sectors();
        if phi.len() != sectors {
            return Err(error::input(format!(
                "{} intensities for {sectors} sectors (areas x items, item by item within an area)",
                phi.len()
            )));
        }
        let mut all = Vec::new();
        for (sector, &phi) in phi.iter().enumerate().filter(|(_, phi)| **phi != 0.0) {
            let phi = check_intensity(phi).map_err(error::input)?;
            all.push(shocksweep::low_level::scenario::Shock::new(sector as u32, phi));
        }
        let ways = crate::world::adaptation(adaptation)?;
        let ways = ways.unwrap_or_else(|| shock::ways(&self.dataset));
        let kind = engine_kind(engine)?;
        py.detach(|| self.answer(all, ways, kind))
    }

    /// Another world: this one with the changes of a file, and what they change in words.
    fn what_if(&self, py: Python<'_>, file: PathBuf) -> PyResult<(World, Vec<String>)> {
        py.detach(|| {
            let asked = WhatIf::read(&file).map_err(error::input)?;
            let (changed, rows) =
                whatif::apply(&self.dataset, &asked.change).map_err(error::input)?;
            Ok((World::new(changed, self.given.clone()), whatif::told(&rows)))
        })
    }

    /// Writes the dataset in shocksweep's own form.
    #[pyo3(signature = (folder, force = false))]
    fn save(&self, py: Python<'_>, folder: PathBuf, force: bool) -> PyResult<()> {
        py.detach(|| store::write(&self.dataset, &folder, force)).map_err(error::dataset)
    }

    /// Checks the model's invariants: `(what, how it stands, the worst that breaks it)`.
    fn check(&self, py: Python<'_>) -> Vec<(String, String, String)> {
        py.detach(|| {
            let report = check::check(&self.dataset);
            let told = report.verdicts.iter();
            told.map(|v| {
                (
                    v.invariant.to_string(),
                    format!("{:?}", v.status).to_lowercase(),
                    v.detail.clone(),
                )
            })
            .collect()
        })
    }

    fn __repr__(&self) -> String {
        let d = self.dataset.dimensions();
        let labels = &self.dataset.labels;
        let heads = labels.items.iter().filter(|item| !item.is_mass()).count();
        let mut text = format!(
            "World {}: {} areas, {} items ({} in tonnes, {heads} in other units), {} links of trade, {}",
            self.name(),
            d.areas,
            d.items,
            d.items - heads,
            self.dataset.parameters.trade_t.nnz(),
            if self.has_rules() { "with rules of adaptation" } else { "without rules" },
        );
        if let Some(warning) = self.warning() {
            text += &format!("\n{warning}");
        }
        text
    }
}

impl World {
    fn answer(
        &self,
        shocks: Vec<shocksweep::low_level::scenario::Shock>,
        ways: Adaptation,
        kind: EngineKind,
    ) -> PyResult<Answer> {
        let scenario =
            Scenario::new(ScenarioId(0), shocks, &self.dataset.labels).map_err(error::input)?;
        let name = scenario.describe(&self.dataset);
        let settings = Switches::default().settings_for(&self.dataset).map_err(error::input)?;
        let engine = self.engine(kind)?;
        let answer = shock::shock(engine.as_ref(), &self.dataset, &scenario, ways, settings);
        let answer = answer.map_err(error::engine)?;
        Ok(Answer::new(self.dataset.clone(), name, scenario, answer, settings))
    }
}

/// Which data a table is of.
pub fn about(dataset: &Dataset) -> Vec<(&'static str, String)> {
    let of = &dataset.metadata;
    let mut about = vec![("dataset", of.name.clone()), ("synthetic", of.synthetic.to_string())];
    about.extend(of.warning().map(|warning| ("warning", warning)));
    about
}
