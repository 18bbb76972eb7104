//! Tables in (section 1 of the notation): the sample, its trade, events, attributes and dyads.

mod baci;
mod events;
mod gdelt;
mod sample;
mod table;
mod trade;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) use table::{Columns, locate};

use crate::error::{NetworkError, nearest};
use crate::world::{Area, Dropped, World};

/// Where the tables are; what is `None` is not there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Files {
    /// `areas`: area, lat, lng, group; optional name, from, to.
    pub areas: PathBuf,
    /// `tiers`: tier, item.
    pub tiers: PathBuf,
    /// `trade`: year, exporter, importer, item, value (USD), or BACI files.
    pub trade: Vec<PathBuf>,
    /// Area of each country code of BACI files: code, area.
    pub codes: Option<PathBuf>,
    /// `events`: year, source, target and the four counts.
    pub events: Option<PathBuf>,
    /// GDELT event files, as they are.
    pub gdelt: Vec<PathBuf>,
    /// Area of each FIPS 10-4 code of GDELT: fips, area.
    pub fips: Option<PathBuf>,
    /// `attributes`: year, area, gdp, further columns.
    pub attributes: Option<PathBuf>,
    /// `dyads`: area_a, area_b, distance, common_language, colony, further columns.
    pub dyads: Option<PathBuf>,
    /// `covariates`: year, source, target, one column per name.
    pub covariates: Option<PathBuf>,
}

impl Files {
    /// The tables of a folder, each `NAME.csv`, `NAME.csv.gz` or `NAME.parquet`; trade may also be a
    /// folder `trade` of files, and GDELT's files lie in a folder `gdelt`.
    ///
    /// # Errors
    /// A table that every sample needs is not there.
    pub fn in_folder(folder: &Path) -> Result<Self, NetworkError> {
        let need = |name: &str| {
            locate(folder, name).ok_or_else(|| {
                let problem = format!(
                    "has no table `{name}`; expected {name}.csv, {name}.csv.gz or {name}.parquet"
                );
                NetworkError::file(folder, problem)
            })
        };
        Ok(Files {
            areas: need("areas")?,
            tiers: need("tiers")?,
            trade: match inside(&folder.join("trade")) {
                files if files.is_empty() => vec![need("trade")?],
                files => files,
            },
            codes: locate(folder, "codes"),
            events: locate(folder, "events"),
            gdelt: inside(&folder.join("gdelt")),
            fips: locate(folder, "fips"),
            attributes: locate(folder, "attributes"),
            dyads: locate(folder, "dyads"),
            covariates: locate(folder, "covariates"),
        })
    }

    /// Every file that is read, in a fixed order.
    pub fn all(&self) -> Vec<&Path> {
        let single = [&self.codes, &self.events, &self.fips, &self.attributes];
        let single = single.into_iter().chain([&self.dyads, &self.covariates]).flatten();
        let mut all = vec![self.areas.as_path(), self.tiers.as_path()];
        all.extend(self.trade.iter().chain(&self.gdelt).chain(single).map(PathBuf::as_path));
        all
    }
}

/// Files of a folder by name, hidden ones apart; none where there is no folder.
fn inside(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_shown = |path: &PathBuf| {
        path.is_file() && path.file_name().is_some_and(|n| !n.to_string_lossy().starts_with('.'))
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_shown).collect();
    files.sort();
    files
}

/// Reads and checks all tables.
///
/// # Errors
/// One sentence with file, row, key and what was expected.
pub fn read(files: &Files) -> Result<World, NetworkError> {
    let areas = sample::areas(&files.areas)?;
    let index = Index::new(&areas);
    let mut dropped = Dropped::default();
    let items = sample::tiers(&files.tiers)?;
    let tiers = trade::read(files, &index, &items, &mut dropped)?;
    let events = events::read(files, &index, &mut dropped)?;
    let attributes = match &files.attributes {
        Some(path) => sample::attributes(path, &index)?,
        None => BTreeMap::new(),
    };
    let dyads = match &files.dyads {
        Some(path) => sample::dyads(path, &index)?,
        None => BTreeMap::new(),
    };
    let covariates = match &files.covariates {
        Some(path) => sample::covariates(path, &index)?,
        None => BTreeMap::new(),
    };
    Ok(World { areas, tiers, events, attributes, dyads, covariates, dropped })
}

/// Areas by code.
pub(crate) struct Index {
    places: BTreeMap<String, u32>,
    /// Codes in the order of the sample.
    pub(crate) codes: Vec<String>,
}

impl Index {
    fn new(areas: &[Area]) -> Self {
        let codes: Vec<String> = areas.iter().map(|area| area.code.clone()).collect();
        let places = codes.iter().cloned().zip(0..).collect();
        Index { places, codes }
    }

    /// Number of areas.
    pub(crate) fn n(&self) -> usize {
        self.codes.len()
    }

    /// Place of an area, if it is in the sample.
    pub(crate) fn find(&self, code: &str) -> Option<u32> {
        self.places.get(code).copied()
    }

    /// Place of an area that must be in the sample.
    fn need(&self, table: &Columns, row: usize, code: &str) -> Result<u32, NetworkError> {
        self.find(code).ok_or_else(|| {
            let known = nearest(code, self.codes.iter().map(String::as_str));
            table.bad(row, format!("unknown area `{code}`; {known}"))
        })
    }
}
