//! What a batch runs on: buffers and kernels, without saying whose.
//!
//! [`super::device`] runs the kernels on a graphics adapter, [`super::mirror`] their mirrors on the
//! processor, and [`super::checked`] both, comparing every buffer that a kernel has written.

use super::kernels::Kernel;
use crate::engine::EngineError;

/// A buffer of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buffer(pub usize);

/// What buffers hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Whole numbers of 32 bits.
    Whole,
    /// Numbers in the machine's precision.
    Real,
}

/// Content of a buffer on the host; real numbers always in f64.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Whole numbers of 32 bits.
    Whole(Vec<u32>),
    /// Real numbers.
    Real(Vec<f64>),
}

impl Content {
    /// Whole numbers; nothing if it holds others.
    pub fn whole(self) -> Vec<u32> {
        match self {
            Content::Whole(values) => values,
            Content::Real(_) => Vec::new(),
        }
    }

    /// Real numbers; nothing if it holds others.
    pub fn real(self) -> Vec<f64> {
        match self {
            Content::Real(values) => values,
            Content::Whole(_) => Vec::new(),
        }
    }
}

/// Runs kernels over buffers. What goes wrong on the way is reported by the next [`Machine::read`]
/// or [`Machine::wait`].
pub trait Machine {
    /// A buffer with this content; an empty one is padded to one element, which nothing reads.
    fn upload_whole(&mut self, content: &[u32]) -> Buffer;

    /// A buffer with this content, in the machine's precision.
    fn upload_real(&mut self, content: &[f64]) -> Buffer;

    /// Room for `len` elements with no defined content.
    fn room(&mut self, kind: Kind, len: usize) -> Buffer;

    /// Copies a whole buffer to another of its size.
    fn copy(&mut self, from: Buffer, to: Buffer);

    /// Sets a buffer to 0.
    fn clear(&mut self, buffer: Buffer);

    /// Runs a kernel; `buffers` are its bindings in their order.
    fn dispatch(&mut self, kernel: &'static Kernel, buffers: &[Buffer], workgroups: [u32; 2]);

    /// The first `len` elements of buffers.
    ///
    /// # Errors
    /// The device has failed, or has no memory for what was asked before.
    fn read(&mut self, buffers: &[(Buffer, usize)]) -> Result<Vec<Content>, EngineError>;

    /// Waits until everything asked for is done.
    ///
    /// # Errors
    /// As [`Machine::read`].
    fn wait(&mut self) -> Result<(), EngineError>;

    /// Gives a buffer back.
    fn free(&mut self, buffer: Buffer);
}
