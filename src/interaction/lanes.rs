//! One part of the losses of up to [`LANES`](crate::engine::cpu::lanes::LANES) sets of shocks side by side.
//!
//! The shared network spreads what there is in every lane with the kernel of the cpu engine;
//! [`Sources`] adds what the parts of changed parameters make of other parts. A lane's numbers do
//! not depend on its neighbours, to the bit: whatever is added for others is 0 here.

use crate::engine::cpu::kernel::{TileReach, production, trade};
use crate::engine::cpu::lanes::{Lanes, LossField, set_active};
use crate::engine::network::{Network, WORD, bits};

/// Losses and masks of a lane group; reused from group to group.
pub struct Work {
    /// The part after the last step done.
    pub current: LossField,
    next: LossField,
    reaches: Vec<TileReach>,
    /// `(exporter, lane, amount)` that the shared columns send besides the lanes' own.
    sent: Vec<(u32, u32, f64)>,
}

/// What is added in a step.
pub trait Sources {
    /// Adds to `to` what follows from the part `from` of the step before and from other parts,
    /// and to the list what shared columns of trade are to send besides `from`.
    fn add(&mut self, t: usize, from: &LossField, to: &mut LossField, sent: &mut Sent);
}

/// `(exporter, lane, amount)` that the shared columns send besides the lanes' own.
pub type Sent = Vec<(u32, u32, f64)>;

impl Work {
    /// Room for a network.
    pub fn new(net: &Network) -> Self {
        Work {
            current: LossField::new(net.places()),
            next: LossField::new(net.places()),
            reaches: vec![TileReach::new(net.words()); net.dims.items],
            sent: Vec::new(),
        }
    }

    /// Begins with nothing anywhere.
    #[inline(always)]
    pub fn start(&mut self) {
        self.current.clear();
    }

    /// One step.
    #[inline(always)]
    pub fn step(&mut self, net: &Network, sources: &mut impl Sources, t: usize) {
        production(net, &self.current, &mut self.next);
        self.sent.clear();
        sources.add(t, &self.current, &mut self.next, &mut self.sent);
        for &(place, lane, amount) in &self.sent {
            self.current.lanes[place as usize][lane as usize] += amount;
            set_active(&mut self.current.active, place);
        }
        trade(net, &mut self.reaches, &self.current, &mut self.next);
        self.current.clear();
        std::mem::swap(&mut self.current, &mut self.next);
    }
}

/// Adds to one lane of a place.
#[inline(always)]
pub fn add(to: &mut LossField, place: u32, lane: usize, amount: f64) {
    to.lanes[place as usize][lane] += amount;
    set_active(&mut to.active, place);
}

/// Whether a place has a bit.
#[inline(always)]
pub fn is_active(active: &[u64], place: u32) -> bool {
    active[place as usize / WORD] >> (place as usize % WORD) & 1 == 1
}

/// A part of one set of shocks over all steps, where it is not 0.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    /// One bit per place.
    support: Vec<u64>,
    /// Places with a bit before each word.
    before: Vec<u32>,
    /// `steps` numbers per place with a bit.
    rows: Vec<f64>,
    steps: usize,
}

impl Trace {
    /// One bit per place that is not 0 after some step.
    pub fn support(&self) -> &[u64] {
        &self.support
    }

    /// One bit per place that is not 0 after some of the first steps, for each number of steps from 2 to `most`.
    pub fn supports_until(&self, most: usize) -> Vec<Vec<u64>> {
        let mut until = vec![vec![0u64; self.support.len()]; most.saturating_sub(1)];
        let mut rows = self.rows.chunks_exact(self.steps.max(1));
        for (w, &word) in self.support.iter().enumerate() {
            for bit in bits(word) {
                let Some(row) = rows.next() else { break };
                let first = row.iter().position(|&loss| loss != 0.0).unwrap_or(row.len());
                // After step t there have been t + 1 steps.
                for mask in until.iter_mut().skip(first.saturating_sub(1)) {
                    mask[w] |= 1 << bit;
                }
            }
        }
        until
    }

    /// Where the numbers of a place begin, if it has any.
    #[inline(always)]
    pub fn find(&self, place: u32) -> Option<u32> {
        let (word, bit) = (place as usize / WORD, place as usize % WORD);
        let mask = self.support[word];
        if mask >> bit & 1 == 0 {
            return None;
        }
        let rank = self.before[word] + (mask & ((1 << bit) - 1)).count_ones();
        Some(rank * self.steps as u32)
    }

    /// The number after step `t` at a beginning that [`Trace::find`] gave.
    #[inline(always)]
    pub fn at(&self, begins: u32, t: usize) -> f64 {
        self.rows[begins as usize + t]
    }

    /// The number of a place after step `t`.
    #[inline(always)]
    pub fn get(&self, place: u32, t: usize) -> f64 {
        self.find(place).map_or(0.0, |begins| self.at(begins, t))
    }
}

/// The steps of a lane group, kept to make [`Trace`]s of.
#[derive(Default)]
pub struct History {
    steps: Vec<(Vec<u64>, Vec<Lanes>)>,
}

impl History {
    /// Forgets everything.
    pub fn clear(&mut self) {
        self.steps.clear();
    }

    /// Keeps the losses of a step.
    pub fn push(&mut self, field: &LossField) {
        let mut lanes = Vec::new();
        for (w, &word) in field.active.iter().enumerate() {
            lanes.extend(bits(word).map(|bit| field.lanes[w * WORD + bit]));
        }
        self.steps.push((field.active.clone(), lanes));
    }

    /// The traces of the first `count` lanes.
    pub fn traces(&self, count: usize) -> Vec<Trace> {
        let steps = self.steps.len();
        let words = self.steps.first().map_or(0, |s| s.0.len());
        let mut traces: Vec<Trace> = (0..count)
            .map(|_| Trace {
                support: vec![0; words],
                before: Vec::with_capacity(words),
                rows: Vec::new(),
                steps,
            })
            .collect();
        let mut next = vec![0usize; steps];
        let mut row: Vec<Lanes> = vec![Lanes::ZERO; steps];
        for w in 0..words {
            for trace in &mut traces {
                trace.before.push((trace.rows.len() / steps.max(1)) as u32);
            }
            let all = self.steps.iter().fold(0, |all, step| all | step.0[w]);
            for bit in bits(all) {
                for (t, (active, lanes)) in self.steps.iter().enumerate() {
                    if active[w] >> bit & 1 == 1 {
                        row[t] = lanes[next[t]];
                        next[t] += 1;
                    } else {
                        row[t] = Lanes::ZERO;
                    }
                }
                for (lane, trace) in traces.iter_mut().enumerate() {
                    if row.iter().any(|of| of[lane] != 0.0) {
                        trace.support[w] |= 1 << bit;
                        trace.rows.extend(row.iter().map(|of| of[lane]));
                    }
                }
            }
        }
        traces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_steps_of_a_trace_are_told_by_the_step_that_a_place_is_reached_in() {
        // Places 3, 70 and 100, reached after steps 0, 2 and 4, and the second lane's place 5.
        let mut history = History::default();
        for t in 0..6 {
            let mut field = LossField::new(128);
            add(&mut field, 5, 1, 1.0);
            for (place, from) in [(3, 0), (70, 2), (100, 4)] {
                if t >= from {
                    add(&mut field, place, 0, 2.0);
                }
            }
            history.push(&field);
        }
        let until = history.traces(2)[0].supports_until(5);
        assert_eq!(until, [[8, 0], [8, 1 << 6], [8, 1 << 6], [8, 1 << 6 | 1 << 36]]);
    }
}
