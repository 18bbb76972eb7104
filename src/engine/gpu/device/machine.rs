//! Buffers and commands of one thread on a device.

use super::clock::Clock;
use super::faults::Faults;
use super::pool::size_class;
use super::{Device, Pool};
use crate::engine::EngineError;
use crate::engine::gpu::kernels::{Binding, Kernel};
use crate::engine::gpu::machine::{Buffer, Element, Machine};

/// Buffers that outlive the machine that made them, to be used by others.
#[derive(Clone, Default)]
pub struct Resident(Vec<Option<(wgpu::Buffer, Element)>>);

/// A buffer of a machine.
pub(super) struct Slot {
    pub handle: wgpu::Buffer,
    pub kind: Element,
    /// Bytes that were asked for.
    pub bytes: u64,
    pub is_resident: bool,
}

/// Buffers as the bindings of kernels with one binding table.
pub(super) struct Bound {
    bindings: &'static [Binding],
    pub buffers: Vec<Buffer>,
    group: wgpu::BindGroup,
}

/// Buffers and commands of one thread on a device.
///
/// Buffers come from the device's pool and go back to it. One that was given back may be written
/// by the host before commands that were recorded earlier and not submitted yet; so it waits for the
/// submission.
pub struct DeviceMachine<'a> {
    pub(super) device: &'a Device,
    pub(super) slots: Vec<Option<Slot>>,
    pub(super) retired: Vec<wgpu::Buffer>,
    pub(super) encoder: Option<wgpu::CommandEncoder>,
    /// Dispatches one after the other share a pass, which ends before anything else is recorded.
    pub(super) pass: Option<wgpu::ComputePass<'static>>,
    /// Bindings made since the last submission: kernels of one binding table share them.
    pub(super) bound: Vec<Bound>,
    pub(super) submitted: Option<wgpu::SubmissionIndex>,
    pub(super) clock: Option<Clock>,
    faults: Faults,
    /// What buffers without content are filled with, in tests.
    pub(super) poison: bool,
    /// Bytes that it may have at once, in tests.
    limit: u64,
    pub(super) used: u64,
    pub(super) is_over_limit: bool,
}

const USAGES: wgpu::BufferUsages = wgpu::BufferUsages::STORAGE
    .union(wgpu::BufferUsages::UNIFORM)
    .union(wgpu::BufferUsages::INDIRECT)
    .union(wgpu::BufferUsages::COPY_SRC)
    .union(wgpu::BufferUsages::COPY_DST)
    .union(wgpu::BufferUsages::QUERY_RESOLVE);

pub(super) const READ: wgpu::BufferUsages =
    wgpu::BufferUsages::MAP_READ.union(wgpu::BufferUsages::COPY_DST);

impl<'a> DeviceMachine<'a> {
    /// A machine with the buffers of others.
    pub fn new(device: &'a Device, resident: &[&Resident]) -> Self {
        let slot = |(handle, kind): (wgpu::Buffer, Element)| Slot {
            bytes: 0,
            handle,
            kind,
            is_resident: true,
        };
        let resident = resident.iter().flat_map(|r| r.0.iter().cloned());
        DeviceMachine {
            device,
            slots: resident.map(|buffer| buffer.map(slot)).collect(),
            retired: Vec::new(),
            encoder: None,
            pass: None,
            bound: Vec::new(),
            submitted: None,
            clock: None,
            faults: Faults::new(device),
            poison: false,
            limit: u64::MAX,
            used: 0,
            is_over_limit: false,
        }
    }

    /// Fills buffers without content with numbers that are none.
    pub fn with_poison(mut self, poison: bool) -> Self {
        self.poison = poison;
        self
    }

    /// Behaves as if the device had this much memory, bytes.
    pub fn with_limit(mut self, limit: u64) -> Self {
        self.limit = limit;
        self
    }

    /// Times its kernels, where the device can.
    pub fn with_clock(mut self, timed: bool) -> Self {
        self.clock = if timed { Clock::new(self.device) } else { None };
        self
    }

    /// Its buffers, for other machines.
    ///
    /// # Errors
    /// The device has no memory for them.
    pub fn into_resident(mut self) -> Result<Resident, EngineError> {
        self.wait()?;
        let slots = std::mem::take(&mut self.slots).into_iter();
        Ok(Resident(slots.map(|slot| slot.map(|s| (s.handle, s.kind))).collect()))
    }

    /// What the device has reported since the last look.
    fn check(&mut self) -> Result<(), EngineError> {
        let over = std::mem::take(&mut self.is_over_limit);
        let over = over.then(|| format!("more than the limit of {} bytes", self.limit));
        self.faults.check(self.device, over)
    }

