//! What propagates interactions: the processor, or a device.

use std::sync::atomic::{AtomicUsize, Ordering};
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
    /// Lanes that a device has had memory for.
    lanes: AtomicUsize,
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
        Propagator {
            device: engine.device_of_parts(),
            lanes: AtomicUsize::new(DEVICE_LANES),
            idle: Mutex::default(),
        }
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
                let asked: Vec<Asked<'_>> = asked.iter().map(|of| (of.0, &of.1[..])).collect();
                let lanes = device.batch_size().min(self.lanes.load(Ordering::Relaxed));
                for batch in batches(&asked, lanes) {
                    found.extend(self.on_device(device, of, &batch, work)?);
                }
            }
        }
        self.idle().push(room);
        Ok(found)
    }

    /// Propagates on a device; fewer at a time, from then on, where it has no memory for all.
    fn on_device(
        &self,
        device: &GpuEngine,
        of: (Setting<'_>, &Telling),
        asked: &[Asked<'_>],
        work: &mut DeviceWork,
    ) -> Result<Vec<(Sums, Told)>, EngineError> {
        let found =
            device.with_machine(|on, machine| on_device::pairs((on, machine), of, asked, work));
        let pairs: usize = asked.iter().map(|of| of.1.len()).sum();
        if pairs < 2 || !matches!(found, Err(EngineError::OutOfMemory { .. })) {
            return found;
        }
        // Each of these has fewer pairs, whole groups of lanes or not.
        let fewer = pairs / 2;
        self.lanes.fetch_min(on_device::lanes_of(fewer), Ordering::Relaxed);
        let mut all = Vec::with_capacity(pairs);
        for batch in batches(asked, fewer) {
            all.extend(self.on_device(device, of, &batch, work)?);
        }
        Ok(all)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Room<'a>>> {
        self.idle.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Batches of at most so many lanes, in the order asked.
fn batches<'a>(asked: &[Asked<'a>], lanes: usize) -> Vec<Vec<Asked<'a>>> {
    let mut batches = Vec::new();
    let mut batch: Vec<Asked<'a>> = Vec::new();
    let mut left = lanes;
    for &(first, mut others) in asked {
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
