//! Looking labels up by what people type, and suggesting the nearest one.

use super::labels::{Dimensions, Labels};

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
    /// No label has this name.
    #[error("unknown {kind} `{name}`{}", suggestion(.nearest))]
    Unknown {
        /// Kind of label.
        kind: LabelKind,
        /// What was asked for.
        name: String,
        /// The valid name nearest to it, if any is near.
        nearest: Option<String>,
    },
    /// Several labels have this name when case is ignored.
    #[error("{kind} `{name}` is ambiguous: it could be `{first}` or `{second}`")]
    Ambiguous {
        /// Kind of label.
        kind: LabelKind,
        /// What was asked for.
        name: String,
        /// One label it could be.
        first: String,
        /// Another.
        second: String,
    },
}

/// `, did you mean ...?`, or nothing where no name is near.
pub fn suggestion(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|n| format!(", did you mean `{n}`?")).unwrap_or_default()
}

/// The candidate nearest to `name`, if one is near enough to be a likely slip.
///
/// Containment counts as near (`Rice` for `Rice and products`), then Jaro-Winkler similarity, also to
/// the label's first words (`Rise` for `Rice and products`).
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let wanted = name.trim().to_lowercase();
    let score = |candidate: &str| {
        let lower = candidate.to_lowercase();
        let leading = leading_words(&lower, words(&wanted).count());
        // A little less, so that a label that is alike as a whole goes first.
        let similar = strsim::jaro_winkler(&wanted, &lower)
            .max(0.97 * strsim::jaro_winkler(&wanted, &leading));
        // A word of the label typed in full beats a similar spelling.
        let contained = wanted.len() >= 3 && lower.contains(&wanted);
        similar + if contained { 1.0 } else { 0.0 }
    };
    let mut best: Option<(f64, &str)> = None;
    for candidate in candidates {
        let s = score(candidate);
        if s >= 0.75 && best.is_none_or(|(b, _)| s > b) {
            best = Some((s, candidate));
        }
    }
    best.map(|(_, c)| c.to_string())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn leading_words(text: &str, count: usize) -> String {
    words(text).take(count).collect::<Vec<_>>().join(" ")
}

/// Lookup tables over a dataset's labels.
///
/// Exact names come first, then ISO3 codes (areas), then names regardless of case.
pub struct NameIndex<'a> {
    labels: &'a Labels,
}

impl<'a> NameIndex<'a> {
    /// An index over `labels`.
    pub fn new(labels: &'a Labels) -> Self {
        NameIndex { labels }
    }

    /// Index of an area by name or ISO3 code.
    ///
    /// # Errors
    /// The name stands for no area, or for several when case is ignored.
    pub fn area(&self, name: &str) -> Result<usize, NameError> {
        let areas = &self.labels.areas;
        if let Some(found) = areas.iter().position(|a| a.iso3.eq_ignore_ascii_case(name.trim())) {
            return Ok(found);
        }
        find(LabelKind::Area, name, areas.iter().map(|a| a.name.as_str()))
    }

    /// Index of an item by name.
    ///
    /// # Errors
    /// The name stands for no item, or for several when case is ignored.
    pub fn item(&self, name: &str) -> Result<usize, NameError> {
        find(LabelKind::Item, name, self.labels.items.iter().map(|i| i.name.as_str()))
    }

    /// Sector of an area and an item.
    ///
    /// # Errors
    /// As [`NameIndex::area`] and [`NameIndex::item`].
    pub fn sector(&self, area: &str, item: &str) -> Result<usize, NameError> {
        let dims: Dimensions = self.labels.dimensions();
        Ok(dims.sector(self.area(area)?, self.item(item)?))
    }
}

fn find<'a>(
    kind: LabelKind,
    name: &str,
    labels: impl Iterator<Item = &'a str> + Clone,
) -> Result<usize, NameError> {
    if let Some(exact) = labels.clone().position(|l| l == name) {
        return Ok(exact);
    }
    let wanted = name.trim().to_lowercase();
    let mut same = labels.clone().enumerate().filter(|(_, l)| l.to_lowercase() == wanted);
    match (same.next(), same.next()) {
        (Some((found, _)), None) => Ok(found),
        (Some((_, first)), Some((_, second))) => Err(NameError::Ambiguous {
            kind,
            name: name.to_string(),
            first: first.to_string(),
            second: second.to_string(),
        }),
        (None, _) => {
            Err(NameError::Unknown { kind, name: name.to_string(), nearest: nearest(name, labels) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_suggested_and_far_ones_are_not() {
        let items = ["Rice and products", "Ricebran Oil", "Wheat and products", "Rye and products"];
        assert_eq!(nearest("Ricee and products", items).as_deref(), Some("Rice and products"));
        assert_eq!(nearest("wheat", items).as_deref(), Some("Wheat and products"));
        assert_eq!(nearest("zzzz", items), None);
        let items = ["Horses", "Rice and products", "Ricebran Oil"];
        assert_eq!(nearest("Rise", items).as_deref(), Some("Rice and products"));
        assert_eq!(nearest("Hourses", items).as_deref(), Some("Horses"));
    }

    #[test]
    fn names_match_exactly_first_then_without_case() {
        let labels = ["Ab", "AB", "Cd"];
        let get = |name| find(LabelKind::Item, name, labels.iter().copied());
        assert_eq!(get("Ab"), Ok(0));
        assert_eq!(get("AB"), Ok(1));
        assert_eq!(get("cd"), Ok(2));
        assert!(matches!(get("ab"), Err(NameError::Ambiguous { .. })));
    }
}
