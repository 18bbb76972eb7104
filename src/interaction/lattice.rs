//! All subsets of some shocks at once: what each adds, in lanes over the subsets.
//!
//! The recursion of [`super::plain`] on the kernel of the cpu engine. Lane `k N + T` holds part T of the k-th
//! set of shocks, so that one walk over the shared network spreads all parts of all sets of a group: four
//! pairs, or two triples. Singles, pairs and what no pair explains come out together.

use super::hits::{Hit, consumed, growth, reached};
use super::lanes::{Sent, Sources, Work, is_active};
use super::parts::Parts;
use super::patch::Changed;
use super::plain::{change, crossed};
use super::single::near;
use super::tables::InteractionTables;
use crate::engine::EventKind;
use crate::engine::cpu::lanes::{LANES, LossField, set_active, set_places};
use crate::model::adaptation::AdaptationSettings;
use crate::scenario::Shock;

/// A sector that decides in some run.
#[derive(Debug, Clone, Copy)]
pub struct Decided<const N: usize> {
    /// What it does.
    pub kind: EventKind,
    /// The sector.
    pub sector: u32,
    /// Runs in which it does, one bit per subset of the shocks.
    pub mask: u32,
    /// Its loss then, tonnes.
    pub loss: Parts<N>,
    /// What it has then without a shock, tonnes.
    pub baseline: f64,
}

/// What every subset of some shocks adds; `N` is two to their number.
#[derive(Debug, Clone)]
pub struct Lattice<const N: usize> {
    /// Sectors that lose or gain in some run after the last step, in the order of their places, with the parts
    /// of their loss, tonnes; part 0 is 0.
    pub losses: Vec<(u32, [f64; N])>,
    /// Sectors that have adapted in some run before the last step, with the share that they consume after it;
    /// ascending.
    pub consumed: Vec<(u32, Parts<N>)>,
    /// Who decides: first those that adapt, then those that look for substitutes, each ascending.
    pub decided: Vec<Decided<N>>,
    /// First step after which some run is out of range: then the rest means nothing.
    pub diverged: Option<usize>,
}

/// Constant shocks and how areas adapt to them.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The shocks, each of which happens or not.
    pub shocks: &'a [Shock],
    /// How areas adapt; `None` for the static model.
    pub settings: Option<AdaptationSettings>,
}

/// Runs up to `LANES / N` sets of shocks, each alone and together in every way.
///
/// # Panics
/// If there are more sets, or one has another number of shocks than `N` stands for.
pub fn run<const N: usize>(
    tables: &InteractionTables,
    sets: &[Asked<'_>],
    work: &mut Work,
) -> Vec<Lattice<N>> {
    assert!(sets.len() * N <= LANES, "a lane for each part");
    assert!(sets.iter().all(|set| 1 << set.shocks.len() == N), "a part for each subset");
    pulp::Arch::new().dispatch(LatticeRun { tables, sets, work })
}

struct LatticeRun<'a, const N: usize> {
    tables: &'a InteractionTables,
    sets: &'a [Asked<'a>],
    work: &'a mut Work,
}

/// A set in the making.
struct Draft<'a, const N: usize> {
    settings: Option<AdaptationSettings>,
    shocks: Vec<&'a [Shock]>,
    adapting: Vec<Hit<N>>,
    growth: Vec<(u32, Parts<N>)>,
    changed: Changed<N>,
    decided: Vec<Decided<N>>,
    diverged: Option<usize>,
}

impl<const N: usize> pulp::NullaryFnOnce for LatticeRun<'_, N> {
    type Output = Vec<Lattice<N>>;

    #[inline(always)]
    fn call(self) -> Vec<Lattice<N>> {
        let LatticeRun { tables, sets, work } = self;
        let mut drafts: Vec<Draft<'_, N>> = Vec::with_capacity(sets.len());
        drafts.extend(sets.iter().map(|set| Draft {
            settings: set.settings,
            shocks: set.shocks.chunks(1).collect(),
            adapting: Vec::new(),
            growth: Vec::new(),
            changed: Changed::default(),
            decided: Vec::new(),
            diverged: None,
        }));
        drafts.iter_mut().for_each(|draft| draft.change(tables));
        work.start();
        for t in 0..tables.steps() {
            work.step(&tables.net, &mut Together { tables, drafts: &drafts }, t);
            if tables.range.is_possible(t) {
                let is_out = work.current.out_of_range();
                for (draft, is_out) in drafts.iter_mut().zip(is_out.chunks(N)) {
                    let is_out = is_out.contains(&true) || tables.range.is_certain(t);
                    draft.diverged = draft.diverged.or(is_out.then_some(t));
                }
            }
            for (nth, draft) in drafts.iter_mut().enumerate() {
                draft.decide(tables, (&work.current, nth * N), t);
            }
        }
        let finish =
            |(nth, draft): (usize, Draft<'_, N>)| finish(tables, (&work.current, nth * N), draft);
        drafts.into_iter().enumerate().map(finish).collect()
    }
}

/// The parts of a set, of which the first has lane `first`, at a place.
#[inline(always)]
fn parts<const N: usize>(field: &LossField, first: usize, place: usize) -> [f64; N] {
    std::array::from_fn(|part| field.lanes[place][first + part])
}

