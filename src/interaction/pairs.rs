//! Pairs of one shock with others, in lanes over the others.

use super::cross::{Crossing, Room};
use super::indexed::Indexed;
use super::lanes::{Sent, Sources, Work, add, is_active};
use super::meeting::Meeting;
use super::patch::Patch;
use super::single::{Setting, Single, is_near, near, stage};
use super::tables::InteractionTables;
use super::told::{Telling, Told};
use crate::engine::cpu::lanes::{LANES, Lanes, LossField, any, set_active};
use crate::engine::cpu::sums::sums;
use crate::engine::network::{WORD, bits};
use crate::engine::outcome::Sums;
use crate::model::adaptation::{AdaptationSettings, Thresholds};

/// Room for groups of pairs; reused.
pub struct PairWork {
    work: Work,
    room: Room,
    sources: Indexed,
}

impl PairWork {
    /// Room for a network.
    pub fn new(tables: &InteractionTables) -> Self {
        PairWork {
            work: Work::new(&tables.net),
            room: Room::default(),
            sources: Indexed::default(),
        }
    }
}

/// Sums of the interaction of `first` with up to [`LANES`] others that it meets, and what is told of them.
///
/// # Panics
/// If there are more others.
pub fn pairs(
    (setting, telling): (Setting<'_>, &Telling),
    first: &Single,
    others: &[(&Single, Meeting)],
    room: &mut PairWork,
) -> Vec<(Sums, Told)> {
    assert!(others.len() <= LANES, "a lane each");
    pulp::Arch::new().dispatch(PairsRun { setting, telling, first, others, room })
}

struct PairsRun<'a> {
    setting: Setting<'a>,
    telling: &'a Telling,
    first: &'a Single,
    others: &'a [(&'a Single, Meeting)],
    room: &'a mut PairWork,
}

impl pulp::NullaryFnOnce for PairsRun<'_> {
    type Output = Vec<(Sums, Told)>;

    #[inline(always)]
    fn call(self) -> Vec<(Sums, Told)> {
        let PairsRun { setting, telling, first, others, room: pair_room } = self;
        let PairWork { work, room, sources } = pair_room;
        let Setting { tables, settings, .. } = setting;
        let net = &tables.net;
        let mut lanes: Vec<Crossing<'_>> = others
            .iter()
            .map(|(other, meeting)| Crossing::new(tables, settings, [first, other], *meeting, room))
            .collect();
        work.start();
        let mut indexed = None;
        for t in 0..tables.steps() {
            let now = stage(settings.as_ref(), t);
            if indexed != Some(now) {
                let end = (t..tables.steps()).find(|&t| stage(settings.as_ref(), t) != now);
                let steps = t..end.unwrap_or(tables.steps());
                sources.index(first, &lanes, now, steps);
                indexed = Some(now);
            }
            let mut together = Together { tables, first, lanes: &lanes, sources, stage: now };
            work.step(net, &mut together, t);
            decide((tables, settings.as_ref()), t, &work.current, &mut lanes, room);
        }
        finish((setting, telling), &work.current, &lanes)
    }
}

/// Lets sectors of some pairs decide after step `t`, whose interaction `field` holds, if this is a step for it.
#[inline(always)]
pub(super) fn decide(
    (tables, settings): (&InteractionTables, Option<&AdaptationSettings>),
    t: usize,
    field: &LossField,
    lanes: &mut [Crossing<'_>],
    room: &mut Room,
) {
    let Some(settings) = settings else { return };
    let adapts = t == settings.adaptation_step;
    let substitutes = t == settings.substitution_step && settings.substitution;
    if t + 1 == tables.steps() || !(adapts || substitutes) {
        return;
    }
    let large = large(tables, &settings.thresholds, field, t, lanes.len());
    for (lane, crossing) in lanes.iter_mut().enumerate() {
        let s = |place: u32| field.lanes[place as usize][lane];
        crossing.decide(t, [adapts, substitutes], &large[lane], s, room);
    }
}

/// Sums of the interaction after the last step, which `field` holds, and what is told of some pairs.
#[inline(always)]
pub(super) fn finish(
    (setting, telling): (Setting<'_>, &Telling),
    field: &LossField,
    lanes: &[Crossing<'_>],
) -> Vec<(Sums, Told)> {
    let Setting { tables, counted, .. } = setting;
    let net = &tables.net;
    let last = tables.steps() - 1;
    let mut all = sums(net, field, &tables.base.populated, counted, lanes.len());
    if tables.range.is_possible(last) {
        let is_out = field.out_of_range();
        for (sums, _) in all.iter_mut().zip(is_out).filter(|(_, is_out)| *is_out) {
            let zero = Sums::zero(net.dims.areas, net.dims.items);
            *sums = Sums { diverged: Some(last), ..zero };
        }
    }
    let told = telling.tell(tables, field, lanes);
    all.into_iter().zip(told).collect()
}

/// Places by lane whose interaction is near the thresholds.
#[inline(always)]
fn large(
    tables: &InteractionTables,
    thresholds: &Thresholds,
    field: &LossField,
    t: usize,
    lanes: usize,
) -> Vec<Vec<u32>> {
    let mut large = vec![Vec::new(); lanes];
    let available = &tables.base.available[t];
    for (w, &word) in field.active.iter().enumerate() {
        for place in bits(word).map(|bit| w * WORD + bit) {
            let losses = &field.lanes[place];
            let from = near(thresholds, available[place]);
            if from > 0.0 && !any(losses, |loss| loss >= from) {
                continue;
            }
            for (lane, large) in large.iter_mut().enumerate() {
                if is_near(thresholds, available[place], losses[lane]) {
                    large.push(place as u32);
                }
            }
        }
    }
    large
}

/// What every lane of pairs adds in a step.
struct Together<'a> {
    tables: &'a InteractionTables,
    first: &'a Single,
    lanes: &'a [Crossing<'a>],
    sources: &'a Indexed,
    stage: usize,
}

impl Sources for Together<'_> {
    #[inline(always)]
    fn add(&mut self, t: usize, from: &LossField, to: &mut LossField, sent: &mut Sent) {
        if let Some(before) = t.checked_sub(1) {
            self.shared(before, from, to, sent);
            self.own(before, from, to, sent);
        }
        self.joint(t, from, to, sent);
    }
}

