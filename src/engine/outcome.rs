//! What an engine says of one scenario.

use crate::model::adaptation::Hit;
use crate::model::constants::RELATIVE_LOSS_MARKS;
use crate::scenario::Shock;

/// Losses of one scenario at one step.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome {
    /// Sectors whose absolute loss or gain exceeds the threshold, ascending.
    pub sectors: Vec<u32>,
    /// Absolute loss `xb - x` of each of them, tonnes; a gain is negative.
    pub losses: Vec<f64>,
    /// Sums and counts over all sectors, listed or not.
    pub totals: Totals,
    /// Sectors that have adapted or substituted by this step: in order of the steps, then of kind,
    /// then of sectors.
    pub events: Vec<Event>,
    /// What the dataset's reserves hold after the step, in their order and the units of their items; nothing
    /// where it has none.
    pub reserves: Vec<f64>,
    /// First step after which an amount of the run is out of range, if it is by this step: then there
    /// are no losses and no totals, and the events are those before it. See
    /// [`crate::model::divergence`].
    pub diverged: Option<usize>,
}

impl Outcome {
    /// What is left to say of a run that is out of range after step `at`.
    pub fn out_of_range(at: usize, events: Vec<Event>) -> Self {
        let events = events.into_iter().filter(|event| event.step < at).collect();
        Outcome { events, diverged: Some(at), ..Outcome::default() }
    }
}

/// What a badly hit sector did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    /// It changed its parameters by the rules.
    Adapting,
    /// It looked for substitutes.
    Substituting,
}

/// One decision of one sector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event {
    /// What it did.
    pub kind: EventKind,
    /// Step after which it decided.
    pub step: usize,
    /// The sector with the losses that made it act.
    pub hit: Hit,
    /// Whether it kept its shares because no rule left it any.
    pub no_share_rule: bool,
}

/// The sector that gains most relative to its baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LargestGain {
    /// Index of the sector.
    pub sector: u32,
    /// Its gain `(x - xb) / xb`, unit 1.
    pub relative: f64,
}

/// The sector that loses most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LargestLoss {
    /// Index of the sector.
    pub sector: u32,
    /// Its absolute loss, tonnes.
    pub loss: f64,
}

/// Sums and counts over all sectors of one scenario.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Totals {
    /// Summed absolute loss, tonnes (live animals add 1000 heads, as in the paper).
    pub loss: f64,
    /// Summed absolute loss of the areas that have a population, tonnes.
    pub loss_populated: f64,
    /// Number of sectors with a relative loss above each of [`RELATIVE_LOSS_MARKS`].
    pub above_marks: [u32; 3],
    /// The sector with the largest absolute loss, shocked sectors apart; the first one of equals.
    pub largest: Option<LargestLoss>,
    /// The sector with the largest relative gain, among those listed that have a baseline; the
    /// first one of equals.
    pub largest_gain: Option<LargestGain>,
}

impl Totals {
    /// Whether a sector ends above `multiple` times its baseline.
    pub fn overshoots(&self, multiple: f64) -> bool {
        self.largest_gain.is_some_and(|gain| 1.0 + gain.relative > multiple)
    }
}

/// Summed losses of one scenario after the last step, tonnes (live animals add 1000 heads).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sums {
    /// Per area, over the items that count.
    pub by_area: Vec<f64>,
    /// Per item, over all areas.
    pub by_item: Vec<f64>,
    /// Per item, over the areas that have a population.
    pub by_item_populated: Vec<f64>,
    /// First step after which an amount of the run is out of range, if there is one: then the sums are
    /// all 0 and mean nothing.
    pub diverged: Option<usize>,
}

impl Sums {
    /// Sums of nothing, for so many areas and items.
    pub fn zero(areas: usize, items: usize) -> Self {
        Sums {
            by_area: vec![0.0; areas],
            by_item: vec![0.0; items],
            by_item_populated: vec![0.0; items],
            diverged: None,
        }
    }
}

/// Collects an [`Outcome`] from losses given in ascending order of their sectors.
///
/// Sums run in that order in every engine, so that equal losses give equal totals, to the bit.
pub struct OutcomeBuilder<'a> {
    baseline: &'a [f64],
    populated: &'a [bool],
    shocks: &'a [Shock],
    min_loss: f64,
    outcome: Outcome,
}

impl<'a> OutcomeBuilder<'a> {
    /// Starts an outcome; `baseline` and `populated` have one element per sector, `shocks` is
    /// ascending by sector.
    pub fn new(
        baseline: &'a [f64],
        populated: &'a [bool],
        shocks: &'a [Shock],
        min_loss: f64,
    ) -> Self {
        OutcomeBuilder { baseline, populated, shocks, min_loss, outcome: Outcome::default() }
    }

    /// Adds the absolute loss of one sector, tonnes.
    #[inline]
    pub fn push(&mut self, sector: u32, loss: f64) {
        if loss == 0.0 {
            return;
        }
        let s = sector as usize;
        let totals = &mut self.outcome.totals;
        totals.loss += loss;
        if self.populated[s] {
            totals.loss_populated += loss;
        }
        for (count, mark) in totals.above_marks.iter_mut().zip(RELATIVE_LOSS_MARKS) {
            *count += u32::from(loss > mark * self.baseline[s]);
        }
        let is_larger = totals.largest.is_none_or(|l| loss > l.loss);
        if loss > 0.0 && is_larger && !is_shocked(self.shocks, sector) {
            totals.largest = Some(LargestLoss { sector, loss });
        }
        if loss.abs() > self.min_loss {
            let relative = -loss / self.baseline[s];
            let is_larger = totals.largest_gain.is_none_or(|g| relative > g.relative);
            if loss < 0.0 && self.baseline[s] > 0.0 && is_larger {
                totals.largest_gain = Some(LargestGain { sector, relative });
            }
            self.outcome.sectors.push(sector);
            self.outcome.losses.push(loss);
        }
    }

    /// The finished outcome.
    pub fn finish(self) -> Outcome {
        self.outcome
    }
}

/// Whether a sector's output is shocked.
fn is_shocked(shocks: &[Shock], sector: u32) -> bool {
    shocks.iter().any(|shock| shock.sector == sector && shock.kind.is_of_output())
}
