//! What propagates interactions: the processor, or a device.

use std::sync::{Mutex, MutexGuard};

use crate::engine::cpu::lanes::LANES;
use crate::engine::gpu::GpuEngine;
use crate::engine::{Engine, EngineError, Sums};
use crate::interaction::meeting::Meeting;
use crate::interaction::on_device::{self, DeviceWork};
use crate::interaction::pairs::{PairWork, pairs};
use crate::interaction::single::{Setting, Single};
use crate::interaction::told::{Telling, Told};

/// Partners that lie side by side on a device: 50 MB of losses on the 2020 data, so that as many batches as there are
/// threads have room, and enough to keep a device busy.
const DEVICE_LANES: usize = 256;

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

    /// Partners of one shock that are best propagated at a time, and at most.
    pub fn lanes(&self) -> usize {
        self.device.map_or(LANES, |device| DEVICE_LANES.min(device.capacity()))
    }

    /// Sums of the interaction of `first` with up to [`Propagator::lanes`] others that it meets, and what is told of
    /// them.
    ///
    /// # Errors
    /// The device fails.
    pub fn pairs(
        &self,
        of: (Setting<'_>, &Telling),
        first: &Single,
        others: &[(&Single, Meeting)],
    ) -> Result<Vec<(Sums, Told)>, EngineError> {
        let waiting = self.idle().pop();
        let mut room = waiting.unwrap_or_else(|| match self.device {
            Some(device) => Room::Device(device, Box::default()),
            None => Room::Cpu(Box::new(PairWork::new(of.0.tables))),
        });
        let found = match &mut room {
            Room::Cpu(work) => pairs(of, first, others, work),
            Room::Device(device, work) => on_device(device, of, first, others, work)?,
        };
        self.idle().push(room);
        Ok(found)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Room<'a>>> {
        self.idle.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Propagates on a device; in halves where it has no memory for all.
fn on_device(
    device: &GpuEngine,
    of: (Setting<'_>, &Telling),
    first: &Single,
    others: &[(&Single, Meeting)],
    work: &mut DeviceWork,
) -> Result<Vec<(Sums, Told)>, EngineError> {
    let found =
        device.with_machine(|on, machine| on_device::pairs((on, machine), of, first, others, work));
    match found {
        Err(EngineError::OutOfMemory { .. }) if others.len() > 1 => {
            let mut all = Vec::with_capacity(others.len());
            for half in others.chunks(others.len().div_ceil(2)) {
                all.extend(on_device(device, of, first, half, work)?);
            }
            Ok(all)
        }
        other => other,
    }
}
