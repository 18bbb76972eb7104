//! Rules of adaptation, stored once where they repeat.
//!
//! The rules themselves are applied by the adaptive model; the foundation reads, checks, stores
//! and counts them.

use serde::{Deserialize, Serialize};

use crate::sparse::Csr;

/// How one parameter entry changes when its sector adapts (Baum et al. 2024, Methods 4).
///
/// A half that was learned from no event is `None`. The published files write it as -1000.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// `m`: factor on an existing entry.
    pub multiplier: Option<f64>,
    /// `r`: amount added, which makes a new entry where there was none.
    pub rewiring: Option<f64>,
}

/// One matrix per member (an item, or an area), identical matrices stored once.
///
/// The published trade rules are one area x area block repeated for every item, and
/// substitutability is one item x item block repeated for every area.
#[derive(Debug, Clone, PartialEq)]
pub struct Blocks<V> {
    /// The distinct matrices, in order of their first member.
    pub blocks: Vec<Csr<V>>,
    /// For every member the index of its matrix; `None` where it has no entry.
    pub block_of: Vec<Option<u32>>,
}

impl<V: Clone + PartialEq> Blocks<V> {
    /// Stores one matrix per member, each distinct one once; empty matrices are not stored.
    ///
    /// Members are taken one by one, so that a lazy iterator never holds them all at once.
    pub fn from_members(members: impl IntoIterator<Item = Csr<V>>) -> Self {
        let mut blocks: Vec<Csr<V>> = Vec::new();
        let block_of = members
            .into_iter()
            .map(|member| {
                if member.nnz() == 0 {
                    return None;
                }
                let known = blocks.iter().position(|b| *b == member);
                Some(known.unwrap_or_else(|| {
                    blocks.push(member);
                    blocks.len() - 1
                }) as u32)
            })
            .collect();
        Blocks { blocks, block_of }
    }

    /// The matrix of one member; `None` where it has no entry.
    pub fn of(&self, member: usize) -> Option<&Csr<V>> {
        self.block_of[member].map(|b| &self.blocks[b as usize])
    }

    /// Entries counted once per member they apply to.
    pub fn nnz(&self) -> usize {
        self.block_of.iter().flatten().map(|&b| self.blocks[b as usize].nnz()).sum()
    }
}

/// What becomes of a parameter entry of an adapting sector that has no rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum MissingRule {
    /// It becomes 0, as in the published program.
    #[default]
    Published,
    /// It keeps its value: for rules learned without filler.
    Keep,
}

/// The eight rule families of Baum et al. 2024, Methods 4.
#[derive(Debug, Clone, PartialEq)]
pub struct AdaptationRules {
    /// For alpha: per area, item (row) x process (column).
    pub alpha: Blocks<Rule>,
    /// For beta: per area, item (row) x process (column).
    pub beta: Blocks<Rule>,
    /// For nu: per area, process (row) x item (column).
    pub nu: Blocks<Rule>,
    /// For eta_exp: one element per sector.
    pub eta_exp: Vec<Option<Rule>>,
    /// For eta_prod: one element per sector.
    pub eta_prod: Vec<Option<Rule>>,
    /// For eta_cons: one element per sector.
    pub eta_cons: Vec<Option<Rule>>,
    /// For T when the importer adapts: per item, importing area (row) x exporting area (column).
    pub import: Blocks<Rule>,
    /// For T when the exporter adapts: per item, importing area (row) x exporting area (column).
    pub export: Blocks<Rule>,
    /// What an entry without a rule becomes, unless a job says otherwise.
    pub missing: MissingRule,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_blocks_are_stored_once() {
        let one = Csr::from_triplets(2, 2, vec![(0, 1, 0.5)]).unwrap();
        let other = Csr::from_triplets(2, 2, vec![(1, 0, 0.25)]).unwrap();
        let none = Csr::empty(2, 2);
        let blocks = Blocks::from_members(vec![one.clone(), none, other.clone(), one.clone()]);
        assert_eq!(blocks.blocks, [one, other]);
        assert_eq!(blocks.block_of, [Some(0), None, Some(1), Some(0)]);
        assert_eq!(blocks.nnz(), 3);
        assert!(blocks.of(1).is_none());
    }
}
