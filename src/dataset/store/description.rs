//! `dataset.toml`: what a dataset says of itself, for people and for the reader.

use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};
use shocksweep_columnar::read;

use super::table_file;
use crate::dataset::error::{FilePlace, Problem};
use crate::dataset::labels::Dimensions;
use crate::dataset::metadata::{EARLIER_UNITS, UNITS};
use crate::dataset::names::{nearest, suggestion};
use crate::dataset::{Dataset, DatasetError, Metadata, MissingRule, TableSource, TableStatus};

/// Version of the folder's layout.
const FORMAT: u32 = 1;

/// Content of `dataset.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Description {
    format: u32,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    year: Option<i32>,
    units: String,
    licence: String,
    /// The whole dataset is invented.
    synthetic: bool,
    /// What an entry without a rule becomes; as published where not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) missing_rule: Option<MissingRule>,
    /// For readers; the statuses under `sources` are what counts.
    #[serde(default)]
    reconstructed_tables: Vec<String>,
    #[serde(default)]
    synthetic_tables: Vec<String>,
    pub(super) content_hash: String,
    dimensions: DimensionsRecord,
    #[serde(default)]
    sources: Vec<TableSource>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DimensionsRecord {
    areas: usize,
    items: usize,
    processes: usize,
}

/// Valid keys, by table.
const KEYS: [(&str, &[&str]); 3] = [
    (
        "",
        &[
            "format",
            "name",
            "year",
            "units",
            "licence",
            "synthetic",
            "missing_rule",
            "reconstructed_tables",
            "synthetic_tables",
            "content_hash",
            "dimensions",
            "sources",
        ],
    ),
    ("dimensions", &["areas", "items", "processes"]),
    ("sources", &["table", "source", "status"]),
];

/// Largest description, bytes.
const LIMIT: u64 = 16 << 20;

impl Description {
    /// Describes a dataset whose content has the given hash.
    pub(super) fn of(dataset: &Dataset, content_hash: String) -> Self {
        let m = &dataset.metadata;
        let named = |status| m.tables_with(status).into_iter().map(String::from).collect();
        let Dimensions { areas, items, processes } = dataset.dimensions();
        Description {
            format: FORMAT,
            name: m.name.clone(),
            year: m.year,
            units: m.units.clone(),
            licence: m.licence.clone(),
            synthetic: m.synthetic,
            missing_rule: Some(dataset.missing_rule()).filter(|&m| m != MissingRule::default()),
            reconstructed_tables: named(TableStatus::Reconstructed),
            synthetic_tables: named(TableStatus::Synthetic),
            content_hash,
            dimensions: DimensionsRecord { areas, items, processes },
            sources: m.sources.clone(),
        }
    }

    /// The text of the file.
    pub(super) fn to_toml(&self) -> Result<String, toml::ser::Error> {
        let body = toml::to_string(self)?;
        Ok(format!(
            "# A shocksweep dataset. Numbers are in the Parquet tables beside this file; editing \
             them\n# changes their content hash, and the dataset is refused until that is \
             repaired by writing it anew.\n{body}"
        ))
    }

    /// Reads a description.
    pub(super) fn read(path: &Path) -> Result<Self, DatasetError> {
        let io = |e| DatasetError::io(path, e, "a dataset's description");
        let mut bytes = Vec::new();
        let file =
            read::open(path).map_err(|e| DatasetError::table(e, "a dataset's description"))?;
        file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(io)?;
        if bytes.len() as u64 > LIMIT {
            let size = bytes.len() as u64;
            let problem = Problem::TooLarge { what: "size in bytes", size, limit: LIMIT };
            return Err(DatasetError::file(path, problem));
        }
        let text =
            String::from_utf8(bytes).map_err(|_| DatasetError::file(path, Problem::NotUtf8))?;
        let syntax = |e: toml::de::Error| {
            let before = |end: usize| text.bytes().take(end).filter(|&b| b == b'\n').count();
            let line = e.span().map_or(1, |s| before(s.start) + 1);
            let found = shocksweep_columnar::paths::toml_problem(e.message());
            let problem = Problem::Syntax { expected: "a dataset's description", found };
            DatasetError::at(path, FilePlace::Line(line), problem)
        };
        let table: toml::Table = text.parse().map_err(syntax)?;
        // First of all: another format may have other keys.
        let format = table.get("format").and_then(toml::Value::as_integer);
        if let Some(other) = format.filter(|&format| format != i64::from(FORMAT)) {
            let what = format!("format {other}");
            let problem = Problem::Unsupported { what, expected: "format = 1" };
            return Err(DatasetError::at(path, FilePlace::Key("format".into()), problem));
        }
        check_keys(&table, "", path)?;
        let description: Description = toml::from_str(&text).map_err(syntax)?;
        check_sources(&description.sources, path)?;
        Ok(description)
    }

    /// Refuses numbers of labels other than those recorded.
    pub(super) fn check_dimensions(
        &self,
        found: Dimensions,
        path: &Path,
    ) -> Result<(), DatasetError> {
        for (table, recorded, found) in [
            ("areas", self.dimensions.areas, found.areas),
            ("items", self.dimensions.items, found.items),
            ("processes", self.dimensions.processes, found.processes),
        ] {
            if recorded != found {
                let file = table_file(table);
                let text = format!("records {recorded} {table}, but {file} holds {found}");
                let place = FilePlace::Key("dimensions".into());
                return Err(DatasetError::at(path, place, Problem::Inconsistent(text)));
            }
        }
        Ok(())
    }

    /// The metadata it holds.
    pub(super) fn metadata(self) -> Metadata {
        Metadata {
            name: self.name,
            year: self.year,
            // Only the label was wrong: the numbers always were heads.
            units: if self.units == EARLIER_UNITS { UNITS.to_string() } else { self.units },
            licence: self.licence,
            synthetic: self.synthetic,
            sources: self.sources,
        }
    }
}

/// Refuses a dataset that does not say where its tables come from.
pub(super) fn check_sources(sources: &[TableSource], path: &Path) -> Result<(), DatasetError> {
    if sources.is_empty() {
        let problem = Problem::Missing { expected: "one [[sources]] entry per table" };
        return Err(DatasetError::at(path, FilePlace::Key("sources".into()), problem));
    }
    Ok(())
}

fn check_keys(table: &toml::Table, place: &str, path: &Path) -> Result<(), DatasetError> {
    let Some((_, known)) = KEYS.iter().find(|(at, _)| *at == place) else { return Ok(()) };
    for (key, value) in table {
        if !known.contains(&key.as_str()) {
            let near = suggestion(&nearest(key, known.iter().copied()));
            let problem = Problem::Inconsistent(format!("unknown key{near}"));
            return Err(DatasetError::at(path, FilePlace::Key(key.clone()), problem));
        }
        match value {
            toml::Value::Table(inner) => check_keys(inner, key, path)?,
            toml::Value::Array(list) => {
                for inner in list.iter().filter_map(toml::Value::as_table) {
                    check_keys(inner, key, path)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}
