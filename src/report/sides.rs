//! Sums of a group without and with adaptation, side by side.

use std::collections::BTreeMap;

use crate::analysis::aggregate::GroupRow;
use crate::scenario::ScenarioId;

/// A group without and with adaptation.
pub struct Sides<'a> {
    /// The group's rows, as far as its scenarios were run.
    pub ways: [Option<&'a GroupRow>; 2],
}

impl<'a> Sides<'a> {
    /// Rows that differ in adaptation alone, side by side, in the order in which their groups come first.
    pub fn of(rows: &'a [GroupRow]) -> Vec<Self> {
        let mut at: BTreeMap<(Option<ScenarioId>, &[Option<String>]), usize> = BTreeMap::new();
        let mut sides: Vec<Sides<'a>> = Vec::new();
        for row in rows {
            let next = sides.len();
            let own = *at.entry((row.scenario, row.labels.as_slice())).or_insert(next);
            if own == next {
                sides.push(Sides { ways: [None, None] });
            }
            sides[own].ways[row.adaptation.index()] = Some(row);
        }
        sides
    }

    /// With adaptation where that was run, else without.
    pub fn told(&self) -> Option<&'a GroupRow> {
        self.ways[1].or(self.ways[0])
    }
}
