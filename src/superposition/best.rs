//! The best of many pairs.

use serde::{Deserialize, Serialize};

/// The pairs with the largest values, largest first; of equal ones the smaller identifier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Best {
    kept: Vec<(f64, u32)>,
    most: usize,
}

impl Best {
    /// Keeps at most `most` pairs.
    pub fn new(most: usize) -> Self {
        Best { kept: Vec::new(), most }
    }

    /// Offers a pair; values that are not above 0 are not kept.
    pub fn offer(&mut self, value: f64, id: u32) {
        if value.is_nan() || value <= 0.0 || self.most == 0 {
            return;
        }
        let is_before = |&(v, i): &(f64, u32)| v > value || (v == value && i < id);
        if self.kept.len() == self.most && self.kept.last().is_some_and(is_before) {
            return;
        }
        let at = self.kept.partition_point(is_before);
        self.kept.insert(at, (value, id));
        self.kept.truncate(self.most);
    }

    /// `(value, identifier)`, largest value first.
    pub fn kept(&self) -> &[(f64, u32)] {
        &self.kept
    }

    pub(super) fn merge(&mut self, other: &Best) {
        for &(value, id) in &other.kept {
            self.offer(value, id);
        }
    }
}

impl Best {
    /// The same without what is not kept, and without what then stands behind the first `most`.
    pub fn filtered(&self, most: usize, is_kept: impl Fn(u32) -> bool) -> Self {
        let mut kept: Vec<(f64, u32)> =
            self.kept.iter().copied().filter(|&(_, id)| is_kept(id)).collect();
        kept.truncate(most);
        Best { kept, most }
    }
}
