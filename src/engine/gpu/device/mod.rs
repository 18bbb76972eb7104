//! A graphics device through wgpu: the only room, with [`super::adapter`], that knows wgpu.

mod clock;
mod commands;
mod faults;
mod machine;
mod pool;
mod rate;

use std::sync::{Arc, Mutex, OnceLock};

use super::adapter::Adapter;
use super::kernels::{self, Access, Kernel};
use crate::engine::{EngineError, Precision};
pub use machine::{DeviceMachine, Resident};
use pool::Pool;

/// An open device with its kernels, compiled when they are first used.
pub struct Device {
    adapter: Adapter,
    precision: Precision,
    device: wgpu::Device,
    queue: wgpu::Queue,
    compiled: Vec<OnceLock<Compiled>>,
    lost: Arc<Mutex<Option<String>>>,
    /// Buffers of kernels, and those that results are read through.
    buffers: Pool,
    staging: Pool,
}

struct Compiled {
    pipeline: wgpu::ComputePipeline,
    layout: wgpu::BindGroupLayout,
}

impl Device {
    /// Opens an adapter.
    pub(super) fn open(
        adapter: Adapter,
        handle: &wgpu::Adapter,
        precision: Precision,
    ) -> Result<Self, EngineError> {
        let double = match precision {
            Precision::F64 => wgpu::Features::SHADER_F64,
            Precision::F32 => wgpu::Features::empty(),
        };
        let features = double | (handle.features() & wgpu::Features::TIMESTAMP_QUERY);
        let descriptor = wgpu::DeviceDescriptor {
            required_features: features,
            // The defaults are the least that any browser has: too few storage buffers.
            required_limits: wgpu::Limits {
                max_storage_buffer_binding_size: adapter.max_binding,
                max_storage_buffers_per_shader_stage: adapter.storage_buffers,
                ..handle.limits()
            },
            ..Default::default()
        };
        let failed =
            |problem: String| EngineError::Device { device: adapter.name.clone(), problem };
        let needed = kernels::ALL.iter().map(|k| k.bindings.len() as u32 - 1).max().unwrap_or(0);
        if adapter.storage_buffers < needed {
            return Err(EngineError::Unfit(format!(
                "{} offers {} storage buffers; {needed} are needed",
                adapter.name, adapter.storage_buffers
            )));
        }
        let (device, queue) = pollster::block_on(handle.request_device(&descriptor))
            .map_err(|error| failed(error.to_string()))?;
        let lost = Arc::new(Mutex::new(None));
        let told = Arc::clone(&lost);
        device.set_device_lost_callback(move |reason, message| {
            let text = format!("device lost ({reason:?}) {message}");
            told.lock().unwrap_or_else(|p| p.into_inner()).get_or_insert(text);
        });
        let compiled = kernels::ALL.iter().map(|_| OnceLock::new()).collect();
        Ok(Device {
            adapter,
            precision,
            device,
            queue,
            compiled,
            lost,
            buffers: Pool::default(),
            staging: Pool::default(),
        })
    }

    /// The adapter.
    pub fn adapter(&self) -> &Adapter {
        &self.adapter
    }

    /// Arithmetic of its kernels.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Bytes of a real number.
    pub fn real_bytes(&self) -> u64 {
        match self.precision {
            Precision::F64 => 8,
            Precision::F32 => 4,
        }
    }

    /// Gives the memory of all buffers that wait for their next use back to the device.
    pub fn release(&self) {
        self.buffers.clear();
        self.staging.clear();
    }

    /// Loses the device, as if it were unplugged: for tests of what follows.
    pub fn destroy(&self) {
        self.device.destroy();
    }

    fn failed(&self, problem: impl Into<String>) -> EngineError {
        EngineError::Device { device: self.adapter.name.clone(), problem: problem.into() }
    }

    fn compiled(&self, kernel: &'static Kernel) -> &Compiled {
        let at = kernels::ALL.iter().position(|k| std::ptr::eq(*k, kernel));
        let at = at.expect("every kernel is in the list of all");
        self.compiled[at].get_or_init(|| self.compile(kernel))
    }

    fn compile(&self, kernel: &Kernel) -> Compiled {
        let module = self.device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(kernel.file),
            source: wgpu::ShaderSource::Wgsl(kernel.text(self.precision == Precision::F64).into()),
        });
        let entries: Vec<wgpu::BindGroupLayoutEntry> = (0u32..)
            .zip(kernel.bindings)
            .map(|(binding, of)| wgpu::BindGroupLayoutEntry {
                binding,
                visibility: wgpu::ShaderStages::COMPUTE,
                ty: wgpu::BindingType::Buffer {
                    ty: match of.access {
                        Access::Sizes => wgpu::BufferBindingType::Uniform,
                        Access::Read => wgpu::BufferBindingType::Storage { read_only: true },
                        Access::Write => wgpu::BufferBindingType::Storage { read_only: false },
                    },
                    has_dynamic_offset: false,
                    min_binding_size: None,
                },
                count: None,
            })
            .collect();
        let layout = self.device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some(kernel.name),
            entries: &entries,
        });
        let pipeline_layout = self.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(kernel.name),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let pipeline = self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(kernel.name),
            layout: Some(&pipeline_layout),
            module: &module,
            entry_point: Some(kernel.name),
            // Every kernel writes the workgroup's memory before it reads it.
            compilation_options: wgpu::PipelineCompilationOptions {
                zero_initialize_workgroup_memory: false,
                ..Default::default()
            },
            cache: None,
        });
        Compiled { pipeline, layout }
    }
}
