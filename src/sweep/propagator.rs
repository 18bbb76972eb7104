//! What propagates interactions: the processor, or a device.

use std::sync::{Mutex, MutexGuard};

use crate::engine::cpu::lanes::LANES;
use crate::engine::gpu::GpuEngine;
use crate::engine::{Engine, EngineError, Sums};
use crate::interaction::meeting::Meeting;
use crate::interaction::on_device::{self, Asked, DeviceWork};
use crate::interaction::pairs::{PairWork, pairs};
use crate::interaction::single::{Setting, Single};
use crate::interaction::told::{Telling, Told};

/// Lanes side by side on a device at most: 390 MB of losses on the 2020 data. What a step costs besides its loads is the
/// same for few.
const DEVICE_LANES: usize = 1_024;

/// First shocks whose pairs are given to a device together, at most.
const DEVICE_FIRSTS: usize = 8;

/// Propagates pairs, from as many threads as like.
pub struct Propagator<'a> {
    device: Option<&'a GpuEngine>,
    /// Room waiting for the next pairs; never more than there are threads.
    idle: Mutex<Vec<Room<'a>>>,
}

/// Room of one thread.
enum Room<'a> {
    Cpu(Box<PairWork>),
    Device(&'a GpuEngine, Box<DeviceWork>),
}

impl<'a> Propagator<'a> {
    /// On the device of an engine, if it has one for this.
    pub fn new(engine: &'a dyn Engine) -> Self {
        Propagator { device: engine.device_of_parts(), idle: Mutex::default() }
    }

    /// Of so many first shocks, how many are best propagated together.
    pub fn together(&self, firsts: usize) -> usize {
        let of_thread = firsts / rayon::current_num_threads();
        self.device.map_or(1, |_| of_thread.clamp(1, DEVICE_FIRSTS))
    }

    /// Sums of the interactions of shocks with others that they meet, and what is told of them; one after the other.
    ///
    /// # Errors
    /// The device fails.
    pub fn pairs(
        &self,
        of: (Setting<'_>, &Telling),
        asked: &[(&Single, Vec<(&Single, Meeting)>)],
    ) -> Result<Vec<(Sums, Told)>, EngineError> {
        let waiting = self.idle().pop();
        let mut room = waiting.unwrap_or_else(|| match self.device {
            Some(device) => Room::Device(device, Box::default()),
            None => Room::Cpu(Box::new(PairWork::new(of.0.tables))),
        });
        let mut found = Vec::with_capacity(asked.iter().map(|of| of.1.len()).sum());
        match &mut room {
            Room::Cpu(work) => {
                for (first, others) in asked {
                    let groups = others.chunks(LANES);
                    found.extend(groups.flat_map(|others| pairs(of, first, others, work)));
                }
            }
            Room::Device(device, work) => {
                for batch in batches(asked, device.batch_size().min(DEVICE_LANES)) {
                    found.extend(on_device(device, of, &batch, work)?);
                }
            }
        }
        self.idle().push(room);
        Ok(found)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Room<'a>>> {
        self.idle.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Batches of at most so many lanes, in the order asked.
fn batches<'a>(
    asked: &'a [(&'a Single, Vec<(&'a Single, Meeting)>)],
    lanes: usize,
) -> Vec<Vec<Asked<'a>>> {
    let mut batches = Vec::new();
    let mut batch: Vec<Asked<'a>> = Vec::new();
    let mut left = lanes;
    for (first, others) in asked {
        let mut others = &others[..];
        while !others.is_empty() {
            let (own, rest) = others.split_at(others.len().min(left));
            batch.push((first, own));
            others = rest;
            left = left.saturating_sub(on_device::lanes_of(own.len()));
            if left == 0 {
                batches.push(std::mem::take(&mut batch));
                left = lanes;
            }
        }
    }
    batches.extend((!batch.is_empty()).then_some(batch));
    batches
}

/// Propagates on a device; in halves where it has no memory for all.
fn on_device(
    device: &GpuEngine,
    of: (Setting<'_>, &Telling),
    asked: &[Asked<'_>],
    work: &mut DeviceWork,
) -> Result<Vec<(Sums, Told)>, EngineError> {
    let found = device.with_machine(|on, machine| on_device::pairs((on, machine), of, asked, work));
    let halves = match asked {
        [] | [(_, [] | [_])] => return found,
        [(first, others)] => {
            let (one, other) = others.split_at(others.len() / 2);
            [vec![(*first, one)], vec![(*first, other)]]
        }
        _ => {
            let (one, other) = asked.split_at(asked.len() / 2);
            [one.to_vec(), other.to_vec()]
        }
    };
    if !matches!(found, Err(EngineError::OutOfMemory { .. })) {
        return found;
    }
    let mut all = Vec::new();
    for half in halves {
        all.extend(on_device(device, of, &half, work)?);
    }
    Ok(all)
}
