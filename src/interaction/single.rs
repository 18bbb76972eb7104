//! One shock alone: its losses, its changes, and what another shock could meet.

use super::bound::Sensitivity;
use super::hits::{Hit, growth, reached};
use super::lanes::{History, Sent, Sources, Trace, Work, add, is_active};
use super::parts::Parts;
use super::patch::{Changed, Patch};
use super::tables::InteractionTables;
use super::touched::{Tile, Touched, changes, set};
use crate::engine::cpu::lanes::{LANES, LossField, any};
use crate::engine::cpu::sums::sums;
use crate::engine::network::{WORD, bits};
use crate::engine::outcome::Sums;
use crate::model::adaptation::{AdaptationSettings, Thresholds};
use crate::scenario::Shock;

/// A run with one shock.
pub struct Single {
    /// The shock, the same in every step.
    pub shock: Shock,
    /// Its losses.
    pub trace: Trace,
    /// What it changes of the step's matrix, from step 0, from the first after adaptation and
    /// from the first after substitution on.
    pub patches: [Patch; 3],
    /// Senders of these changes, and places near the thresholds; one bit per place.
    pub sensitive: Vec<u64>,
    /// Places whose losses could reach the thresholds together with another run's, at adaptation
    /// and at substitution.
    pub near: [Vec<u32>; 2],
    /// Sectors that adapt, ascending.
    pub adapting: Vec<Hit<2>>,
    /// Sectors that look for substitutes, ascending.
    pub lost: Vec<u32>,
    /// What these let imports grow by, by item, then area.
    pub growth: Vec<(u32, Parts<2>)>,
    /// Items whose trade it touches, ascending.
    pub tiles: Vec<Tile>,
    /// One bit per item with a tile.
    pub items: Vec<u64>,
    /// One bit per area whose production it touches.
    pub areas: Vec<u64>,
    /// Process columns whose output differs, with those of the shocked sector; ascending.
    pub outputs: Vec<u32>,
    /// Process columns whose inputs differ; ascending.
    pub inputs: Vec<u32>,
    /// Places it has reached after the first steps: from two of them to [`EARLY`].
    pub early: Vec<Vec<u64>>,
    /// Its losses after the last step.
    pub sums: Sums,
    /// Places that gain enough to run away with another run's gains; empty until somebody asks
    /// ([`super::told::Telling::gains`]).
    pub gains: Vec<u32>,
    /// What its changes could make of another run's losses; `None` until somebody asks.
    pub sensitivity: Option<Sensitivity>,
}

/// Steps whose reach is kept, to tell when two runs meet.
pub const EARLY: usize = 5;

impl Single {
    /// Places with losses up to step `last`, one bit each; after the first steps with a loss in any step.
    pub fn reach(&self, last: usize) -> &[u64] {
        let early = self.early.get(last.saturating_sub(1));
        early.map_or(self.trace.support(), |reached| reached)
    }

    /// Where the losses of a place begin in the trace; `None` too where it has none up to step `last`.
    #[inline(always)]
    pub fn find(&self, place: u32, last: usize) -> Option<u32> {
        // Early on most places have no loss yet, whose numbers need not be looked for.
        is_active(self.reach(last), place).then(|| self.trace.find(place)).flatten()
    }
}

/// Loss from which a place is near the thresholds: a third, so that of three losses that reach
/// them together one is.
pub fn near(thresholds: &Thresholds, baseline: f64) -> f64 {
    // A little less for the tolerance on ties.
    thresholds.absolute.max(thresholds.relative * baseline) / 3.0 * (1.0 - 1e-6)
}

/// Whether a loss is near the thresholds.
pub fn is_near(thresholds: &Thresholds, baseline: f64, loss: f64) -> bool {
    let from = near(thresholds, baseline);
    loss != 0.0 && (loss >= from || from <= 0.0)
}

/// Which of the three patches holds in step `t`.
pub fn stage(settings: Option<&AdaptationSettings>, t: usize) -> usize {
    match settings {
        Some(s) if s.substitution && t > s.substitution_step => 2,
        Some(s) if t > s.adaptation_step => 1,
        _ => 0,
    }
}

