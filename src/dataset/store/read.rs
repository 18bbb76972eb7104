//! Reading a dataset in shocksweep's own form, table by table in parallel.

use std::path::Path;

use super::columns::StoredTable;
use super::description::Description;
use super::labels::{open, read_labels};
use super::{DESCRIPTION, SHARE_LIMIT};
use crate::dataset::error::Problem;
use crate::dataset::labels::{Dimensions, Labels};
use crate::dataset::names::LabelKind;
use crate::dataset::{Dataset, DatasetError, Parameters, hash};
use crate::sparse::{Csr, TripletError};

/// Reads a dataset and verifies its content hash.
///
/// # Errors
/// A table is missing or damaged, an entry contradicts labels or structure, or the content is not
/// the one whose hash `dataset.toml` records: one error that names file and place.
pub fn read(folder: &Path) -> Result<Dataset, DatasetError> {
    let path = folder.join(DESCRIPTION);
    let description = Description::read(&path)?;
    let labels = read_labels(folder)?;
    description.check_dimensions(labels.dimensions(), &path)?;
    let tables = TableReader::new(folder, &labels);
    let (parameters, (rules, substitutability)) = rayon::join(
        || tables.parameters(),
        || rayon::join(|| tables.rules(), || tables.substitutability()),
    );
    let ((parameters, food_part), mut rules, substitutability) =
        (parameters?, rules?, substitutability?);
    if let (Some(rules), Some(missing)) = (&mut rules, description.missing_rule) {
        rules.missing = missing;
    }
    let reserves = super::reserves::read(folder, tables.dims, (&tables.areas, &tables.items))?;
    let recorded = description.content_hash.clone();
    let metadata = description.metadata();
    let dataset =
        Dataset { metadata, labels, parameters, rules, substitutability, food_part, reserves };
    let found = hash::content_hash(&dataset);
    if found != recorded {
        return Err(DatasetError::file(&path, Problem::Hash { found, recorded }));
    }
    Ok(dataset)
}

/// The tables of a dataset whose labels are known.
pub(super) struct TableReader<'a> {
    pub(super) folder: &'a Path,
    pub(super) dims: Dimensions,
    pub(super) areas: Vec<&'a str>,
    pub(super) items: Vec<&'a str>,
    pub(super) processes: Vec<&'a str>,
}

impl<'a> TableReader<'a> {
    fn new(folder: &'a Path, labels: &'a Labels) -> Self {
        TableReader {
            folder,
            dims: labels.dimensions(),
            areas: labels.areas.iter().map(|a| a.name.as_str()).collect(),
            items: labels.items.iter().map(|i| i.name.as_str()).collect(),
            processes: labels.processes.iter().map(|p| p.name.as_str()).collect(),
        }
    }

    pub(super) fn area(&self, t: &StoredTable, column: &str) -> Result<Vec<u32>, DatasetError> {
        t.labels(column, LabelKind::Area, &self.areas)
    }

    pub(super) fn item(&self, t: &StoredTable, column: &str) -> Result<Vec<u32>, DatasetError> {
        t.labels(column, LabelKind::Item, &self.items)
    }

    pub(super) fn process(&self, t: &StoredTable, column: &str) -> Result<Vec<u32>, DatasetError> {
        t.labels(column, LabelKind::Process, &self.processes)
    }

    /// The parameters, and the part of consumption that is eaten where the folder has it.
    fn parameters(&self) -> Result<(Parameters, Option<Vec<f64>>), DatasetError> {
        let ((vectors, trade_t), (allocation_nu, (conversion_alpha, output_beta))) = rayon::join(
            || rayon::join(|| self.sectors(), || self.trade()),
            || {
                let production =
                    || (self.production("conversion_alpha"), self.production("output_beta"));
                rayon::join(|| self.allocation(), production)
            },
        );
        let ([x0, start_stock, share_eta_prod, share_eta_exp], food_part) = vectors?;
        let parameters = Parameters {
            x0,
            start_stock,
            share_eta_prod,
            share_eta_exp,
            conversion_alpha: conversion_alpha?,
            output_beta: output_beta?,
            allocation_nu: allocation_nu?,
            trade_t: trade_t?,
        };
        Ok((parameters, food_part))
    }

