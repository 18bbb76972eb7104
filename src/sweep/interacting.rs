//! Screens a grid of pairs by their interaction.
//!
//! Single runs are made in blocks of [`BLOCK`] shocks; a part's first shocks meet one block of
//! partners after the other. Pairs that meet and whose interaction is provably small are spared; the other
//! partners of one first shock lie side by side in lanes, like next to like. What they come to is added in the
//! order of the grid, so that the result depends on neither blocks nor threads.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::propagator::Propagator;
use super::rankings::Rankings;
use super::rule_check::{check, check_below, hash};
use super::screen::{Screened, Screening};
use super::screened::Away;
use super::single_runs::single_runs;
use super::superposition::PairRunner;
use crate::dataset::Dataset;
use crate::engine::{Engine, EngineError, Sums};
use crate::interaction::bound::{self, Weights};
use crate::interaction::meeting::Meeting;
use crate::interaction::single::{Setting, Single};
use crate::interaction::tables::InteractionTables;
use crate::interaction::told::{Telling, Told};
use crate::scenario::ScenarioId;
use crate::scenario::pairs::PairGrid;
use crate::superposition::rules::Verdict;
use crate::superposition::{Mode, Pair, PairLoss};

/// Shocks whose single runs are made at a time: about 0.2 MB each on the 2020 data.
pub const BLOCK: usize = 1_024;

/// Shocks of a grid whose single runs are all kept.
pub const KEPT: usize = 2 * BLOCK;

/// A screening in the making.
pub struct Interacting<'a> {
    tables: InteractionTables,
    telling: Telling,
    runner: &'a PairRunner<'a>,
    grid: &'a PairGrid,
    screening: &'a Screening,
    rankings: Rankings,
    check_below: u64,
    /// What tells of pairs that need not be propagated; `None` where nothing is negligible.
    weights: Option<Weights>,
    propagator: Propagator<'a>,
    /// Whether each shock alone runs away.
    runaway: &'a [bool],
    /// Single runs by block; of large grids only those in use.
    blocks: Vec<Option<Arc<Vec<Single>>>>,
}

/// A pair that meets.
struct Met {
    id: u32,
    partner: usize,
    meeting: Meeting,
    /// Of one that need not be propagated, and is to check this bound.
    bound: Option<f64>,
}

/// The pairs of one first shock with a block of partners.
#[derive(Default)]
struct Judged {
    met: Vec<Met>,
    /// Pairs that do not meet, and are run to check that.
    checked: Vec<(u32, usize)>,
    /// How many there are.
    pairs: usize,
}

impl<'a> Interacting<'a> {
    /// Nothing screened yet.
    pub fn new(
        dataset: &Dataset,
        engine: &'a dyn Engine,
        runner: &'a PairRunner<'a>,
        (grid, runaway): (&'a PairGrid, &'a [bool]),
        screening: &'a Screening,
    ) -> Self {
        let blocks = grid.shocks().len().div_ceil(BLOCK);
        let tables = InteractionTables::new(dataset, engine.baseline().steps());
        Interacting {
            telling: Telling::new(dataset, &tables, runner.overshoot()),
            runner,
            grid,
            screening,
            rankings: Rankings::new(dataset),
            check_below: check_below(screening, grid.len()),
            weights: (screening.tolerance > 0.0).then(|| Weights::new(&tables)).flatten(),
            propagator: Propagator::new(engine),
            tables,
            runaway,
            blocks: vec![None; blocks],
        }
    }

