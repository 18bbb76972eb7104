//! What comes back of a batch: rows above the threshold with totals, or sums.

use std::time::Instant;

use rayon::prelude::*;

use super::batch::{Batch, Field};
use super::kernels as k;
use super::layout::LANES;
use super::machine::{Buffer, Element, View};
use crate::engine::EngineError;
use crate::engine::outcome::{LargestGain, LargestLoss, Outcome, Sums, Totals};
use crate::model::constants::{MIN_LOSS, RELATIVE_LOSS_MARKS};

/// Areas or items of a workgroup.
const LINES: usize = 8;

/// Relative gain from which a sector may be part of a loop that feeds itself: in f32 its scenario is
/// computed again in f64.
pub const SELF_FEEDING: f64 = 1.0;

/// Totals of a batch, with what the rows are made from.
struct Totalled {
    /// Six counts per scenario.
    counts: Vec<u32>,
    /// Four numbers per scenario.
    values: Vec<f64>,
    marks: Buffer,
    rows_before: Buffer,
}

impl Totalled {
    fn count(&self, number: usize, nth: usize) -> u32 {
        self.counts[(number / LANES * 6 + nth) * LANES + number % LANES]
    }

    fn value(&self, number: usize, nth: usize) -> f64 {
        self.values[(number / LANES * 4 + nth) * LANES + number % LANES]
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

    fn totalled(&mut self, min_loss: f64, t: usize) -> Result<Totalled, EngineError> {
        let groups = self.groups;
        let parts = groups * self.prepared.dims().areas * LANES;
        let by_area = self.by_area();
        let [m1, m2, m3] = RELATIVE_LOSS_MARKS;
        let machine = &mut *self.machine;
        let marks = machine.upload_real(&[min_loss, m1, m2, m3]);
        let shocked = machine.upload_whole(&self.shocks.mask);
        let starts = machine.upload_whole(&self.shocks.starts);
        let part_values = machine.room(Element::Real, 4 * parts);
        let part_counts = machine.room(Element::Whole, 6 * parts);
        let rows_before = machine.room(Element::Whole, parts);
        let totals = machine.room(Element::Real, 4 * groups * LANES);
        let counts = machine.room(Element::Whole, 6 * groups * LANES);
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
            &[self.sizes, part_values, part_counts, rows_before, totals, counts],
            [1, groups as u32],
        );
        let mut read =
            machine.read(&[(totals, 4 * groups * LANES), (counts, 6 * groups * LANES)])?;
        for buffer in [shocked, starts, part_values, part_counts, totals, counts] {
            machine.free(buffer);
        }
        let (counts, values) = (read.remove(1).whole(), read.remove(0).real());
        Ok(Totalled { counts, values, marks, rows_before })
    }

    /// Notes the scenarios in which some sector feeds itself: rounding may grow with it.
    ///
    /// # Errors
    /// The device fails.
    pub fn watch(&mut self, t: usize) -> Result<(), EngineError> {
        let totalled = self.totalled(MIN_LOSS, t)?;
        for (number, suspect) in self.suspects.iter_mut().enumerate() {
            let gain = totalled.value(number, 3);
            *suspect |= gain > SELF_FEEDING || !totalled.value(number, 0).is_finite();
        }
        self.machine.free(totalled.marks);
        self.machine.free(totalled.rows_before);
        Ok(())
    }

    /// Notes the scenarios that are out of range after step `t`: in f64 they have diverged, in f32 they
    /// are computed again.
    ///
    /// # Errors
    /// The device fails.
    pub fn keep_in_range(&mut self, t: usize) -> Result<(), EngineError> {
        let is_single = self.is_watched;
        let (range, limit) = self.prepared.range(is_single);
        if !range.is_possible(t) {
            return Ok(());
        }
        let totalled = self.totalled(limit, t)?;
        for number in 0..self.scenarios.len() {
            let is_out = range.is_certain(t)
                || totalled.count(number, 0) > 0
                || !totalled.value(number, 0).is_finite();
            if is_single {
                self.suspects[number] |= is_out;
            } else if is_out {
                self.diverged[number].get_or_insert(t);
            }
        }
        self.machine.free(totalled.marks);
        self.machine.free(totalled.rows_before);
        Ok(())
    }

    /// Losses after step `t`, which must be the last one run, one outcome per scenario.
    ///
    /// # Errors
    /// The device fails.
    pub fn outcomes(&mut self, min_loss: f64, t: usize) -> Result<Vec<Outcome>, EngineError> {
        let started = Instant::now();
        let totalled = self.totalled(min_loss, t)?;
        let Totalled { marks, rows_before, .. } = totalled;
        // How many rows there are is known now: exactly these come back.
        let rows = |number: usize| totalled.count(number, 0) as usize;
        let mut first = Vec::with_capacity(self.groups * LANES);
        let mut all = 0;
        for number in 0..self.groups * LANES {
            first.push(all as u32);
            all += rows(number);
        }
        let by_area = self.by_area();
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
        let (events, count) = (&self.events, self.scenarios.len());
        let diverged = &self.diverged;
        let lanes = self.groups * LANES;
        let mut asked = vec![(row_sectors, all), (row_losses, all)];
        asked.extend(self.reserves.map(|of| (of.left, self.prepared.reserves.len() * lanes)));
        machine.read_with(&asked, &mut |views| {
            // Straight from where the device has put them, by all cores: what takes time here is the
            // host's own memory.
            let outcome = |number: usize| {
                let range = first[number] as usize..first[number] as usize + rows(number);
                let events = events[number].iter().filter(|event| event.step <= t).copied();
                // By reserve, what all scenarios hold of it.
                let left = |of: &View<'_>| {
                    let count = self.prepared.reserves.len();
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
                    reserves: views.get(2).map(left).unwrap_or_default(),
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
    /// The device fails.
    pub fn sums(&mut self, counted: &[bool]) -> Result<Vec<Sums>, EngineError> {
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
        let machine = &mut *self.machine;
        let (count, diverged) = (self.scenarios.len(), &self.diverged);
        let mut found = Vec::new();
        machine.read_with(&[(sums, groups * lines * LANES)], &mut |views| {
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
        self.clock(started, |s| &mut s.download)?;
        Ok(found)
    }
}
