//! Runs sets of two or three shocks: what every subset of them adds, sector by sector.
//!
//! By their interaction ([`crate::interaction::lattice`]) where its recursion holds and the engine is the cpu
//! engine; else every subset is run, and what it adds is a difference of runs with the rounding of these.

mod runs;
mod triples;

use rayon::prelude::*;

use crate::dataset::Dataset;
use crate::engine::{Engine, EngineError};
use crate::interaction::lanes::Work;
use crate::interaction::lattice::{self, Asked, Decided, Lattice};
use crate::interaction::parts::Parts;
use crate::interaction::plain::holds;
use crate::interaction::tables::InteractionTables;
use crate::measure::{Measure, MeasureKind};
use crate::model::constants::MIN_LOSS;
use crate::model::losses::runs_away;
use crate::superposition::pair::{Mode, Receivers};
use crate::superposition::set::{SetSums, ShockSet, Summing, added, values};

/// Lanes of a group.
const LANES: usize = crate::engine::cpu::lanes::LANES;

/// One sector in every run of a set; `N` is two to the number of shocks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SectorParts<const N: usize> {
    /// The sector.
    pub sector: u32,
    /// What every subset adds to its loss, in the unit of its item.
    pub loss: [f64; N],
    /// What every subset adds to the food that people there eat less, kcal per day.
    pub kcal: [f64; N],
    /// Its largest multiple of the baseline, where it runs away in some run.
    pub runaway: Option<f64>,
}

/// A set in all its runs.
#[derive(Debug, Clone)]
pub struct SetRun<const N: usize> {
    /// Sectors that lose or gain in some run after the last step.
    pub sectors: Vec<SectorParts<N>>,
    /// Who decides in which runs.
    pub decided: Vec<Decided<N>>,
    /// First step after which some run is out of range: then the rest means nothing.
    pub diverged: Option<usize>,
}

/// What sets are run on.
pub struct SetRunner<'a> {
    engine: &'a dyn Engine,
    dataset: &'a Dataset,
    producers: Vec<bool>,
    counted: &'a [bool],
    receivers: Receivers,
    /// What tells food, and persons of all areas; `None` where the dataset knows none.
    food: Option<(Measure, f64)>,
    /// Multiple of its baseline above which a sector has run away.
    overshoot: f64,
    /// What the recursion reads, where it is used.
    tables: Option<InteractionTables>,
}

impl<'a> SetRunner<'a> {
    /// A runner; `counted` says of every item whether it counts over the whole network, sectors that end above
    /// `overshoot` times their baseline have run away.
    pub fn new(
        engine: &'a dyn Engine,
        dataset: &'a Dataset,
        counted: &'a [bool],
        overshoot: f64,
    ) -> Self {
        let people: f64 = dataset.labels.areas.iter().filter_map(|area| area.population).sum();
        let food = Measure::of(MeasureKind::Kcal, dataset).filter(|_| people > 0.0);
        // Reserves are not linear in losses.
        let has_tables = engine.info().name == "cpu" && !engine.has_reserves();
        let steps = engine.baseline().steps();
        SetRunner {
            engine,
            dataset,
            producers: dataset.parameters.producers(),
            counted,
            receivers: Receivers::new(dataset),
            food: food.map(|measure| (measure, people)),
            overshoot,
            tables: has_tables.then(|| InteractionTables::new(dataset, steps)),
        }
    }

    /// As [`SetRunner::new`], by runs wherever the recursion holds too: what the recursion is measured against.
    pub fn by_runs_alone(
        engine: &'a dyn Engine,
        dataset: &'a Dataset,
        counted: &'a [bool],
        overshoot: f64,
    ) -> Self {
        SetRunner { tables: None, ..SetRunner::new(engine, dataset, counted, overshoot) }
    }

    /// The tables of the recursion, where it holds for a set.
    fn recursion(&self, set: &ShockSet) -> Option<&InteractionTables> {
        self.tables.as_ref().filter(|_| holds(set.adaptation.as_ref(), &set.shocks))
    }

    /// Runs sets with the stages of a mode and makes something of each, in their order.
    ///
    /// # Errors
    /// The engine fails.
    pub fn run<T: Send, const N: usize>(
        &self,
        sets: &[ShockSet],
        mode: Mode,
        make: &(dyn Fn(&ShockSet, SetRun<N>) -> T + Sync),
    ) -> Result<Vec<T>, EngineError> {
        let is_own = |set: &&ShockSet| self.recursion(set).is_some();
        let (own, others): (Vec<&ShockSet>, Vec<&ShockSet>) = sets.iter().partition(is_own);
        let mut own = self.by_interaction(&own, mode, make).into_iter();
        let mut others = self.by_runs(&others, mode, make)?.into_iter();
        let next = |set: &ShockSet| match self.recursion(set) {
            Some(_) => own.next(),
            None => others.next(),
        };
        Ok(sets.iter().filter_map(next).collect())
    }

