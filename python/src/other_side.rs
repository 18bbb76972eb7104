//! The other side: whose failure an area must fear, and what would help.

use std::path::PathBuf;

use pyo3::prelude::*;
use shocksweep::low_level::dataset::names::NameIndex;
use shocksweep::low_level::engine::gpu::adapter::DeviceChoice;
use shocksweep::low_level::exposure::What;
use shocksweep::low_level::exposure::answer::{Asked, From, area, failures, is_screening};
use shocksweep::low_level::exposure::computed::Setting;
use shocksweep::low_level::exposure::rankings::{exposures, influence, vulnerability};
use shocksweep::low_level::exposure::rows;
use shocksweep::low_level::job::Adaptation;
use shocksweep::low_level::measure::Measure;
use shocksweep::low_level::mitigate::{self as changes, Question};
use shocksweep::low_level::model::adaptation::AdaptationSettings;
use shocksweep::low_level::report;
use shocksweep::low_level::report::exposure::{profile, rankings};
use shocksweep::low_level::scenario::switches::Switches;
use shocksweep::low_level::sink::folder::MANIFEST;
use shocksweep::low_level::sink::manifest::Manifest;
use shocksweep::low_level::study::shock;
use shocksweep::low_level::whatif;
use shocksweep::{Dataset, EngineKind, make_engine};

use crate::error;
use crate::findings::Findings;
use crate::world::{World, about, adaptation, engine_kind};

/// What is asked besides the area and the item.
#[derive(FromPyObject)]
pub struct Options {
    #[pyo3(item)]
    measure: Option<String>,
    #[pyo3(item)]
    result: Option<PathBuf>,
    #[pyo3(item)]
    probabilities: Option<PathBuf>,
    #[pyo3(item)]
    level: f64,
    #[pyo3(item)]
    abroad: bool,
    #[pyo3(item)]
    pairs: usize,
    #[pyo3(item)]
    top: usize,
    #[pyo3(item)]
    engine: String,
    #[pyo3(item)]
    adaptation: Option<String>,
    #[pyo3(item)]
    steps: usize,
}

/// What a search for changes is asked for.
#[derive(FromPyObject)]
pub struct Search {
    #[pyo3(item)]
    budget: f64,
    #[pyo3(item)]
    by: String,
    #[pyo3(item)]
    probabilities: Option<PathBuf>,
    #[pyo3(item)]
    failures: usize,
    #[pyo3(item)]
    suppliers: usize,
    #[pyo3(item)]
    adaptation: Option<String>,
    #[pyo3(item)]
    steps: usize,
    #[pyo3(item)]
    top: usize,
}

/// How failures are run in a dataset; `usual` where nothing is said.
fn setting(dataset: &Dataset, ways: Option<&str>, usual: Adaptation) -> PyResult<Setting> {
    let ways = adaptation(ways)?.unwrap_or(usual);
    if ways != Adaptation::Off && dataset.rules.is_none() {
        return Err(error::input(format!(
            "dataset `{}` has no rules of adaptation; `adaptation=\"off\"` runs without",
            dataset.metadata.name
        )));
    }
    let adaptation = Switches::default().settings_for(dataset).map_err(error::input)?;
    Ok(Setting { ways, adaptation })
}

fn checked_steps(steps: usize) -> PyResult<usize> {
    let most = shocksweep::low_level::model::constants::MAX_STEPS;
    let fits = (1..=most).contains(&steps);
    fits.then_some(steps)
        .ok_or_else(|| error::input(format!("steps is {steps} (expected 1 to {most})")))
}

/// Whose failure an area must fear; all areas and failures ranked, where none is named.
#[pyfunction]
#[pyo3(signature = (world, area, item, options))]
pub fn exposure(
    py: Python<'_>,
    world: PyRef<'_, World>,
    area: Option<&str>,
    item: Option<&str>,
    options: Options,
) -> PyResult<Findings> {
    if !(0.0..1.0).contains(&options.level) {
        return Err(error::input("level must be 0 or more and less than 1, such as 0.95"));
    }
    let kind = engine_kind(&options.engine)?;
    let world = &*world;
    py.detach(|| world.exposed((area, item), &options, kind))
}

/// Changes of the world ranked by how much they cut a loss per tonne.
#[pyfunction]
pub fn mitigate(
    py: Python<'_>,
    world: PyRef<'_, World>,
    area: &str,
    item: &str,
    search: Search,
) -> PyResult<Findings> {
    let by_worst = match search.by.as_str() {
        "expected" => false,
        "worst" => true,
        other => {
            return Err(error::input(format!(
                "`{other}` is nothing to rank by (expected one of expected, worst)"
            )));
        }
    };
    let world = &*world;
    py.detach(|| world.mitigated((area, item), &search, by_worst))
}

