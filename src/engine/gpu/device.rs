//! A graphics device through wgpu: the only file, with [`super::adapter`], that knows wgpu.

use std::sync::{Arc, Mutex, OnceLock};

use super::adapter::Adapter;
use super::kernels::{self, Access, Kernel};
use super::machine::{Buffer, Content, Kind, Machine};
use crate::engine::{EngineError, Precision};

/// An open device with its kernels, compiled when they are first used.
pub struct Device {
    adapter: Adapter,
    precision: Precision,
    device: wgpu::Device,
    queue: wgpu::Queue,
    compiled: Vec<OnceLock<Compiled>>,
    lost: Arc<Mutex<Option<String>>>,
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
        let features = match precision {
            Precision::F64 => wgpu::Features::SHADER_F64,
            Precision::F32 => wgpu::Features::empty(),
        };
        let descriptor = wgpu::DeviceDescriptor {
            required_features: features,
            // The defaults are the least that any browser has: too few storage buffers.
            required_limits: handle.limits(),
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
        Ok(Device { adapter, precision, device, queue, compiled, lost })
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

    /// Bytes per second that the device copies within its memory, read and written once each: of
    /// the best of some copies of 64 MiB.
    ///
    /// # Errors
    /// The device fails.
    pub fn copy_rate(&self) -> Result<f64, EngineError> {
        let bytes: u64 = 64 << 20;
        let mut machine = DeviceMachine::new(self, &[]);
        let length = (bytes / self.real_bytes()) as usize;
        let (from, to) = (machine.room(Kind::Real, length), machine.room(Kind::Real, length));
        machine.clear(from);
        machine.clear(to);
        machine.wait()?;
        let mut best = f64::INFINITY;
        for _ in 0..5 {
            let started = std::time::Instant::now();
            for _ in 0..8 {
                machine.copy(from, to);
            }
            machine.wait()?;
            best = best.min(started.elapsed().as_secs_f64());
        }
        Ok(2.0 * 8.0 * bytes as f64 / best)
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
            compilation_options: Default::default(),
            cache: None,
        });
        Compiled { pipeline, layout }
    }
}

/// Buffers that outlive the machine that made them, to be used by others.
#[derive(Clone, Default)]
pub struct Resident(Vec<Option<(wgpu::Buffer, Kind)>>);

/// Buffers and commands of one thread on a device.
pub struct DeviceMachine<'a> {
    device: &'a Device,
    buffers: Vec<Option<(wgpu::Buffer, Kind)>>,
    encoder: Option<wgpu::CommandEncoder>,
    /// Innermost last, as they must be popped.
    scopes: Vec<wgpu::ErrorScopeGuard>,
    /// What buffers without content are filled with, in tests.
    poison: bool,
    /// Bytes that it may have at once, in tests.
    limit: u64,
    used: u64,
    is_over_limit: bool,
}

const USAGES: wgpu::BufferUsages = wgpu::BufferUsages::STORAGE
    .union(wgpu::BufferUsages::UNIFORM)
    .union(wgpu::BufferUsages::COPY_SRC)
    .union(wgpu::BufferUsages::COPY_DST);

impl<'a> DeviceMachine<'a> {
    /// A machine with the buffers of others.
    pub fn new(device: &'a Device, resident: &[&Resident]) -> Self {
        let mut machine = DeviceMachine {
            device,
            buffers: resident.iter().flat_map(|r| r.0.iter().cloned()).collect(),
            encoder: None,
            scopes: Vec::new(),
            poison: false,
            limit: u64::MAX,
            used: 0,
            is_over_limit: false,
        };
        machine.push_scopes();
        machine
    }

    /// Fills buffers without content with numbers that are none.
    pub fn with_poison(mut self, poison: bool) -> Self {
        self.poison = poison;
        self
    }

    /// Behaves as if the device had this much memory, bytes.
    pub fn with_limit(mut self, limit: u64) -> Self {
        self.limit = limit;
        self
    }

    /// Its buffers, for other machines.
    ///
    /// # Errors
    /// The device has no memory for them.
    pub fn into_resident(mut self) -> Result<Resident, EngineError> {
        self.wait()?;
        Ok(Resident(std::mem::take(&mut self.buffers)))
    }

    fn push_scopes(&mut self) {
        use wgpu::ErrorFilter::{Internal, OutOfMemory, Validation};
        let push = |filter| self.device.device.push_error_scope(filter);
        self.scopes = [OutOfMemory, Internal, Validation].map(push).into();
    }

