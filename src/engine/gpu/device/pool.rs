//! Buffers that wait for their next use: making one costs a device milliseconds.

use std::collections::BTreeMap;
use std::sync::Mutex;

/// Buffers of one usage, by size.
#[derive(Default)]
pub struct Pool(Mutex<BTreeMap<u64, Vec<wgpu::Buffer>>>);

/// The size that a buffer of `bytes` is made in, of which `limit` is the largest: sizes are an eighth
/// of a power of two apart, so that buffers of about the same size are used again.
pub fn size_class(bytes: u64, limit: u64) -> u64 {
    let bytes = bytes.max(256);
    let step = 1u64 << (63 - bytes.leading_zeros()).saturating_sub(3);
    let class = bytes.next_multiple_of(step.max(8));
    if class <= limit { class } else { bytes.next_multiple_of(8) }
}

impl Pool {
    /// A buffer of exactly this size, if one waits.
    pub fn take(&self, size: u64) -> Option<wgpu::Buffer> {
        self.0.lock().unwrap_or_else(|p| p.into_inner()).get_mut(&size)?.pop()
    }

    /// Keeps buffers for later.
    pub fn put(&self, buffers: impl Iterator<Item = wgpu::Buffer>) {
        let mut waiting = self.0.lock().unwrap_or_else(|p| p.into_inner());
        for buffer in buffers {
            waiting.entry(buffer.size()).or_default().push(buffer);
        }
    }

    /// Gives all waiting buffers back to the device.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(|p| p.into_inner()).clear();
    }
}

#[cfg(test)]
mod tests {
    use super::size_class;

    #[test]
    fn classes_hold_their_bytes_and_waste_little() {
        for bytes in [0, 1, 256, 257, 1000, 4096, 5000, 1 << 20, (1 << 27) - 8, 1 << 27] {
            let class = size_class(bytes, 1 << 27);
            assert!(class >= bytes && class.is_multiple_of(8) && class <= 1 << 27, "{bytes}");
            assert!(class <= 256 || class as f64 <= 1.126 * bytes as f64, "{bytes}: {class}");
        }
        assert_eq!(size_class(1_000_001, 1_000_008), 1_000_008, "the limit is kept");
    }
}
