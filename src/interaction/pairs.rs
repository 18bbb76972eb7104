//! Pairs of one shock with others, in lanes over the others.

use super::cross::{Crossing, Room};
use super::lanes::{Sent, Sources, Trace, Work, add, is_active};
use super::meeting::Meeting;
use super::patch::Patch;
use super::single::{Setting, Single, is_near, near, stage};
use super::tables::InteractionTables;
use super::told::{Telling, Told};
use crate::engine::cpu::lanes::{LANES, Lanes, LossField, set_active};
use crate::engine::cpu::sums::sums;
use crate::engine::network::{WORD, bits};
use crate::engine::outcome::Sums;

/// No trace has that many numbers.
const NOWHERE: u32 = u32::MAX;

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
        let Setting { tables, settings, counted } = setting;
        let net = &tables.net;
        let mut lanes: Vec<Crossing<'_>> = others
            .iter()
            .map(|(other, meeting)| Crossing::new(tables, settings, [first, other], *meeting, room))
            .collect();
        work.start();
        let mut indexed = None;
        for t in 0..tables.steps() {
            let stage = stage(settings.as_ref(), t);
            if indexed != Some(stage) {
                sources.index(first, &lanes, stage);
                indexed = Some(stage);
            }
            work.step(net, &mut Together { tables, first, lanes: &lanes, sources, stage }, t);
            let Some(settings) = settings else { continue };
            let adapts = t == settings.adaptation_step;
            let substitutes = t == settings.substitution_step && settings.substitution;
            if t + 1 == tables.steps() || !(adapts || substitutes) {
                continue;
            }
            let field = &work.current;
            let large = large(tables, &settings.thresholds, field, t, lanes.len());
            for (lane, crossing) in lanes.iter_mut().enumerate() {
                let s = |place: u32| field.lanes[place as usize][lane];
                crossing.decide(t, [adapts, substitutes], &large[lane], s, room);
            }
        }
        let last = tables.steps() - 1;
        let mut all = sums(net, &work.current, &tables.base.populated, counted, others.len());
        if tables.range.is_possible(last) {
            let is_out = work.current.out_of_range();
            for (sums, _) in all.iter_mut().zip(is_out).filter(|(_, is_out)| *is_out) {
                let zero = Sums::zero(net.dims.areas, net.dims.items);
                *sums = Sums { diverged: Some(last), ..zero };
            }
        }
        let told = telling.tell(tables, &work.current, &lanes);
        all.into_iter().zip(told).collect()
    }
}

/// Places by lane whose interaction is near the thresholds.
#[inline(always)]
fn large(
    tables: &InteractionTables,
    thresholds: &crate::model::adaptation::Thresholds,
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
            if losses.iter().fold(0.0f64, |largest, loss| largest.max(*loss)) < from {
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

/// Where the sources of a stage are found in the traces: found once, read every step.
#[derive(Default)]
struct Indexed {
    /// `(lane, beginning)` of the others' losses in the columns of the first run's patch.
    shared: Vec<(u32, u32)>,
    /// Ends of the columns' lists.
    shared_ends: Vec<u32>,
    /// Per lane and column of the other's patch, the beginning of the first run's losses.
    own: Vec<u32>,
    /// Per lane and column of the joint patch, the beginnings of both runs' losses.
    joint: Vec<[u32; 2]>,
}

impl Indexed {
    fn index(&mut self, first: &Single, lanes: &[Crossing<'_>], stage: usize) {
        let find = |trace: &Trace, place: u32| trace.find(place).unwrap_or(NOWHERE);
        self.shared.clear();
        self.shared_ends.clear();
        self.own.clear();
        self.joint.clear();
        for column in &first.patches[stage].columns {
            for (lane, crossing) in lanes.iter().enumerate() {
                if let Some(begins) = crossing.runs[1].trace.find(column.place) {
                    self.shared.push((lane as u32, begins));
                }
            }
            self.shared_ends.push(self.shared.len() as u32);
        }
        for crossing in lanes {
            let columns = &crossing.runs[1].patches[stage].columns;
            self.own.extend(columns.iter().map(|c| find(&first.trace, c.place)));
            let traces = crossing.runs.map(|run| &run.trace);
            let columns = crossing.patch.columns.iter();
            self.joint.extend(columns.map(|c| traces.map(|trace| find(trace, c.place))));
        }
    }
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
        let mut start = 0;
        for ((column, entries), &end) in patch.columns().zip(&self.sources.shared_ends) {
            let losses = &self.sources.shared[start..end as usize];
            start = end as usize;
            let mut source: Lanes = if is_active(&from.active, column.place) {
                from.lanes[column.place as usize]
            } else if losses.is_empty() {
                continue;
            } else {
                [0.0; LANES]
            };
            for &(lane, begins) in losses {
                let trace = &self.lanes[lane as usize].runs[1].trace;
                source[lane as usize] += trace.at(begins, before);
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
        let mut begins = self.sources.own.iter();
        for (lane, crossing) in self.lanes.iter().enumerate() {
            let patch = &crossing.runs[1].patches[self.stage];
            for ((column, entries), &begins) in patch.columns().zip(begins.by_ref()) {
                let mut source = 0.0;
                // Most places have no interaction: their bits are close by, their lanes are not.
                if is_active(&from.active, column.place) {
                    source = from.lanes[column.place as usize][lane];
                }
                if begins != NOWHERE {
                    source += self.first.trace.at(begins, before);
                }
                send(lane, column.place, column.scale, source, entries, to, sent);
            }
        }
    }

    /// `-C x_ab - c`: what both change together.
    #[inline(always)]
    fn joint(&self, t: usize, from: &LossField, to: &mut LossField, sent: &mut Sent) {
        let amounts = self.tables.before(t);
        let mut begins = self.sources.joint.iter();
        for (lane, crossing) in self.lanes.iter().enumerate() {
            let patch: &Patch = &crossing.patch;
            for ((column, entries), begins) in patch.columns().zip(begins.by_ref()) {
                let place = column.place as usize;
                let mut source = -amounts[place];
                if is_active(&from.active, column.place) {
                    source += from.lanes[place][lane];
                }
                for (run, &begins) in crossing.runs.iter().zip(begins) {
                    if begins != NOWHERE && t > 0 {
                        source += run.trace.at(begins, t - 1);
                    }
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
