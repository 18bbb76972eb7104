//! What can be asked.

use serde::{Deserialize, Serialize};

use super::ExploreError;
use crate::job::Adaptation;
use crate::whatif::Change;

/// A question, and who asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Who asks: a newer question of the same kind from the same place takes the place of one that waits.
    #[serde(default)]
    pub page: String,
    /// What is asked.
    pub question: Question,
}

/// Something that fails.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failing {
    /// Area, or several of them, as people write them.
    pub area: String,
    /// Item, a group of items, or `*`.
    pub item: String,
    /// Share of output lost, in [0, 1].
    pub phi: f64,
    /// First step in which it fails, from 1; the first without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u32>,
    /// Last step in which it fails; without it, it never ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u32>,
}

/// A world and what fails in it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What fails, together.
    pub failures: Vec<Failing>,
    /// Without adaptation, with it, or both; without it both, where the dataset has rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ways: Option<Adaptation>,
    /// What is changed in the world before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}

/// In what losses are told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
pub enum Tell {
    /// All items of an area, in a measure: `mass`, `kcal`, `protein`.
    Measure(String),
    /// One item, in its unit.
    Item(String),
}

/// Something to be known of the world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Question {
    /// Who loses how much, after every step.
    Losses {
        /// The case.
        case: Case,
        /// Told in.
        tell: Tell,
    },
    /// What one area loses, item by item, and from whom it buys what it loses most of.
    Panel {
        /// The case.
        case: Case,
        /// Told in.
        tell: Tell,
        /// The area.
        area: String,
    },
    /// Why an area loses what it loses: sources, ways, links.
    Why {
        /// The case; of both ways, the one with adaptation.
        case: Case,
        /// Told in.
        tell: Tell,
        /// The area.
        area: String,
    },
    /// Every loss of a case, after every step, as an Arrow file.
    Table {
        /// The case.
        case: Case,
    },
    /// What an area must fear most: the single failures that cost it most.
    Fears {
        /// Told in.
        tell: Tell,
        /// The area.
        area: String,
        /// How many failures are named.
        most: usize,
    },
    /// Which other failure would make this one worse.
    Together {
        /// The case; nothing of it may change the world.
        case: Case,
        /// Told in.
        tell: Tell,
        /// Area whose loss counts; all of them without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        area: Option<String>,
        /// How many partners are named.
        most: usize,
    },
    /// What changes do to the world before anything fails.
    Changes {
        /// The changes.
        changes: Vec<Change>,
    },
    /// Which single change cuts an area's loss of an item most.
    Best {
        /// The case.
        case: Case,
        /// The area.
        area: String,
        /// The item.
        item: String,
        /// Amount that a change may move a year, or hold, in the item's unit.
        budget: f64,
    },
    /// Scenarios of the opened result whose name holds all these words.
    Find {
        /// The words, in any order.
        text: String,
        /// How many are named.
        most: usize,
    },
    /// What the opened result holds of a scenario.
    Recorded {
        /// Its identifier.
        scenario: u32,
    },
}

/// Failures of a case, at most.
const MOST_FAILURES: usize = 50;
/// Changes of a case, at most.
const MOST_CHANGES: usize = 20;
/// Rows that an answer names, at most.
const MOST_ROWS: usize = 1_000;
/// Longest name of who asks, bytes.
const LONGEST_PAGE: usize = 64;

impl Asked {
    /// Refuses what is too much to ask at a time.
    ///
    /// # Errors
    /// Which number is too large.
    pub fn check(&self) -> Result<(), ExploreError> {
        let within = |what, found: usize, most: usize| match found <= most {
            true => Ok(()),
            false => Err(ExploreError::Value {
                what,
                found: found.to_string(),
                expected: format!("{most} at most"),
            }),
        };
        within("length of `page`", self.page.len(), LONGEST_PAGE)?;
        let case = match &self.question {
            Question::Losses { case, .. }
            | Question::Panel { case, .. }
            | Question::Why { case, .. }
            | Question::Table { case }
            | Question::Together { case, .. }
            | Question::Best { case, .. } => case,
            Question::Fears { most, .. } | Question::Find { most, .. } => {
                return within("`most`", *most, MOST_ROWS);
            }
            Question::Changes { changes } => {
                return within("number of changes", changes.len(), MOST_CHANGES);
            }
            Question::Recorded { .. } => return Ok(()),
        };
        within("number of failures", case.failures.len(), MOST_FAILURES)?;
        within("number of changes", case.changes.len(), MOST_CHANGES)
    }
}

impl Question {
    /// Its kind, which is also its place: of two from one page, the later counts.
    pub fn kind(&self) -> &'static str {
        match self {
            // A changed world is looked at beside the world as it is.
            Question::Losses { case, .. } if !case.changes.is_empty() => "losses-changed",
            Question::Losses { .. } => "losses",
            Question::Panel { case, .. } if !case.changes.is_empty() => "panel-changed",
            Question::Panel { .. } => "panel",
            Question::Why { .. } => "why",
            Question::Table { .. } => "table",
            Question::Fears { .. } => "fears",
            Question::Together { .. } => "together",
            Question::Changes { .. } => "changes",
            Question::Best { .. } => "best",
            Question::Find { .. } => "find",
            Question::Recorded { .. } => "recorded",
        }
    }
}
