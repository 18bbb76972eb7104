//! The answer to one scenario.

use std::sync::Arc;

use pyo3::prelude::*;
use shocksweep::Dataset;
use shocksweep::Scenario;
use shocksweep::low_level::dataset::names::NameIndex;
use shocksweep::low_level::engine::reference::ReferenceEngine;
use shocksweep::low_level::exposure::What;
use shocksweep::low_level::exposure::rows::{RouteRow, routes};
use shocksweep::low_level::exposure::why::{Target, why};
use shocksweep::low_level::measure::Measure;
use shocksweep::low_level::model::adaptation::AdaptationSettings;
use shocksweep::low_level::model::constants::{OVERSHOOT_MULTIPLE, STEPS};
use shocksweep::low_level::report::prose::shown;
use shocksweep::low_level::report::shock::{Runs, Told};
use shocksweep::low_level::results;
use shocksweep::low_level::study::answer::Telling;
use shocksweep::low_level::study::shock;

use crate::error;
use crate::table::Table;

/// What one scenario comes to, without and with adaptation.
#[pyclass(frozen, module = "shocksweep")]
pub struct Answer {
    dataset: Arc<Dataset>,
    name: String,
    scenario: Scenario,
    answer: shock::Answer,
    settings: AdaptationSettings,
}

impl Answer {
    /// An answer and what it was asked of.
    pub fn new(
        dataset: Arc<Dataset>,
        name: String,
        scenario: Scenario,
        answer: shock::Answer,
        settings: AdaptationSettings,
    ) -> Self {
        Answer { dataset, name, scenario, answer, settings }
    }

    fn measure(&self, name: Option<&str>) -> PyResult<Measure> {
        match name {
            Some(name) => Measure::parse(name, &self.dataset).map_err(error::input),
            None => Measure::usual(&self.dataset)
                .ok_or_else(|| error::input("the items have no unit in common")),
        }
    }

    fn telling<'a>(&'a self, measure: &'a Measure, others: bool) -> Telling<'a> {
        Telling {
            dataset: &self.dataset,
            measure,
            missing: self.settings.missing_rule,
            overshoot: OVERSHOOT_MULTIPLE,
            steps: STEPS,
            others,
        }
    }

    fn table<R: results::Record>(&self, rows: &[R]) -> PyResult<Table> {
        Ok(Table::of(results::batch(&self.dataset, rows).map_err(error::input)?))
    }
}

impl Answer {
    fn reasons(&self, area: usize, what: &What) -> PyResult<Vec<RouteRow>> {
        let dataset = &*self.dataset;
        let unit = what.unit(dataset, area);
        let engine = ReferenceEngine::new(dataset, STEPS);
        let mut rows = Vec::new();
        let runs = [
            (self.answer.without.is_some(), None),
            (self.answer.with.is_some(), Some(self.settings)),
        ];
        for (_, adaptation) in runs.into_iter().filter(|(is_run, _)| *is_run) {
            let run = self.answer.effective.clone().with_adaptation(adaptation);
            let found = why(&engine, &run, |run| match what {
                What::Item(item) => Target::sector(dataset.dimensions().sector(area, *item) as u32),
                What::Measure(measure) => {
                    Target::area(dataset, measure, area, run, self.settings.missing_rule)
                }
            });
            let found = found.map_err(error::engine)?;
            rows.extend(routes(dataset, &found, adaptation.is_some(), &unit));
        }
        Ok(rows)
    }
}

#[pymethods]
impl Answer {
    /// What is shocked.
    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    /// Whether nothing can be lost: nothing is produced there, or nothing of it fails.
    #[getter]
    fn is_no_op(&self) -> bool {
        self.answer.effective.shocks.is_empty()
            || self.scenario.shocks.iter().all(|shock| shock.phi == 0.0)
    }

    /// Losses by area, the largest first; `others` leaves the shocked areas out.
    #[pyo3(signature = (measure = None, others = false))]
    fn by_area(&self, measure: Option<&str>, others: bool) -> PyResult<Table> {
        let measure = self.measure(measure)?;
        self.table(&self.telling(&measure, others).areas(&self.answer))
    }

    /// Losses by item, in the order of the items.
    #[pyo3(signature = (measure = None, others = false))]
    fn by_item(&self, measure: Option<&str>, others: bool) -> PyResult<Table> {
        let measure = self.measure(measure)?;
        self.table(&self.telling(&measure, others).items(&self.answer))
    }

    /// Losses by area and item, in the order of the sectors.
    #[pyo3(signature = (measure = None, others = false))]
    fn by_sector(&self, measure: Option<&str>, others: bool) -> PyResult<Table> {
        let measure = self.measure(measure)?;
        self.table(&self.telling(&measure, others).sectors(&self.answer))
    }

    /// Why an area loses an item, or food: the ways that the loss has taken, the largest first.
    ///
    /// Run again in the reference engine; rows of each run sum to its loss.
    #[pyo3(signature = (area, item = None, measure = None))]
    fn why(
        &self,
        py: Python<'_>,
        area: &str,
        item: Option<&str>,
        measure: Option<&str>,
    ) -> PyResult<Table> {
        let names = NameIndex::new(&self.dataset.labels);
        let area = names.area(area).map_err(error::input)?;
        let what = match item {
            Some(item) => What::Item(names.item(item).map_err(error::input)?),
            None => What::Measure(self.measure(measure)?),
        };
        let rows = py.detach(|| self.reasons(area, &what))?;
        self.table(&rows)
    }

    /// The answer as the command line tells it.
    #[pyo3(signature = (top = 10, measure = None))]
    fn text(&self, top: usize, measure: Option<&str>) -> PyResult<String> {
        if self.is_no_op() {
            return Ok(shown(&format!("{}: nothing is lost.\n", self.name)));
        }
        let measure = self.measure(measure)?;
        let shocked: Vec<u32> = self.answer.effective.shocks.iter().map(|s| s.sector).collect();
        let told = Told {
            dataset: &self.dataset,
            name: &self.name,
            baseline: &self.answer.baseline,
            steps: STEPS,
            runs: Runs { without: self.answer.without.as_ref(), with: self.answer.with.as_ref() },
            measure: &measure,
            missing: self.settings.missing_rule,
            overshoot: OVERSHOOT_MULTIPLE,
            shocked: &shocked,
        };
        Ok(shown(&told.text(top)))
    }

    fn __repr__(&self) -> PyResult<String> {
        self.text(5, None)
    }
}