impl Together<'_> {
    /// `D_a (L_b + s)`: one patch for all lanes.
    #[inline(always)]
    fn shared(&self, before: usize, from: &LossField, to: &mut LossField, sent: &mut Sent) {
        let patch = &self.first.patches[self.stage];
        let of_others = self.sources.after(&self.sources.shared, before);
        let mut start = 0;
        for ((column, entries), &end) in patch.columns().zip(&self.sources.shared_ends) {
            let own = start..end as usize;
            start = end as usize;
            let lanes = &self.sources.shared_lanes[own.clone()];
            let losses = &of_others[own];
            let mut source: Lanes = if is_active(&from.active, column.place) {
                from.lanes[column.place as usize]
            } else if losses.is_empty() {
                continue;
            } else {
                Lanes::ZERO
            };
            for (&lane, loss) in lanes.iter().zip(losses) {
                source[lane as usize] += loss;
            }
            if source.iter().all(|&amount| amount == 0.0) {
                continue;
            }
            for &(row, weight) in entries {
                let row_lanes = &mut to.lanes[row as usize];
                for lane in 0..LANES {
                    row_lanes[lane] += weight * source[lane];
                }
                set_active(&mut to.active, row);
            }
            if column.scale != 0.0 {
                let lanes = source.iter().enumerate().filter(|(_, amount)| **amount != 0.0);
                sent.extend(
                    lanes.map(|(lane, amount)| (column.place, lane as u32, column.scale * amount)),
                );
            }
        }
    }

    /// `D_b (L_a + s)`: a patch for each lane.
    #[inline(always)]
    fn own(&self, before: usize, from: &LossField, to: &mut LossField, sent: &mut Sent) {
        let mut losses = self.sources.after(&self.sources.own, before).iter();
        let reach = self.first.reach(self.sources.last());
        for &(word, lane, nth) in &self.sources.own_words {
            let (w, lane) = (word as usize, lane as usize);
            let patch = &self.lanes[lane].runs[1].patches[self.stage];
            // Not all places with an interaction have it in this lane.
            for number in patch.words[nth as usize].columns_in(reach[w] | from.active[w]) {
                let column = patch.columns[number];
                let mut source = 0.0;
                if is_active(&from.active, column.place) {
                    source = from.lanes[column.place as usize][lane];
                }
                if is_active(reach, column.place) {
                    source += losses.next().copied().unwrap_or_default();
                }
                let entries = patch.entries_of(number);
                send(lane, column.place, column.scale, source, entries, to, sent);
            }
        }
    }

    /// `-C x_ab - c`: what both change together.
    #[inline(always)]
    fn joint(&self, t: usize, from: &LossField, to: &mut LossField, sent: &mut Sent) {
        let amounts = self.tables.before(t);
        let before = t.checked_sub(1);
        let kept = before.map(|before| self.sources.after(&self.sources.joint, before));
        let mut losses = kept.unwrap_or_default().chunks_exact(2);
        for (lane, crossing) in self.lanes.iter().enumerate() {
            let patch: &Patch = &crossing.patch;
            for (column, entries) in patch.columns() {
                let place = column.place as usize;
                let mut source = -amounts[place];
                if is_active(&from.active, column.place) {
                    source += from.lanes[place][lane];
                }
                if let Some(&[a, b]) = losses.next() {
                    source = source + a + b;
                }
                send(lane, column.place, column.scale, source, entries, to, sent);
            }
            for (place, amount) in patch.constants_at(t) {
                add(to, place, lane, -amount);
            }
        }
    }
}

/// What one column of one lane's patch makes of a source.
#[inline(always)]
fn send(
    lane: usize,
    place: u32,
    scale: f64,
    source: f64,
    entries: &[(u32, f64)],
    to: &mut LossField,
    sent: &mut Sent,
) {
    if source == 0.0 {
        return;
    }
    for &(row, weight) in entries {
        add(to, row, lane, weight * source);
    }
    if scale != 0.0 {
        sent.push((place, lane as u32, scale * source));
    }
}
