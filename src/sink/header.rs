//! What a ledger says first: what is computed, and which parts of it.

use serde::{Deserialize, Serialize};

use super::identity::{Identity, Shard};
use super::manifest::Manifest;
use super::part_list::PartList;

/// Parts of a plan at most: many times what the largest plan is cut into.
const MAX_PARTS: usize = 1 << 20;

/// What is computed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Header {
    /// Everything that decides about the bytes.
    pub identity: Identity,
    /// Which parts of the plan.
    pub shard: Shard,
    /// The parts that alone were asked for, whatever the shard; null for those of the shard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<PartList>,
    /// Parts of the whole plan.
    pub parts: usize,
    /// Scenarios of the plan that have an effect, in this shard's parts.
    pub to_run: usize,
    /// The manifest as it will be, still without counts, times and files.
    pub manifest: Manifest,
}

impl Header {
    /// Whether there can be such a plan: a ledger may come from someone else.
    pub(super) fn is_possible(&self) -> bool {
        let Shard { number, of } = self.shard;
        self.parts <= MAX_PARTS && (1..=of).contains(&number)
    }

    /// The parts this shard runs.
    pub fn own_parts(&self) -> impl Iterator<Item = usize> + '_ {
        let has = |part| self.only.as_ref().map_or(self.shard.has(part), |only| only.has(part));
        (0..self.parts).filter(move |&part| has(part))
    }

    /// Whether these are all parts of the plan.
    pub fn is_whole(&self) -> bool {
        self.shard == Shard::WHOLE && self.only.is_none()
    }

    /// Which parts of the plan these are, in words.
    pub fn share(&self) -> String {
        match &self.only {
            Some(only) => format!("parts {only}"),
            None => format!("shard {}", self.shard),
        }
    }
}
