//! Graphics adapters: which there are, and which one is used.

use super::device::Device;
use crate::engine::EngineError;

/// An adapter of this machine.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Adapter {
    /// Number, as `--device` takes it.
    pub index: usize,
    /// Name, as the driver gives it.
    pub name: String,
    /// Discrete, integrated or virtual GPU, or software.
    pub kind: &'static str,
    /// Interface it is reached by.
    pub backend: String,
    /// Driver and its version.
    pub driver: String,
    /// Whether it computes in f64.
    pub has_double: bool,
    /// Whether it is a program on the processor.
    pub is_software: bool,
    /// Largest buffer, bytes.
    pub max_buffer: u64,
    /// Largest part of a buffer that a kernel may use, bytes.
    pub max_binding: u64,
    /// Storage buffers that a kernel may use.
    pub storage_buffers: u32,
    /// Memory of a workgroup, bytes.
    pub workgroup_memory: u32,
    /// Whether device times can be taken.
    pub has_timestamps: bool,
}

/// How an adapter is chosen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeviceChoice {
    /// Number or (part of the) name; the best GPU without it.
    pub device: Option<String>,
    /// Whether a software adapter may be used though nobody named it.
    pub allow_software: bool,
    /// Arithmetic; without it f64, or f32 on an adapter without f64.
    pub precision: Option<crate::engine::Precision>,
}

/// Limits of a device below what its adapter offers, for tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Largest part of a buffer that a kernel may use, bytes.
    pub max_binding: Option<u64>,
    /// Storage buffers that a kernel may use.
    pub storage_buffers: Option<u32>,
}

#[cfg(feature = "gpu")]
fn instance() -> wgpu::Instance {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle_from_env();
    // A launch whose size the device has found would be checked by a launch of its own; `reckon` keeps them small.
    descriptor.flags.remove(wgpu::InstanceFlags::VALIDATION_INDIRECT_CALL);
    wgpu::Instance::new(descriptor)
}

#[cfg(feature = "gpu")]
fn describe(index: usize, adapter: &wgpu::Adapter) -> Adapter {
    let (info, limits, features) = (adapter.get_info(), adapter.limits(), adapter.features());
    let kind = match info.device_type {
        wgpu::DeviceType::DiscreteGpu => "discrete GPU",
        wgpu::DeviceType::IntegratedGpu => "integrated GPU",
        wgpu::DeviceType::VirtualGpu => "virtual GPU",
        wgpu::DeviceType::Cpu => "software",
        wgpu::DeviceType::Other => "other",
    };
    Adapter {
        index,
        name: info.name.clone(),
        kind,
        backend: info.backend.to_string(),
        driver: format!("{} {}", info.driver, info.driver_info).trim().to_string(),
        has_double: features.contains(wgpu::Features::SHADER_F64),
        is_software: info.device_type == wgpu::DeviceType::Cpu,
        max_buffer: limits.max_buffer_size,
        max_binding: limits.max_storage_buffer_binding_size,
        storage_buffers: limits.max_storage_buffers_per_shader_stage,
        workgroup_memory: limits.max_compute_workgroup_storage_size,
        has_timestamps: features.contains(wgpu::Features::TIMESTAMP_QUERY),
    }
}

#[cfg(feature = "gpu")]
fn enumerate() -> Vec<(Adapter, wgpu::Adapter)> {
    let mut adapters: Vec<wgpu::Adapter> =
        pollster::block_on(instance().enumerate_adapters(wgpu::Backends::all()));
    // Real devices first; drivers' order within.
    adapters.sort_by_key(|adapter| match adapter.get_info().device_type {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::IntegratedGpu => 1,
        wgpu::DeviceType::VirtualGpu => 2,
        wgpu::DeviceType::Other => 3,
        wgpu::DeviceType::Cpu => 4,
    });
    let described = |(index, adapter): (usize, wgpu::Adapter)| (describe(index, &adapter), adapter);
    adapters.into_iter().enumerate().map(described).collect()
}

/// The adapters of this machine, GPUs first.
#[cfg(feature = "gpu")]
pub fn adapters() -> Vec<Adapter> {
    enumerate().into_iter().map(|(adapter, _)| adapter).collect()
}

/// The adapters that this build can use: none.
#[cfg(not(feature = "gpu"))]
pub fn adapters() -> Vec<Adapter> {
    Vec::new()
}

fn names(adapters: &[Adapter]) -> String {
    let name = |a: &Adapter| format!("{} {} ({}, {})", a.index, a.name, a.kind, a.backend);
    match adapters {
        [] => "none".to_string(),
        some => some.iter().map(name).collect::<Vec<_>>().join("; "),
    }
}

