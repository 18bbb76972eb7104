//! Results in memory: Arrow tables, no disk.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;

use super::SinkError;
use super::folder::LOSSES;
use super::ledger::Header;
use super::manifest::{Counts, Manifest};
use super::target::{Closing, Computed, Content, PartTables, Sink};

/// Collects a result in memory.
#[derive(Debug)]
pub struct Memory {
    header: Header,
    parts: BTreeMap<usize, Part>,
    added: BTreeMap<&'static str, Vec<RecordBatch>>,
    compute_s: f64,
}

/// What is kept of a part.
#[derive(Debug, Default)]
struct Part {
    counts: Counts,
    pairs: u64,
    diverged_pairs: u64,
    tables: Vec<(&'static str, RecordBatch)>,
    state: Option<Vec<u8>>,
}

/// A complete result in memory.
#[derive(Debug, Clone)]
pub struct Results {
    /// What was computed, on which data, by which program; it lists no files.
    pub manifest: Manifest,
    tables: BTreeMap<&'static str, Vec<RecordBatch>>,
}

impl Results {
    /// Names of the tables, those of the files of a result folder without their endings: `losses`,
    /// `scenarios`, `areas` ...
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.tables.keys().copied()
    }

    /// The rows of a table, in the order of the files; `None` if the result has no such table.
    pub fn table(&self, name: &str) -> Option<&[RecordBatch]> {
        self.tables.get(name).map(Vec::as_slice)
    }
}

impl Memory {
    /// An empty result of what `header` says.
    pub fn new(header: Header) -> Self {
        Memory { header, parts: BTreeMap::new(), added: BTreeMap::new(), compute_s: 0.0 }
    }
}

fn keep(made: PartTables<'_>) -> Result<(usize, Part), SinkError> {
    let mut part = Part {
        counts: made.counts,
        pairs: made.pairs,
        diverged_pairs: made.diverged_pairs,
        ..Part::default()
    };
    for (name, content) in made.tables {
        match content {
            Content::Rows(rows) => part.tables.push((stem(name), rows)),
            Content::Losses(writer, outcomes) => {
                part.tables.push((LOSSES, writer.rows(&outcomes)?))
            }
            Content::State(bytes) => part.state = Some(bytes),
        }
    }
    Ok((made.part, part))
}

/// The name of a table, from that of its file.
fn stem(file: &'static str) -> &'static str {
    file.strip_suffix(".parquet").unwrap_or(file)
}

impl Sink for Memory {
    type Closed = Results;

    fn missing(&self) -> Vec<usize> {
        self.header.own_parts().filter(|part| !self.parts.contains_key(part)).collect()
    }

    fn state(&self) -> String {
        format!("{} of {} parts are computed", self.parts.len(), self.header.own_parts().count())
    }

    fn commit<'t, P: Sync>(
        &mut self,
        computed: &'t Computed<P>,
        tables: &(dyn Fn(&'t P) -> Result<PartTables<'t>, SinkError> + Sync),
    ) -> Result<(), SinkError> {
        self.compute_s += computed.compute_s;
        for part in &computed.parts {
            let (number, part) = keep(tables(part)?)?;
            self.parts.insert(number, part);
        }
        Ok(())
    }

    fn state_of(&self, part: usize) -> Result<Vec<u8>, SinkError> {
        let state = self.parts.get(&part).and_then(|part| part.state.clone());
        state.ok_or_else(|| SinkError::Merge(format!("part {part} is not computed")))
    }

    fn add(&mut self, name: &'static str, rows: &RecordBatch) -> Result<(), SinkError> {
        self.added.entry(stem(name)).or_default().push(rows.clone());
        Ok(())
    }

    fn close(self, closing: Closing) -> Result<Results, SinkError> {
        let missing = self.missing();
        if !missing.is_empty() {
            return Err(SinkError::Merge(format!("{} parts are missing", missing.len())));
        }
        let (mut counts, mut pairs, mut diverged) = (Counts::default(), 0, 0);
        let mut tables = self.added;
        for part in self.parts.into_values() {
            counts += part.counts;
            pairs += part.pairs;
            diverged += part.diverged_pairs;
            for (name, rows) in part.tables {
                tables.entry(name).or_default().push(rows);
            }
        }
        let counts = closing.counts.unwrap_or(counts);
        let mut manifest = Manifest { counts, ..self.header.manifest };
        if let Some(record) = &mut manifest.superposition {
            (record.pairs, record.run, record.diverged) = (pairs, pairs - diverged, diverged);
        }
        manifest.superposition = closing.superposition.or(manifest.superposition);
        manifest.times.prepare_s = closing.prepare_s;
        manifest.times.compute_s = self.compute_s;
        manifest.times.write_s = closing.closing.elapsed().as_secs_f64();
        manifest.times.total_s = closing.started.elapsed().as_secs_f64();
        Ok(Results { manifest, tables })
    }
}
