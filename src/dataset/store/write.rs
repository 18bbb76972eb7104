//! Writing a dataset: all tables into a temporary folder, which then takes the final name.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use arrow_array::{ArrayRef, RecordBatch};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use shocksweep_columnar::Record;

use super::arrays::{floats, integers, label_tables, names, options, texts};
use super::description::Description;
use super::place::{self, Form};
use super::reserves;
use super::tables::{
    AllocationLine, AllocationRule, BlockLine, ProductionLine, ProductionRule, SectorLine,
    ShareRule, SubstituteLine, TradeLine, TradeRule, of_columns,
};
use super::validate::validate;
use super::{DESCRIPTION, REPORTS, Report, SHARES, table_file};
use crate::dataset::error::Problem;
use crate::dataset::metadata::TABLES;
use crate::dataset::{Blocks, Dataset, DatasetError, Rule, hash};
use crate::objects::address;
use crate::sparse::Csr;

/// Writes a dataset in shocksweep's own form.
///
/// An empty folder at `out` is filled; an earlier dataset there is replaced if `force` is given.
///
/// # Errors
/// The dataset could not be read back: a part has another size than the labels say, an entry
/// stands where the model has none, a value is out of its range, there are no sources, or more
/// labels than 16-bit dictionary keys. Or `out` is taken, or the disk refuses. Nothing half-written
/// is left at `out`, and what was there is still there.
pub fn write(dataset: &Dataset, out: &Path, force: bool) -> Result<(), DatasetError> {
    write_with(dataset, Vec::new(), out, force)
}

/// Writes a dataset, and beside its tables what was found when it was made: see [`REPORTS`].
///
/// # Errors
/// As [`write()`].
///
/// # Panics
/// If a report has another name than those of [`REPORTS`]: it could not be replaced later.
pub fn write_with(
    dataset: &Dataset,
    reports: Vec<Report>,
    out: &Path,
    force: bool,
) -> Result<(), DatasetError> {
    validate(dataset, out)?;
    let write = |written: &Path| {
        for Report { name, batch } in reports {
            assert!(REPORTS.contains(&name), "{name} is no report");
            write_table(&written.join(table_file(name)), &batch)?;
        }
        TableWriter { dataset, folder: written }.write_all()
    };
    let address = address(out).map_err(|e| DatasetError::file(out, Problem::Store(e.problem)))?;
    let Some(address) = address else {
        return place::put(out, &FORM, force, write, |written| super::read(written).map(drop));
    };
    let made = tempfile::tempdir().map_err(|e| DatasetError::file(out, e))?;
    write(made.path())?;
    super::stored::put(made.path(), &address, force)
}

/// Folders in shocksweep's own form.
const FORM: Form = Form {
    what: "a dataset",
    description: DESCRIPTION,
    is_part: |name| {
        let mut tables = TABLES.iter().chain(&REPORTS).chain(&[reserves::TABLE]);
        tables.any(|table| table_file(table) == name)
    },
};

/// A dataset on its way into a folder.
struct TableWriter<'a> {
    dataset: &'a Dataset,
    folder: &'a Path,
}