/// What every lane of single runs adds in a step.
struct Alone<'a> {
    tables: &'a InteractionTables,
    lanes: &'a [[Patch; 3]],
    stage: usize,
}

impl Sources for Alone<'_> {
    #[inline(always)]
    fn add(&mut self, t: usize, from: &LossField, to: &mut LossField, sent: &mut Sent) {
        let amounts = self.tables.before(t);
        for (lane, patches) in self.lanes.iter().enumerate() {
            let patch = &patches[self.stage];
            for (column, entries) in patch.columns() {
                let place = column.place as usize;
                // Losses less the baseline: minus the amount.
                let source = from.lanes[place][lane] - amounts[place];
                if source == 0.0 {
                    continue;
                }
                for &(row, weight) in entries {
                    add(to, row, lane, weight * source);
                }
                if column.scale != 0.0 {
                    sent.push((column.place, lane as u32, column.scale * source));
                }
            }
            for (place, amount) in patch.constants_at(t) {
                add(to, place, lane, -amount);
            }
        }
    }
}

/// Room for groups of single runs.
pub struct SingleWork {
    work: Work,
    history: History,
}

impl SingleWork {
    /// Room for a network.
    pub fn new(tables: &InteractionTables) -> Self {
        SingleWork { work: Work::new(&tables.net), history: History::default() }
    }
}

/// What single runs are made under.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    /// The dataset.
    pub tables: &'a InteractionTables,
    /// How areas adapt; `None` for the static model.
    pub settings: Option<AdaptationSettings>,
    /// Per item, whether it counts in sums by area.
    pub counted: &'a [bool],
}

/// Runs up to [`LANES`] shocks, each alone.
pub fn singles(setting: Setting<'_>, shocks: &[Shock], room: &mut SingleWork) -> Vec<Single> {
    pulp::Arch::new().dispatch(SinglesRun { setting, shocks, room })
}

struct SinglesRun<'a> {
    setting: Setting<'a>,
    shocks: &'a [Shock],
    room: &'a mut SingleWork,
}

/// A run in the making.
struct Draft {
    near: [Vec<u32>; 2],
    adapting: Vec<Hit<2>>,
    lost: Vec<u32>,
    growth: Vec<(u32, Parts<2>)>,
    touch: Touched,
}

impl pulp::NullaryFnOnce for SinglesRun<'_> {
    type Output = Vec<Single>;

    #[inline(always)]
    fn call(self) -> Vec<Single> {
        let SinglesRun { setting, shocks, room } = self;
        let Setting { tables, settings, counted } = setting;
        let net = &tables.net;
        let count = shocks.len().min(LANES);
        let mut changed = Changed::default();
        let mut drafts: Vec<Draft> = Vec::new();
        let mut patches: Vec<[Patch; 3]> = Vec::new();
        for shock in &shocks[..count] {
            let mut touch = Touched::new(tables);
            let first = changes(setting, shock, (&[], &[]), &mut changed, &mut touch);
            patches.push([first, Patch::default(), Patch::default()]);
            let near = [Vec::new(), Vec::new()];
            let growth = Vec::new();
            drafts.push(Draft { near, adapting: Vec::new(), lost: Vec::new(), growth, touch });
        }
        room.history.clear();
        room.work.start();
        let mut diverged: [Option<usize>; LANES] = [None; LANES];
        for t in 0..tables.steps() {
            let stage = stage(settings.as_ref(), t);
            let mut alone = Alone { tables, lanes: &patches, stage };
            room.work.step(net, &mut alone, t);
            if tables.range.is_possible(t) {
                let is_out = room.work.current.out_of_range();
                for (diverged, is_out) in diverged.iter_mut().zip(is_out) {
                    let is_out = is_out || tables.range.is_certain(t);
                    *diverged = diverged.or(is_out.then_some(t));
                }
            }
            room.history.push(&room.work.current);
            let Some(settings) = settings else { continue };
            let adapts = t == settings.adaptation_step;
            let substitutes = t == settings.substitution_step && settings.substitution;
            if !adapts && !substitutes {
                continue;
            }
            find(tables, &settings, &room.work.current, t, [adapts, substitutes], &mut drafts);
            for (lane, draft) in drafts.iter_mut().enumerate() {
                let lost: Vec<(u32, u32)> = draft.lost.iter().map(|&s| (s, 0b10)).collect();
                draft.growth = growth(tables, &settings, &lost);
                let given = (&draft.adapting[..], &draft.growth[..]);
                let patch = changes(setting, &shocks[lane], given, &mut changed, &mut draft.touch);
                if adapts {
                    patches[lane][1] = patch.clone();
                }
                // Without a hit at substitution, adaptation's changes stay.
                patches[lane][2] = patch;
            }
        }
        let traces = room.history.traces(count);
        let mut last = sums(net, &room.work.current, &tables.base.populated, counted, count);
        let dims = net.dims;
        for (sums, at) in last.iter_mut().zip(diverged).filter(|(_, at)| at.is_some()) {
            *sums = Sums { diverged: at, ..Sums::zero(dims.areas, dims.items) };
        }
        let parts = traces.into_iter().zip(last).zip(patches).zip(drafts);
        let finish = |(at, (((trace, sums), patches), draft)): (usize, (((_, _), _), Draft))| {
            finish(tables, shocks[at], trace, sums, patches, draft)
        };
        parts.enumerate().map(finish).collect()
    }
}

