//! A machine that runs every kernel twice and compares.

use std::collections::BTreeMap;

use super::kernels::{Access, DECIDE, Kernel};
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
        let mut written = Vec::new();
        for (binding, &buffer) in kernel.bindings.iter().zip(buffers) {
            if binding.access != Access::Write {
                continue;
            }
            let (mirrored, _, len) = self.pairs[&buffer.0];
            let found = self.device.read(&[(buffer, len)])?.remove(0);
            let expected = self.mirror.content(mirrored);
            // The device lists hits in any order: they are compared as sets, below.
            let is_unordered = std::ptr::eq(kernel, &DECIDE) && binding.name != "count";
            if !is_unordered && let Some(at) = self.first_difference(&found, &expected) {
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
            if is_unordered {
                written.push((found.clone(), expected));
            }
            // The next kernel starts from the same numbers on both sides.
            self.mirror.set(mirrored, found);
        }
        if let [(found, expected), (found_losses, expected_losses)] = &written[..] {
            let count = self.mirror.content(self.mirrored(buffers[COUNT])).whole()[0] as usize;
            let found = hits(found, found_losses, count);
            let expected = hits(expected, expected_losses, count);
            // Which of them are listed where there is no room for all is not defined.
            let fits = count <= found_losses.len();
            if fits && let Some(at) = (0..count).find(|&at| !self.same(found[at], expected[at])) {
                let (found, expected) = (found[at], expected[at]);
                self.differences.entry(kernel.name).or_insert_with(|| {
                    format!("hit {at}: {found:?} on the device, {expected:?} by the mirror")
                });
            }
        }
        *self.compared.entry(kernel.name).or_default() += 1;
        Ok(())
    }

    fn same(&self, a: Found, b: Found) -> bool {
        (a.0, a.1) == (b.0, b.1) && self.is_near(a.2, b.2)
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

/// A hit as the device lists it: scenario, place, loss.
type Found = (u32, u32, f64);

/// Binding of the number of hits.
const COUNT: usize = 5;

/// The first `count` hits in order of scenarios and places.
fn hits(places: &Content, losses: &Content, count: usize) -> Vec<Found> {
    let (places, losses) = (places.clone().whole(), losses.clone().real());
    let pairs = places.chunks_exact(2).zip(losses);
    let mut hits: Vec<Found> = pairs.take(count).map(|(p, loss)| (p[0], p[1], loss)).collect();
    hits.sort_by_key(|hit| (hit.0, hit.1));
    hits
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
        if let Err(error) = self.compare(kernel, buffers) {
            self.differences.entry(kernel.name).or_insert_with(|| error.to_string());
        }
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
