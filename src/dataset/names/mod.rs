//! Looking labels up by what people type, and suggesting the nearest one.
//!
//! | what | module |
//! |---|---|
//! | what spellings of one name share | [`text`] |
//! | the facts: codes, other names, groups | [`atlas`] |
//! | areas and items by what people type | [`index`] |
//! | the nearest name to a wrong one | [`near`] |

pub mod atlas;
pub mod index;
pub mod near;
pub mod text;

use shocksweep_columnar::shown;

use super::error::Problem;

pub use index::{EVERY, NameIndex};
pub use near::nearest;

/// What kind of label was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelKind {
    /// A country or territory.
    Area,
    /// A product.
    Item,
    /// A production process.
    Process,
    /// A table of a dataset.
    Table,
    /// A purpose of final demand.
    Purpose,
}

impl std::fmt::Display for LabelKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            LabelKind::Area => "area",
            LabelKind::Item => "item",
            LabelKind::Process => "process",
            LabelKind::Table => "table",
            LabelKind::Purpose => "purpose",
        })
    }
}

/// A name that stands for no label, or for more than one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// A name was expected, and there is none.
    #[error("expected an {kind}, found nothing")]
    Empty {
        /// Kind of label.
        kind: LabelKind,
    },
    /// No label has this name.
    #[error("unknown {kind} `{}`{}", shown(name), suggestion(.nearest))]
    Unknown {
        /// Kind of label.
        kind: LabelKind,
        /// What was asked for.
        name: String,
        /// The valid name nearest to it, if any is near.
        nearest: Option<String>,
    },
    /// An area of the world that these data do not have.
    #[error("unknown area `{}`: {}", shown(name), absent(.name, .meaning))]
    Absent {
        /// What was asked for.
        name: String,
        /// The area's usual name.
        meaning: String,
    },
    /// Several labels have this name, or part of a name.
    #[error("{kind} `{}` is ambiguous: it could be {}", shown(name), any_of(.candidates))]
    Ambiguous {
        /// Kind of label.
        kind: LabelKind,
        /// What was asked for.
        name: String,
        /// The labels it could be, at least two.
        candidates: Vec<String>,
    },
}

impl From<NameError> for Problem {
    fn from(error: NameError) -> Self {
        Problem::Name(error.to_string())
    }
}

fn absent(name: &str, meaning: &str) -> String {
    if text::key(name) == text::key(meaning) {
        return "this dataset does not have it".to_string();
    }
    format!("it means {meaning}, which this dataset does not have")
}

/// Candidates that a message lists at most.
const MOST_LISTED: usize = 8;

/// `a`, `b` or `c`.
fn any_of(candidates: &[String]) -> String {
    let quoted = |name: &String| format!("`{name}`");
    match candidates {
        [first @ .., last] if candidates.len() <= MOST_LISTED => {
            let first: Vec<String> = first.iter().map(quoted).collect();
            format!("{} or {}", first.join(", "), quoted(last))
        }
        many => {
            let listed: Vec<String> = many.iter().take(MOST_LISTED).map(quoted).collect();
            format!("{} or {} others", listed.join(", "), many.len() - listed.len())
        }
    }
}

/// `, did you mean ...?`, or nothing where no name is near.
pub fn suggestion(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|n| format!(", did you mean `{n}`?")).unwrap_or_default()
}
