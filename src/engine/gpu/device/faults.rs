//! What a device reports of the commands of one thread.

use super::Device;
use crate::engine::EngineError;

/// Scopes that catch a device's errors.
pub struct Faults {
    /// Innermost last, as they must be popped.
    scopes: Vec<wgpu::ErrorScopeGuard>,
}

impl Faults {
    /// Catches errors from now on.
    pub fn new(device: &Device) -> Self {
        use wgpu::ErrorFilter::{Internal, OutOfMemory, Validation};
        let push = |filter| device.device.push_error_scope(filter);
        Faults { scopes: [OutOfMemory, Internal, Validation].map(push).into() }
    }

    /// What was reported since the last look; `over` says that a limit set in tests is exceeded.
    pub fn check(&mut self, device: &Device, over: Option<String>) -> Result<(), EngineError> {
        let mut found = None;
        while let Some(scope) = self.scopes.pop() {
            match pollster::block_on(scope.pop()) {
                // Validation errors follow from what could not be allocated.
                Some(error @ wgpu::Error::OutOfMemory { .. }) => {
                    found = Some((true, error.to_string()))
                }
                Some(error) => found = Some((false, error.to_string())),
                None => {}
            }
        }
        *self = Faults::new(device);
        let lost = device.lost.lock().unwrap_or_else(|p| p.into_inner()).clone();
        match (lost, over.map(|problem| (true, problem)).or(found)) {
            (Some(problem), _) => Err(device.failed(problem)),
            (None, Some((true, problem))) => {
                // What waits for its next use may be what is missing.
                device.release();
                let device = device.adapter.name.clone();
                Err(EngineError::OutOfMemory { device, scenarios: 0, problem })
            }
            (None, Some((false, problem))) => Err(device.failed(problem)),
            (None, None) => Ok(()),
        }
    }

    /// Catches nothing any more.
    pub fn close(&mut self) {
        while let Some(scope) = self.scopes.pop() {
            drop(scope);
        }
    }
}
