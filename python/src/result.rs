//! Finished results on the disk.

use std::path::PathBuf;

use pyo3::prelude::*;
use shocksweep::low_level::analysis::aggregate::{AggregateError, Dimension, Query, rows};
use shocksweep::low_level::analysis::overview::{Options, overview};
use shocksweep::low_level::analysis::world::World as ResultWorld;
use shocksweep::low_level::analysis::{regions, scenarios};
use shocksweep::low_level::check::verify::verify;
use shocksweep::low_level::objects::address;
use shocksweep::low_level::report::aggregate::Writer;
use shocksweep::low_level::report::picture::{Choice, Figure, draw};
use shocksweep::low_level::report::prose::shown;
use shocksweep::low_level::report::{self, html};
use shocksweep::low_level::results::Record;
use shocksweep::low_level::results::superposition::PairResult;
use shocksweep::low_level::results::triples::TripleResult;
use shocksweep::low_level::scenario::Response;
use shocksweep::low_level::sink::folder::MANIFEST;
use shocksweep::low_level::sink::manifest::Manifest;
use shocksweep::low_level::sink::stored::{Extent, fetch};
use shocksweep::low_level::study::explain::of_result;
use shocksweep::low_level::study::traced::trace_shown;
use shocksweep_columnar::read::Table as File;
use tempfile::TempDir;

use crate::error;
use crate::table::Table;
use crate::world::World;

/// Rows with the largest of a value, largest first; those without one are left out.
fn worst<R>(rows: Vec<R>, count: usize, by: impl Fn(&R) -> Option<f64>) -> Vec<R> {
    let valued = rows.into_iter().filter_map(|row| Some((by(&row)?, row)));
    let mut rows: Vec<(f64, R)> = valued.collect();
    // Stable: equal ones stay in the order of the table.
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    rows.into_iter().map(|row| row.1).take(count).collect()
}

/// A finished result folder, or a copy of one that lies in a store.
#[pyclass(frozen, module = "shocksweep")]
pub struct ResultFolder {
    root: PathBuf,
    manifest: Manifest,
    /// The copy, which goes with this.
    _copy: Option<TempDir>,
}

/// Opens a result folder, or brings the result at an address.
#[pyfunction]
pub fn open_result(py: Python<'_>, folder: PathBuf) -> PyResult<ResultFolder> {
    py.detach(|| {
        let copy = match address(&folder).map_err(error::input)? {
            None => None,
            Some(address) => Some(fetch(&address, Extent::Whole).map_err(error::result)?),
        };
        let root = copy.as_ref().map_or(folder, |copy| copy.path().to_path_buf());
        let manifest = Manifest::read(&root.join(MANIFEST)).map_err(error::result)?;
        Ok(ResultFolder { root, manifest, _copy: copy })
    })
}