    /// What the device has reported since the last look.
    fn check(&mut self) -> Result<(), EngineError> {
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
        self.push_scopes();
        let device = self.device.adapter.name.clone();
        let lost = self.device.lost.lock().unwrap_or_else(|p| p.into_inner()).clone();
        if std::mem::take(&mut self.is_over_limit) {
            found = Some((true, format!("more than the limit of {} bytes", self.limit)));
        }
        match (lost, found) {
            (Some(problem), _) => Err(EngineError::Device { device, problem }),
            (None, Some((true, problem))) => {
                Err(EngineError::OutOfMemory { device, scenarios: 0, problem })
            }
            (None, Some((false, problem))) => Err(EngineError::Device { device, problem }),
            (None, None) => Ok(()),
        }
    }

    fn encoder(&mut self) -> &mut wgpu::CommandEncoder {
        let device = &self.device.device;
        self.encoder.get_or_insert_with(|| device.create_command_encoder(&Default::default()))
    }

    /// Submits what was asked for and waits for it.
    fn finish(&mut self) -> Result<(), EngineError> {
        let commands = self.encoder.take().map(wgpu::CommandEncoder::finish);
        let index = self.device.queue.submit(commands);
        let wait = wgpu::PollType::Wait { submission_index: Some(index), timeout: None };
        let polled = self.device.device.poll(wait);
        self.check()?;
        let failed = |problem: String| EngineError::Device {
            device: self.device.adapter.name.clone(),
            problem,
        };
        polled.map(drop).map_err(|error| failed(error.to_string()))
    }

    fn buffer(&self, buffer: Buffer) -> &(wgpu::Buffer, Kind) {
        self.buffers[buffer.0].as_ref().expect("a buffer that was not given back")
    }

    fn element_bytes(&self, kind: Kind) -> u64 {
        match kind {
            Kind::Whole => 4,
            Kind::Real => self.device.real_bytes(),
        }
    }

    fn keep(&mut self, buffer: wgpu::Buffer, kind: Kind) -> Buffer {
        let free = self.buffers.iter().position(Option::is_none);
        let at = free.unwrap_or_else(|| {
            self.buffers.push(None);
            self.buffers.len() - 1
        });
        self.buffers[at] = Some((buffer, kind));
        Buffer(at)
    }

    /// A buffer of at least one element; `None` in tests that have less memory.
    fn create(&mut self, bytes: u64, mapped: bool) -> wgpu::Buffer {
        // Pairs and quads are read whole.
        let mut size = bytes.max(16).next_multiple_of(8);
        self.used += size;
        if self.used > self.limit {
            self.is_over_limit = true;
            size = 16;
        }
        self.device.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size,
            usage: USAGES,
            mapped_at_creation: mapped,
        })
    }

    fn upload(&mut self, bytes: &[u8], kind: Kind) -> Buffer {
        let buffer = self.create(bytes.len() as u64, true);
        let fits = bytes.len() as u64 <= buffer.size();
        if let Ok(mut view) = buffer.get_mapped_range_mut(..)
            && fits
            && !bytes.is_empty()
        {
            view.slice(..bytes.len()).copy_from_slice(bytes);
        }
        buffer.unmap();
        self.keep(buffer, kind)
    }
}

impl Drop for DeviceMachine<'_> {
    fn drop(&mut self) {
        while let Some(scope) = self.scopes.pop() {
            drop(scope);
        }
    }
}