impl<const N: usize> Draft<'_, N> {
    /// What differs from the shared network from now on.
    fn change(&mut self, tables: &InteractionTables) {
        let missing = self.settings.map(|s| s.missing_rule).unwrap_or_default();
        let given = (&self.adapting[..], &self.growth[..]);
        // Shocks are constant: those of one step are those of all.
        change(tables, missing, (&self.shocks, 0), given, &mut self.changed);
    }

    /// Lets sectors adapt and substitute after step `t`.
    #[inline(always)]
    fn decide(&mut self, tables: &InteractionTables, of: (&LossField, usize), t: usize) {
        let Some(settings) = self.settings else { return };
        let Some(rules) = &tables.rules else { return };
        let adapts = t == settings.adaptation_step;
        let substitutes = t == settings.substitution_step && settings.substitution;
        if !adapts && !substitutes {
            return;
        }
        let hits = self.hits(tables, &settings, of, t);
        let decided =
            |kind| {
                let one = move |&(sector, mask, loss, baseline): &(u32, u32, Parts<N>, f64)| {
                    Decided { kind, sector, mask, loss, baseline }
                };
                hits.iter().map(one)
            };
        if adapts {
            let hit = |&(sector, mask, ref loss, baseline): &(u32, u32, Parts<N>, f64)| {
                Hit::new(rules, &settings, sector, mask, (loss, baseline))
            };
            self.adapting = hits.iter().map(hit).collect();
            self.decided.extend(decided(EventKind::Adapting));
        }
        if substitutes {
            let lost: Vec<(u32, u32)> = hits.iter().map(|hit| (hit.0, hit.1)).collect();
            self.growth = growth(tables, &settings, &lost);
            self.decided.extend(decided(EventKind::Substituting));
        }
        self.change(tables);
    }

    /// Sectors that reach the thresholds in some run, ascending: with these runs, their loss and their baseline.
    #[inline(always)]
    fn hits(
        &self,
        tables: &InteractionTables,
        settings: &AdaptationSettings,
        (field, first): (&LossField, usize),
        t: usize,
    ) -> Vec<(u32, u32, Parts<N>, f64)> {
        let available = &tables.base.available[t];
        let mut hits = Vec::new();
        for place in set_places(&field.active) {
            let parts = parts::<N>(field, first, place);
            // No run loses more than all parts together.
            let most: f64 = parts.iter().map(|part| part.abs()).sum();
            if most == 0.0 || most < near(&settings.thresholds, available[place]) {
                continue;
            }
            let (sector, loss) = (tables.net.sector(place), Parts::from_parts(parts));
            let mask = reached(&settings.thresholds, sector, &loss, available[place]);
            if mask != 0 {
                hits.push((sector, mask, loss, available[place]));
            }
        }
        hits.sort_unstable_by_key(|hit| hit.0);
        hits
    }
}

/// What every set adds in a step.
struct Together<'a, const N: usize> {
    tables: &'a InteractionTables,
    drafts: &'a [Draft<'a, N>],
}

impl<const N: usize> Sources for Together<'_, N> {
    #[inline(always)]
    fn add(&mut self, t: usize, from: &LossField, to: &mut LossField, sent: &mut Sent) {
        let amounts = self.tables.before(t);
        for (nth, Draft { changed, .. }) in self.drafts.iter().enumerate() {
            let first = nth * N;
            // With the losses, of no run, of minus the baseline, amounts are minus the sums of parts.
            let source = |place: u32| {
                let mut source = [0.0; N];
                if is_active(&from.active, place) {
                    source = parts::<N>(from, first, place as usize);
                }
                source[0] = -amounts[place as usize];
                source
            };
            for (place, scale) in &changed.scales {
                for (part, amount) in crossed(scale, &source(*place)).into_iter().enumerate() {
                    if amount != 0.0 {
                        sent.push((*place, (first + part) as u32, amount));
                    }
                }
            }
            for (place, row, weight) in &changed.entries {
                add(to, *row, first, &crossed(weight, &source(*place)));
            }
            let start = if t == 0 { &changed.at_start[..] } else { &[] };
            for (place, amount) in changed.constants.iter().chain(start) {
                let mut less = amount.part.map(|part| -part);
                less[0] = 0.0;
                add(to, *place, first, &less);
            }
        }
    }
}

/// Adds to the parts of a set at a place.
#[inline(always)]
fn add<const N: usize>(to: &mut LossField, place: u32, first: usize, amounts: &[f64; N]) {
    let lanes = &mut to.lanes[place as usize];
    for (part, amount) in amounts.iter().enumerate() {
        lanes[first + part] += amount;
    }
    set_active(&mut to.active, place);
}

fn finish<const N: usize>(
    tables: &InteractionTables,
    (field, first): (&LossField, usize),
    draft: Draft<'_, N>,
) -> Lattice<N> {
    let last = tables.steps() - 1;
    let loss = |place: usize| {
        let parts = parts::<N>(field, first, place);
        parts.iter().any(|&part| part != 0.0).then(|| (tables.net.sector(place), parts))
    };
    let has_adapted = draft.settings.is_some_and(|settings| settings.adaptation_step < last);
    let adapted = draft.adapting.iter().filter(|_| has_adapted);
    Lattice {
        losses: set_places(&field.active).filter_map(loss).collect(),
        consumed: adapted.map(|hit| (hit.sector, consumed(tables, hit))).collect(),
        decided: draft.decided,
        diverged: draft.diverged,
    }
}