    fn by_interaction<T: Send, const N: usize>(
        &self,
        sets: &[&ShockSet],
        mode: Mode,
        make: &(dyn Fn(&ShockSet, SetRun<N>) -> T + Sync),
    ) -> Vec<T> {
        let Some(tables) = &self.tables else { return Vec::new() };
        let group = |work: &mut Work, sets: &[&ShockSet]| -> Vec<T> {
            let asked = sets.iter().map(|set| Asked {
                shocks: set.shocks.as_slice(),
                settings: mode.settings(set.adaptation),
            });
            let asked: Vec<Asked<'_>> = asked.collect();
            let found = lattice::run::<N>(tables, &asked, work);
            sets.iter().zip(found).map(|(set, found)| make(set, self.told(found))).collect()
        };
        let groups = sets.par_chunks(LANES / N).map_init(|| Work::new(&tables.net), group);
        groups.flatten_iter().collect()
    }

    /// What the parts of losses mean in food, and which sectors run away.
    fn told<const N: usize>(&self, of: Lattice<N>) -> SetRun<N> {
        let baseline = self.engine.baseline().last();
        let sector = |(sector, loss): (u32, [f64; N])| {
            let xb = baseline[sector as usize];
            let share = of.consumed.binary_search_by_key(&sector, |adapted| adapted.0);
            let share = share.ok().map(|at| &of.consumed[at].1);
            let kcal = self.eaten(sector, &loss, |measure, item| {
                let consumed = measure.consumed(sector as usize, item);
                let share = share?;
                let mut left = loss.map(|part| -part);
                left[0] = xb;
                let eaten = Parts::from_parts(left).times(share);
                let mut less = eaten.part.map(|part| -consumed * part);
                less[0] = 0.0;
                Some(less)
            });
            self.with_runaway(sector, loss, kcal)
        };
        SetRun {
            sectors: of.losses.into_iter().map(sector).collect(),
            decided: of.decided,
            diverged: of.diverged,
        }
    }

    /// Food that people of a sector's area eat less, kcal per day: of losses by the shares without shocks, unless
    /// `adapted` says otherwise.
    fn eaten<const N: usize>(
        &self,
        sector: u32,
        loss: &[f64; N],
        adapted: impl Fn(&Measure, usize) -> Option<[f64; N]>,
    ) -> [f64; N] {
        let dims = self.dataset.dimensions();
        let (area, item) = (dims.area_of(sector as usize), dims.item_of(sector as usize));
        let has_people = self.receivers.population(area).is_some();
        let food = self.food.as_ref().filter(|(measure, _)| has_people && measure.counts(item));
        let Some((measure, _)) = food else { return [0.0; N] };
        let own = adapted(measure, item)
            .unwrap_or_else(|| loss.map(|part| measure.part(sector as usize, item, part)));
        own.map(|kcal| measure.per_person(kcal, 1.0))
    }

    fn with_runaway<const N: usize>(
        &self,
        sector: u32,
        loss: [f64; N],
        kcal: [f64; N],
    ) -> SectorParts<N> {
        let xb = self.engine.baseline().last()[sector as usize];
        let least = values(&loss).into_iter().fold(0.0, f64::min);
        let is_away = -least > MIN_LOSS && runs_away(least, xb, self.overshoot);
        SectorParts { sector, loss, kcal, runaway: is_away.then(|| 1.0 - least / xb) }
    }

    /// Sums of a set that was run.
    pub fn sums<const N: usize>(&self, set: &ShockSet, run: &SetRun<N>) -> SetSums<N> {
        let summing = Summing {
            dims: self.dataset.dimensions(),
            counted: self.counted,
            receivers: &self.receivers,
        };
        let losses = run.sectors.iter().map(|of| (of.sector, &of.loss));
        let mut sums = SetSums::of(summing, &set.shocks, losses);
        sums.diverged = run.diverged.is_some();
        sums.overshoot = run.sectors.iter().any(|of| of.runaway.is_some());
        sums.kcal = self.food.as_ref().map(|(_, people)| {
            let mut kcal = [0.0; N];
            for of in run.sectors.iter().filter(|of| of.runaway.is_none()) {
                kcal.iter_mut().zip(of.kcal).for_each(|(sum, part)| *sum += part);
            }
            kcal.map(|sum| sum / people)
        });
        sums
    }
}