impl World {
    fn exposed(
        &self,
        (area_name, item): (Option<&str>, Option<&str>),
        options: &Options,
        kind: EngineKind,
    ) -> PyResult<Findings> {
        let (dataset, recorded) = self.of_result(options)?;
        let dataset = &*dataset;
        let names = NameIndex::new(&dataset.labels);
        let at = area_name.map(|name| names.area(name)).transpose().map_err(error::input)?;
        let what = what(dataset, &names, item, options.measure.as_deref())?;
        let mut setting = setting(dataset, options.adaptation.as_deref(), shock::ways(dataset))?;
        let (of_job, steps) = recorded.unwrap_or((None, checked_steps(options.steps)?));
        setting.adaptation = of_job.unwrap_or(setting.adaptation);
        let engine = make_engine(kind, &DeviceChoice::default(), dataset, steps);
        let engine = engine.map_err(error::engine)?;
        let probabilities = options.probabilities.as_deref();
        let asked = Asked {
            dataset,
            engine: engine.as_ref(),
            setting,
            what: &what,
            probabilities,
            progress: &|_| {},
        };
        let from = options.result.as_deref().map_or(From::Spot, From::Result);
        // Of every item by itself, unless it is one item that is asked for.
        let keep = if item.is_some() { 0 } else { options.top };
        let found = failures(&asked, from, at, keep).map_err(error::input)?;
        let mut words = noted(dataset);
        if let From::Result(root) = from
            && is_screening(root).map_err(error::input)?
        {
            words += "Note: a screening keeps no losses by area; failures are run on the spot.\n\n";
        }
        let (of, level) = ((&found.singles, &what), options.level);
        let mut listed = exposures(dataset, of, options.top);
        let areas = vulnerability(dataset, of, &found.chances, level);
        let sectors = influence(dataset, of, &found.chances);
        let mut findings = Findings::default();
        match at {
            Some(at) => {
                let told = area(&asked, &found, at, options.pairs, level).map_err(error::input)?;
                words += &profile::Told {
                    dataset,
                    what: &what,
                    profile: &told.profile,
                    chances: &found.chances,
                    level,
                    pairs: (&told.pairs, &told.chosen),
                    pair_risk: told.pair_risk,
                    runaway: found.singles.runaway,
                    others_only: options.abroad,
                    steps,
                }
                .text(options.top);
                let own = &dataset.labels.areas[at].name;
                listed.retain(|row| row.area.as_str() == own.as_str());
                listed.retain(|row| !options.abroad || row.source_area.as_str() != own.as_str());
                let rows = rows::pairs(dataset, &what, at, &told.pairs);
                findings = findings.and(&about(dataset), &rows)?;
            }
            None => words += &rankings::text(&areas, &sectors, options.top),
        }
        findings.words = words;
        let about = about(dataset);
        findings.and(&about, &listed)?.and(&about, &areas)?.and(&about, &sectors)
    }

    /// The dataset that a result was made from, with the settings and steps of its job; this world's own
    /// where no result is named.
    fn of_result(
        &self,
        options: &Options,
    ) -> PyResult<(std::borrow::Cow<'_, Dataset>, Option<(Option<AdaptationSettings>, usize)>)>
    {
        let Some(root) = &options.result else {
            return Ok((std::borrow::Cow::Borrowed(&*self.dataset), None));
        };
        let manifest = Manifest::read(&root.join(MANIFEST)).map_err(error::result)?;
        let (recorded, job) = (&manifest.dataset.content_hash, &manifest.job);
        let own = whatif::of_result(&self.dataset, recorded, &job.change);
        let own = own.ok_or_else(|| {
            error::input(format!(
                "{}: was not made from the dataset `{}` (its content hash differs)",
                root.display(),
                self.dataset.metadata.name
            ))
        })?;
        Ok((own, Some((job.adaptive.as_ref().map(AdaptationSettings::from), job.steps))))
    }

    fn mitigated(
        &self,
        (area, item): (&str, &str),
        search: &Search,
        by_worst: bool,
    ) -> PyResult<Findings> {
        let dataset = &*self.dataset;
        let names = NameIndex::new(&dataset.labels);
        let area = names.area(area).map_err(error::input)?;
        let item = names.item(item).map_err(error::input)?;
        let usual = if dataset.rules.is_some() { Adaptation::On } else { Adaptation::Off };
        let setting = setting(dataset, search.adaptation.as_deref(), usual)?;
        let steps = checked_steps(search.steps)?;
        let engine = make_engine(EngineKind::Cpu, &DeviceChoice::default(), dataset, steps);
        let engine = engine.map_err(error::engine)?;
        let asked = Asked {
            dataset,
            engine: engine.as_ref(),
            setting,
            what: &What::Item(item),
            probabilities: search.probabilities.as_deref(),
            progress: &|_| {},
        };
        let found = failures(&asked, From::Spot, Some(area), 0).map_err(error::input)?;
        let (budget, failures, suppliers) = (search.budget, search.failures, search.suppliers);
        let question = Question { area, item, budget, failures, suppliers, steps };
        let known = (&found.singles, &found.chances);
        let tried = changes::mitigate(dataset, known, &setting, &question).map_err(error::input)?;
        let words = report::mitigate::text(dataset, &question, &tried, (search.top, by_worst));
        let rows = changes::rows::rows(dataset, &tried);
        Findings::said(noted(dataset) + &words).and(&about(dataset), &rows)
    }
}

/// In what losses are told.
fn what(
    dataset: &Dataset,
    names: &NameIndex<'_>,
    item: Option<&str>,
    measure: Option<&str>,
) -> PyResult<What> {
    match (item, measure) {
        (Some(_), Some(_)) => Err(error::input("an item is told in its unit: leave `measure` out")),
        (Some(item), None) => Ok(What::Item(names.item(item).map_err(error::input)?)),
        (None, Some(text)) => {
            Ok(What::Measure(Measure::parse(text, dataset).map_err(error::input)?))
        }
        (None, None) => Measure::usual(dataset)
            .map(What::Measure)
            .ok_or_else(|| error::input("the items have no unit in common")),
    }
}

fn noted(dataset: &Dataset) -> String {
    dataset.metadata.warning().map_or_else(String::new, |text| format!("Note: {text}.\n\n"))
}
