//! A machine that runs every kernel twice and compares.

use std::collections::BTreeMap;

use super::kernels::{Access, Kernel};
use super::machine::{Buffer, Content, Element, Machine, View};
use super::mirror::MirrorMachine;
use crate::engine::EngineError;

/// A device beside the mirrors: after every kernel, what it wrote must be what its mirror wrote.
///
/// A device may fuse multiplications with additions; numbers are compared within `tolerance`,
/// relative to the larger one, or to 1, and every kernel starts from the same numbers on both sides.
pub struct Checked<'a> {
    device: &'a mut dyn Machine,
    mirror: MirrorMachine,
    /// By buffer of the device, which gives numbers again that were given back.
    pairs: BTreeMap<usize, (Buffer, Element, usize)>,
    tolerance: f64,
    /// Kernels compared, by name.
    pub compared: BTreeMap<&'static str, usize>,
    /// The first difference of every kernel that differs, by name.
    pub differences: BTreeMap<&'static str, String>,
}

impl<'a> Checked<'a> {
    /// Compares `device` with the mirrors.
    pub fn new(device: &'a mut dyn Machine, tolerance: f64) -> Self {
        Checked {
            device,
            mirror: MirrorMachine::new(),
            pairs: BTreeMap::new(),
            tolerance,
            compared: BTreeMap::new(),
            differences: BTreeMap::new(),
        }
    }

    fn pair(&mut self, buffer: Buffer, mirrored: Buffer, kind: Element, len: usize) -> Buffer {
        self.pairs.insert(buffer.0, (mirrored, kind, len));
        buffer
    }

    fn mirrored(&self, buffer: Buffer) -> Buffer {
        self.pairs[&buffer.0].0
    }

    fn compare(&mut self, kernel: &'static Kernel, buffers: &[Buffer]) -> Result<(), EngineError> {
        for (binding, &buffer) in kernel.bindings.iter().zip(buffers) {
            if binding.access != Access::Write {
                continue;
            }
            let (mirrored, _, len) = self.pairs[&buffer.0];
            let found = self.device.read(&[(buffer, len)])?.remove(0);
            let expected = self.mirror.content(mirrored);
            if let Some(at) = self.first_difference(&found, &expected) {
                let show = |content: &Content| match content {
                    Content::Whole(values) => values[at].to_string(),
                    Content::Real(values) => values[at].to_string(),
                };
                self.differences.entry(kernel.name).or_insert_with(|| {
                    format!(
                        "{}, element {at}: {} on the device, {} by the mirror",
                        binding.name,
                        show(&found),
                        show(&expected)
                    )
                });
            }
            // The next kernel starts from the same numbers on both sides.
            self.mirror.set(mirrored, found);
        }
        *self.compared.entry(kernel.name).or_default() += 1;
        Ok(())
    }

    fn compare_or_say(&mut self, kernel: &'static Kernel, buffers: &[Buffer]) {
        if let Err(error) = self.compare(kernel, buffers) {
            self.differences.entry(kernel.name).or_insert_with(|| error.to_string());
        }
    }

    fn is_near(&self, a: f64, b: f64) -> bool {
        // What amounts of the size of 1 leave of each other may be nothing but rounding.
        (a - b).abs() <= self.tolerance * a.abs().max(b.abs()).max(1.0)
            || (a.is_nan() && b.is_nan())
    }

    fn first_difference(&self, found: &Content, expected: &Content) -> Option<usize> {
        match (found, expected) {
            (Content::Whole(a), Content::Whole(b)) => a.iter().zip(b).position(|(a, b)| a != b),
            (Content::Real(a), Content::Real(b)) => {
                a.iter().zip(b).position(|(&a, &b)| !self.is_near(a, b))
            }
            _ => Some(0),
        }
    }
}

impl Machine for Checked<'_> {
    fn upload_wholes(&mut self, parts: &[&[u32]]) -> Buffer {
        let pair = (self.device.upload_wholes(parts), self.mirror.upload_wholes(parts));
        self.pair(pair.0, pair.1, Element::Whole, parts.iter().map(|p| p.len()).sum())
    }

    fn upload_reals(&mut self, parts: &[&[f64]]) -> Buffer {
        let pair = (self.device.upload_reals(parts), self.mirror.upload_reals(parts));
        self.pair(pair.0, pair.1, Element::Real, parts.iter().map(|p| p.len()).sum())
    }

    fn room(&mut self, kind: Element, len: usize) -> Buffer {
        let pair = (self.device.room(kind, len), self.mirror.room(kind, len));
        self.pair(pair.0, pair.1, kind, len)
    }

    fn copy(&mut self, from: Buffer, to: Buffer) {
        self.device.copy(from, to);
        self.mirror.copy(self.mirrored(from), self.mirrored(to));
    }

    fn clear(&mut self, buffer: Buffer) {
        self.device.clear(buffer);
        self.mirror.clear(self.mirrored(buffer));
    }

    fn dispatch(&mut self, kernel: &'static Kernel, buffers: &[Buffer], workgroups: [u32; 2]) {
        self.device.dispatch(kernel, buffers, workgroups);
        let mirrored: Vec<Buffer> = buffers.iter().map(|&buffer| self.mirrored(buffer)).collect();
        self.mirror.dispatch(kernel, &mirrored, workgroups);
        self.compare_or_say(kernel, buffers);
    }

    fn dispatch_indirect(
        &mut self,
        kernel: &'static Kernel,
        buffers: &[Buffer],
        (launches, nth): (Buffer, usize),
    ) {
        self.device.dispatch_indirect(kernel, buffers, (launches, nth));
        let mirrored: Vec<Buffer> = buffers.iter().map(|&buffer| self.mirrored(buffer)).collect();
        let launches = self.mirrored(launches);
        self.mirror.dispatch_indirect(kernel, &mirrored, (launches, nth));
        self.compare_or_say(kernel, buffers);
    }

    fn read_with(
        &mut self,
        buffers: &[(Buffer, usize)],
        with: &mut dyn FnMut(&[View<'_>]),
    ) -> Result<(), EngineError> {
        self.device.read_with(buffers, with)
    }

    fn wait(&mut self) -> Result<(), EngineError> {
        self.device.wait()
    }

    fn free(&mut self, buffer: Buffer) {
        if let Some((mirrored, ..)) = self.pairs.remove(&buffer.0) {
            self.mirror.free(mirrored);
        }
        self.device.free(buffer);
    }
}