impl TableWriter<'_> {
    fn write_all(&self) -> Result<(), DatasetError> {
        self.labels()?;
        self.parameters()?;
        self.rules()?;
        if !self.dataset.reserves.is_empty() {
            let columns = reserves::ReserveRow::columns(&reserves::rows(self.dataset));
            self.table::<reserves::ReserveRow>(reserves::TABLE, columns)?;
        }
        let description = Description::of(self.dataset, hash::content_hash(self.dataset));
        let path = self.folder.join(DESCRIPTION);
        let text = description
            .to_toml()
            .map_err(|e| DatasetError::file(&path, Problem::Inconsistent(e.to_string())))?;
        let mut file = File::create(&path).map_err(|e| DatasetError::file(&path, e))?;
        file.write_all(text.as_bytes()).map_err(|e| DatasetError::file(&path, e))?;
        file.sync_all().map_err(|e| DatasetError::file(&path, e))
    }

    fn labels(&self) -> Result<(), DatasetError> {
        for (table, batch) in label_tables(&self.dataset.labels) {
            write_table(&self.folder.join(table_file(table)), &batch)?;
        }
        Ok(())
    }

    fn parameters(&self) -> Result<(), DatasetError> {
        let dims = self.dataset.dimensions();
        let p = &self.dataset.parameters;
        let vectors = [&p.x0, &p.start_stock, &p.share_eta_prod, &p.share_eta_exp];
        let used: Vec<usize> =
            (0..dims.sectors()).filter(|&s| vectors.iter().any(|v| v[s].to_bits() != 0)).collect();
        let value = |v: &[f64]| floats(used.iter().map(|&s| v[s]));
        let mut columns = vec![
            self.areas(used.iter().map(|&s| dims.area_of(s))),
            self.items(used.iter().map(|&s| dims.item_of(s))),
            value(&p.x0),
            value(&p.start_stock),
            value(&p.share_eta_prod),
            value(&p.share_eta_exp),
        ];
        columns.extend(self.dataset.food_part.as_ref().map(|part| value(part)));
        self.table::<SectorLine>("sectors", columns)?;
        for (name, matrix) in
            [("conversion_alpha", &p.conversion_alpha), ("output_beta", &p.output_beta)]
        {
            self.table::<ProductionLine>(
                name,
                vec![
                    self.areas(matrix.iter().map(|(s, _, _)| dims.area_of(s))),
                    self.items(matrix.iter().map(|(s, _, _)| dims.item_of(s))),
                    self.processes(matrix.iter().map(|(_, k, _)| dims.process_of(k))),
                    floats(matrix.iter().map(|e| *e.2)),
                ],
            )?;
        }
        let nu = &p.allocation_nu;
        self.table::<AllocationLine>(
            "allocation_nu",
            vec![
                self.areas(nu.iter().map(|(_, s, _)| dims.area_of(s))),
                self.processes(nu.iter().map(|(k, _, _)| dims.process_of(k))),
                self.items(nu.iter().map(|(_, s, _)| dims.item_of(s))),
                floats(nu.iter().map(|e| *e.2)),
            ],
        )?;
        let trade = &p.trade_t;
        self.table::<TradeLine>(
            "trade_t",
            vec![
                self.items(trade.iter().map(|(s, _, _)| dims.item_of(s))),
                self.areas(trade.iter().map(|(s, _, _)| dims.area_of(s))),
                self.areas(trade.iter().map(|(_, s, _)| dims.area_of(s))),
                floats(trade.iter().map(|e| *e.2)),
            ],
        )
    }

    fn rules(&self) -> Result<(), DatasetError> {
        let mut members: Vec<(&'static str, String, i64)> = Vec::new();
        let labels = &self.dataset.labels;
        let areas: Vec<&str> = labels.areas.iter().map(|a| a.name.as_str()).collect();
        let items: Vec<&str> = labels.items.iter().map(|i| i.name.as_str()).collect();
        if let Some(rules) = &self.dataset.rules {
            for (table, blocks) in [("rules_alpha", &rules.alpha), ("rules_beta", &rules.beta)] {
                let [row, col] = [|e: &(usize, usize)| e.0, |e: &(usize, usize)| e.1];
                list_members(&mut members, table, &areas, blocks);
                self.rule_table::<ProductionRule>(table, blocks, |at| {
                    [self.items(at.iter().map(row)), self.processes(at.iter().map(col))]
                })?;
            }
            list_members(&mut members, "rules_nu", &areas, &rules.nu);
            self.rule_table::<AllocationRule>("rules_nu", &rules.nu, |at| {
                [self.processes(at.iter().map(|e| e.0)), self.items(at.iter().map(|e| e.1))]
            })?;
            for (table, blocks) in
                [("rules_import", &rules.import), ("rules_export", &rules.export)]
            {
                list_members(&mut members, table, &items, blocks);
                self.rule_table::<TradeRule>(table, blocks, |at| {
                    [self.areas(at.iter().map(|e| e.0)), self.areas(at.iter().map(|e| e.1))]
                })?;
            }
            let dims = self.dataset.dimensions();
            let families = [&rules.eta_exp, &rules.eta_prod, &rules.eta_cons];
            let entries: Vec<(usize, &str, Rule)> = families
                .iter()
                .zip(SHARES)
                .flat_map(|(family, share)| {
                    let some = family.iter().enumerate();
                    some.filter_map(move |(s, rule)| rule.map(|rule| (s, share, rule)))
                })
                .collect();
            self.table::<ShareRule>(
                "rules_shares",
                vec![
                    self.areas(entries.iter().map(|e| dims.area_of(e.0))),
                    self.items(entries.iter().map(|e| dims.item_of(e.0))),
                    texts(entries.iter().map(|e| e.1)),
                    options(entries.iter().map(|e| e.2.multiplier)),
                    options(entries.iter().map(|e| e.2.rewiring)),
                ],
            )?;
        }
        if let Some(blocks) = &self.dataset.substitutability {
            list_members(&mut members, "substitutability", &areas, blocks);
            let entries: Vec<(usize, usize, usize, f64)> = numbered(&blocks.blocks)
                .map(|(block, (row, col, value))| (block, row, col, *value))
                .collect();
            self.table::<SubstituteLine>(
                "substitutability",
                vec![
                    integers(entries.iter().map(|e| e.0 as i64)),
                    self.items(entries.iter().map(|e| e.1)),
                    self.items(entries.iter().map(|e| e.2)),
                    floats(entries.iter().map(|e| e.3)),
                ],
            )?;
        }
        if self.dataset.rules.is_none() && self.dataset.substitutability.is_none() {
            return Ok(());
        }
        self.table::<BlockLine>(
            "rule_blocks",
            vec![
                texts(members.iter().map(|m| m.0)),
                texts(members.iter().map(|m| &m.1)),
                integers(members.iter().map(|m| m.2)),
            ],
        )
    }

    fn rule_table<R: Record>(
        &self,
        table: &str,
        blocks: &Blocks<Rule>,
        labels: impl Fn(&[(usize, usize)]) -> [ArrayRef; 2],
    ) -> Result<(), DatasetError> {
        let entries: Vec<(usize, (usize, usize, &Rule))> = numbered(&blocks.blocks).collect();
        let at: Vec<(usize, usize)> = entries.iter().map(|e| (e.1.0, e.1.1)).collect();
        let mut columns = vec![integers(entries.iter().map(|e| e.0 as i64))];
        columns.extend(labels(&at));
        columns.push(options(entries.iter().map(|e| e.1.2.multiplier)));
        columns.push(options(entries.iter().map(|e| e.1.2.rewiring)));
        self.table::<R>(table, columns)
    }

    fn areas(&self, keys: impl Iterator<Item = usize>) -> ArrayRef {
        names(self.dataset.labels.areas.iter().map(|a| &a.name), keys)
    }

    fn items(&self, keys: impl Iterator<Item = usize>) -> ArrayRef {
        names(self.dataset.labels.items.iter().map(|i| &i.name), keys)
    }

    fn processes(&self, keys: impl Iterator<Item = usize>) -> ArrayRef {
        names(self.dataset.labels.processes.iter().map(|p| &p.name), keys)
    }

    /// Writes a table of columns in the order of their declaration.
    fn table<R: Record>(&self, name: &str, columns: Vec<ArrayRef>) -> Result<(), DatasetError> {
        let path = self.folder.join(table_file(name));
        write_table(&path, &of_columns::<R>(&path, columns)?)
    }
}

