//! The folder of a result: tables, what they were made from, and models that are done.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use shocksweep_columnar::arrow_array::{ArrayRef, Float64Array, RecordBatch, UInt32Array};
use shocksweep_columnar::arrow_schema::{DataType, Field, Schema};
use shocksweep_columnar::{Record, WriteError, read, write};

use super::result::ModelRows;
use super::run::Prepared;
use super::{Request, Source};
use crate::error::NetworkError;
use crate::records::ReplicateRow;
use crate::tergm::model::Model;

/// File that says what a folder holds.
pub const ABOUT: &str = "networks.json";
/// Folder of models that are done while others are not.
const PARTS: &str = "parts";

/// What a result was made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Program and version.
    pub made_by: String,
    /// Tells requests and inputs apart.
    pub fingerprint: String,
    /// Seed of everything that was drawn.
    pub seed: u64,
    /// Areas of the sample.
    pub areas: usize,
    /// Tiers.
    pub tiers: Vec<String>,
    /// Models in order: `tier/name` and their terms.
    pub models: Vec<(String, Vec<String>)>,
    /// Event rows with an area outside the sample, or none.
    pub events_outside: u64,
    /// Event rows within one area.
    pub events_within: u64,
    /// Trade rows that are not reported imports.
    pub trade_exports: u64,
    /// Trade rows of items of no tier.
    pub trade_items: u64,
    /// Whether every model is done.
    pub complete: bool,
}

/// A folder that is being written.
pub(super) struct Output {
    folder: PathBuf,
    csv: bool,
    about: About,
}

impl Output {
    /// Makes the folder, or opens that of the same request.
    pub(super) fn open(
        folder: &Path,
        csv: bool,
        request: &Request,
        prepared: &Prepared,
    ) -> Result<Self, NetworkError> {
        let about = about(request, prepared)?;
        std::fs::create_dir_all(folder).map_err(WriteError::at(folder))?;
        let output = Output { folder: folder.to_path_buf(), csv, about };
        // Parts of another request would mix two results.
        let parts = folder.join(PARTS);
        let is_same = About::read(folder)
            .is_some_and(|earlier| earlier.fingerprint == output.about.fingerprint);
        if !is_same && parts.is_dir() {
            std::fs::remove_dir_all(&parts).map_err(WriteError::at(&parts))?;
        }
        output.say(false)?;
        Ok(output)
    }

    fn say(&self, complete: bool) -> Result<(), NetworkError> {
        let about = About { complete, ..self.about.clone() };
        let mut text = serde_json::to_string_pretty(&about)
            .map_err(|error| NetworkError::Options(error.to_string()))?;
        text.push('\n');
        let path = self.folder.join(ABOUT);
        write::whole(&path, |file| std::io::Write::write_all(file, text.as_bytes()))?;
        Ok(())
    }

    /// Writes a table.
    pub(super) fn table<R: Record>(&self, rows: &[R]) -> Result<(), NetworkError> {
        Ok(write::table(&self.folder, rows, self.csv)?)
    }

    fn part(&self, model: &Model) -> PathBuf {
        let at = self.about.models.iter().position(|(key, _)| *key == model.key());
        self.folder.join(PARTS).join(format!("{}", at.unwrap_or(0)))
    }

    /// Rows of a model that an earlier run has finished.
    pub(super) fn finished(&self, model: &Model) -> Option<ModelRows> {
        let part = self.part(model);
        if !part.join("done").is_file() {
            return None;
        }
        fn rows<R: Record>(part: &Path) -> Option<Vec<R>> {
            R::read(&part.join(format!("{}.parquet", R::TABLE))).ok()
        }
        Some(ModelRows {
            mple: rows(&part)?,
            fits: rows(&part)?,
            summary: rows(&part)?,
            replicates: rows(&part)?,
            gof: rows(&part)?,
            simulated: rows(&part)?,
            curves: rows(&part)?,
            design: rows(&part)?,
            measures: rows(&part)?,
            checksums: rows(&part)?,
        })
    }

    /// Keeps the rows of a model that is done.
    pub(super) fn keep(&self, model: &Model, rows: &ModelRows) -> Result<(), NetworkError> {
        let part = self.part(model);
        std::fs::create_dir_all(&part).map_err(WriteError::at(&part))?;
        write::table(&part, &rows.mple, false)?;
        write::table(&part, &rows.fits, false)?;
        write::table(&part, &rows.summary, false)?;
        write::table(&part, &rows.replicates, false)?;
        write::table(&part, &rows.gof, false)?;
        write::table(&part, &rows.simulated, false)?;
        write::table(&part, &rows.curves, false)?;
        write::table(&part, &rows.design, false)?;
        write::table(&part, &rows.measures, false)?;
        write::table(&part, &rows.checksums, false)?;
        write::whole(&part.join("done"), |_| Ok(()))?;
        Ok(())
    }

