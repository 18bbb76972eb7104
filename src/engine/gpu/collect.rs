//! What comes back of a batch: rows above the threshold with totals, or sums.

use std::time::Instant;

use rayon::prelude::*;

use super::batch::{Batch, Field};
use super::decide;
use super::kernels as k;
use super::layout::LANES;
use super::machine::{Buffer, Element, View};
use super::rooms::Halt;
use crate::engine::outcome::{LargestGain, LargestLoss, Outcome, Sums, Totals};
use crate::model::constants::RELATIVE_LOSS_MARKS;

/// Areas or items of a workgroup.
const LINES: usize = 8;

/// Numbers of a scenario's totals, and its counts.
const VALUES: usize = 4;
const COUNTS: usize = 6;

/// Totals of a batch on the machine, with what the rows are made from.
pub(super) struct Totalling {
    pub marks: Buffer,
    pub rows_before: Buffer,
    pub values: Buffer,
    pub counts: Buffer,
}

impl Totalling {
    /// What there is to read of `groups` groups.
    pub fn asked(&self, groups: usize) -> [(Buffer, usize); 2] {
        [(self.values, VALUES * groups * LANES), (self.counts, COUNTS * groups * LANES)]
    }
}

/// Totals of a batch.
pub(super) struct Totalled {
    /// Four numbers per scenario.
    pub values: Vec<f64>,
    /// Six counts per scenario.
    pub counts: Vec<u32>,
}

impl Totalled {
    /// From what was read of [`Totalling::asked`].
    pub fn of([values, counts]: [View<'_>; 2]) -> Self {
        Totalled { values: values.content().real(), counts: counts.whole().to_vec() }
    }

    /// One of the counts of a scenario.
    pub fn count(&self, number: usize, nth: usize) -> u32 {
        self.counts[(number / LANES * COUNTS + nth) * LANES + number % LANES]
    }

    /// One of its numbers.
    pub fn value(&self, number: usize, nth: usize) -> f64 {
        self.values[(number / LANES * VALUES + nth) * LANES + number % LANES]
    }

    fn totals(&self, number: usize) -> Totals {
        let value = |nth| self.value(number, nth);
        let count = |nth| self.count(number, nth);
        Totals {
            loss: value(0),
            loss_populated: value(1),
            above_marks: [count(1), count(2), count(3)],
            largest: (value(2) > 0.0).then(|| LargestLoss { sector: count(4), loss: value(2) }),
            largest_gain: (value(3) > 0.0)
                .then(|| LargestGain { sector: count(5), relative: value(3) }),
        }
    }
}

impl Batch<'_> {
    fn by_area(&self) -> [u32; 2] {
        [self.prepared.dims().areas.div_ceil(LINES) as u32, self.groups as u32]
    }

    /// Lets the machine total the losses after step `t`, the last one run.
    pub(super) fn total(&mut self, min_loss: f64, t: usize) -> Totalling {
        let groups = self.groups;
        let parts = groups * self.prepared.dims().areas * LANES;
        let by_area = self.by_area();
        let [m1, m2, m3] = RELATIVE_LOSS_MARKS;
        let machine = &mut *self.machine;
        let marks = machine.upload_real(&[min_loss, m1, m2, m3]);
        let shocked = machine.upload_whole(&self.shocks.mask);
        let starts = machine.upload_whole(&self.shocks.starts);
        let part_values = machine.room(Element::Real, VALUES * parts);
        let part_counts = machine.room(Element::Whole, COUNTS * parts);
        let rows_before = machine.room(Element::Whole, parts);
        let values = machine.room(Element::Real, VALUES * groups * LANES);
        let counts = machine.room(Element::Whole, COUNTS * groups * LANES);
        let Field { losses, active } = self.current;
        machine.dispatch(
            &k::TOTALS,
            &[
                self.sizes,
                marks,
                self.on.available[t],
                self.on.populated,
                losses,
                active,
                shocked,
                self.shock_places,
                starts,
                part_values,
                part_counts,
            ],
            by_area,
        );
        machine.dispatch(
            &k::REDUCE,
            &[self.sizes, part_values, part_counts, rows_before, values, counts],
            [1, groups as u32],
        );
        for buffer in [shocked, starts, part_values, part_counts] {
            machine.free(buffer);
        }
        Totalling { marks, rows_before, values, counts }
    }