/// Writes one table and brings it to the disk.
fn write_table(path: &Path, batch: &RecordBatch) -> Result<(), DatasetError> {
    let failed = |e: parquet::errors::ParquetError| {
        DatasetError::file(path, Problem::Parquet(e.to_string()))
    };
    let write = || -> Result<File, parquet::errors::ParquetError> {
        let level = ZstdLevel::try_new(3)?;
        let properties = WriterProperties::builder()
            .set_created_by(format!("shocksweep {}", env!("CARGO_PKG_VERSION")))
            .set_compression(Compression::ZSTD(level))
            .build();
        let file = File::create(path)?;
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties))?;
        writer.write(batch)?;
        writer.into_inner()
    };
    let file = write().map_err(failed)?;
    file.sync_all().map_err(|e| DatasetError::file(path, e))
}

/// Entries of several matrices, each with the number of its matrix.
fn numbered<V: Clone>(blocks: &[Csr<V>]) -> impl Iterator<Item = (usize, (usize, usize, &V))> {
    blocks.iter().enumerate().flat_map(|(block, m)| m.iter().map(move |entry| (block, entry)))
}

fn list_members<V: Clone + PartialEq>(
    members: &mut Vec<(&'static str, String, i64)>,
    table: &'static str,
    labels: &[&str],
    blocks: &Blocks<V>,
) {
    for (member, block) in blocks.block_of.iter().enumerate() {
        if let Some(block) = block {
            members.push((table, labels[member].to_string(), i64::from(*block)));
        }
    }
}
