//! What every single failure costs every area.

use crate::dataset::{Dataset, Dimensions};
use crate::model::losses::runs_away;
use crate::scenario::ScenarioId;

use super::What;

/// A single failure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Failure {
    /// Identifier of its scenario.
    pub scenario: ScenarioId,
    /// The sector that fails.
    pub sector: u32,
    /// Share of its output that is lost, in the first step if it changes.
    pub phi: f64,
}

/// What single failures cost, by failure, way and area.
#[derive(Debug, Clone, PartialEq)]
pub struct Singles {
    /// The failures, ascending by scenario.
    pub failures: Vec<Failure>,
    /// Available amounts without a failure after the last step, by sector.
    pub baseline: Vec<f64>,
    /// Steps of the runs.
    pub steps: usize,
    /// Runs in which a sector has run away: without, and with adaptation.
    pub runaway: [usize; 2],
    pub(super) dims: Dimensions,
    /// `failure * areas + area`, as sums; empty for a way that was not run.
    pub(super) by_area: [Vec<f64>; 2],
    /// The failures that cost a sector most: way, sector, then the largest first.
    pub(super) largest: [Vec<Vec<(f64, u32)>>; 2],
    pub(super) keep: usize,
}

/// What runs did to the sectors that they hit, of one failure in one way.
pub(super) struct Hit<'a> {
    pub failure: usize,
    pub adapts: bool,
    pub sectors: &'a [u32],
    pub al: &'a [f64],
    /// Values in the measure, as sums; for an item its amounts.
    pub value: &'a [f64],
    pub has_run_away: bool,
}

impl Singles {
    pub(super) fn new(
        dims: Dimensions,
        failures: Vec<Failure>,
        baseline: Vec<f64>,
        steps: usize,
        ways: [bool; 2],
        keep: usize,
    ) -> Self {
        let room = |is_run: bool| if is_run { failures.len() * dims.areas } else { 0 };
        let lists = |is_run: bool| match is_run && keep > 0 {
            true => vec![Vec::new(); dims.sectors()],
            false => Vec::new(),
        };
        Singles {
            by_area: ways.map(|is_run| vec![0.0; room(is_run)]),
            largest: ways.map(lists),
            failures,
            baseline,
            steps,
            runaway: [0; 2],
            dims,
            keep,
        }
    }

    /// Whether failures were run without, and with adaptation.
    pub fn ways(&self) -> [bool; 2] {
        [0, 1].map(|way: usize| self.failures.is_empty() || !self.by_area[way].is_empty())
    }

    /// The way that counts where one is needed: with adaptation, if it was run.
    pub fn main_way(&self) -> usize {
        usize::from(self.ways()[1])
    }

    /// What a failure costs an area, as a sum.
    pub fn loss(&self, way: usize, failure: usize, area: usize) -> f64 {
        self.by_area[way][failure * self.dims.areas + area]
    }

    /// What every failure costs an area, in the order of [`Singles::failures`], as sums.
    pub fn of_area(&self, way: usize, area: usize) -> Vec<f64> {
        let rows = self.by_area[way].chunks(self.dims.areas.max(1));
        rows.map(|of_failure| of_failure[area]).collect()
    }

    /// The failures that cost a sector most, with what it loses, in the item's unit, largest first.
    pub fn largest_of(&self, way: usize, sector: usize) -> impl Iterator<Item = (usize, f64)> {
        let list = self.largest[way].get(sector).map_or(&[][..], Vec::as_slice);
        list.iter().map(|&(loss, failure)| (failure as usize, loss))
    }

    /// Adds a run.
    pub(super) fn add(&mut self, hit: &Hit<'_>) {
        let way = usize::from(hit.adapts);
        self.runaway[way] += usize::from(hit.has_run_away);
        let (areas, items) = (self.dims.areas, self.dims.items);
        let row = &mut self.by_area[way][hit.failure * areas..(hit.failure + 1) * areas];
        for (&sector, value) in hit.sectors.iter().zip(hit.value) {
            row[sector as usize / items] += value;
        }
        if self.keep == 0 {
            return;
        }
        for (&sector, &al) in hit.sectors.iter().zip(hit.al) {
            let list = &mut self.largest[way][sector as usize];
            let entry = (al, hit.failure as u32);
            let is_before = |a: &(f64, u32)| a.0 > entry.0 || (a.0 == entry.0 && a.1 < entry.1);
            let is_short = list.len() < self.keep;
            if al > 0.0 && (is_short || list.last().is_some_and(|last| !is_before(last))) {
                let at = list.partition_point(is_before);
                list.insert(at, entry);
                list.truncate(self.keep);
            }
        }
    }
}

/// Losses of one run with those of sectors that have run away left out, and whether there are any.
pub(super) fn counted(
    dataset: &Dataset,
    what: &What,
    baseline: &[f64],
    (sectors, al): (&[u32], &mut Vec<f64>),
    overshoot: f64,
    adapted: impl Fn(u32) -> Option<f64>,
) -> (Vec<f64>, bool) {
    let items = dataset.dimensions().items;
    let mut has_run_away = false;
    let value = sectors.iter().zip(al.iter_mut()).map(|(&sector, al)| {
        let s = sector as usize;
        if runs_away(*al, baseline[s], overshoot) {
            has_run_away = true;
            *al = 0.0;
            return 0.0;
        }
        what.loss(s, items, baseline[s], *al, adapted(sector))
    });
    (value.collect(), has_run_away)
}
