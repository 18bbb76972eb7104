//! Stands in for [`super::device`] in builds without the feature `gpu`: no device can be opened, so
//! nothing here can ever be called, and nobody else needs to know of the feature.

use std::marker::PhantomData;

use super::adapter::Adapter;
use super::kernels::Kernel;
use super::machine::{Buffer, Element, Machine, View};
use crate::engine::{EngineError, Precision};

/// An open device: there is none.
pub enum Device {}

impl Device {
    /// The adapter.
    pub fn adapter(&self) -> &Adapter {
        match *self {}
    }

    /// Arithmetic of its kernels.
    pub fn precision(&self) -> Precision {
        match *self {}
    }

    /// Bytes of a real number.
    pub fn real_bytes(&self) -> u64 {
        match *self {}
    }

    /// Loses the device.
    pub fn destroy(&self) {
        match *self {}
    }

    /// Bytes per second that it copies.
    ///
    /// # Errors
    /// Never.
    pub fn copy_rate(&self) -> Result<f64, EngineError> {
        match *self {}
    }
}

enum Never {}

/// Buffers of a device: there are none.
#[derive(Clone, Default)]
pub struct Resident;

/// Buffers and commands of one thread on a device: there are none.
pub struct DeviceMachine<'a> {
    never: Never,
    of: PhantomData<&'a Device>,
}

impl<'a> DeviceMachine<'a> {
    /// A machine with the buffers of others.
    pub fn new(device: &'a Device, _resident: &[&Resident]) -> Self {
        match *device {}
    }

    /// Fills buffers without content with numbers that are none.
    pub fn with_poison(self, _poison: bool) -> Self {
        self
    }

    /// Behaves as if the device had this much memory, bytes.
    pub fn with_limit(self, _limit: u64) -> Self {
        self
    }

    /// Times its kernels.
    pub fn with_clock(self, _timed: bool) -> Self {
        self
    }

    /// Its buffers, for other machines.
    ///
    /// # Errors
    /// Never.
    pub fn into_resident(self) -> Result<Resident, EngineError> {
        match self.never {}
    }
}

impl Machine for DeviceMachine<'_> {
    fn upload_wholes(&mut self, _parts: &[&[u32]]) -> Buffer {
        match self.never {}
    }

    fn upload_reals(&mut self, _parts: &[&[f64]]) -> Buffer {
        match self.never {}
    }

    fn room(&mut self, _kind: Element, _len: usize) -> Buffer {
        match self.never {}
    }

    fn copy(&mut self, _from: Buffer, _to: Buffer) {
        match self.never {}
    }

    fn clear(&mut self, _buffer: Buffer) {
        match self.never {}
    }

    fn dispatch(&mut self, _kernel: &'static Kernel, _buffers: &[Buffer], _workgroups: [u32; 2]) {
        match self.never {}
    }

    fn dispatch_indirect(
        &mut self,
        _kernel: &'static Kernel,
        _buffers: &[Buffer],
        _launches: (Buffer, usize),
    ) {
        match self.never {}
    }

    fn read_with(
        &mut self,
        _buffers: &[(Buffer, usize)],
        _with: &mut dyn FnMut(&[View<'_>]),
    ) -> Result<(), EngineError> {
        match self.never {}
    }

    fn wait(&mut self) -> Result<(), EngineError> {
        match self.never {}
    }

    fn free(&mut self, _buffer: Buffer) {
        match self.never {}
    }
}
