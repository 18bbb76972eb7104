//! Networks of dependence and conflict, and models of how they change.

use std::path::PathBuf;
use std::sync::Mutex;

use pyo3::prelude::*;
use shocksweep::low_level::analysis::loss_networks::loss_networks;
use shocksweep::low_level::report::network as words;
use shocksweep::low_level::report::network::picture::{Choice, NetworkFigure, draw};
use shocksweep::low_level::report::prose::shown;
use shocksweep_networks::bans;
use shocksweep_networks::job::{About, Request, Stages, Stored, models_of, plan, prepare, run};
use shocksweep_networks::reading::layouts;
use shocksweep_networks::tables::network_indicators;

use crate::error;
use crate::findings::{Findings, chosen};
use crate::result::read;
use crate::table::Table;
use crate::watch::watched;

/// What is computed of networks.
#[derive(FromPyObject)]
pub struct Options {
    #[pyo3(item)]
    stages: Vec<String>,
    #[pyo3(item)]
    models: Option<PathBuf>,
    #[pyo3(item)]
    bootstrap: Option<String>,
    #[pyo3(item)]
    seed: Option<u64>,
    #[pyo3(item)]
    gof: Option<usize>,
    #[pyo3(item)]
    csv: bool,
    #[pyo3(item)]
    design: bool,
    #[pyo3(item)]
    replicates: bool,
    #[pyo3(item)]
    resume: bool,
    #[pyo3(item)]
    force: bool,
}

impl Options {
    fn stages(&self) -> PyResult<Stages> {
        let mut stages = Stages::NONE;
        for name in &self.stages {
            match name.as_str() {
                "all" => stages = Stages::ALL,
                "networks" => stages.networks = true,
                "indicators" => stages.indicators = true,
                "communities" => stages.communities = true,
                "rankings" => stages.rankings = true,
                "flows" => stages.flows = true,
                "models" => stages.models = true,
                other => return Err(error::input(format!("`{other}` is no part of the work"))),
            }
        }
        Ok(stages)
    }
}

/// A folder of tables, `synthetic`, or a job file, as a request.
fn request(sample: &std::path::Path) -> PyResult<(Request, Option<PathBuf>)> {
    if sample.extension().is_some_and(|end| end.eq_ignore_ascii_case("toml")) {
        return Request::read(sample).map_err(error::input);
    }
    Ok((Request::of_folder(sample).map_err(error::input)?, None))
}

/// Computes networks, and models of them, into a folder; the folder.
#[pyfunction]
#[pyo3(signature = (sample, out, options, progress = None))]
pub fn network_run(
    py: Python<'_>,
    sample: PathBuf,
    out: Option<PathBuf>,
    options: Options,
    progress: Option<Py<PyAny>>,
) -> PyResult<PathBuf> {
    let stages = options.stages()?;
    let told: Mutex<Vec<(String, f64)>> = Mutex::default();
    let take = || told.lock().map(|mut told| std::mem::take(&mut *told)).unwrap_or_default();
    let tell = || match &progress {
        None => Ok(()),
        Some(progress) => {
            take().into_iter().try_for_each(|said| progress.call1(py, said).map(drop))
        }
    };
    let ended = watched(py, tell, |stop| {
        let (mut request, folder) = request(&sample)?;
        request.stages = stages;
        if let Some(models) = &options.models {
            request.models = Some(models_of(models).map_err(error::input)?);
        }
        if let Some(bootstrap) = &options.bootstrap {
            request.bootstrap = plan(bootstrap).map_err(error::input)?;
        }
        request.seed = options.seed.unwrap_or(request.seed);
        request.networks = options.gof.unwrap_or(request.networks);
        request.design |= options.design;
        request.replicates |= options.replicates;
        let Some(out) = out.or(folder) else {
            return Err(error::input("where to? Name a folder: `out=...`"));
        };
        let is_occupied = std::fs::read_dir(&out).is_ok_and(|mut entries| entries.next().is_some())
            || out.is_file();
        if is_occupied && !(options.force || options.resume) {
            return Err(error::result_text(format!(
                "{}: is not empty; `resume=True` continues it, `force=True` writes into it",
                out.display()
            )));
        }
        let prepared = prepare(&request).map_err(error::network)?;
        let mut say = |what: &str, share: f64| {
            if let Ok(mut told) = told.lock() {
                told.push((what.to_string(), share));
            }
        };
        run(&request, &prepared, &out, options.csv, &mut say, stop).map_err(error::network)?;
        Ok(out)
    })?;
    tell()?;
    ended
}