    /// Losses after step `t`, which must be the last one run, one outcome per scenario.
    ///
    /// # Errors
    /// The device fails, or decisions took more room than there was.
    pub fn outcomes(&mut self, min_loss: f64, t: usize) -> Result<Vec<Outcome>, Halt> {
        let started = Instant::now();
        let totalling = self.total(min_loss, t);
        let Totalling { marks, rows_before, values, counts } = totalling;
        let asked = totalling.asked(self.groups);
        let (totalled, ledger) = self.read_settled(asked)?;
        self.machine.free(values);
        self.machine.free(counts);
        // How many rows there are is known now: exactly these come back.
        let rows = |number: usize| totalled.count(number, 0) as usize;
        let mut first = Vec::with_capacity(self.groups * LANES);
        let mut all = 0;
        for number in 0..self.groups * LANES {
            first.push(all as u32);
            all += rows(number);
        }
        let by_area = self.by_area();
        let hits = self.hit_buffers(&ledger);
        let Field { losses, active } = self.current;
        let machine = &mut *self.machine;
        let first_rows = machine.upload_whole(&first);
        let row_sectors = machine.room(Element::Whole, all);
        let row_losses = machine.room(Element::Real, all);
        machine.dispatch(
            &k::COMPACT,
            &[self.sizes, marks, losses, active, first_rows, rows_before, row_sectors, row_losses],
            by_area,
        );
        self.clock(started, |s| &mut s.compaction)?;
        let started = Instant::now();
        let machine = &mut *self.machine;
        let mut outcomes = Vec::new();
        let (count, diverged) = (self.scenarios.len(), &self.watches.diverged);
        let (lanes, prepared, scenarios) = (self.groups * LANES, self.prepared, self.scenarios);
        let mut asked = vec![(row_sectors, all), (row_losses, all)];
        asked.extend(hits);
        let reserves_at = asked.len();
        asked.extend(self.reserves.map(|of| (of.left, self.prepared.reserves.len() * lanes)));
        let events = &mut self.events;
        machine.read_with(&asked, &mut |views| {
            if let [ranges, places, losses] = views[2..reserves_at] {
                *events = decide::events(prepared, scenarios, [ranges, places, losses]);
            }
            // Straight from where the device has put them, by all cores: what takes time here is the
            // host's own memory.
            let outcome = |number: usize| {
                let range = first[number] as usize..first[number] as usize + rows(number);
                let events = events[number].iter().filter(|event| event.step <= t).copied();
                // By reserve, what all scenarios hold of it.
                let left = |of: &View<'_>| {
                    let count = prepared.reserves.len();
                    (0..count).map(|nth| of.number(nth * lanes + number)).collect()
                };
                if let Some(at) = diverged[number] {
                    return Outcome::out_of_range(at, events.collect());
                }
                Outcome {
                    sectors: views[0].whole()[range.clone()].to_vec(),
                    losses: views[1].real(range),
                    totals: totalled.totals(number),
                    events: events.collect(),
                    reserves: views.get(reserves_at).map(left).unwrap_or_default(),
                    diverged: None,
                }
            };
            let of = (0..count).into_par_iter().with_min_len(8);
            outcomes = of.map(outcome).collect();
        })?;
        for buffer in [marks, rows_before, first_rows, row_sectors, row_losses] {
            machine.free(buffer);
        }
        self.clock(started, |s| &mut s.download)?;
        Ok(outcomes)
    }

    /// Losses after the last step run, summed; `counted` says which items count by area.
    ///
    /// # Errors
    /// The device fails, or decisions took more room than there was.
    pub fn sums(&mut self, counted: &[bool]) -> Result<Vec<Sums>, Halt> {
        let started = Instant::now();
        let dims = self.prepared.dims();
        let groups = self.groups;
        let lines = dims.areas + 2 * dims.items;
        let machine = &mut *self.machine;
        let counted: Vec<u32> = counted.iter().map(|&counts| u32::from(counts)).collect();
        let counted = machine.upload_whole(&counted);
        let sums = machine.room(Element::Real, groups * lines * LANES);
        let Field { losses, active } = self.current;
        let buffers = [self.sizes, counted, self.on.populated, losses, active, sums];
        let of = |count: usize| [count.div_ceil(LINES) as u32, groups as u32];
        machine.dispatch(&k::SUM_AREAS, &buffers, of(dims.areas));
        machine.dispatch(&k::SUM_ITEMS, &buffers, of(dims.items));
        self.clock(started, |s| &mut s.compaction)?;
        let started = Instant::now();
        let (beside, is_single) = (self.beside(), self.is_watched);
        let machine = &mut *self.machine;
        let count = self.scenarios.len();
        let mut asked = vec![(sums, groups * lines * LANES)];
        asked.extend(beside);
        let (mut found, mut ledger, watches) = (Vec::new(), Vec::new(), &mut self.watches);
        machine.read_with(&asked, &mut |views| {
            ledger = watches.look(&views[1..], is_single);
            let diverged = &watches.diverged;
            let of_scenario = |number: usize| {
                let of = |first: usize, count: usize| -> Vec<f64> {
                    let at = |line| (number / LANES * lines + line) * LANES + number % LANES;
                    (first..first + count).map(|line| views[0].number(at(line))).collect()
                };
                if diverged[number].is_some() {
                    let zero = Sums::zero(dims.areas, dims.items);
                    return Sums { diverged: diverged[number], ..zero };
                }
                Sums {
                    by_area: of(0, dims.areas),
                    by_item: of(dims.areas, dims.items),
                    by_item_populated: of(dims.areas + dims.items, dims.items),
                    diverged: None,
                }
            };
            let of = (0..count).into_par_iter().with_min_len(8);
            found = of.map(of_scenario).collect();
        })?;
        machine.free(counted);
        machine.free(sums);
        self.settled(&ledger)?;
        self.clock(started, |s| &mut s.download)?;
        Ok(found)
    }
}
