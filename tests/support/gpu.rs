//! The device that tests of the gpu engine run on: any adapter, software too.

use std::sync::{Arc, OnceLock};

use shocksweep::low_level::dataset::Dataset;
use shocksweep::low_level::engine::cpu::CpuEngine;
use shocksweep::low_level::engine::gpu::adapter::{self, DeviceChoice};
use shocksweep::low_level::engine::gpu::device::Device;
use shocksweep::low_level::engine::gpu::{GpuEngine, GpuOptions};
use shocksweep::low_level::engine::{Engine, Precision};

use crate::common::skip::{note, skip};

/// Switches the tests that need an adapter off.
pub const SWITCH: &str = "SHOCKSWEEP_NO_GPU";

/// Names the adapter that tests use; without it the best one, be it software.
pub const DEVICE: &str = "SHOCKSWEEP_TEST_DEVICE";

fn open(precision: Precision) -> Option<Arc<Device>> {
    if std::env::var_os(SWITCH).is_some_and(|value| value == "1") {
        note(format_args!("without a graphics adapter, because {SWITCH}=1"));
        return None;
    }
    let device = std::env::var(DEVICE).ok();
    let choice = DeviceChoice { device, allow_software: true, precision: Some(precision) };
    match adapter::open(&choice) {
        Ok(device) => Some(Arc::new(device)),
        Err(error) => panic!(
            "{error}\nTests of the gpu engine need an adapter: tests/run.sh installs a software one \
             on Debian and Ubuntu (mesa-vulkan-drivers); {SWITCH}=1 switches them off."
        ),
    }
}

fn double_device() -> Option<Arc<Device>> {
    static DEVICE: OnceLock<Option<Arc<Device>>> = OnceLock::new();
    DEVICE.get_or_init(|| open(Precision::F64)).clone()
}

fn or_skip(device: Option<Arc<Device>>) -> Option<Arc<Device>> {
    if device.is_none() {
        skip("it needs a graphics adapter");
    }
    device
}

/// The device in f64, one for all tests of a program; `None` where they are switched off, and the
/// test that asked is skipped.
pub fn device() -> Option<Arc<Device>> {
    or_skip(double_device())
}

/// The device in f32.
pub fn single_device() -> Option<Arc<Device>> {
    static DEVICE: OnceLock<Option<Arc<Device>>> = OnceLock::new();
    or_skip(DEVICE.get_or_init(|| open(Precision::F32)).clone())
}

/// The gpu engine, its buffers poisoned; `None` where tests of it are switched off.
pub fn engine(dataset: &Dataset, steps: usize) -> Option<GpuEngine> {
    let options = GpuOptions { poison: true, ..GpuOptions::default() };
    Some(GpuEngine::new(double_device()?, dataset, steps, options).expect("a small world fits"))
}

/// The fast engines: the one on the processor and, unless tests of it are switched off, the one on a
/// graphics device.
pub fn fast_engines(dataset: &Dataset, steps: usize) -> Vec<Box<dyn Engine>> {
    let mut engines: Vec<Box<dyn Engine>> = vec![Box::new(CpuEngine::new(dataset, steps))];
    if let Some(gpu) = engine(dataset, steps) {
        engines.push(Box::new(gpu));
    }
    engines
}
