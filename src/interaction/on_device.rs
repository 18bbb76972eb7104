//! Pairs of shocks with others on a graphics device, in lanes over the others.
//!
//! The recursion of [`super::pairs`], with what it adds in a step put as columns that send `known + s`: those of the
//! first shock's changes for all its lanes at once, those of the other's and of both together lane by lane. What is
//! known comes from the single runs, so that a stage needs nothing of the host until sectors decide; that, the changes
//! that follow, and what is told at the end are the code of the cpu engine.

use std::ops::Range;

use super::cross::{Crossing, Room};
use super::lanes::Trace;
use super::meeting::Meeting;
use super::pairs::{decide, finish};
use super::patch::Patch;
use super::single::{Setting, Single, stage};
use super::tables::InteractionTables;
use super::told::{Telling, Told};
use crate::engine::EngineError;
use crate::engine::cpu::lanes::{LANES, LossField, any, set_active};
use crate::engine::gpu::layout::LANES as DEVICE_LANES;
use crate::engine::gpu::machine::Machine;
use crate::engine::gpu::network::{OnMachine, Prepared};
use crate::engine::gpu::part_patches::{NOWHERE, PartColumns, PartLanes, PartPatches};
use crate::engine::gpu::parts::PartBatch;
use crate::engine::outcome::Sums;

/// Lane groups of the processor in one of a device.
const HALVES: usize = DEVICE_LANES / LANES;

/// A shock, and others that it meets.
pub type Asked<'a> = (&'a Single, &'a [(&'a Single, Meeting)]);

/// Lanes that so many pairs of one shock take: whole groups.
pub fn lanes_of(pairs: usize) -> usize {
    pairs.next_multiple_of(DEVICE_LANES)
}

/// Room for batches of pairs; reused.
#[derive(Default)]
pub struct DeviceWork {
    room: Room,
    changes: Changes,
    /// Losses of a group, as the processor has them.
    halves: Vec<LossField>,
}

/// What lanes have beyond the shared network; reused.
#[derive(Default)]
struct Changes {
    columns: PartColumns,
    shared: PartPatches,
    own: PartPatches,
}

/// One shock's pairs in the making, in groups of lanes of their own.
struct OfFirst<'a> {
    first: &'a Single,
    first_group: usize,
    lanes: Vec<Crossing<'a>>,
}