    pub(super) fn encoder(&mut self) -> &mut wgpu::CommandEncoder {
        self.pass = None;
        let device = &self.device.device;
        self.encoder.get_or_insert_with(|| device.create_command_encoder(&Default::default()))
    }

    /// Waits for what was submitted.
    pub(super) fn finish(&mut self) -> Result<(), EngineError> {
        if self.encoder.is_some() || self.submitted.is_none() {
            self.submit();
        }
        let wait = wgpu::PollType::Wait { submission_index: self.submitted.take(), timeout: None };
        let polled = self.device.device.poll(wait);
        self.check()?;
        polled.map(drop).map_err(|error| self.device.failed(error.to_string()))
    }

    pub(super) fn slot(&self, buffer: Buffer) -> &Slot {
        self.slots[buffer.0].as_ref().expect("a buffer that was not given back")
    }

    pub(super) fn element_bytes(&self, kind: Element) -> u64 {
        match kind {
            Element::Whole => 4,
            Element::Real => self.device.real_bytes(),
        }
    }

    /// A buffer of at least one element; too small a one in tests that have less memory.
    pub(super) fn keep(&mut self, bytes: u64, kind: Element) -> Buffer {
        self.used += bytes;
        self.is_over_limit |= self.used > self.limit;
        // Pairs and quads are read whole.
        let wanted = if self.is_over_limit { 16 } else { bytes.max(16) };
        let adapter = &self.device.adapter;
        let size = size_class(wanted, adapter.max_binding.min(adapter.max_buffer));
        let handle = self.device.make(&self.device.buffers, size, USAGES);
        let slot = Some(Slot { handle, kind, bytes, is_resident: false });
        let free = self.slots.iter().position(Option::is_none);
        let at = free.unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        self.slots[at] = slot;
        Buffer(at)
    }

    pub(super) fn upload(&mut self, parts: &[&[u8]], kind: Element) -> Buffer {
        let total: usize = parts.iter().map(|part| part.len()).sum();
        let buffer = self.keep(total as u64, kind);
        let handle = &self.slot(buffer).handle;
        let size = wgpu::BufferSize::new(total as u64).filter(|size| size.get() <= handle.size());
        let view = size.and_then(|size| self.device.queue.write_buffer_with(handle, 0, size));
        if let Some(mut view) = view {
            let mut start = 0;
            for part in parts {
                view.slice(start..start + part.len()).copy_from_slice(part);
                start += part.len();
            }
        }
        buffer
    }

    /// The buffers as a kernel's bindings.
    pub(super) fn bind(
        &mut self,
        kernel: &Kernel,
        buffers: &[Buffer],
        layout: &wgpu::BindGroupLayout,
    ) -> wgpu::BindGroup {
        let is_same =
            |b: &&Bound| std::ptr::eq(b.bindings, kernel.bindings) && b.buffers == buffers;
        if let Some(bound) = self.bound.iter().find(is_same) {
            return bound.group.clone();
        }
        let entries: Vec<wgpu::BindGroupEntry<'_>> = (0u32..)
            .zip(buffers)
            .map(|(binding, &buffer)| wgpu::BindGroupEntry {
                binding,
                resource: self.slot(buffer).handle.as_entire_binding(),
            })
            .collect();
        let group = self.device.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(kernel.name),
            layout,
            entries: &entries,
        });
        let (bindings, buffers) = (kernel.bindings, buffers.to_vec());
        self.bound.push(Bound { bindings, buffers, group: group.clone() });
        group
    }

    /// Lets `with` see `total` bytes of a buffer that commands in the encoder have filled.
    pub(super) fn map(
        &mut self,
        staging: &wgpu::Buffer,
        total: u64,
        with: &mut dyn FnMut(&[u8]) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        self.submit();
        staging.map_async(wgpu::MapMode::Read, ..total, |_| {});
        self.finish()?;
        {
            let view = staging.get_mapped_range(..total);
            with(&view.map_err(|_| self.device.failed("unreadable results"))?)?;
        }
        staging.unmap();
        Ok(())
    }
}

impl Device {
    pub(super) fn make(&self, pool: &Pool, size: u64, usage: wgpu::BufferUsages) -> wgpu::Buffer {
        let new = wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false };
        pool.take(size).unwrap_or_else(|| self.device.create_buffer(&new))
    }
}

impl Drop for DeviceMachine<'_> {
    fn drop(&mut self) {
        let had_error = self.check().is_err();
        self.faults.close();
        if had_error {
            // What could not be made is no use to the next one.
            return;
        }
        let own = self.slots.drain(..).flatten().filter(|slot| !slot.is_resident);
        self.device.buffers.put(own.map(|slot| slot.handle).chain(self.retired.drain(..)));
    }
}
