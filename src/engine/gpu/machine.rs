//! What a batch runs on: buffers and kernels, without saying whose.
//!
//! [`super::device`] runs the kernels on a graphics adapter, [`super::mirror`] their mirrors on the
//! processor, and [`super::checked`] both, comparing every buffer that a kernel has written.

use super::kernels::Kernel;
use super::timing::KernelTime;
use crate::engine::{EngineError, Precision};

/// A buffer of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buffer(pub usize);

/// What buffers hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
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
    /// Number of elements.
    pub fn len(&self) -> usize {
        match self {
            Content::Whole(values) => values.len(),
            Content::Real(values) => values.len(),
        }
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

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

/// Content of a buffer where it lies, to be read without a copy.
#[derive(Debug, Clone, Copy)]
pub enum View<'a> {
    /// Whole numbers of 32 bits.
    Whole(&'a [u32]),
    /// Real numbers in double precision.
    Double(&'a [f64]),
    /// Real numbers in single precision.
    Single(&'a [f32]),
}

impl<'a> View<'a> {
    /// Bytes as what they are; `None` if they are not aligned.
    pub fn of(bytes: &'a [u8], kind: Element, precision: Precision) -> Option<Self> {
        Some(match (kind, precision) {
            (Element::Whole, _) => View::Whole(bytemuck::try_cast_slice(bytes).ok()?),
            (Element::Real, Precision::F64) => View::Double(bytemuck::try_cast_slice(bytes).ok()?),
            (Element::Real, Precision::F32) => View::Single(bytemuck::try_cast_slice(bytes).ok()?),
        })
    }

    /// Nothing of a kind.
    pub fn empty(kind: Element) -> Self {
        match kind {
            Element::Whole => View::Whole(&[]),
            Element::Real => View::Double(&[]),
        }
    }

    /// Whole numbers; nothing if it holds others.
    pub fn whole(self) -> &'a [u32] {
        match self {
            View::Whole(values) => values,
            View::Double(_) | View::Single(_) => &[],
        }
    }

    /// Some real numbers; nothing if it holds others.
    pub fn real(self, range: std::ops::Range<usize>) -> Vec<f64> {
        match self {
            View::Whole(_) => Vec::new(),
            View::Double(values) => values[range].to_vec(),
            View::Single(values) => values[range].iter().map(|&v| f64::from(v)).collect(),
        }
    }

    /// One real number; 0 if it holds others.
    pub fn number(self, at: usize) -> f64 {
        match self {
            View::Whole(_) => 0.0,
            View::Double(values) => values[at],
            View::Single(values) => f64::from(values[at]),
        }
    }

    /// A copy.
    pub fn content(self) -> Content {
        match self {
            View::Whole(values) => Content::Whole(values.to_vec()),
            View::Double(values) => Content::Real(values.to_vec()),
            View::Single(values) => Content::Real(self.real(0..values.len())),
        }
    }
}

/// Runs kernels over buffers. What goes wrong on the way is reported by the next [`Machine::read`]
/// or [`Machine::wait`].
pub trait Machine {
    /// A buffer with this content; an empty one is padded to one element, which nothing reads.
    fn upload_whole(&mut self, content: &[u32]) -> Buffer {
        self.upload_wholes(&[content])
    }

    /// A buffer with this content, in the machine's precision.
    fn upload_real(&mut self, content: &[f64]) -> Buffer {
        self.upload_reals(&[content])
    }

    /// As [`Machine::upload_whole`], with these parts one after the other.
    fn upload_wholes(&mut self, parts: &[&[u32]]) -> Buffer;

    /// As [`Machine::upload_real`], with these parts one after the other.
    fn upload_reals(&mut self, parts: &[&[f64]]) -> Buffer;

    /// Room for `len` elements with no defined content.
    fn room(&mut self, kind: Element, len: usize) -> Buffer;

    /// Copies a whole buffer to another of its size.
    fn copy(&mut self, from: Buffer, to: Buffer);

    /// Sets a buffer to 0.
    fn clear(&mut self, buffer: Buffer);

    /// Runs a kernel; `buffers` are its bindings in their order.
    fn dispatch(&mut self, kernel: &'static Kernel, buffers: &[Buffer], workgroups: [u32; 2]);

    /// Runs a kernel in as many workgroups as the device has found: in the first two directions what the `nth` three
    /// numbers of `launches` say, which no workgroup of the kernel writes.
    fn dispatch_indirect(
        &mut self,
        kernel: &'static Kernel,
        buffers: &[Buffer],
        launches: (Buffer, usize),
    );

    /// Lets the device begin what was asked for so far.
    fn submit(&mut self) {}

    /// Lets `with` see the first `len` elements of buffers.
    ///
    /// # Errors
    /// The device has failed, or has no memory for what was asked before; then `with` is not called.
    fn read_with(
        &mut self,
        buffers: &[(Buffer, usize)],
        with: &mut dyn FnMut(&[View<'_>]),
    ) -> Result<(), EngineError>;

    /// The first `len` elements of buffers.
    ///
    /// # Errors
    /// As [`Machine::read_with`].
    fn read(&mut self, buffers: &[(Buffer, usize)]) -> Result<Vec<Content>, EngineError> {
        let mut contents = Vec::new();
        self.read_with(buffers, &mut |views| {
            contents = views.iter().map(|view| view.content()).collect();
        })?;
        Ok(contents)
    }

    /// What its kernels have taken by the device's own clock, if they are timed.
    ///
    /// # Errors
    /// As [`Machine::read_with`].
    fn kernel_times(&mut self) -> Result<Vec<KernelTime>, EngineError> {
        Ok(Vec::new())
    }

    /// Waits until everything asked for is done.
    ///
    /// # Errors
    /// As [`Machine::read`].
    fn wait(&mut self) -> Result<(), EngineError>;

    /// Gives a buffer back.
    fn free(&mut self, buffer: Buffer);
}