    /// Writes the tables of all models and ends the result.
    pub(super) fn models(&self, models: &[Model], all: &[ModelRows]) -> Result<(), NetworkError> {
        fn joined<R: Clone>(all: &[ModelRows], rows: impl Fn(&ModelRows) -> &Vec<R>) -> Vec<R> {
            all.iter().flat_map(|model| rows(model).iter().cloned()).collect()
        }
        self.table(&joined(all, |rows| &rows.mple))?;
        self.table(&joined(all, |rows| &rows.fits))?;
        self.table(&joined(all, |rows| &rows.summary))?;
        self.table(&joined(all, |rows| &rows.curves))?;
        self.table(&joined(all, |rows| &rows.measures))?;
        self.table(&joined(all, |rows| &rows.checksums))?;
        // Tables that only some requests have.
        let gof = joined(all, |rows| &rows.gof);
        if !gof.is_empty() {
            self.table(&gof)?;
            self.table(&joined(all, |rows| &rows.simulated))?;
        }
        let replicates = joined(all, |rows| &rows.replicates);
        if !replicates.is_empty() {
            self.table(&replicates)?;
        }
        let design = joined(all, |rows| &rows.design);
        if !design.is_empty() {
            self.table(&design)?;
        }
        for (model, rows) in models.iter().zip(all) {
            let is_alone = models.iter().filter(|other| other.name == model.name).count() == 1;
            self.enumeration(model, &rows.replicates, &rows.fits[0].bootstrap, is_alone)?;
        }
        self.end()
    }

    /// Ends the result.
    pub(super) fn end(&self) -> Result<(), NetworkError> {
        let parts = self.folder.join(PARTS);
        if parts.is_dir() {
            std::fs::remove_dir_all(&parts).map_err(WriteError::at(&parts))?;
        }
        self.say(true)
    }

    /// The replicates of an exact bootstrap side by side: multiplicities, probability, coefficients.
    fn enumeration(
        &self,
        model: &Model,
        rows: &[ReplicateRow],
        kind: &str,
        is_alone: bool,
    ) -> Result<(), NetworkError> {
        let labels = model.labels();
        let replicates: Vec<&[ReplicateRow]> = rows.chunks(labels.len()).collect();
        let Some(first) = replicates.first().filter(|_| kind == "exact") else { return Ok(()) };
        let steps = first[0].multiplicities.split(' ').count();
        let count = |replicate: &[ReplicateRow], step: usize| -> Option<u32> {
            replicate[0].multiplicities.split(' ').nth(step)?.parse().ok()
        };
        let mut fields = Vec::new();
        let mut columns: Vec<ArrayRef> = Vec::new();
        for step in 0..steps {
            // Steps are numbered as networks, of which a lag leaves the first out.
            fields.push(Field::new(
                format!("m_t{}", step + 1 + model.lag()),
                DataType::UInt32,
                true,
            ));
            let counts = replicates.iter().map(|replicate| count(replicate, step));
            columns.push(Arc::new(counts.collect::<UInt32Array>()));
        }
        fields.push(Field::new("prob", DataType::Float64, true));
        let probabilities = replicates.iter().map(|replicate| Some(replicate[0].probability));
        columns.push(Arc::new(probabilities.collect::<Float64Array>()));
        for (term, label) in labels.iter().enumerate() {
            fields.push(Field::new(label, DataType::Float64, true));
            let values = replicates.iter().map(|replicate| replicate[term].coefficient);
            columns.push(Arc::new(values.collect::<Float64Array>()));
        }
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
            .map_err(|error| NetworkError::Options(error.to_string()))?;
        let mut name = "bootstrap_enumeration_".to_string();
        if !is_alone {
            let _ = write!(name, "{}_", model.tier);
        }
        name += &model.name;
        write::batch(&self.folder.join(format!("{name}.parquet")), &batch)?;
        if self.csv {
            write::batch(&self.folder.join(format!("{name}.csv")), &batch)?;
        }
        Ok(())
    }
}

impl About {
    /// Reads what a folder says of itself.
    pub fn read(folder: &Path) -> Option<Self> {
        serde_json::from_str(&shocksweep_columnar::read::text(&folder.join(ABOUT)).ok()?).ok()
    }
}

fn about(request: &Request, prepared: &Prepared) -> Result<About, NetworkError> {
    let world = &prepared.world;
    let models: Vec<(String, Vec<String>)> =
        prepared.models.iter().map(|model| (model.key(), model.labels())).collect();
    let dropped = &world.dropped;
    Ok(About {
        made_by: format!("shocksweep {}", env!("CARGO_PKG_VERSION")),
        fingerprint: fingerprint(request, &prepared.models)?,
        seed: request.seed,
        areas: world.n(),
        tiers: world.tiers.iter().map(|tier| tier.name.clone()).collect(),
        models,
        events_outside: dropped.events_outside,
        events_within: dropped.events_within,
        trade_exports: dropped.trade_exports,
        trade_items: dropped.trade_items,
        complete: false,
    })
}

/// FNV-1a over options, models and the bytes of every input.
fn fingerprint(request: &Request, models: &[Model]) -> Result<String, NetworkError> {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut add = |bytes: &[u8]| {
        for &byte in bytes {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    let Request { source, build, bootstrap, seed, networks, proposal, .. } = request;
    let stages = request.stages;
    let options = (stages, build, bootstrap, seed, networks, proposal, request.community_runs);
    add(format!("{options:?} {} {} {models:?}", request.design, request.replicates).as_bytes());
    if let Source::Files(files) = source {
        for path in files.all() {
            let bytes = read::bytes(path, u64::MAX - 1)
                .map_err(std::io::Error::from)
                .map_err(|error| NetworkError::file(path, format!("cannot be read: {error}")))?;
            add(&bytes);
        }
    }
    Ok(format!("{hash:016x}"))
}