/// A Parquet file as a table.
pub fn read(path: &std::path::Path) -> PyResult<Table> {
    let file = File::open(path).map_err(error::input)?;
    let schema = file.schema().clone();
    let names: Vec<String> = schema.fields().iter().map(|f| f.name().clone()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut batches = Vec::new();
    for batch in file.columns(&names).map_err(error::input)? {
        batches.push(batch.map_err(error::input)?);
    }
    let schema = batches.first().map_or(schema, |batch| batch.schema());
    Ok(Table::new(schema, batches))
}

#[pymethods]
impl ResultFolder {
    /// The folder.
    #[getter]
    fn path(&self) -> &std::path::Path {
        &self.root
    }

    /// What was computed, on which data, by which program, as JSON.
    #[getter]
    fn manifest(&self) -> PyResult<String> {
        serde_json::to_string(&self.manifest).map_err(error::input)
    }

    /// Paths of the files that belong to the result, within it.
    #[getter]
    fn files(&self) -> Vec<String> {
        self.manifest.files.iter().map(|file| file.path.clone()).collect()
    }

    /// A table of the result that is one file: `scenarios`, `areas`, `superposition` ...
    fn table(&self, py: Python<'_>, name: &str) -> PyResult<Table> {
        let file = format!("{name}.parquet");
        if !self.manifest.files.iter().any(|f| f.path == file) {
            let names = self.manifest.files.iter().filter_map(|f| f.path.strip_suffix(".parquet"));
            let names: Vec<&str> = names.filter(|name| !name.contains('/')).collect();
            return Err(error::input(format!(
                "the result has no table `{name}` (it has {}; `losses` for the loss tables)",
                names.join(", ")
            )));
        }
        py.detach(|| read(&self.root.join(file)))
    }

    /// The pairs most worse than their sum, or the triples than their pairs explain, by food where it is known;
    /// none that runs away.
    #[pyo3(signature = (count = 10))]
    fn top(&self, py: Python<'_>, count: usize) -> PyResult<Table> {
        self.check_pairs()?;
        py.detach(|| {
            let of = &self.manifest.dataset;
            let about = [("dataset", of.name.clone()), ("synthetic", of.synthetic.to_string())];
            if self.manifest.superposition.as_ref().is_some_and(|record| record.shocks == 3) {
                let path = self.root.join("triples.parquet");
                let all: Vec<TripleResult> = TripleResult::read(&path).map_err(error::input)?;
                let by = |row: &TripleResult| {
                    row.s_abc.filter(|_| !row.overshoot).map(|s| row.s_kcal_abc.unwrap_or(s))
                };
                return Table::of_rows(&about, &worst(all, count, by));
            }
            let path = self.root.join("superposition.parquet");
            let all: Vec<PairResult> = PairResult::read(&path).map_err(error::input)?;
            let rows: Vec<PairResult> = if self.manifest.is_screening() {
                let order = report::superposition::best(&self.root, count);
                let order = order.map_err(error::result)?;
                let row = |id| all.iter().find(|row| row.scenario == id).cloned();
                order.iter().filter_map(|of| row(of.set.scenario)).take(count).collect()
            } else {
                let by = |row: &PairResult| {
                    row.s.filter(|_| !row.overshoot).map(|s| row.s_kcal.unwrap_or(s))
                };
                worst(all, count, by)
            };
            Table::of_rows(&about, &rows)
        })
    }

    /// Losses summed by dimensions.
    #[pyo3(signature = (by, scenarios = Vec::new(), adaptation = None, others = false, leave_out = Vec::new(), regions = None, published = false))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    fn aggregate(
        &self,
        py: Python<'_>,
        by: Vec<String>,
        scenarios: Vec<String>,
        adaptation: Option<bool>,
        others: bool,
        leave_out: Vec<String>,
        regions: Option<PathBuf>,
        published: bool,
    ) -> PyResult<Table> {
        let parsed: Result<Vec<Dimension>, String> = by.iter().map(|by| by.parse()).collect();
        let mut by = parsed.map_err(error::input)?;
        by.sort();
        by.dedup();
        py.detach(|| {
            let mut world = ResultWorld::read(&self.root).map_err(error::result)?;
            if let Some(table) = &regions {
                self::regions::assign(&mut world, table).map_err(error::sums)?;
            }
            let names = self::scenarios::names(&self.root).map_err(error::result)?;
            let chosen = self::scenarios::find(&names, &scenarios);
            let chosen = chosen.map_err(|e| error::sums(AggregateError::Query(e)))?;
            let query = Query {
                by: by.clone(),
                scenarios: Some(chosen).filter(|chosen| !chosen.is_empty()),
                adaptation: adaptation.map(Response::from),
                others_only: others,
                leave_out,
                published,
            };
            let rows = rows(&self.root, &world, &query).map_err(error::sums)?;
            let folder = tempfile::tempdir().map_err(error::input)?;
            let path = folder.path().join("sums.parquet");
            let mut writer = Writer::create(&path, &self.manifest, &by).map_err(error::result)?;
            writer.write(&path, &rows).map_err(error::result)?;
            writer.commit(&path).map_err(error::result)?;
            read(&path)
        })
    }

    /// The result as one page of HTML.
    #[pyo3(signature = (scenarios = Vec::new(), detail = 60, world = None))]
    fn page(
        &self,
        py: Python<'_>,
        scenarios: Vec<String>,
        detail: usize,
        world: Option<PyRef<'_, World>>,
    ) -> PyResult<String> {
        let dataset = world.map(|world| std::sync::Arc::clone(&world.dataset));
        py.detach(|| {
            let options = Options { scenarios, most: detail, ..Options::default() };
            let mut overview = overview(&self.root, &options).map_err(error::sums)?;
            if let Some(dataset) = &dataset {
                // Whether it is another dataset is one of the checks.
                let _ = trace_shown(&mut overview, &self.root, dataset);
            }
            let checks = verify(&self.root, dataset.as_deref(), 20, 0).map_err(error::result)?;
            Ok(html::page(&overview, &checks, ""))
        })
    }

    /// A picture of the result: `map`, `heatmap`, `trace`, `ranking`, `superposition`; as SVG.
    #[pyo3(signature = (kind, scenario = None, item = None, tonnes = false, adaptation = None))]
    fn picture(
        &self,
        py: Python<'_>,
        kind: &str,
        scenario: Option<String>,
        item: Option<String>,
        tonnes: bool,
        adaptation: Option<bool>,
    ) -> PyResult<String> {
        let kind = match kind {
            "map" => Figure::Map,
            "heatmap" => Figure::Heatmap,
            "trace" => Figure::Trace,
            "ranking" => Figure::Ranking,
            "superposition" => Figure::Superposition,
            _ => {
                return Err(error::input(format!(
                    "`{kind}` is no picture (expected one of map, heatmap, trace, ranking, superposition)"
                )));
            }
        };
        py.detach(|| {
            let scenarios: Vec<String> = scenario.into_iter().collect();
            let most = if kind == Figure::Trace && scenarios.is_empty() { 60 } else { 1 };
            let options = Options { scenarios, most, ..Options::default() };
            let overview = overview(&self.root, &options).map_err(error::sums)?;
            let adaptation = adaptation.map(Response::from);
            let choice = Choice { item, tonnes, adaptation, ..Choice::default() };
            let picture = draw(&overview, kind, &choice).map_err(error::input)?;
            picture.svg().map_err(error::input)
        })
    }

    /// Checks files, checksums and tables, and runs a sample again: `(what, holds, found)`.
    #[pyo3(signature = (world = None, sample = 20, seed = 0))]
    fn verify(
        &self,
        py: Python<'_>,
        world: Option<PyRef<'_, World>>,
        sample: usize,
        seed: u64,
    ) -> PyResult<Vec<(String, Option<bool>, String)>> {
        let dataset = world.map(|world| std::sync::Arc::clone(&world.dataset));
        py.detach(|| {
            let checks = verify(&self.root, dataset.as_deref(), sample, seed);
            let checks = checks.map_err(error::result)?;
            Ok(checks.into_iter().map(|c| (c.name.to_string(), c.holds, c.found)).collect())
        })
    }

    /// Why pairs are worse than their sum: the leading ones, or one of them in detail.
    #[pyo3(signature = (pair = None, world = None, top = 10))]
    fn explain(
        &self,
        py: Python<'_>,
        pair: Option<i64>,
        world: Option<PyRef<'_, World>>,
        top: usize,
    ) -> PyResult<String> {
        self.check_pairs()?;
        let Some(id) = pair else {
            return py
                .detach(|| report::superposition::ranked(&self.manifest, &self.root, top))
                .map(|text| shown(&text))
                .map_err(error::result);
        };
        let Some(world) = world else {
            return Err(error::input(
                "a pair is run again: give the world it was run in, `world=...`",
            ));
        };
        let id = u32::try_from(id).map_err(|_| error::input(format!("{id} is no identifier")))?;
        let dataset = std::sync::Arc::clone(&world.dataset);
        py.detach(|| {
            let (set, explanation) =
                of_result(&self.root, id.into(), &dataset).map_err(error::input)?;
            Ok(shown(&report::explain::set(&dataset, &set, &explanation)))
        })
    }

    fn __repr__(&self) -> String {
        let counts = &self.manifest.counts;
        format!(
            "Result {}: {} scenarios, {} rows of losses, dataset {}",
            self.root.display(),
            counts.scenarios,
            counts.loss_rows,
            self.manifest.dataset.name,
        )
    }
}

impl ResultFolder {
    fn check_pairs(&self) -> PyResult<()> {
        if self.manifest.superposition.is_some() {
            return Ok(());
        }
        Err(error::input("the result compares no pairs: run it with `superposition=True`"))
    }
}
