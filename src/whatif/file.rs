//! The what-if file: a TOML file of `[[change]]` tables.

use std::path::Path;

use serde::{Deserialize, Serialize};
use shocksweep_columnar::paths::toml_problem;
use shocksweep_columnar::{TableError, read};

use super::WhatIfError;
use crate::dataset::names::nearest;

/// Changes to a dataset, made in this order.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhatIf {
    /// What is changed.
    #[serde(default)]
    pub change: Vec<Change>,
}

/// One change; see the [module](super) for what each does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Change {
    /// Moves a share of what comes from some suppliers to others.
    Diversify {
        /// Importing area.
        area: String,
        /// Item.
        item: String,
        /// Suppliers that lose the share.
        away_from: Vec<String>,
        /// Suppliers that gain it; without it the area's other suppliers.
        #[serde(default)]
        to: Vec<String>,
        /// Share of what comes from them, 0 to 1.
        share: f64,
    },
    /// Gives one supplier a share of all imports.
    Supplier {
        /// Importing area.
        area: String,
        /// Item.
        item: String,
        /// Supplier.
        from: String,
        /// Its share of all imports, 0 to 1.
        share: f64,
    },
    /// Buys an amount more from one supplier, and less from the others.
    Link {
        /// Importing area.
        area: String,
        /// Item.
        item: String,
        /// Supplier.
        from: String,
        /// Amount a year, in the item's unit.
        amount: f64,
    },
    /// Changes production together with imports.
    Domestic {
        /// Area.
        area: String,
        /// Item.
        item: String,
        /// Relative change of output.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<f64>,
        /// Or the change of output as an amount a year.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount: Option<f64>,
    },
    /// Changes production alone.
    Yield {
        /// Area.
        area: String,
        /// Item.
        item: String,
        /// Relative change of output.
        by: f64,
    },
    /// Changes consumption together with imports.
    Demand {
        /// Area.
        area: String,
        /// Item.
        item: String,
        /// Relative change of consumption.
        by: f64,
    },
    /// Holds a stock that is released where something is lost.
    Reserve {
        /// Area.
        area: String,
        /// Item.
        item: String,
        /// Its size as months of what the area uses at home.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        months: Option<f64>,
        /// Or as an amount.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount: Option<f64>,
        /// Share of every loss that it covers; 1 where nothing is said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cover: Option<f64>,
        /// Or amounts that it gives in the first steps, whatever is lost.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        release: Option<Vec<f64>>,
        /// Whether it is filled up where there is more than usual.
        #[serde(default)]
        refilled: bool,
    },
    /// Closes a process.
    Close {
        /// Area.
        area: String,
        /// Process.
        process: String,
    },
}

/// Largest what-if file, bytes.
const MAX_BYTES: u64 = 16 << 20;

/// Kinds of change and their keys.
const KINDS: [(&str, &[&str]); 8] = [
    ("diversify", &["kind", "area", "item", "away_from", "to", "share"]),
    ("supplier", &["kind", "area", "item", "from", "share"]),
    ("link", &["kind", "area", "item", "from", "amount"]),
    ("domestic", &["kind", "area", "item", "by", "amount"]),
    ("yield", &["kind", "area", "item", "by"]),
    ("demand", &["kind", "area", "item", "by"]),
    ("reserve", &["kind", "area", "item", "months", "amount", "cover", "release", "refilled"]),
    ("close", &["kind", "area", "process"]),
];

impl Change {
    /// Its kind as written.
    pub fn kind(&self) -> &'static str {
        match self {
            Change::Diversify { .. } => "diversify",
            Change::Supplier { .. } => "supplier",
            Change::Link { .. } => "link",
            Change::Domestic { .. } => "domestic",
            Change::Yield { .. } => "yield",
            Change::Demand { .. } => "demand",
            Change::Reserve { .. } => "reserve",
            Change::Close { .. } => "close",
        }
    }
}