/// Which of `adapters` a choice means.
///
/// # Errors
/// None is as asked for, or none may be used.
pub fn choose(adapters: &[Adapter], choice: &DeviceChoice) -> Result<usize, EngineError> {
    if let Some(asked) = &choice.device {
        let wanted = asked.trim().to_lowercase();
        let by_number = wanted.parse::<usize>().ok().filter(|&index| index < adapters.len());
        let exact = || adapters.iter().position(|a| a.name.to_lowercase() == wanted);
        let part = || adapters.iter().position(|a| a.name.to_lowercase().contains(&wanted));
        return by_number
            .or_else(exact)
            .or_else(|| if wanted.is_empty() { None } else { part() })
            .ok_or_else(|| EngineError::NoSuchAdapter {
                asked: asked.clone(),
                known: names(adapters),
            });
    }
    let may_be_used = |a: &&Adapter| choice.allow_software || !a.is_software;
    // Of like adapters the one with f64, unless f32 is asked for.
    let usable = || adapters.iter().filter(may_be_used);
    let best = match choice.precision {
        Some(crate::engine::Precision::F32) => usable().next(),
        _ => usable().find(|a| a.has_double).or_else(|| usable().next()),
    };
    best.map(|a| a.index).ok_or_else(|| EngineError::NoAdapter { known: names(adapters) })
}

/// Opens the adapter that a choice means.
///
/// # Errors
/// As [`choose`]; the adapter cannot compute as asked for, or does not open.
#[cfg(feature = "gpu")]
pub fn open(choice: &DeviceChoice) -> Result<Device, EngineError> {
    open_limited(choice, Limits::default())
}

/// As [`open`], as if the adapter were smaller.
///
/// # Errors
/// As [`open`].
#[cfg(feature = "gpu")]
pub fn open_limited(choice: &DeviceChoice, limits: Limits) -> Result<Device, EngineError> {
    use crate::engine::Precision;
    let mut all = enumerate();
    let described: Vec<Adapter> = all.iter().map(|(adapter, _)| adapter.clone()).collect();
    let (mut adapter, handle) = all.swap_remove(choose(&described, choice)?);
    adapter.max_binding = limits.max_binding.unwrap_or(adapter.max_binding);
    adapter.storage_buffers = limits.storage_buffers.unwrap_or(adapter.storage_buffers);
    let precision = match choice.precision {
        Some(Precision::F64) if !adapter.has_double => {
            return Err(EngineError::NoDouble { adapter: adapter.name });
        }
        Some(precision) => precision,
        None if adapter.has_double => Precision::F64,
        None => Precision::F32,
    };
    Device::open(adapter, &handle, precision)
}

/// Opens nothing.
///
/// # Errors
/// Always: this build cannot.
#[cfg(not(feature = "gpu"))]
pub fn open(_choice: &DeviceChoice) -> Result<Device, EngineError> {
    Err(EngineError::NotBuilt)
}

/// Opens nothing.
///
/// # Errors
/// Always: this build cannot.
#[cfg(not(feature = "gpu"))]
pub fn open_limited(_choice: &DeviceChoice, _limits: Limits) -> Result<Device, EngineError> {
    Err(EngineError::NotBuilt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Precision;

    fn adapter(index: usize, name: &str, is_software: bool, has_double: bool) -> Adapter {
        Adapter {
            index,
            name: name.to_string(),
            kind: if is_software { "software" } else { "discrete GPU" },
            backend: "vulkan".to_string(),
            driver: String::new(),
            has_double,
            is_software,
            max_buffer: 1 << 30,
            max_binding: 1 << 27,
            storage_buffers: 32,
            workgroup_memory: 32_768,
            has_timestamps: true,
        }
    }

    #[test]
    fn adapters_are_chosen_by_number_name_and_kind() {
        let all = [
            adapter(0, "Small GPU", false, false),
            adapter(1, "NVIDIA H100", false, true),
            adapter(2, "llvmpipe (LLVM)", true, true),
        ];
        let choose_of = |device: Option<&str>, allow_software, precision, of: &[Adapter]| {
            let device = device.map(str::to_string);
            choose(of, &DeviceChoice { device, allow_software, precision })
        };
        assert_eq!(choose_of(None, false, None, &all), Ok(1), "with f64");
        assert_eq!(choose_of(None, false, Some(Precision::F32), &all), Ok(0));
        assert_eq!(choose_of(Some("h100"), false, None, &all), Ok(1));
        assert_eq!(choose_of(Some("0"), false, None, &all), Ok(0));
        assert_eq!(choose_of(Some("llvmpipe"), false, None, &all), Ok(2), "named: asked for");
        let error = choose_of(Some("h200"), true, None, &all).unwrap_err().to_string();
        assert!(error.contains("`h200`") && error.contains("1 NVIDIA H100"), "{error}");
        let software = &all[2..];
        let error = choose_of(None, false, None, software).unwrap_err().to_string();
        assert!(error.contains("llvmpipe") && error.contains("allow_software"), "{error}");
        let error = choose_of(None, true, None, &[]).unwrap_err().to_string();
        assert!(error.contains("adapters: none"), "{error}");
        let allowed = [adapter(0, "llvmpipe (LLVM)", true, true)];
        assert_eq!(choose_of(None, true, None, &allowed), Ok(0));
    }
}