    #[allow(clippy::type_complexity)]
    fn sectors(&self) -> Result<([Vec<f64>; 4], Option<Vec<f64>>), DatasetError> {
        let (_, t) = open(self.folder, "sectors")?;
        let (area, item) = (self.area(&t, "area")?, self.item(&t, "item")?);
        let columns = [
            t.numbers("x0", f64::MAX)?,
            t.numbers("start_stock", f64::MAX)?,
            t.numbers("eta_prod", SHARE_LIMIT)?,
            t.numbers("eta_exp", SHARE_LIMIT)?,
        ];
        let parts = match t.has("food_part") {
            true => Some(t.numbers("food_part", SHARE_LIMIT)?),
            false => None,
        };
        let mut food_part = parts.as_ref().map(|_| vec![0.0; self.dims.sectors()]);
        let mut seen = vec![false; self.dims.sectors()];
        let mut vectors = [(); 4].map(|()| vec![0.0; self.dims.sectors()]);
        for row in 0..area.len() {
            let sector = self.dims.sector(area[row] as usize, item[row] as usize);
            if std::mem::replace(&mut seen[sector], true) {
                let (area, item) = (self.areas[area[row] as usize], self.items[item[row] as usize]);
                return Err(t.fault(row, Problem::Duplicate(format!("sector {area} / {item}"))));
            }
            for (vector, column) in vectors.iter_mut().zip(&columns) {
                vector[sector] = column[row];
            }
            if let (Some(of_sector), Some(parts)) = (&mut food_part, &parts) {
                of_sector[sector] = parts[row];
            }
        }
        Ok((vectors, food_part))
    }

    fn production(&self, table: &str) -> Result<Csr<f64>, DatasetError> {
        let (path, t) = open(self.folder, table)?;
        let (area, item) = (self.area(&t, "area")?, self.item(&t, "item")?);
        let (process, value) = (self.process(&t, "process")?, t.numbers("value", f64::MAX)?);
        let entries = (0..value.len()).map(|n| {
            let sector = self.dims.sector(area[n] as usize, item[n] as usize);
            let column = self.dims.process_column(area[n] as usize, process[n] as usize);
            (sector as u32, column as u32, value[n])
        });
        let name = |sector: usize, column: usize| {
            format!(
                "{} with {}",
                self.sector_name(sector),
                self.processes[self.dims.process_of(column)]
            )
        };
        matrix(self.dims.sectors(), self.dims.process_columns(), entries.collect(), &path, name)
    }

    fn allocation(&self) -> Result<Csr<f64>, DatasetError> {
        let (path, t) = open(self.folder, "allocation_nu")?;
        let (area, item) = (self.area(&t, "area")?, self.item(&t, "item")?);
        let (process, share) = (self.process(&t, "process")?, t.numbers("share", SHARE_LIMIT)?);
        let entries = (0..share.len()).map(|n| {
            let sector = self.dims.sector(area[n] as usize, item[n] as usize);
            let column = self.dims.process_column(area[n] as usize, process[n] as usize);
            (column as u32, sector as u32, share[n])
        });
        let name = |column: usize, sector: usize| {
            format!(
                "{} for {}",
                self.sector_name(sector),
                self.processes[self.dims.process_of(column)]
            )
        };
        matrix(self.dims.process_columns(), self.dims.sectors(), entries.collect(), &path, name)
    }

    fn trade(&self) -> Result<Csr<f64>, DatasetError> {
        let (path, t) = open(self.folder, "trade_t")?;
        let (importer, exporter) = (self.area(&t, "importer")?, self.area(&t, "exporter")?);
        let (item, share) = (self.item(&t, "item")?, t.numbers("share", SHARE_LIMIT)?);
        if let Some(row) = (0..share.len()).find(|&n| importer[n] == exporter[n]) {
            let area = self.areas[importer[row] as usize];
            return Err(t.fault(row, Problem::Inconsistent(format!("{area} trades with itself"))));
        }
        let entries = (0..share.len()).map(|n| {
            let sector = |area: u32| self.dims.sector(area as usize, item[n] as usize) as u32;
            (sector(importer[n]), sector(exporter[n]), share[n])
        });
        let name = |to: usize, from: usize| {
            format!("{} from {}", self.sector_name(to), self.areas[self.dims.area_of(from)])
        };
        matrix(self.dims.sectors(), self.dims.sectors(), entries.collect(), &path, name)
    }

    pub(super) fn sector_name(&self, sector: usize) -> String {
        let (area, item) = (self.dims.area_of(sector), self.dims.item_of(sector));
        format!("{} / {}", self.areas[area], self.items[item])
    }
}

pub(super) fn matrix<V: Clone>(
    rows: usize,
    cols: usize,
    entries: Vec<(u32, u32, V)>,
    path: &Path,
    name: impl Fn(usize, usize) -> String,
) -> Result<Csr<V>, DatasetError> {
    Csr::from_triplets(rows, cols, entries).map_err(|error| {
        let problem = match error {
            TripletError::Duplicate { row, col } => Problem::Duplicate(name(row, col)),
            other => Problem::Inconsistent(other.to_string()),
        };
        DatasetError::file(path, problem)
    })
}
