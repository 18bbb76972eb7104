//! From a lane group's losses to one outcome per lane.
//!
//! Sums run in the order of places for all lanes at once, so a scenario's totals do not depend on
//! its neighbours; they may differ from those of another engine by the rounding of a sum.

use super::lanes::{LANES, LaneShock, Lanes, LossField};
use crate::engine::network::{Network, WORD, bits};
use crate::engine::outcome::{LargestGain, LargestLoss, Outcome, Totals};
use crate::model::constants::RELATIVE_LOSS_MARKS;

/// Buffers reused from group to group.
#[derive(Debug, Clone)]
pub struct Collector {
    /// Sectors with rows as a mask in ascending order of sectors, `item_words` words per area.
    listed: Vec<u64>,
    item_words: usize,
    /// Places shocked in any lane, one bit each.
    shocked: Vec<u64>,
    /// Sectors with rows, ascending.
    sectors: Vec<u32>,
    /// Losses of these sectors.
    losses: Vec<Lanes>,
    /// Rows of one lane, and room for one more.
    row_sectors: Vec<u32>,
    row_losses: Vec<f64>,
}

/// What the collector reads besides the losses.
#[derive(Debug, Clone, Copy)]
pub struct Against<'a> {
    /// Available amounts of the baseline at this step, by place, tonnes.
    pub baseline: &'a [f64],
    /// Whether the place's area has a population.
    pub populated: &'a [bool],
    /// Shocks of all lanes.
    pub shocks: &'a [LaneShock],
    /// Absolute loss above which a sector is listed, tonnes.
    pub min_loss: f64,
}

/// [`Totals`] of every lane.
struct LaneTotals {
    loss: Lanes,
    loss_populated: Lanes,
    above_marks: [[u32; LANES]; 3],
    largest: Lanes,
    largest_sector: [u32; LANES],
    /// Relative gains.
    largest_gain: Lanes,
    gain_sector: [u32; LANES],
}

impl Collector {
    /// Buffers for a network.
    pub fn new(network: &Network) -> Self {
        let item_words = network.dims.items.div_ceil(WORD);
        Collector {
            listed: vec![0; network.dims.areas * item_words],
            item_words,
            shocked: vec![0; network.places() / WORD],
            sectors: Vec::new(),
            losses: Vec::new(),
            row_sectors: Vec::new(),
            row_losses: Vec::new(),
        }
    }

    /// Outcomes of the first `lanes` lanes of `field`.
    #[inline(always)]
    pub fn collect(
        &mut self,
        net: &Network,
        field: &LossField,
        against: Against<'_>,
        lanes: usize,
    ) -> Vec<Outcome> {
        for shock in against.shocks {
            self.shocked[shock.place as usize / WORD] |= 1 << (shock.place as usize % WORD);
        }
        let mut totals = LaneTotals {
            loss: Lanes::ZERO,
            loss_populated: Lanes::ZERO,
            above_marks: [[0; LANES]; 3],
            largest: Lanes::ZERO,
            largest_sector: [u32::MAX; LANES],
            largest_gain: Lanes::ZERO,
            gain_sector: [u32::MAX; LANES],
        };
        // First every active place, in the order of memory; then, area by area, those with rows.
        let words = net.words();
        for (w, &word) in field.active.iter().enumerate() {
            let item = w / words;
            for bit in bits(word) {
                let area = w % words * WORD + bit;
                let place = w * WORD + bit;
                let losses = &field.lanes[place];
                let is_shocked = self.shocked[w] >> bit & 1 == 1;
                totals.add(losses, (net.dims.sector(area, item), place), is_shocked, &against);
                if any(losses, |_, loss| loss.abs() > against.min_loss) {
                    self.listed[area * self.item_words + item / WORD] |= 1 << (item % WORD);
                }
            }
        }
        for area in 0..net.dims.areas {
            for word in 0..self.item_words {
                let mask = std::mem::take(&mut self.listed[area * self.item_words + word]);
                for bit in bits(mask) {
                    let item = word * WORD + bit;
                    let losses = &field.lanes[item * net.stride + area];
                    let sector = net.dims.sector(area, item) as u32;
                    self.sectors.push(sector);
                    self.losses.push(*losses);
                }
            }
        }
        for shock in against.shocks {
            self.shocked[shock.place as usize / WORD] = 0;
        }
        let outcomes = (0..lanes)
            .map(|lane| {
                let (sectors, losses) = self.rows(lane, against.min_loss);
                Outcome { sectors, losses, totals: totals.of(lane), ..Outcome::default() }
            })
            .collect();
        self.sectors.clear();
        self.losses.clear();
        outcomes
    }

