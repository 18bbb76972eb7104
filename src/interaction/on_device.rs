//! Pairs of one shock with others on a graphics device, in lanes over the others.
//!
//! The recursion of [`super::pairs`], with what it adds in a step put as columns that send `known + s`: those of the
//! first shock's changes for all lanes at once, those of the other's and of both together lane by lane. What is known
//! comes from the single runs, so that a stage needs nothing of the host until sectors decide; that, the changes
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

/// Room for batches of pairs; reused.
#[derive(Default)]
pub struct DeviceWork {
    room: Room,
    fields: Vec<LossField>,
    columns: PartColumns,
    shared: PartPatches,
    own: PartPatches,
}

/// Sums of the interaction of `first` with others that it meets, and what is told of them.
///
/// # Errors
/// The device fails, or has no memory for so many.
pub fn pairs(
    (on, machine): ((&Prepared, &OnMachine), &mut dyn Machine),
    (setting, telling): (Setting<'_>, &Telling),
    first: &Single,
    others: &[(&Single, Meeting)],
    work: &mut DeviceWork,
) -> Result<Vec<(Sums, Told)>, EngineError> {
    let Setting { tables, settings, .. } = setting;
    let mut lanes: Vec<Crossing<'_>> = others
        .iter()
        .map(|(other, meeting)| {
            Crossing::new(tables, settings, [first, other], *meeting, &mut work.room)
        })
        .collect();
    let mut batch = PartBatch::new(on, machine, others.len());
    let run = propagate(&mut batch, setting, first, &mut lanes, work);
    batch.free();
    run?;
    let groups = lanes.chunks(LANES).zip(&work.fields);
    let found = groups.flat_map(|(lanes, field)| {
        pulp::Arch::new().dispatch(|| finish((setting, telling), field, lanes))
    });
    Ok(found.collect())
}

/// Runs all steps; what there is after the last lies in the fields.
fn propagate(
    batch: &mut PartBatch<'_>,
    setting: Setting<'_>,
    first: &Single,
    lanes: &mut [Crossing<'_>],
    work: &mut DeviceWork,
) -> Result<(), EngineError> {
    let Setting { tables, settings, .. } = setting;
    let groups = lanes.len().div_ceil(DEVICE_LANES);
    let mut begin = 0;
    while begin < tables.steps() {
        let now = stage(settings.as_ref(), begin);
        let others = |t: &usize| stage(settings.as_ref(), *t) != now;
        let end = (begin..tables.steps()).find(others).unwrap_or(tables.steps());
        work.change(tables, (first, &*lanes), (now, begin..end));
        batch.change([&work.shared, &work.own]);
        (0..end - begin).for_each(|nth| batch.step(nth));
        work.fields.resize_with(HALVES * groups, || LossField::new(tables.net.places()));
        work.fields.iter_mut().for_each(LossField::clear);
        batch.read(&mut |group, place, losses| {
            let fields = &mut work.fields[HALVES * group..HALVES * (group + 1)];
            for (field, losses) in fields.iter_mut().zip(losses.chunks_exact(LANES)) {
                let to = &mut field.lanes[place as usize];
                to.copy_from_slice(losses);
                if any(to, |loss| loss != 0.0) {
                    set_active(&mut field.active, place);
                }
            }
        })?;
        for (lanes, field) in lanes.chunks_mut(LANES).zip(&work.fields) {
            let (of, room) = ((tables, settings.as_ref()), &mut work.room);
            pulp::Arch::new().dispatch(|| decide(of, end - 1, field, lanes, room));
        }
        begin = end;
    }
    Ok(())
}

impl DeviceWork {
    /// Puts what holds in a stage, of these steps, as columns.
    fn change(
        &mut self,
        tables: &InteractionTables,
        (first, lanes): (&Single, &[Crossing<'_>]),
        (stage, steps): (usize, Range<usize>),
    ) {
        self.shared.start(steps.len());
        self.own.start(steps.len());
        // D_a (L_b + s)
        let groups = lanes.len().div_ceil(DEVICE_LANES);
        let patch = &first.patches[stage];
        self.columns.clear();
        add(&mut self.columns, patch);
        if !patch.columns.is_empty() {
            self.shared.add(&mut self.columns, PartLanes::Groups(groups));
            for group in 0..groups {
                let of = &lanes[group * DEVICE_LANES..];
                for column in &patch.columns {
                    for lane in 0..DEVICE_LANES {
                        let other = of.get(lane).map(|crossing| crossing.runs[1]);
                        let losses = Losses::of(other, column.place);
                        know(&mut self.shared.known, &steps, |t| losses.before(t));
                    }
                }
            }
        }
        for (lane, crossing) in (0..).zip(lanes) {
            self.change_own(tables, (crossing, lane), (stage, steps.clone()));
        }
    }

    /// What one lane has for itself: `D_b (L_a + s) - C x_ab - c`.
    fn change_own(
        &mut self,
        tables: &InteractionTables,
        (crossing, lane): (&Crossing<'_>, u32),
        (stage, steps): (usize, Range<usize>),
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
        self.own.add(&mut self.columns, PartLanes::One(lane));
        let [a, b] = crossing.runs.map(Some);
        let known = &mut self.own.known;
        for column in &of_other.columns {
            let losses = Losses::of(a, column.place);
            know(known, &steps, |t| losses.before(t));
        }
        for column in &joint.columns {
            let [of_a, of_b] = [a, b].map(|run| Losses::of(run, column.place));
            let amount = |t: usize| tables.before(t)[column.place as usize];
            know(known, &steps, |t| of_a.before(t) + of_b.before(t) - amount(t));
        }
        joint.constants.iter().for_each(|_| know(known, &steps, |_| 1.0));
        joint.at_start.iter().for_each(|_| know(known, &steps, |t| f64::from(u8::from(t == 0))));
    }
}

/// Adds what is known of a column in one lane, in every step of a stage.
fn know(known: &mut [Vec<f64>], steps: &Range<usize>, of: impl Fn(usize) -> f64) {
    known.iter_mut().zip(steps.clone()).for_each(|(known, t)| known.push(of(t)));
}

/// The losses of a place in a run, looked for once for all steps.
struct Losses<'a>(Option<(&'a Trace, u32)>);

impl<'a> Losses<'a> {
    /// None of no run.
    fn of(run: Option<&'a Single>, place: u32) -> Self {
        Losses(run.and_then(|run| Some((&run.trace, run.trace.find(place)?))))
    }

    /// The loss in the step before `t`.
    fn before(&self, t: usize) -> f64 {
        match (&self.0, t.checked_sub(1)) {
            (Some((trace, begins)), Some(before)) => trace.at(*begins, before),
            _ => 0.0,
        }
    }
}

/// Adds the columns of a patch.
fn add(to: &mut PartColumns, patch: &Patch) {
    for (column, entries) in patch.columns() {
        let number = to.places.len() as u32;
        to.places.push(column.place);
        if column.scale != 0.0 {
            to.sent.push((column.place, number, column.scale));
        }
        to.rows.extend(entries.iter().map(|&(row, weight)| (row, number, weight)));
    }
}
