//! The recursion as it is written down, one set of shocks at a time: what the fast way is measured
//! against.

use super::hits::{Hit, growth, reached};
use super::parts::Parts;
use super::patch::Changed;
use super::tables::InteractionTables;
use super::{production, trade};
use crate::model::adaptation::{AdaptationSettings, MissingRule};
use crate::scenario::{Shock, ShockKind};

/// What every subset of some shocks adds to the losses, and who decides in which runs.
#[derive(Debug, Clone)]
pub struct Traced<const N: usize> {
    /// Per step and sector the parts of its loss, tonnes; part 0 is 0.
    pub losses: Vec<Vec<[f64; N]>>,
    /// Sectors that adapt in some run, ascending.
    pub adapting: Vec<Hit<N>>,
    /// Sectors that look for substitutes in some run, ascending, one bit per subset.
    pub substituting: Vec<(u32, u32)>,
}

/// Whether the recursion holds for a run: not with a cap on output, nor with bans on trade.
pub fn holds<'a>(
    settings: Option<&AdaptationSettings>,
    shocks: impl IntoIterator<Item = &'a Shock>,
) -> bool {
    let has_cap = settings.is_some_and(|s| s.output_cap.is_some());
    !has_cap && shocks.into_iter().all(|shock| shock.kind == ShockKind::Production)
}

/// Runs some sets of shocks, alone and together in every way; `N` is two to their number.
///
/// Returns `None` where the recursion does not hold ([`holds`]), or `N` is another number.
pub fn run<const N: usize>(
    tables: &InteractionTables,
    settings: Option<AdaptationSettings>,
    shocks: &[&[Shock]],
) -> Option<Traced<N>> {
    let all = shocks.iter().flat_map(|of| of.iter());
    if !holds(settings.as_ref(), all) || 1usize.checked_shl(shocks.len() as u32) != Some(N) {
        return None;
    }
    let net = &tables.net;
    let mut run = PairRun {
        tables,
        settings,
        shocks,
        adapting: Vec::new(),
        growth: Vec::new(),
        changed: Changed::default(),
    };
    let mut losses = vec![[0.0; N]; net.places()];
    let (mut by_step, mut substituting) = (Vec::new(), Vec::new());
    for t in 0..tables.steps() {
        run.change(t);
        losses = run.step(&losses, t);
        let sector = |s: usize| losses[net.place(s)];
        by_step.push((0..net.dims.sectors()).map(sector).collect());
        if let Some(lost) = run.decide(&losses, t) {
            substituting = lost;
        }
    }
    Some(Traced { losses: by_step, adapting: run.adapting, substituting })
}

struct PairRun<'a, const N: usize> {
    tables: &'a InteractionTables,
    settings: Option<AdaptationSettings>,
    shocks: &'a [&'a [Shock]],
    adapting: Vec<Hit<N>>,
    growth: Vec<(u32, Parts<N>)>,
    changed: Changed<N>,
}

/// What shocked sectors put out in step `t`, as a share of what they would, ascending by sector.
///
/// Sectors that produce nothing cannot be shocked: their start stock stays.
pub fn shares_left<const N: usize>(
    tables: &InteractionTables,
    shocks: &[&[Shock]],
    t: usize,
) -> Vec<(u32, Parts<N>)> {
    let mut left: Vec<(u32, Parts<N>)> = Vec::new();
    let produces = |shock: &&Shock| !tables.processes[shock.sector as usize].is_empty();
    for (n, of) in shocks.iter().enumerate() {
        for shock in of.iter().filter(produces) {
            let mut part = [0.0; N];
            (part[0], part[1 << n]) = (1.0, -shock.at(t));
            let factor = Parts::from_parts(part);
            match left.binary_search_by_key(&shock.sector, |l| l.0) {
                Ok(at) => left[at].1 = left[at].1.times(&factor),
                Err(at) => left.insert(at, (shock.sector, factor)),
            }
        }
    }
    left
}

/// What differs from the shared network in step `t` of the runs with these shocks and decisions: sectors that
/// adapt and growth of imports, each ascending by sector.
pub fn change<const N: usize>(
    tables: &InteractionTables,
    missing: MissingRule,
    (shocks, t): (&[&[Shock]], usize),
    (adapting, growth): (&[Hit<N>], &[(u32, Parts<N>)]),
    changed: &mut Changed<N>,
) {
    let dims = tables.net.dims;
    changed.clear();
    let left = shares_left(tables, shocks, t);
    let area = |sector: u32| dims.area_of(sector as usize);
    let mut areas: Vec<usize> =
        adapting.iter().map(|h| h.sector).chain(left.iter().map(|l| l.0)).map(area).collect();
    areas.sort_unstable();
    areas.dedup();
    for at in areas {
        let hits: Vec<Hit<N>> = adapting.iter().filter(|h| area(h.sector) == at).copied().collect();
        let left: Vec<_> = left.iter().filter(|l| area(l.0) == at).copied().collect();
        production::area(tables, missing, at, &hits, &left, changed);
    }
    let Some(rules) = &tables.rules else { return };
    let item = |sector: u32| dims.item_of(sector as usize);
    let touched = adapting.iter().map(|h| h.sector).chain(growth.iter().map(|g| g.0));
    let mut items: Vec<usize> = touched.map(item).collect();
    items.sort_unstable();
    items.dedup();
    let mut marks = vec![false; dims.areas];
    for at in items {
        let hits: Vec<Hit<N>> = adapting.iter().filter(|h| item(h.sector) == at).copied().collect();
        let growth: Vec<_> = growth.iter().filter(|g| item(g.0) == at).copied().collect();
        let of_item = trade::Item::new((tables, rules), missing, at, &hits, &growth);
        marks.fill(false);
        of_item.exporters(&mut marks);
        for exporter in (0..dims.areas).filter(|&exporter| marks[exporter]) {
            of_item.column(exporter, changed);
        }
    }
}