    /// The rows of one lane.
    #[inline(always)]
    fn rows(&mut self, lane: usize, min_loss: f64) -> (Vec<u32>, Vec<f64>) {
        self.row_sectors.resize(self.sectors.len() + 1, 0);
        self.row_losses.resize(self.sectors.len() + 1, 0.0);
        // Written whether listed or not, kept if listed: a branch would be mispredicted at every
        // other sector.
        let mut rows = 0;
        for (&sector, losses) in self.sectors.iter().zip(&self.losses) {
            let loss = losses[lane];
            self.row_sectors[rows] = sector;
            self.row_losses[rows] = loss;
            rows += usize::from(loss.abs() > min_loss);
        }
        (self.row_sectors[..rows].to_vec(), self.row_losses[..rows].to_vec())
    }
}

impl LaneTotals {
    /// Adds one sector's losses.
    #[inline(always)]
    fn add(
        &mut self,
        losses: &Lanes,
        (sector, place): (usize, usize),
        is_shocked: bool,
        against: &Against<'_>,
    ) {
        let baseline = against.baseline[place];
        add(&mut self.loss, losses);
        if against.populated[place] {
            add(&mut self.loss_populated, losses);
        }
        // Most sectors lose little: what follows is skipped where it would change nothing.
        if any(losses, |_, loss| loss > RELATIVE_LOSS_MARKS[0] * baseline) {
            for (count, mark) in self.above_marks.iter_mut().zip(RELATIVE_LOSS_MARKS) {
                let bound = mark * baseline;
                for (count, &loss) in count.iter_mut().zip(losses.iter()) {
                    *count += u32::from(loss > bound);
                }
            }
        }
        let sector = sector as u32;
        if any(losses, |lane, loss| loss >= self.largest[lane]) {
            let mut eligible = *losses;
            if is_shocked {
                for shock in against.shocks.iter().filter(|s| s.place as usize == place) {
                    eligible[shock.lane as usize] = 0.0;
                }
            }
            keep_largest(&mut self.largest, &mut self.largest_sector, &eligible, sector);
        }
        // A little below the largest gain so far: the division decides.
        let near = baseline * (1.0 - 1e-12);
        let may_be_largest = |lane: usize, loss: f64| {
            loss < -against.min_loss && -loss >= self.largest_gain[lane] * near
        };
        if baseline > 0.0 && any(losses, may_be_largest) {
            let relative =
                losses.map(|loss| if loss < -against.min_loss { -loss / baseline } else { 0.0 });
            keep_largest(&mut self.largest_gain, &mut self.gain_sector, &relative, sector);
        }
    }

    /// Totals of one lane.
    fn of(&self, lane: usize) -> Totals {
        let loss = self.largest[lane];
        Totals {
            loss: self.loss[lane],
            loss_populated: self.loss_populated[lane],
            above_marks: self.above_marks.map(|count| count[lane]),
            largest_gain: (self.largest_gain[lane] > 0.0).then(|| LargestGain {
                sector: self.gain_sector[lane],
                relative: self.largest_gain[lane],
            }),
            largest: (loss > 0.0).then(|| LargestLoss { sector: self.largest_sector[lane], loss }),
        }
    }
}

/// Keeps the larger number of every lane and its sector, of equals the smaller sector.
#[inline(always)]
fn keep_largest(
    largest: &mut [f64; LANES],
    sectors: &mut [u32; LANES],
    new: &[f64; LANES],
    sector: u32,
) {
    for ((largest, of), &new) in largest.iter_mut().zip(sectors).zip(new) {
        let tie = new == *largest && sector < *of;
        let larger = new > *largest || tie;
        *largest = if larger { new } else { *largest };
        *of = if larger { sector } else { *of };
    }
}

/// Whether some lane and its loss are as asked.
#[inline(always)]
fn any(losses: &Lanes, is: impl Fn(usize, f64) -> bool) -> bool {
    let mut any = false;
    for (lane, &loss) in losses.iter().enumerate() {
        any |= is(lane, loss);
    }
    any
}

/// `sum += terms` in every lane.
#[inline(always)]
fn add(sum: &mut [f64; LANES], terms: &[f64; LANES]) {
    for (sum, term) in sum.iter_mut().zip(terms) {
        *sum += term;
    }
}
