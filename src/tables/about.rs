//! `tables.toml`: what a folder of tables says of itself. Optional.

use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};
use shocksweep_columnar::{TableError, read};

use crate::dataset::DatasetError;
use crate::dataset::error::{FilePlace, Problem};
use crate::dataset::metadata::UNITS;

/// File name.
pub const FILE: &str = "tables.toml";

/// Where tables come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Name, such as `FABIO 1.2`; the folder's name where not given.
    #[serde(default)]
    pub name: Option<String>,
    /// Units of the amounts.
    #[serde(default = "units")]
    pub units: String,
    /// Licence of the data.
    #[serde(default = "licence")]
    pub licence: String,
    /// Whether every number is invented.
    #[serde(default)]
    pub synthetic: bool,
}

fn units() -> String {
    UNITS.to_string()
}

fn licence() -> String {
    "not stated".to_string()
}

/// Bytes of a description at most.
const LIMIT: u64 = 1 << 20;

impl About {
    /// Reads the description of a folder; a folder without one says nothing of itself.
    ///
    /// # Errors
    /// The file is there and cannot be read, or holds an unknown key.
    pub fn read(folder: &Path) -> Result<Self, DatasetError> {
        let path = folder.join(FILE);
        let text = match read::bytes(&path, LIMIT) {
            Ok(bytes) => {
                String::from_utf8(bytes).map_err(|_| DatasetError::file(&path, Problem::NotUtf8))?
            }
            Err(TableError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {
                String::new()
            }
            Err(error) => return Err(DatasetError::table(error, "a description")),
        };
        let mut about: About = toml::from_str(&text).map_err(|e| {
            let line = e.span().map_or(1, |s| text[..s.start].matches('\n').count() + 1);
            let found = shocksweep_columnar::paths::toml_problem(e.message());
            let expected = "name, units, licence, synthetic";
            DatasetError::at(&path, FilePlace::Line(line), Problem::Syntax { expected, found })
        })?;
        if about.name.is_none() {
            let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
            about.name = whole.file_name().map(|name| name.to_string_lossy().into_owned());
        }
        Ok(about)
    }
}
