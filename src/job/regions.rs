//! Regions of one's own in jobs: what a selection, a list or a table of scenarios means by a region.
//!
//! ```toml
//! regions = "regions.csv"             # columns area, region; relative to the job file
//!
//! # or written in the job
//! [regions]
//! "Gulf" = ["SAU", "Kuwait", "United Arab Emirates"]
//! "Nile" = ["Egypt", "Sudan", "Ethiopia"]
//! ```
//!
//! Areas that none of them names are in no region. Results keep the regions of the dataset: those of a
//! page or a sum are chosen there.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use shocksweep_columnar::text::TextTable;
use shocksweep_columnar::{TableError, read};

use super::{JobError, JobFile};
use crate::dataset::Dataset;
use crate::dataset::names::NameIndex;

/// Regions as a job gives them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OwnRegions {
    /// A table (CSV or Parquet) with the columns `area` and `region`.
    Table(PathBuf),
    /// Areas by region, as people write them.
    Listed(BTreeMap<String, Vec<String>>),
}

impl OwnRegions {
    /// The regions as they are listed; a table's path is relative to `folder`.
    ///
    /// # Errors
    /// The table cannot be read, or lacks a column.
    pub fn resolved(self, folder: &Path) -> Result<Self, JobError> {
        let OwnRegions::Table(path) = self else { return Ok(self) };
        let path = folder.join(path);
        let unreadable = |e: TableError| JobError::Regions(e.to_string());
        // A job may come from someone else: no pipe, no device.
        read::open(&path).map_err(unreadable)?;
        let table = TextTable::read(&path).map_err(unreadable)?;
        let column = |name: &str| {
            let missing = || {
                let shown = path.display();
                JobError::Regions(format!("{shown}: has no column `{name}`; expected area, region"))
            };
            table.find(&[name]).ok_or_else(missing)
        };
        let (area, region) = (column("area")?, column("region")?);
        let mut listed: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for cells in &table.rows {
            let region = cells[region].trim();
            if !region.is_empty() {
                listed.entry(region.to_string()).or_default().push(cells[area].clone());
            }
        }
        Ok(OwnRegions::Listed(listed))
    }
}

/// A job whose regions are listed.
///
/// # Errors
/// Its table of regions cannot be read.
pub(super) fn resolved(job: &JobFile) -> Result<Cow<'_, JobFile>, JobError> {
    let Some(regions @ OwnRegions::Table(_)) = &job.regions else { return Ok(Cow::Borrowed(job)) };
    let regions = Some(regions.clone().resolved(Path::new(""))?);
    Ok(Cow::Owned(JobFile { regions, ..job.clone() }))
}

/// The dataset as a job's scenarios see it: with the job's regions, if it has any.
///
/// # Errors
/// A region names no area of the dataset, or an area is in two of them.
pub(super) fn seen_by<'d>(
    job: &JobFile,
    dataset: &'d Dataset,
) -> Result<Cow<'d, Dataset>, JobError> {
    let job = resolved(job)?;
    let Some(OwnRegions::Listed(listed)) = &job.regions else { return Ok(Cow::Borrowed(dataset)) };
    let names = NameIndex::new(&dataset.labels);
    let mut of: BTreeMap<usize, &String> = BTreeMap::new();
    for (region, areas) in listed {
        for name in areas {
            let wrong =
                |problem: String| JobError::Regions(format!("regions, `{region}`: {problem}"));
            let area = names.area(name).map_err(|e| wrong(e.to_string()))?;
            if let Some(other) = of.insert(area, region).filter(|other| *other != region) {
                let name = &dataset.labels.areas[area].name;
                return Err(wrong(format!("`{name}` is in `{other}` as well")));
            }
        }
    }
    let mut dataset = dataset.clone();
    for (at, area) in dataset.labels.areas.iter_mut().enumerate() {
        area.region = of.get(&at).map(|region| (*region).clone());
    }
    Ok(Cow::Owned(dataset))
}
