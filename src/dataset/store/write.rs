//! Writing a dataset: all tables into a temporary folder, which then takes the final name.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use arrow_array::{ArrayRef, RecordBatch};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::arrays::{floats, integers, label_tables, names, options, texts};
use super::description::Description;
use super::place::{self, Form};
use super::validate::validate;
use super::{Columns, DESCRIPTION, REPORTS, Report, SHARES, table_file};
use crate::dataset::error::Problem;
use crate::dataset::metadata::TABLES;
use crate::dataset::{Blocks, Dataset, DatasetError, Rule, hash};
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
        for Report { name, columns } in reports {
            assert!(REPORTS.contains(&name), "{name} is no report");
            write_table(&written.join(table_file(name)), columns)?;
        }
        Tables { dataset, folder: written }.write_all()
    };
    place::put(out, &FORM, force, write, |written| super::read(written).map(drop))
}

/// Folders in shocksweep's own form.
const FORM: Form = Form {
    what: "a dataset",
    description: DESCRIPTION,
    is_part: |name| TABLES.iter().chain(&REPORTS).any(|table| table_file(table) == name),
};

/// A dataset on its way into a folder.
struct Tables<'a> {
    dataset: &'a Dataset,
    folder: &'a Path,
}

impl Tables<'_> {
    fn write_all(&self) -> Result<(), DatasetError> {
        self.labels()?;
        self.parameters()?;
        self.rules()?;
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
        for (table, columns) in label_tables(&self.dataset.labels) {
            self.table(table, columns)?;
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
            ("area", self.areas(used.iter().map(|&s| dims.area_of(s)))),
            ("item", self.items(used.iter().map(|&s| dims.item_of(s)))),
            ("x0", value(&p.x0)),
            ("start_stock", value(&p.start_stock)),
            ("eta_prod", value(&p.share_eta_prod)),
            ("eta_exp", value(&p.share_eta_exp)),
        ];
        columns.extend(self.dataset.food_part.as_ref().map(|part| ("food_part", value(part))));
        self.table("sectors", columns)?;
        for (name, matrix) in
            [("conversion_alpha", &p.conversion_alpha), ("output_beta", &p.output_beta)]
        {
            self.table(
                name,
                vec![
                    ("area", self.areas(matrix.iter().map(|(s, _, _)| dims.area_of(s)))),
                    ("item", self.items(matrix.iter().map(|(s, _, _)| dims.item_of(s)))),
                    ("process", self.processes(matrix.iter().map(|(_, k, _)| dims.process_of(k)))),
                    ("value", floats(matrix.iter().map(|e| *e.2))),
                ],
            )?;
        }
        let nu = &p.allocation_nu;
        self.table(
            "allocation_nu",
            vec![
                ("area", self.areas(nu.iter().map(|(_, s, _)| dims.area_of(s)))),
                ("process", self.processes(nu.iter().map(|(k, _, _)| dims.process_of(k)))),
                ("item", self.items(nu.iter().map(|(_, s, _)| dims.item_of(s)))),
                ("share", floats(nu.iter().map(|e| *e.2))),
            ],
        )?;
        let trade = &p.trade_t;
        self.table(
            "trade_t",
            vec![
                ("item", self.items(trade.iter().map(|(s, _, _)| dims.item_of(s)))),
                ("importer", self.areas(trade.iter().map(|(s, _, _)| dims.area_of(s)))),
                ("exporter", self.areas(trade.iter().map(|(_, s, _)| dims.area_of(s)))),
                ("share", floats(trade.iter().map(|e| *e.2))),
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
                self.rule_table(table, blocks, |at| {
                    vec![
                        ("item", self.items(at.iter().map(row))),
                        ("process", self.processes(at.iter().map(col))),
                    ]
                })?;
            }
            list_members(&mut members, "rules_nu", &areas, &rules.nu);
            self.rule_table("rules_nu", &rules.nu, |at| {
                vec![
                    ("process", self.processes(at.iter().map(|e| e.0))),
                    ("item", self.items(at.iter().map(|e| e.1))),
                ]
            })?;
            for (table, blocks) in
                [("rules_import", &rules.import), ("rules_export", &rules.export)]
            {
                list_members(&mut members, table, &items, blocks);
                self.rule_table(table, blocks, |at| {
                    vec![
                        ("importer", self.areas(at.iter().map(|e| e.0))),
                        ("exporter", self.areas(at.iter().map(|e| e.1))),
                    ]
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
            self.table(
                "rules_shares",
                vec![
                    ("area", self.areas(entries.iter().map(|e| dims.area_of(e.0)))),
                    ("item", self.items(entries.iter().map(|e| dims.item_of(e.0)))),
                    ("share", texts(entries.iter().map(|e| e.1))),
                    ("multiplier", options(entries.iter().map(|e| e.2.multiplier))),
                    ("rewiring", options(entries.iter().map(|e| e.2.rewiring))),
                ],
            )?;
        }
        if let Some(blocks) = &self.dataset.substitutability {
            list_members(&mut members, "substitutability", &areas, blocks);
            let entries: Vec<(usize, usize, usize, f64)> = numbered(&blocks.blocks)
                .map(|(block, (row, col, value))| (block, row, col, *value))
                .collect();
            self.table(
                "substitutability",
                vec![
                    ("block", integers(entries.iter().map(|e| e.0 as i64))),
                    ("item", self.items(entries.iter().map(|e| e.1))),
                    ("substitute", self.items(entries.iter().map(|e| e.2))),
                    ("index", floats(entries.iter().map(|e| e.3))),
                ],
            )?;
        }
        if self.dataset.rules.is_none() && self.dataset.substitutability.is_none() {
            return Ok(());
        }
        self.table(
            "rule_blocks",
            vec![
                ("table", texts(members.iter().map(|m| m.0))),
                ("member", texts(members.iter().map(|m| &m.1))),
                ("block", integers(members.iter().map(|m| m.2))),
            ],
        )
    }

    fn rule_table(
        &self,
        table: &str,
        blocks: &Blocks<Rule>,
        labels: impl Fn(&[(usize, usize)]) -> Columns,
    ) -> Result<(), DatasetError> {
        let entries: Vec<(usize, (usize, usize, &Rule))> = numbered(&blocks.blocks).collect();
        let at: Vec<(usize, usize)> = entries.iter().map(|e| (e.1.0, e.1.1)).collect();
        let mut columns: Columns = vec![("block", integers(entries.iter().map(|e| e.0 as i64)))];
        columns.extend(labels(&at));
        columns.push(("multiplier", options(entries.iter().map(|e| e.1.2.multiplier))));
        columns.push(("rewiring", options(entries.iter().map(|e| e.1.2.rewiring))));
        self.table(table, columns)
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

    fn table(&self, name: &str, columns: Columns) -> Result<(), DatasetError> {
        write_table(&self.folder.join(table_file(name)), columns)
    }
}

/// Writes one table and brings it to the disk.
fn write_table(path: &Path, columns: Columns) -> Result<(), DatasetError> {
    let failed = |e: parquet::errors::ParquetError| {
        DatasetError::file(path, Problem::Parquet(e.to_string()))
    };
    let write = || -> Result<File, parquet::errors::ParquetError> {
        let batch = RecordBatch::try_from_iter_with_nullable(
            columns.into_iter().map(|(name, array)| (name, array, true)),
        )?;
        let level = ZstdLevel::try_new(3)?;
        let properties = WriterProperties::builder()
            .set_created_by(format!("shocksweep {}", env!("CARGO_PKG_VERSION")))
            .set_compression(Compression::ZSTD(level))
            .build();
        let file = File::create(path)?;
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties))?;
        writer.write(&batch)?;
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