/// Sums of the interactions of shocks with others, and what is told of them; one after the other.
///
/// # Errors
/// The device fails, or has no memory for so many.
pub fn pairs(
    (on, machine): ((&Prepared, &OnMachine), &mut dyn Machine),
    of: (Setting<'_>, &Telling),
    asked: &[Asked<'_>],
    work: &mut DeviceWork,
) -> Result<Vec<(Sums, Told)>, EngineError> {
    let Setting { tables, settings, .. } = of.0;
    let mut all_groups = 0;
    let mut firsts = Vec::with_capacity(asked.len());
    for &(first, others) in asked {
        let lanes = others.iter().map(|(other, meeting)| {
            Crossing::new(tables, settings, [first, other], *meeting, &mut work.room)
        });
        firsts.push(OfFirst { first, first_group: all_groups, lanes: lanes.collect() });
        all_groups += others.len().div_ceil(DEVICE_LANES);
    }
    let mut batch = PartBatch::new(on, machine, all_groups);
    let found = propagate(&mut batch, of, &mut firsts, work);
    batch.free();
    found
}

/// Runs all steps.
fn propagate(
    batch: &mut PartBatch<'_>,
    (setting, telling): (Setting<'_>, &Telling),
    firsts: &mut [OfFirst<'_>],
    work: &mut DeviceWork,
) -> Result<Vec<(Sums, Told)>, EngineError> {
    let Setting { tables, settings, .. } = setting;
    let DeviceWork { room, changes, halves } = work;
    halves.resize_with(HALVES, || LossField::new(tables.net.places()));
    let mut found = Vec::new();
    let mut begin = 0;
    while begin < tables.steps() {
        let now = stage(settings.as_ref(), begin);
        let others = |t: &usize| stage(settings.as_ref(), *t) != now;
        let end = (begin..tables.steps()).find(others).unwrap_or(tables.steps());
        changes.find(tables, firsts, (now, begin..end));
        batch.change([&changes.shared, &changes.own]);
        (0..end - begin).for_each(|nth| batch.step(nth));
        let mut groups = firsts.iter_mut().flat_map(|of| of.lanes.chunks_mut(DEVICE_LANES));
        batch.read(&mut |mask, losses| {
            take(halves, mask, losses);
            let lanes = groups.next().into_iter().flat_map(|lanes| lanes.chunks_mut(LANES));
            for (lanes, field) in lanes.zip(&*halves) {
                pulp::Arch::new().dispatch(|| {
                    if end == tables.steps() {
                        found.extend(finish((setting, telling), field, lanes));
                    } else {
                        decide((tables, settings.as_ref()), end - 1, field, lanes, room);
                    }
                });
            }
            halves.iter_mut().for_each(LossField::clear);
        })?;
        begin = end;
    }
    Ok(found)
}

/// Takes the losses of a group, of which the mask says where they are.
fn take(halves: &mut [LossField], mask: &[u32], losses: &[f64]) {
    let stored = mask.iter().zip(0u32..).flat_map(|(&word, w)| {
        let bits = (0..32).filter(move |bit| word >> bit & 1 == 1);
        bits.map(move |bit| 32 * w + bit)
    });
    for (place, losses) in stored.zip(losses.chunks_exact(DEVICE_LANES)) {
        for (field, losses) in halves.iter_mut().zip(losses.chunks_exact(LANES)) {
            let to = &mut field.lanes[place as usize];
            to.copy_from_slice(losses);
            if any(to, |loss| loss != 0.0) {
                set_active(&mut field.active, place);
            }
        }
    }
}

impl Changes {
    /// Puts what holds in a stage, of these steps, as columns.
    fn find(
        &mut self,
        tables: &InteractionTables,
        firsts: &[OfFirst<'_>],
        (stage, steps): (usize, Range<usize>),
    ) {
        self.shared.start(steps.len());
        self.own.start(steps.len());
        for of in firsts {
            if !of.first.patches[stage].columns.is_empty() {
                self.find_shared(of, stage, &steps);
            }
            for (lane, crossing) in (of.first_group as u32 * DEVICE_LANES as u32..).zip(&of.lanes) {
                self.find_own(tables, (crossing, lane), stage, &steps);
            }
        }
    }

    /// What all lanes of one shock have: `D_a (L_b + s)`.
    fn find_shared(&mut self, of: &OfFirst<'_>, stage: usize, steps: &Range<usize>) {
        let patch = &of.first.patches[stage];
        self.columns.clear();
        add(&mut self.columns, patch);
        let from = self.shared.columns();
        let count = of.lanes.len().div_ceil(DEVICE_LANES);
        self.shared.add(&mut self.columns, PartLanes::Groups { first: of.first_group, count });
        let (mut found, mut losses) = (Vec::new(), Vec::new());
        for (group, lanes) in of.lanes.chunks(DEVICE_LANES).enumerate() {
            found.clear();
            losses.clear();
            // Lane by lane, as traces lie.
            for (lane, crossing) in (0..).zip(lanes) {
                let trace = &crossing.runs[1].trace;
                let reach = crossing.runs[1].reach(steps.end.saturating_sub(2));
                for number in patch.columns_in(|word| reach[word]) {
                    found.push((number as u32, lane));
                    losses.push(Losses::of(trace, patch.columns[number].place));
                }
            }
            let from = from + group * patch.columns.len();
            self.shared.know(from, &found, |n, step| losses[n].before(steps.start + step));
        }
    }

    /// What one lane has for itself: `D_b (L_a + s) - C x_ab - c`.
    fn find_own(
        &mut self,
        tables: &InteractionTables,
        (crossing, lane): (&Crossing<'_>, u32),
        stage: usize,
        steps: &Range<usize>,
    ) {
        let (of_other, joint) = (&crossing.runs[1].patches[stage], &crossing.patch);
        self.columns.clear();
        add(&mut self.columns, of_other);
        add(&mut self.columns, joint);
        for constants in [&joint.constants, &joint.at_start] {
            for &(place, amount) in constants {
                let column = self.columns.places.len() as u32;
                self.columns.places.push(NOWHERE);
                self.columns.rows.push((place, column, -amount));
            }
        }
        if self.columns.places.is_empty() {
            return;
        }
        let from = self.own.columns();
        self.own.add(&mut self.columns, PartLanes::One(lane));
        let [a, b] = crossing.runs.map(|run| &run.trace);
        let reach = crossing.runs[0].reach(steps.end.saturating_sub(2));
        let losses = |number: usize| Losses::of(a, of_other.columns[number].place);
        let of_first = of_other
            .columns_in(|word| reach[word])
            .map(|number| (number as u32, Known::OfFirst(losses(number))));
        let both = joint.columns.iter().map(|column| {
            Known::Joint(column.place, [a, b].map(|trace| Losses::of(trace, column.place)))
        });
        let constants = joint.constants.iter().map(|_| Known::Always);
        let rest = both.chain(constants).chain(joint.at_start.iter().map(|_| Known::AtStart));
        let known: Vec<(u32, Known<'_>)> =
            of_first.chain((of_other.columns.len() as u32..).zip(rest)).collect();
        let found: Vec<(u32, u32)> = known.iter().map(|known| (known.0, 0)).collect();
        self.own.know(from, &found, |n, step| known[n].1.in_step(tables, steps.start + step));
    }
}

/// What a column of one lane sends besides the interaction.
enum Known<'a> {
    /// The first run's losses.
    OfFirst(Losses<'a>),
    /// Both runs' losses at a place, less the baseline.
    Joint(u32, [Losses<'a>; 2]),
    /// 1 in every step.
    Always,
    /// 1 in the first step.
    AtStart,
}

impl Known<'_> {
    fn in_step(&self, tables: &InteractionTables, t: usize) -> f64 {
        match self {
            Known::OfFirst(losses) => losses.before(t),
            Known::Joint(place, [a, b]) => {
                a.before(t) + b.before(t) - tables.before(t)[*place as usize]
            }
            Known::Always => 1.0,
            Known::AtStart => f64::from(u8::from(t == 0)),
        }
    }
}

/// The losses of a place in a run, looked for once for all steps.
struct Losses<'a>(&'a Trace, Option<u32>);

impl<'a> Losses<'a> {
    fn of(trace: &'a Trace, place: u32) -> Self {
        Losses(trace, trace.find(place))
    }

    /// The loss in the step before `t`.
    fn before(&self, t: usize) -> f64 {
        match (self.1, t.checked_sub(1)) {
            (Some(begins), Some(before)) => self.0.at(begins, before),
            _ => 0.0,
        }
    }
}

/// Adds the columns of a patch.
fn add(to: &mut PartColumns, patch: &Patch) {
    let first = to.places.len() as u32;
    to.places.extend(patch.columns.iter().map(|column| column.place));
    let scaled = (first..).zip(&patch.columns).filter(|(_, column)| column.scale != 0.0);
    to.sent.extend(scaled.map(|(number, column)| (column.place, number, column.scale)));
    let rows = patch.by_rows().iter();
    to.rows.extend(rows.map(|&(row, number, weight)| (row, first + number, weight)));
}
