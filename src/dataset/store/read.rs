//! Reading a dataset in shocksweep's own form, table by table in parallel.

use std::path::Path;

use rayon::prelude::*;

use super::columns::StoredTable;
use super::description::Description;
use super::labels::{open, read_labels};
use super::{DESCRIPTION, RULE_FAMILIES, SHARE_LIMIT, SHARES, table_file};
use crate::dataset::error::{FilePlace, Problem};
use crate::dataset::labels::{Dimensions, Labels};
use crate::dataset::names::LabelKind;
use crate::dataset::{
    AdaptationRules, Blocks, Dataset, DatasetError, MissingRule, Parameters, Rule, hash,
};
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
    let tables = Tables::new(folder, &labels);
    let (parameters, (rules, substitutability)) = rayon::join(
        || tables.parameters(),
        || rayon::join(|| tables.rules(), || tables.substitutability()),
    );
    let ((parameters, food_part), mut rules, substitutability) =
        (parameters?, rules?, substitutability?);
    if let (Some(rules), Some(missing)) = (&mut rules, description.missing_rule) {
        rules.missing = missing;
    }
    let recorded = description.content_hash.clone();
    let metadata = description.metadata();
    let dataset = Dataset { metadata, labels, parameters, rules, substitutability, food_part };
    let found = hash::content_hash(&dataset);
    if found != recorded {
        return Err(DatasetError::file(&path, Problem::Hash { found, recorded }));
    }
    Ok(dataset)
}

/// The tables of a dataset whose labels are known.
struct Tables<'a> {
    folder: &'a Path,
    dims: Dimensions,
    areas: Vec<&'a str>,
    items: Vec<&'a str>,
    processes: Vec<&'a str>,
}

impl<'a> Tables<'a> {
    fn new(folder: &'a Path, labels: &'a Labels) -> Self {
        Tables {
            folder,
            dims: labels.dimensions(),
            areas: labels.areas.iter().map(|a| a.name.as_str()).collect(),
            items: labels.items.iter().map(|i| i.name.as_str()).collect(),
            processes: labels.processes.iter().map(|p| p.name.as_str()).collect(),
        }
    }

    fn area(&self, t: &StoredTable, column: &str) -> Result<Vec<u32>, DatasetError> {
        t.labels(column, LabelKind::Area, &self.areas)
    }

    fn item(&self, t: &StoredTable, column: &str) -> Result<Vec<u32>, DatasetError> {
        t.labels(column, LabelKind::Item, &self.items)
    }