/// Finds who decides in every lane, and who is near.
#[inline(always)]
fn find(
    tables: &InteractionTables,
    settings: &AdaptationSettings,
    field: &LossField,
    t: usize,
    decides: [bool; 2],
    drafts: &mut [Draft],
) {
    let available = &tables.base.available[t];
    let mut hits: Vec<(u32, u32, f64)> = Vec::new();
    for (w, &word) in field.active.iter().enumerate() {
        for bit in bits(word) {
            let place = w * WORD + bit;
            let losses = &field.lanes[place];
            let from = near(&settings.thresholds, available[place]);
            if from > 0.0 && !any(losses, |loss| loss >= from) {
                continue;
            }
            for (lane, draft) in drafts.iter_mut().enumerate() {
                if !is_near(&settings.thresholds, available[place], losses[lane]) {
                    continue;
                }
                for (which, _) in decides.iter().enumerate().filter(|d| *d.1) {
                    draft.near[which].push(place as u32);
                }
                hits.push((tables.net.sector(place), lane as u32, losses[lane]));
            }
        }
    }
    hits.sort_unstable_by_key(|hit| (hit.1, hit.0));
    for (sector, lane, loss) in hits {
        let baseline = available[tables.net.place(sector as usize)];
        let loss = Parts::from_parts([0.0, loss]);
        let mask = reached(&settings.thresholds, sector, &loss, baseline);
        let Some(rules) = tables.rules.as_ref().filter(|_| mask != 0) else { continue };
        let draft = &mut drafts[lane as usize];
        if decides[0] {
            draft.adapting.push(Hit::new(rules, settings, sector, mask, (&loss, baseline)));
        }
        if decides[1] {
            draft.lost.push(sector);
        }
    }
}

fn finish(
    tables: &InteractionTables,
    shock: Shock,
    trace: Trace,
    sums: Sums,
    patches: [Patch; 3],
    draft: Draft,
) -> Single {
    let mut sensitive = vec![0; tables.net.places() / WORD];
    let columns = patches.iter().flat_map(|patch| &patch.columns).map(|column| column.place);
    let near = draft.near.iter().flatten().copied();
    columns.chain(near).for_each(|place| set(&mut sensitive, place as usize));
    let Touched { tiles, mut inputs, mut outputs, areas } = draft.touch;
    for list in [&mut inputs, &mut outputs] {
        list.sort_unstable();
        list.dedup();
    }
    let mut items = vec![0; tables.net.dims.items.div_ceil(WORD)];
    tiles.iter().for_each(|tile| set(&mut items, tile.item as usize));
    Single {
        shock,
        early: trace.supports_until(EARLY),
        trace,
        patches,
        sensitive,
        near: draft.near,
        adapting: draft.adapting,
        lost: draft.lost,
        growth: draft.growth,
        tiles,
        items,
        areas,
        outputs,
        inputs,
        sums,
        gains: Vec::new(),
        sensitivity: None,
    }
}