impl<const N: usize> PairRun<'_, N> {
    /// What differs from the shared network in step `t`.
    fn change(&mut self, t: usize) {
        let missing = self.settings.map(|s| s.missing_rule).unwrap_or_default();
        let given = (&self.adapting[..], &self.growth[..]);
        change(self.tables, missing, (self.shocks, t), given, &mut self.changed);
    }

    /// Losses after step `t` from those before.
    fn step(&self, before: &[[f64; N]], t: usize) -> Vec<[f64; N]> {
        let net = &self.tables.net;
        let mut after = vec![[0.0; N]; before.len()];
        // With the losses, of no run, of minus the baseline, amounts are minus the sums of parts.
        let amounts = self.tables.before(t);
        let source = |place: usize| {
            let mut source = before[place];
            source[0] = -amounts[place];
            source
        };
        for (place, losses) in before.iter().enumerate() {
            let (products, weights) = net.production.of(place);
            for (&product, &weight) in products.iter().zip(weights) {
                add(&mut after[product as usize], weight, losses);
            }
            let tile = place / net.stride * net.stride;
            let (importers, weights) = net.trade_by_exporter.of(place);
            for (&importer, &weight) in importers.iter().zip(weights) {
                add(&mut after[tile + importer as usize], weight, losses);
            }
        }
        for (place, scale) in &self.changed.scales {
            let sent = crossed(scale, &source(*place as usize));
            let tile = *place as usize / net.stride * net.stride;
            let (importers, weights) = net.trade_by_exporter.of(*place as usize);
            for (&importer, &weight) in importers.iter().zip(weights) {
                add(&mut after[tile + importer as usize], weight, &sent);
            }
        }
        for (from, to, weight) in &self.changed.entries {
            add(&mut after[*to as usize], 1.0, &crossed(weight, &source(*from as usize)));
        }
        let start = if t == 0 { &self.changed.at_start[..] } else { &[] };
        for (place, amount) in self.changed.constants.iter().chain(start) {
            add(&mut after[*place as usize], -1.0, &amount.part);
        }
        after.iter_mut().for_each(|losses| losses[0] = 0.0);
        after
    }

    /// Lets sectors adapt and substitute after step `t`; who substitutes, if this is the step.
    fn decide(&mut self, losses: &[[f64; N]], t: usize) -> Option<Vec<(u32, u32)>> {
        let settings = self.settings?;
        let rules = self.tables.rules.as_ref()?;
        let net = &self.tables.net;
        let hits = || {
            (0..net.dims.sectors() as u32).filter_map(|sector| {
                let place = net.place(sector as usize);
                let baseline = self.tables.base.available[t][place];
                let loss = Parts::from_parts(losses[place]);
                let mask = reached(&settings.thresholds, sector, &loss, baseline);
                (mask != 0).then_some((sector, mask, loss, baseline))
            })
        };
        if t == settings.adaptation_step {
            let hit = |(sector, mask, loss, baseline)| {
                Hit::new(rules, &settings, sector, mask, (&loss, baseline))
            };
            self.adapting = hits().map(hit).collect();
        }
        if t != settings.substitution_step || !settings.substitution {
            return None;
        }
        let lost: Vec<(u32, u32)> = hits().map(|hit| (hit.0, hit.1)).collect();
        self.growth = growth(self.tables, &settings, &lost);
        Some(lost)
    }
}

/// `to += weight from`, part by part.
fn add<const N: usize>(to: &mut [f64; N], weight: f64, from: &[f64; N]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += weight * from;
    }
}

/// Parts of a weight times a source, without what the weight of no shock does.
#[inline(always)]
pub fn crossed<const N: usize>(weight: &Parts<N>, source: &[f64; N]) -> [f64; N] {
    let mut crossed = [0.0; N];
    for u in (1..N).filter(|&u| weight.part[u] != 0.0) {
        for v in 0..N {
            crossed[u | v] += weight.part[u] * source[v];
        }
    }
    crossed
}
