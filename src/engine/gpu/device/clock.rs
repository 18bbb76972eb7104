//! How long kernels take on the device, by its own clock.

use super::Device;
use crate::engine::gpu::timing::KernelTime;

/// Dispatches that are timed at most: a query set holds two stamps of each.
const DISPATCHES: u32 = 2_048;

/// Stamps of the dispatches of one machine.
pub struct Clock {
    queries: wgpu::QuerySet,
    kernels: Vec<&'static str>,
}

impl Clock {
    /// A clock; `None` on a device without stamps.
    pub fn new(device: &Device) -> Option<Self> {
        device.device.features().contains(wgpu::Features::TIMESTAMP_QUERY).then(|| Clock {
            queries: device.device.create_query_set(&wgpu::QuerySetDescriptor {
                label: Some("kernels"),
                ty: wgpu::QueryType::Timestamp,
                count: 2 * DISPATCHES,
            }),
            kernels: Vec::new(),
        })
    }

    /// Where the next dispatch leaves its stamps; `None` when there is no room left.
    pub fn next(&mut self, kernel: &'static str) -> Option<wgpu::ComputePassTimestampWrites<'_>> {
        let at = 2 * self.kernels.len() as u32;
        if at >= 2 * DISPATCHES {
            return None;
        }
        self.kernels.push(kernel);
        Some(wgpu::ComputePassTimestampWrites {
            query_set: &self.queries,
            beginning_of_pass_write_index: Some(at),
            end_of_pass_write_index: Some(at + 1),
        })
    }

    /// Brings the stamps to a buffer; their number.
    pub fn resolve(&self, encoder: &mut wgpu::CommandEncoder, to: &wgpu::Buffer) -> usize {
        let stamps = 2 * self.kernels.len() as u32;
        if stamps > 0 {
            encoder.resolve_query_set(&self.queries, 0..stamps, to, 0);
        }
        stamps as usize
    }

    /// Bytes that all stamps take.
    pub fn bytes() -> u64 {
        16 * u64::from(DISPATCHES)
    }

    /// Times by kernel from stamps; `period` is nanoseconds per tick.
    pub fn times(&self, stamps: &[u64], period: f64) -> Vec<KernelTime> {
        let mut times: Vec<KernelTime> = Vec::new();
        for (&kernel, stamps) in self.kernels.iter().zip(stamps.chunks_exact(2)) {
            let seconds = stamps[1].saturating_sub(stamps[0]) as f64 * period * 1e-9;
            match times.iter_mut().find(|time| time.kernel == kernel) {
                Some(time) => *time += (1, seconds),
                None => times.push(KernelTime { kernel, launches: 1, seconds }),
            }
        }
        times
    }
}