    fn setting(&self) -> Setting<'_> {
        let settings = self.screening.adaptation;
        Setting { tables: &self.tables, settings, counted: self.runner.counted() }
    }

    /// Screens the pairs of some first shocks, of one block; `progress` is told how many more are done.
    ///
    /// # Errors
    /// The device fails.
    pub fn part(
        &mut self,
        firsts: Range<usize>,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<Screened, EngineError> {
        let empty_collection = self.rankings.collection(self.screening.top);
        let empty = || Screened {
            collection: empty_collection.clone(),
            check: Default::default(),
            matrix: Vec::new(),
        };
        let mut units: Vec<Screened> = firsts.clone().map(|_| empty()).collect();
        let own = firsts.start / BLOCK;
        debug_assert!(firsts.end <= (own + 1) * BLOCK, "first shocks of one block");
        for block in own..self.blocks.len() {
            let first_runs = self.block(own);
            let partners = self.block(block);
            let this = &*self;
            let together = self.propagator.together(firsts.len());
            let each = |(nth, screened): (usize, &mut [Screened])| {
                let from = firsts.start + nth * together;
                let first_runs = &first_runs[from % BLOCK..][..screened.len()];
                progress(this.units((from, first_runs), (block, &partners), screened)?);
                Ok(())
            };
            let units = units.par_chunks_mut(together).enumerate();
            units.with_max_len(1).try_for_each(each)?;
            if block != own && self.grid.shocks().len() > KEPT {
                self.blocks[block] = None;
            }
        }
        if self.grid.shocks().len() > KEPT {
            self.blocks[own] = None;
        }
        let mut part = empty();
        units.iter().for_each(|unit| part.merge(unit));
        Ok(part)
    }

    /// The single runs of a block.
    fn block(&mut self, block: usize) -> Arc<Vec<Single>> {
        if let Some(runs) = &self.blocks[block] {
            return runs.clone();
        }
        let shocks = self.grid.shocks();
        let shocks = &shocks[block * BLOCK..((block + 1) * BLOCK).min(shocks.len())];
        let weights = self.weights.as_ref();
        let runs = Arc::new(single_runs((self.setting(), &self.telling), weights, shocks));
        self.blocks[block] = Some(runs.clone());
        runs
    }

    /// All pairs of some first shocks, from one on, with a block of partners; their number.
    ///
    /// # Errors
    /// The device fails.
    fn units(
        &self,
        (from, firsts): (usize, &[Single]),
        (block, runs): (usize, &[Single]),
        screened: &mut [Screened],
    ) -> Result<usize, EngineError> {
        let start = block * BLOCK;
        let mut judged = Vec::with_capacity(firsts.len());
        let mut asked = Vec::with_capacity(firsts.len());
        for ((nth, single), screened) in firsts.iter().enumerate().zip(&mut *screened) {
            let of = self.judge((from + nth, single), (start, runs), screened);
            let met = |&at: &usize| (&runs[of.met[at].partner - start], of.met[at].meeting);
            let mut order: Vec<usize> = (0..of.met.len()).collect();
            order.sort_by_cached_key(|at| {
                let (partner, meeting) = met(at);
                let place = self.tables.net.place(partner.shock.sector as usize);
                (meeting.begins(single, partner), place)
            });
            asked.push((single, order.iter().map(met).collect::<Vec<_>>()));
            judged.push((of, order));
        }
        let found = self.propagator.pairs((self.setting(), &self.telling), &asked)?;
        let mut found = found.into_iter();
        let mut pairs = 0;
        for ((nth, (of, order)), screened) in judged.iter().enumerate().zip(screened) {
            let mut sums: Vec<Option<(Sums, Told)>> = vec![None; of.met.len()];
            order.iter().zip(&mut found).for_each(|(&at, found)| sums[at] = Some(found));
            self.add_all((from + nth, &firsts[nth]), (start, runs), (of, &sums), screened);
            pairs += of.pairs;
        }
        Ok(pairs)
    }

    /// Adds what the pairs of one first shock with a block of partners have come to, in the order of the grid.
    fn add_all(
        &self,
        (first, single): (usize, &Single),
        (start, runs): (usize, &[Single]),
        (of, sums): (&Judged, &[Option<(Sums, Told)>]),
        screened: &mut Screened,
    ) {
        let run = |partner: usize| &runs[partner - start];
        for (met, together) in of.met.iter().zip(sums) {
            let Some((together, told)) = together else { continue };
            let singles = [&single.sums, &run(met.partner).sums];
            let loss = PairLoss::of_interaction(together, singles);
            if let Some(bound) = met.bound {
                let items = self.runner.items(&self.pair(met.id, [single, run(met.partner)]));
                let found = loss.superposition(self.runner.receivers(), items);
                check(&mut screened.check, Verdict::Negligible(bound), &found, singles);
                continue;
            }
            let alone = self.runaway[first] || self.runaway[met.partner];
            let away = Away::of(alone, told.runs_away);
            self.add((met.id, away, told.kcal), [single, run(met.partner)], &loss, screened);
        }
        self.check(single, &of.checked, run, screened);
    }

    /// Tells which pairs of one first shock with a block of partners must be propagated; counts the others.
    ///
    /// Whether a spared pair runs away is told from both runs alone, as of pairs that do not meet: an interaction
    /// below the tolerance may add to a gain all the same.
    fn judge(
        &self,
        (first, single): (usize, &Single),
        (start, runs): (usize, &[Single]),
        screened: &mut Screened,
    ) -> Judged {
        let mut judged = Judged::default();
        let (mut diverged, mut away, mut spared) = (0, 0, [0; 2]);
        let partners = self.grid.partners(first).enumerate();
        let partners = partners.skip_while(|p| p.1 < start);
        for (nth, partner) in partners.take_while(|p| p.1 < start + runs.len()) {
            // Plans refuse grids with more pairs than identifiers.
            let id = (self.grid.start(first) + nth as u64) as u32;
            judged.pairs += 1;
            let both = [single, &runs[partner - start]];
            if both.iter().any(|run| run.sums.diverged.is_some()) {
                diverged += 1;
                continue;
            }
            let meeting = Meeting::of(single, both[1]);
            let pair = bound::Pair { meeting, runs: both };
            let bound = match meeting.is_any() {
                true => pair.bound_below(&self.setting(), self.screening.tolerance),
                false => Some(0.0),
            };
            let Some(bound) = bound else {
                judged.met.push(Met { id, partner, meeting, bound: None });
                continue;
            };
            let alone = self.runaway[first] || self.runaway[partner];
            match Away::of(alone, alone || self.telling.run_away_apart(&self.tables, both)) {
                Away::No => {
                    spared[usize::from(meeting.is_any())] += 1;
                    let collection = &mut screened.collection;
                    collection.largest_bound = collection.largest_bound.max(bound);
                    collection.summed_bounds += bound;
                }
                runs_away => {
                    screened.run_away(runs_away);
                    away += 1;
                }
            }
            if hash(id) >= self.check_below {
                continue;
            }
            match meeting.is_any() {
                true => judged.met.push(Met { id, partner, meeting, bound: Some(bound) }),
                false => judged.checked.push((id, partner)),
            }
        }
        screened.collection.diverged += diverged;
        let [independent, negligible] = spared;
        screened.collection.skip(independent, negligible);
        let propagated = judged.met.iter().filter(|met| met.bound.is_none()).count() as u64;
        debug_assert_eq!(
            judged.pairs as u64,
            propagated + diverged + away + independent + negligible,
            "every pair is counted once"
        );
        judged
    }

    fn pair(&self, id: u32, runs: [&Single; 2]) -> Pair {
        Pair {
            id: ScenarioId(id),
            shocks: runs.map(|run| run.shock),
            adaptation: self.screening.adaptation,
        }
    }

    fn add(
        &self,
        (id, away, kcal): (u32, Away, Option<f64>),
        runs: [&Single; 2],
        loss: &PairLoss<'_>,
        screened: &mut Screened,
    ) {
        let items = self.runner.items(&self.pair(id, runs));
        let superposition = loss.superposition(self.runner.receivers(), items);
        if superposition.diverged {
            screened.collection.diverged += 1;
            return;
        }
        let sectors = runs.map(|run| run.shock.sector);
        screened.list(self.screening, sectors, (superposition.s, away != Away::No));
        screened.add(&superposition, kcal, away);
        let collection = &mut screened.collection;
        self.rankings.offer(collection, self.runner, (id, away, kcal), loss, &superposition);
    }

    /// Runs pairs that do not meet after all: S must be 0, as far as runs can tell.
    fn check<'r>(
        &self,
        single: &Single,
        checked: &[(u32, usize)],
        run: impl Fn(usize) -> &'r Single,
        screened: &mut Screened,
    ) {
        if checked.is_empty() {
            return;
        }
        let pairs: Vec<Pair> =
            checked.iter().map(|&(id, at)| self.pair(id, [single, run(at)])).collect();
        let joint: Vec<_> = pairs.iter().map(|pair| pair.joint(Mode::Full)).collect();
        let joint = self.runner.sums(&joint, &|_| {});
        for ((pair, &(_, at)), joint) in pairs.iter().zip(checked).zip(&joint) {
            let singles = [&single.sums, &run(at).sums];
            let loss = PairLoss::of_runs(joint, singles);
            let found = loss.superposition(self.runner.receivers(), self.runner.items(pair));
            check(&mut screened.check, Verdict::Independent, &found, singles);
        }
    }
}