impl WhatIf {
    /// Reads a what-if file.
    ///
    /// # Errors
    /// The file cannot be read, is not TOML, or holds a key, a kind or a value nobody knows.
    pub fn read(path: &Path) -> Result<Self, WhatIfError> {
        let io = |source| WhatIfError::Io { path: path.to_path_buf(), source };
        let text = read::text_within(path, MAX_BYTES).map_err(|error| match error {
            TableError::TooLarge { .. } => {
                let problem =
                    format!("larger than {} MiB; expected a what-if file", MAX_BYTES >> 20);
                io(std::io::Error::other(problem))
            }
            error => io(error.into()),
        })?;
        Self::parse(&text, path)
    }

    /// Reads changes from text; `path` is for messages.
    ///
    /// # Errors
    /// As [`WhatIf::read`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, WhatIfError> {
        let syntax = |e: toml::de::Error| {
            let line = e.span().map(|span| 1 + text[..span.start].matches('\n').count());
            let at = line.map(|line| format!("line {line}: ")).unwrap_or_default();
            WhatIfError::Syntax {
                path: path.to_path_buf(),
                problem: format!("{at}{}", toml_problem(e.message())),
            }
        };
        let table: toml::Table = text.parse().map_err(syntax)?;
        if let Some(key) = table.keys().find(|key| *key != "change") {
            return Err(unknown(path, "key".into(), key, vec!["change"]));
        }
        if let Some(problem) = crate::hint::control_character(&table) {
            return Err(WhatIfError::Syntax { path: path.to_path_buf(), problem });
        }
        check_changes(&table, path)?;
        toml::from_str(text).map_err(syntax)
    }
}

fn unknown(path: &Path, what: String, found: &str, known: Vec<&'static str>) -> WhatIfError {
    WhatIfError::Unknown {
        path: path.to_path_buf(),
        what,
        found: found.chars().take(40).collect(),
        nearest: nearest(found, known.iter().copied()),
        known,
    }
}

/// Rejects unknown keys and kinds of the changes in a file, naming the nearest valid one.
pub(crate) fn check_changes(table: &toml::Table, path: &Path) -> Result<(), WhatIfError> {
    let changes = table.get("change").and_then(toml::Value::as_array);
    for (n, change) in changes.into_iter().flatten().enumerate() {
        let Some(change) = change.as_table() else { continue };
        let Some(kind) = change.get("kind").and_then(toml::Value::as_str) else { continue };
        let Some((_, keys)) = KINDS.iter().find(|(known, _)| *known == kind) else {
            let kinds = KINDS.iter().map(|(kind, _)| *kind).collect();
            return Err(unknown(path, format!("kind in change {}", n + 1), kind, kinds));
        };
        if let Some(key) = change.keys().find(|key| !keys.contains(&key.as_str())) {
            let what = format!("key in change {} ({kind})", n + 1);
            return Err(unknown(path, what, key, keys.to_vec()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        WhatIf::parse(text, Path::new("w.toml")).unwrap_err().to_string()
    }

    #[test]
    fn a_file_is_read_and_its_slips_are_named() {
        let text = "[[change]]\nkind = \"yield\"\narea = \"A\"\nitem = \"I\"\nby = -0.2\n";
        let what_if = WhatIf::parse(text, Path::new("w.toml")).unwrap();
        let expected = Change::Yield { area: "A".into(), item: "I".into(), by: -0.2 };
        assert_eq!(what_if.change, [expected]);
        assert_eq!(
            message("[[chage]]\nkind = \"yield\"\n"),
            "w.toml: unknown key `chage`, did you mean `change`?; expected one of change"
        );
        assert!(
            message("[[change]]\nkind = \"yeild\"\n")
                .contains("change 1 `yeild`, did you mean `yield`?")
        );
        let bad = "[[change]]\nkind = \"close\"\narea = \"A\"\nitem = \"I\"\n";
        assert!(
            message(bad).contains("unknown key in change 1 (close) `item`"),
            "{}",
            message(bad)
        );
        assert!(message("[[change]]\nkind = \"yield\"\narea = 3\n").contains("line"));
    }
}
