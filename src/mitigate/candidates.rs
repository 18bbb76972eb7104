//! Changes worth trying.

use super::Question;
use crate::dataset::Dataset;
use crate::exposure::suppliers;
use crate::whatif::Change;
use crate::whatif::flows::Flows;

/// A change of one area's item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// What it does.
    pub kind: CandidateKind,
    /// Amount that it moves or holds, in the item's unit.
    pub amount: f64,
}

/// What a change does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CandidateKind {
    /// Buys from one area what it bought from another.
    Move {
        /// Supplier that loses.
        from: usize,
        /// Exporter that gains.
        to: usize,
    },
    /// Holds a stock.
    Reserve,
}

/// Parts of the budget that reserves have.
const PARTS: [f64; 3] = [1.0, 0.5, 0.25];

/// Amounts below this are nothing to move.
const NOTHING: f64 = 1e-6;

/// Changes worth trying: every pair of a large supplier and a large exporter, and reserves.
pub fn candidates(dataset: &Dataset, question: &Question) -> Vec<Candidate> {
    let Question { area, item, budget, suppliers: count, .. } = *question;
    let mut all: Vec<Candidate> = PARTS
        .into_iter()
        .map(|part| Candidate { kind: CandidateKind::Reserve, amount: part * budget })
        .collect();
    let flows = Flows::of(dataset, item);
    let mut exporters: Vec<usize> =
        (0..flows.exports.len()).filter(|&d| d != area && flows.exports[d] > NOTHING).collect();
    exporters.sort_by(|&a, &b| flows.exports[b].total_cmp(&flows.exports[a]).then(a.cmp(&b)));
    exporters.truncate(count);
    for from in suppliers::of(dataset, area, item).into_iter().take(count) {
        for &to in exporters.iter().filter(|&&to| to != from.area) {
            let amount = budget.min(from.amount);
            if amount > NOTHING {
                let kind = CandidateKind::Move { from: from.area, to };
                all.push(Candidate { kind, amount });
            }
        }
    }
    all
}

impl Candidate {
    /// The change as a what-if file has it.
    pub fn change(&self, dataset: &Dataset, area: usize, item: usize) -> Change {
        let name = |area: usize| dataset.labels.areas[area].name.clone();
        let (place, thing) = (name(area), dataset.labels.items[item].name.clone());
        match self.kind {
            CandidateKind::Move { from, to } => {
                let comes = Flows::of(dataset, item).get(area, from);
                Change::Diversify {
                    area: place,
                    item: thing,
                    away_from: vec![name(from)],
                    to: vec![name(to)],
                    share: (self.amount / comes).min(1.0),
                }
            }
            CandidateKind::Reserve => Change::Reserve {
                area: place,
                item: thing,
                months: None,
                amount: Some(self.amount),
                cover: None,
                release: None,
                refilled: false,
            },
        }
    }
}
