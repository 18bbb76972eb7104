//! A machine whose kernels are the mirrors.

use std::cell::RefCell;

use super::Args;
use crate::engine::EngineError;
use crate::engine::gpu::kernels::Kernel;
use crate::engine::gpu::layout::Sizes;
use crate::engine::gpu::machine::{Buffer, Content, Element, Machine, View};

/// Buffers on the host. Buffers without content are filled with numbers that are none.
#[derive(Debug, Default)]
pub struct MirrorMachine {
    buffers: Vec<RefCell<Content>>,
}

impl MirrorMachine {
    /// A machine without buffers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Content of a buffer.
    pub fn content(&self, buffer: Buffer) -> Content {
        self.buffers[buffer.0].borrow().clone()
    }

    /// Replaces the content of a buffer.
    pub fn set(&mut self, buffer: Buffer, content: Content) {
        self.buffers[buffer.0] = RefCell::new(content);
    }

    fn keep(&mut self, content: Content) -> Buffer {
        self.buffers.push(RefCell::new(content));
        Buffer(self.buffers.len() - 1)
    }
}

impl Machine for MirrorMachine {
    fn upload_wholes(&mut self, parts: &[&[u32]]) -> Buffer {
        self.keep(Content::Whole(parts.concat()))
    }

    fn upload_reals(&mut self, parts: &[&[f64]]) -> Buffer {
        self.keep(Content::Real(parts.concat()))
    }

    fn room(&mut self, kind: Element, len: usize) -> Buffer {
        self.keep(match kind {
            Element::Whole => Content::Whole(vec![u32::MAX; len]),
            Element::Real => Content::Real(vec![f64::from_bits(u64::MAX); len]),
        })
    }

    fn copy(&mut self, from: Buffer, to: Buffer) {
        let content = self.content(from);
        *self.buffers[to.0].borrow_mut() = content;
    }

    fn clear(&mut self, buffer: Buffer) {
        match &mut *self.buffers[buffer.0].borrow_mut() {
            Content::Whole(values) => values.fill(0),
            Content::Real(values) => values.fill(0.0),
        }
    }

    fn dispatch(&mut self, kernel: &'static Kernel, buffers: &[Buffer], workgroups: [u32; 2]) {
        let sizes = self.content(buffers[0]).whole();
        (kernel.mirror)(&Args {
            sizes: Sizes::from_words(&sizes),
            // A buffer that is bound twice and written fails here, as it would on a device.
            buffers: buffers[1..].iter().map(|buffer| &self.buffers[buffer.0]).collect(),
            workgroups,
        });
    }

    fn dispatch_indirect(
        &mut self,
        kernel: &'static Kernel,
        buffers: &[Buffer],
        (launches, nth): (Buffer, usize),
    ) {
        let words = self.content(launches).whole();
        self.dispatch(kernel, buffers, [words[3 * nth], words[3 * nth + 1]]);
    }

    fn read_with(
        &mut self,
        buffers: &[(Buffer, usize)],
        with: &mut dyn FnMut(&[View<'_>]),
    ) -> Result<(), EngineError> {
        let contents: Vec<(Content, usize)> =
            buffers.iter().map(|&(buffer, len)| (self.content(buffer), len)).collect();
        with(&contents.iter().map(|(content, len)| first(content, *len)).collect::<Vec<_>>());
        Ok(())
    }

    fn wait(&mut self) -> Result<(), EngineError> {
        Ok(())
    }

    fn free(&mut self, buffer: Buffer) {
        *self.buffers[buffer.0].borrow_mut() = Content::Whole(Vec::new());
    }
}

/// The first `len` elements of a buffer.
fn first(content: &Content, len: usize) -> View<'_> {
    match content {
        Content::Whole(values) => View::Whole(&values[..len]),
        Content::Real(values) => View::Double(&values[..len]),
    }
}