/// What a finished result says: `(estimates in words, LaTeX, HTML, the page)`.
#[pyfunction]
pub fn network_told(py: Python<'_>, folder: PathBuf) -> PyResult<(String, String, String, String)> {
    py.detach(|| {
        let stored = Stored::read(&folder).map_err(error::network)?;
        let found = layouts(&stored.mple, &stored.fits);
        let mut text = format!("{}\n", words::about(&stored.about));
        if !stored.mple.is_empty() {
            text += &words::estimates(&found);
            text += &words::cautions(&stored.fits);
            text += &format!("\n{}", words::effects(&stored.mple));
            text += &words::goodness(&stored.fits);
        }
        Ok((shown(&text), words::latex(&found), words::html(&found), words::page(&stored)))
    })
}

/// Names of the tables of a result.
#[pyfunction]
pub fn network_tables(folder: PathBuf) -> PyResult<Vec<String>> {
    if About::read(&folder).is_none() {
        let folder = folder.display();
        return Err(error::input(format!("{folder}: is no result of networks")));
    }
    let entries = std::fs::read_dir(&folder).map_err(error::input)?;
    let names = entries.filter_map(|entry| {
        let name = entry.ok()?.file_name().to_string_lossy().into_owned();
        name.strip_suffix(".parquet").map(str::to_string)
    });
    let mut names: Vec<String> = names.collect();
    names.sort();
    Ok(names)
}

/// A table of a file.
#[pyfunction]
pub fn read_table(py: Python<'_>, path: PathBuf) -> PyResult<Table> {
    py.detach(|| read(&path))
}

/// A picture of a result as SVG.
#[pyfunction]
#[pyo3(signature = (folder, kind, network = None, year = None, model = None, measure = None))]
pub fn network_picture(
    py: Python<'_>,
    folder: PathBuf,
    kind: &str,
    network: Option<String>,
    year: Option<i32>,
    model: Option<String>,
    measure: Option<String>,
) -> PyResult<String> {
    let kind: NetworkFigure = chosen("picture", kind)?;
    py.detach(|| {
        let stored = Stored::read(&folder).map_err(error::network)?;
        let choice = Choice { network, year, model, measure };
        draw(&stored, kind, &choice).map_err(error::input)?.svg().map_err(error::input)
    })
}

/// Conflicts of a year, or a model's least likely ties, as scenarios of trade bans.
#[pyfunction]
#[pyo3(signature = (sample, year, model, models, top, item, phi))]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
pub fn network_bans(
    py: Python<'_>,
    sample: PathBuf,
    year: Option<i32>,
    model: Option<String>,
    models: Option<PathBuf>,
    top: usize,
    item: String,
    phi: f64,
) -> PyResult<Findings> {
    if !(0.0..=1.0).contains(&phi) {
        return Err(error::input("phi must lie in 0 to 1"));
    }
    py.detach(|| {
        let (mut request, _) = request(&sample)?;
        request.stages.models = model.is_some();
        if let Some(models) = &models {
            request.models = Some(models_of(models).map_err(error::input)?);
        }
        let prepared = prepare(&request).map_err(error::network)?;
        let (title, cuts) = match &model {
            Some(model) => {
                let found = bans::by_probability(&prepared, model, top);
                let (year, cuts) = found.map_err(error::network)?;
                (format!("Least likely ties of {model}, {year}"), cuts)
            }
            None => {
                let year = bans::conflict_year(&prepared, year).map_err(error::network)?;
                (format!("Conflicts of {year}"), bans::by_conflict(&prepared, year, top))
            }
        };
        if cuts.is_empty() {
            return Err(error::input(format!("{title}: there is nothing to cut")));
        }
        let rows = bans::scenarios(&prepared, &title, &cuts, &item, phi);
        let words = format!("{title}, {} bans together and one by one.\n", cuts.len());
        Findings::said(words).and(&[], &rows)
    })
}

/// Networks of who depends on whom, from a result of single failures.
#[pyfunction]
#[pyo3(signature = (result, threshold, item, adaptation))]
pub fn network_losses(
    py: Python<'_>,
    result: PathBuf,
    threshold: f64,
    item: Option<String>,
    adaptation: bool,
) -> PyResult<Findings> {
    if !(0.0..1.0).contains(&threshold) {
        return Err(error::input("threshold must be 0 or more and less than 1"));
    }
    py.detach(|| {
        let found = loss_networks(&result, adaptation.into(), item.as_deref(), threshold);
        let found = found.map_err(error::input)?;
        let words = format!("{} ties in {} items.\n", found.ties.len(), found.indicators.len());
        let rows = network_indicators(&found.indicators);
        Findings::said(words).and(&[], &found.ties)?.and(&[], &rows)
    })
}
