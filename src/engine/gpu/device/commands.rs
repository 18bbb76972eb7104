//! What a batch asks of a device, as commands.

use super::clock::Clock;
use super::machine::{DeviceMachine, READ};
use super::pool::size_class;
use crate::engine::gpu::kernels::Kernel;
use crate::engine::gpu::machine::{Buffer, Element, Machine, View};
use crate::engine::gpu::timing::KernelTime;
use crate::engine::{EngineError, Precision};

/// Bytes of a launch's numbers of workgroups.
const LAUNCH_BYTES: u64 = 12;

impl DeviceMachine<'_> {
    /// A pass in which the next dispatch runs a kernel.
    fn prepare(
        &mut self,
        kernel: &'static Kernel,
        buffers: &[Buffer],
    ) -> Option<&mut wgpu::ComputePass<'static>> {
        let compiled = self.device.compiled(kernel);
        assert_eq!(buffers.len(), kernel.bindings.len(), "bindings of {}", kernel.name);
        let group = self.bind(kernel, buffers, &compiled.layout);
        let mut clock = self.clock.take();
        if let Some(stamps) = clock.as_mut().and_then(|clock| clock.next(kernel.name)) {
            // Stamps belong to passes: one of its own.
            let descriptor =
                wgpu::ComputePassDescriptor { label: None, timestamp_writes: Some(stamps) };
            let pass = self.encoder().begin_compute_pass(&descriptor).forget_lifetime();
            self.pass = Some(pass);
        } else if self.pass.is_none() {
            let pass = self.encoder().begin_compute_pass(&Default::default()).forget_lifetime();
            self.pass = Some(pass);
        }
        self.clock = clock;
        let pass = self.pass.as_mut()?;
        pass.set_pipeline(&compiled.pipeline);
        pass.set_bind_group(0, &group, &[]);
        Some(pass)
    }
}

