//! How fast a device moves bytes through its memory.

use std::time::Instant;

use super::Device;
use super::pool::size_class;
use crate::engine::EngineError;

/// Bytes that a launch reads, and as many that it writes, and how many launches are timed together:
/// far more than submitting them takes, and beyond any cache.
const STREAMED: (u64, u32) = (512 << 20, 32);

/// The same on a software adapter.
const STREAMED_IN_SOFTWARE: (u64, u32) = (16 << 20, 2);

/// Every invocation moves 16 bytes at a time; what is moved changes, so that nothing is compressed.
const SHADER: &str = "
@group(0) @binding(0) var<storage, read> input: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read_write> result: array<vec4<u32>>;
@compute @workgroup_size(256)
fn stream(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    for (var i = id.x; i < arrayLength(&result); i += groups.x * 256u) {
        result[i] = input[i] * 1664525u + vec4<u32>(i, 3u * i, 5u * i, 7u * i);
    }
}";

/// Workgroups of a launch: enough to fill any device.
const WORKGROUPS: u32 = 4_096;

impl Device {
    /// Bytes per second that the device moves through its memory, read and written once each: the
    /// best of some rounds of a kernel that does nothing else.
    ///
    /// # Errors
    /// The device fails.
    pub fn copy_rate(&self) -> Result<f64, EngineError> {
        let (bytes, launches) =
            if self.adapter.is_software { STREAMED_IN_SOFTWARE } else { STREAMED };
        let bytes = size_class(bytes.min(self.adapter.max_binding / 2), self.adapter.max_binding);
        let device = &self.device;
        let scope = device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("stream"),
            source: wgpu::ShaderSource::Wgsl(SHADER.into()),
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some("stream"),
            layout: None,
            module: &module,
            entry_point: Some("stream"),
            compilation_options: Default::default(),
            cache: None,
        });
        let buffers = [0, 1].map(|_| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size: bytes,
                usage: wgpu::BufferUsages::STORAGE,
                mapped_at_creation: false,
            })
        });
        let group = |from: usize| {
            let entry = |binding: u32, at: usize| wgpu::BindGroupEntry {
                binding,
                resource: buffers[at].as_entire_binding(),
            };
            device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: None,
                layout: &pipeline.get_bind_group_layout(0),
                entries: &[entry(0, from), entry(1, 1 - from)],
            })
        };
        let groups = [group(0), group(1)];
        let round = |launches: u32| -> Result<f64, EngineError> {
            let started = Instant::now();
            let mut encoder = device.create_command_encoder(&Default::default());
            let mut pass = encoder.begin_compute_pass(&Default::default());
            pass.set_pipeline(&pipeline);
            for launch in 0..launches {
                pass.set_bind_group(0, &groups[launch as usize % 2], &[]);
                pass.dispatch_workgroups(WORKGROUPS, 1, 1);
            }
            drop(pass);
            let index = self.queue.submit([encoder.finish()]);
            let wait = wgpu::PollType::Wait { submission_index: Some(index), timeout: None };
            device.poll(wait).map_err(|error| self.failed(error.to_string()))?;
            Ok(started.elapsed().as_secs_f64())
        };
        round(2)?;
        let mut best = f64::INFINITY;
        for _ in 0..3 {
            best = best.min(round(launches)?);
        }
        match pollster::block_on(scope.pop()) {
            Some(error) => Err(self.failed(error.to_string())),
            None => Ok(2.0 * f64::from(launches) * bytes as f64 / best),
        }
    }
}