impl Machine for DeviceMachine<'_> {
    fn upload_whole(&mut self, content: &[u32]) -> Buffer {
        self.upload(bytemuck::cast_slice(content), Kind::Whole)
    }

    fn upload_real(&mut self, content: &[f64]) -> Buffer {
        match self.device.precision {
            Precision::F64 => self.upload(bytemuck::cast_slice(content), Kind::Real),
            Precision::F32 => {
                let single: Vec<f32> = content.iter().map(|&value| value as f32).collect();
                self.upload(bytemuck::cast_slice(&single), Kind::Real)
            }
        }
    }

    fn room(&mut self, kind: Kind, len: usize) -> Buffer {
        let bytes = len as u64 * self.element_bytes(kind);
        if self.poison {
            let bytes = vec![0xff; bytes.max(16).next_multiple_of(8) as usize];
            return self.upload(&bytes, kind);
        }
        let buffer = self.create(bytes, false);
        self.keep(buffer, kind)
    }

    fn copy(&mut self, from: Buffer, to: Buffer) {
        let (source, target) = (self.buffer(from).0.clone(), self.buffer(to).0.clone());
        let size = source.size().min(target.size());
        self.encoder().copy_buffer_to_buffer(&source, 0, &target, 0, size);
    }

    fn clear(&mut self, buffer: Buffer) {
        let target = self.buffer(buffer).0.clone();
        self.encoder().clear_buffer(&target, 0, None);
    }

    fn dispatch(&mut self, kernel: &'static Kernel, buffers: &[Buffer], workgroups: [u32; 2]) {
        let compiled = self.device.compiled(kernel);
        assert_eq!(buffers.len(), kernel.bindings.len(), "bindings of {}", kernel.name);
        let entries: Vec<wgpu::BindGroupEntry<'_>> = (0u32..)
            .zip(buffers)
            .map(|(binding, &buffer)| wgpu::BindGroupEntry {
                binding,
                resource: self.buffer(buffer).0.as_entire_binding(),
            })
            .collect();
        let group = self.device.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(kernel.name),
            layout: &compiled.layout,
            entries: &entries,
        });
        let mut pass = self.encoder().begin_compute_pass(&Default::default());
        pass.set_pipeline(&compiled.pipeline);
        pass.set_bind_group(0, &group, &[]);
        pass.dispatch_workgroups(workgroups[0], workgroups[1], 1);
    }

    fn read(&mut self, buffers: &[(Buffer, usize)]) -> Result<Vec<Content>, EngineError> {
        let parts: Vec<(wgpu::Buffer, Kind, u64, usize)> = buffers
            .iter()
            .map(|&(buffer, len)| {
                let (handle, kind) = self.buffer(buffer).clone();
                (handle, kind, len as u64 * self.element_bytes(kind), len)
            })
            .collect();
        let total: u64 = parts.iter().map(|part| part.2.next_multiple_of(8)).sum();
        if total == 0 {
            self.finish()?;
            let empty = |part: &(wgpu::Buffer, Kind, u64, usize)| match part.1 {
                Kind::Whole => Content::Whole(Vec::new()),
                Kind::Real => Content::Real(Vec::new()),
            };
            return Ok(parts.iter().map(empty).collect());
        }
        let staging = self.device.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("read"),
            size: total,
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let mut offset = 0;
        for (handle, _, bytes, _) in parts.iter().filter(|part| part.2 > 0) {
            // Kernels' buffers are whole multiples of 8 bytes, of which a copy takes whole 4.
            self.encoder().copy_buffer_to_buffer(handle, 0, &staging, offset, *bytes);
            offset += bytes.next_multiple_of(8);
        }
        let commands = self.encoder.take().map(wgpu::CommandEncoder::finish);
        let index = self.device.queue.submit(commands);
        staging.map_async(wgpu::MapMode::Read, .., |_| {});
        let wait = wgpu::PollType::Wait { submission_index: Some(index), timeout: None };
        let polled = self.device.device.poll(wait);
        self.check()?;
        let device = self.device.adapter.name.clone();
        if let Err(error) = polled {
            return Err(EngineError::Device { device, problem: error.to_string() });
        }
        let view = staging
            .get_mapped_range(..)
            .map_err(|_| EngineError::Device { device, problem: "unreadable results".into() })?;
        let mut offset = 0;
        let mut contents = Vec::with_capacity(parts.len());
        for (_, kind, bytes, _) in &parts {
            let of = &view[offset as usize..(offset + bytes) as usize];
            contents.push(match (kind, self.device.precision) {
                (Kind::Whole, _) => Content::Whole(bytemuck::pod_collect_to_vec(of)),
                (Kind::Real, Precision::F64) => Content::Real(bytemuck::pod_collect_to_vec(of)),
                (Kind::Real, Precision::F32) => {
                    let single: Vec<f32> = bytemuck::pod_collect_to_vec(of);
                    Content::Real(single.into_iter().map(f64::from).collect())
                }
            });
            offset += bytes.next_multiple_of(8);
        }
        drop(view);
        staging.unmap();
        Ok(contents)
    }

    fn wait(&mut self) -> Result<(), EngineError> {
        self.finish()
    }

    fn free(&mut self, buffer: Buffer) {
        if let Some((handle, _)) = self.buffers[buffer.0].take() {
            self.used = self.used.saturating_sub(handle.size());
        }
    }
}