    fn process(&self, t: &StoredTable, column: &str) -> Result<Vec<u32>, DatasetError> {
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

    fn sector_name(&self, sector: usize) -> String {
        let (area, item) = (self.dims.area_of(sector), self.dims.item_of(sector));
        format!("{} / {}", self.areas[area], self.items[item])
    }

    fn rules(&self) -> Result<Option<AdaptationRules>, DatasetError> {
        if !self.folder.join(table_file("rules_shares")).exists() {
            let stray = RULE_FAMILIES.iter().map(|t| self.folder.join(table_file(t)));
            if let Some(path) = stray.into_iter().find(|p| p.exists()) {
                let text = "is there without rules_shares.parquet: rules come all or none";
                return Err(DatasetError::file(&path, Problem::Inconsistent(text.into())));
            }
            return Ok(None);
        }
        let read: Vec<Result<Blocks<Rule>, DatasetError>> =
            RULE_FAMILIES.par_iter().map(|table| self.rule_family(table)).collect();
        let mut families = Vec::new();
        for family in read {
            families.push(family?);
        }
        let [eta_exp, eta_prod, eta_cons] = self.share_rules()?;
        let [alpha, beta, nu, import, export] =
            <[Blocks<Rule>; 5]>::try_from(families).expect("one result per family");
        let missing = MissingRule::default();
        let rules = AdaptationRules {
            alpha,
            beta,
            nu,
            eta_exp,
            eta_prod,
            eta_cons,
            import,
            export,
            missing,
        };
        Ok(Some(rules))
    }

    fn rule_family(&self, table: &str) -> Result<Blocks<Rule>, DatasetError> {
        let (path, t) = open(self.folder, table)?;
        let (areas, items, processes) = (&self.areas, &self.items, &self.processes);
        let (row, col, names) = match table {
            "rules_alpha" | "rules_beta" => {
                (self.item(&t, "item")?, self.process(&t, "process")?, (items, processes))
            }
            "rules_nu" => {
                (self.process(&t, "process")?, self.item(&t, "item")?, (processes, items))
            }
            _ => (self.area(&t, "importer")?, self.area(&t, "exporter")?, (areas, areas)),
        };
        let rules = rules_of(&t)?;
        let by_item = matches!(table, "rules_import" | "rules_export");
        let members = if by_item { &self.items } else { &self.areas };
        let kind = if by_item { LabelKind::Item } else { LabelKind::Area };
        self.blocks(&path, &t, table, (members, kind), names, (row, col, rules))
    }

    fn share_rules(&self) -> Result<[Vec<Option<Rule>>; 3], DatasetError> {
        let (path, t) = open(self.folder, "rules_shares")?;
        let (area, item) = (self.area(&t, "area")?, self.item(&t, "item")?);
        let (share, rules) = (t.texts("share")?, rules_of(&t)?);
        let mut families = [(); 3].map(|()| vec![None; self.dims.sectors()]);
        for (row, rule) in rules.into_iter().enumerate() {
            let Some(family) = SHARES.iter().position(|s| *s == share[row]) else {
                let problem = Problem::Syntax {
                    expected: "eta_exp, eta_prod or eta_cons",
                    found: share[row].clone(),
                };
                let place = FilePlace::Cell(row + 1, "share".into());
                return Err(DatasetError::at(&path, place, problem));
            };
            let sector = self.dims.sector(area[row] as usize, item[row] as usize);
            if families[family][sector].replace(rule).is_some() {
                let text = format!("the {} rule of {}", share[row], self.sector_name(sector));
                return Err(t.fault(row, Problem::Duplicate(text)));
            }
        }
        Ok(families)
    }

    fn substitutability(&self) -> Result<Option<Blocks<f64>>, DatasetError> {
        if !self.folder.join(table_file("substitutability")).exists() {
            return Ok(None);
        }
        let (path, t) = open(self.folder, "substitutability")?;
        let (item, substitute) = (self.item(&t, "item")?, self.item(&t, "substitute")?);
        let index = t.numbers("index", f64::MAX)?;
        let names = (&self.items, &self.items);
        let members = (&self.areas, LabelKind::Area);
        let entries = (item, substitute, index);
        self.blocks(&path, &t, "substitutability", members, names, entries).map(Some)
    }

    /// Assembles the blocks of a family and gives them to their members.
    fn blocks<V: Clone + PartialEq>(
        &self,
        path: &Path,
        t: &StoredTable,
        table: &str,
        (members, kind): (&Vec<&str>, LabelKind),
        (rows, cols): (&Vec<&str>, &Vec<&str>),
        (row, col, values): (Vec<u32>, Vec<u32>, Vec<V>),
    ) -> Result<Blocks<V>, DatasetError> {
        let block = t.integers("block")?;
        let limit = members.len() as i64;
        let mut entries: Vec<Vec<(u32, u32, V)>> = Vec::new();
        for (n, value) in values.into_iter().enumerate() {
            if !(0..limit).contains(&block[n]) {
                let (value, range) = (format!("block {}", block[n]), format!("0 to {}", limit - 1));
                return Err(t.fault(n, Problem::OutOfRange { value, range }));
            }
            let at = block[n] as usize;
            if entries.len() <= at {
                entries.resize_with(at + 1, Vec::new);
            }
            entries[at].push((row[n], col[n], value));
        }
        let blocks = entries
            .into_iter()
            .enumerate()
            .map(|(number, entries)| {
                let name = |r, c| format!("{} x {} in block {number}", rows[r], cols[c]);
                matrix(rows.len(), cols.len(), entries, path, name)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let (_, map) = open(self.folder, "rule_blocks")?;
        let (tables, numbers) = (map.texts("table")?, map.integers("block")?);
        let names = map.texts("member")?;
        let mut block_of = vec![None; members.len()];
        for n in (0..tables.len()).filter(|&n| tables[n] == table) {
            let member = members.binary_search(&names[n].as_str()).map_err(|_| {
                let nearest = crate::dataset::names::nearest(&names[n], members.iter().copied());
                let name = names[n].clone();
                map.fault(
                    n,
                    crate::dataset::names::NameError::Unknown { kind, name, nearest }.into(),
                )
            })?;
            let number = usize::try_from(numbers[n]).ok().filter(|&b| b < blocks.len());
            let Some(number) = number else {
                let text = format!("{table} has no block {}", numbers[n]);
                return Err(map.fault(n, Problem::Inconsistent(text)));
            };
            if block_of[member].replace(number as u32).is_some() {
                let text = format!("`{}` in {table}", names[n]);
                return Err(map.fault(n, Problem::Duplicate(text)));
            }
        }
        Ok(Blocks { blocks, block_of })
    }
}

fn rules_of(t: &StoredTable) -> Result<Vec<Rule>, DatasetError> {
    let multipliers = t.optional_numbers("multiplier", f64::MAX)?;
    let rewirings = t.optional_numbers("rewiring", f64::MAX)?;
    let pairs = multipliers.into_iter().zip(rewirings);
    Ok(pairs.map(|(multiplier, rewiring)| Rule { multiplier, rewiring }).collect())
}

fn matrix<V: Clone>(
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