impl Machine for DeviceMachine<'_> {
    fn upload_wholes(&mut self, parts: &[&[u32]]) -> Buffer {
        let parts: Vec<&[u8]> = parts.iter().map(|part| bytemuck::cast_slice(part)).collect();
        self.upload(&parts, Element::Whole)
    }

    fn upload_reals(&mut self, parts: &[&[f64]]) -> Buffer {
        match self.device.precision {
            Precision::F64 => {
                let parts: Vec<&[u8]> =
                    parts.iter().map(|part| bytemuck::cast_slice(part)).collect();
                self.upload(&parts, Element::Real)
            }
            Precision::F32 => {
                let single: Vec<f32> =
                    parts.iter().flat_map(|part| part.iter().map(|&value| value as f32)).collect();
                self.upload(&[bytemuck::cast_slice(&single)], Element::Real)
            }
        }
    }

    fn room(&mut self, kind: Element, len: usize) -> Buffer {
        let bytes = len as u64 * self.element_bytes(kind);
        if self.poison {
            return self.upload(&[&vec![0xff; bytes.max(16).next_multiple_of(8) as usize]], kind);
        }
        self.keep(bytes, kind)
    }

    fn copy(&mut self, from: Buffer, to: Buffer) {
        let (source, target) = (self.slot(from).handle.clone(), self.slot(to).handle.clone());
        let size = source.size().min(target.size());
        self.encoder().copy_buffer_to_buffer(&source, 0, &target, 0, size);
    }

    fn clear(&mut self, buffer: Buffer) {
        let target = self.slot(buffer).handle.clone();
        self.encoder().clear_buffer(&target, 0, None);
    }

    fn dispatch(&mut self, kernel: &'static Kernel, buffers: &[Buffer], workgroups: [u32; 2]) {
        if let Some(pass) = self.prepare(kernel, buffers) {
            pass.dispatch_workgroups(workgroups[0], workgroups[1], 1);
        }
    }

    fn dispatch_indirect(
        &mut self,
        kernel: &'static Kernel,
        buffers: &[Buffer],
        (launches, nth): (Buffer, usize),
    ) {
        let launches = self.slot(launches).handle.clone();
        if let Some(pass) = self.prepare(kernel, buffers) {
            pass.dispatch_workgroups_indirect(&launches, LAUNCH_BYTES * nth as u64);
        }
    }
    fn submit(&mut self) {
        self.pass = None;
        self.bound.clear();
        if self.is_over_limit {
            // A device refuses work on buffers that it could not make; so does this one, whose kernels would
            // take what lies beside them for numbers of links.
            self.encoder = None;
            return;
        }
        let commands = self.encoder.take().map(wgpu::CommandEncoder::finish);
        self.submitted = Some(self.device.queue.submit(commands));
        // Whatever is written to these now comes after what was submitted.
        self.device.buffers.put(self.retired.drain(..));
    }

    fn read_with(
        &mut self,
        buffers: &[(Buffer, usize)],
        with: &mut dyn FnMut(&[View<'_>]),
    ) -> Result<(), EngineError> {
        let mut parts: Vec<(Element, std::ops::Range<usize>)> = Vec::with_capacity(buffers.len());
        let mut total = 0;
        for &(buffer, len) in buffers {
            let kind = self.slot(buffer).kind;
            let bytes = len * self.element_bytes(kind) as usize;
            parts.push((kind, total..total + bytes));
            total += bytes.next_multiple_of(8);
        }
        if total == 0 {
            self.finish()?;
            with(&parts.iter().map(|part| View::empty(part.0)).collect::<Vec<_>>());
            return Ok(());
        }
        let limit = self.device.adapter.max_buffer;
        let size = size_class(total as u64, limit);
        let staging = self.device.make(&self.device.staging, size, READ);
        for (&(buffer, _), (_, range)) in buffers.iter().zip(&parts) {
            // Kernels' buffers are whole multiples of 8 bytes, of which a copy takes whole 4.
            let (from, bytes) = (self.slot(buffer).handle.clone(), range.len() as u64);
            if bytes > 0 && bytes <= from.size() {
                let at = range.start as u64;
                self.encoder().copy_buffer_to_buffer(&from, 0, &staging, at, bytes);
            }
        }
        let device = self.device;
        self.map(&staging, total as u64, &mut |bytes| {
            let view = |(kind, range): &(Element, std::ops::Range<usize>)| {
                View::of(&bytes[range.clone()], *kind, device.precision)
            };
            let views: Option<Vec<View<'_>>> = parts.iter().map(view).collect();
            with(&views.ok_or_else(|| device.failed("results that are not aligned"))?);
            Ok(())
        })?;
        self.device.staging.put(std::iter::once(staging));
        Ok(())
    }

    fn wait(&mut self) -> Result<(), EngineError> {
        self.finish()
    }

    fn kernel_times(&mut self) -> Result<Vec<KernelTime>, EngineError> {
        let Some(clock) = self.clock.take() else { return Ok(Vec::new()) };
        let stamps = self.keep(Clock::bytes(), Element::Whole);
        let resolved = self.slot(stamps).handle.clone();
        let count = clock.resolve(self.encoder(), &resolved);
        let mut ticks: Vec<u64> = Vec::new();
        self.read_with(&[(stamps, 2 * count)], &mut |views| {
            ticks = views[0]
                .whole()
                .chunks_exact(2)
                .map(|w| u64::from(w[1]) << 32 | u64::from(w[0]))
                .collect();
        })?;
        self.free(stamps);
        Ok(clock.times(&ticks, f64::from(self.device.queue.get_timestamp_period())))
    }

    fn free(&mut self, buffer: Buffer) {
        if let Some(slot) = self.slots[buffer.0].take() {
            self.used = self.used.saturating_sub(slot.bytes);
            self.bound.retain(|bound| !bound.buffers.contains(&buffer));
            if !slot.is_resident {
                self.retired.push(slot.handle);
            }
        }
    }
}
