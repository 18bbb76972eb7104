//! Fuzzing: valid files, damaged at random, must be read or refused; engines must agree on random worlds.
//!
//! A short run belongs to the normal tests; `PROPTEST_CASES=1000000` makes a long one.
#![allow(unsafe_code)] // an allocator that is watched

mod engines;
mod matrices;
#[cfg(feature = "fabio")]
mod r_files;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

/// Watches for allocations driven by announced sizes: remembers the largest request of the readers'
/// own threads (other tests of the program run beside them).
struct Watching;

static LARGEST: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static IS_WATCHED: Cell<bool> = const { Cell::new(false) };
}

fn asked(size: usize) {
    if IS_WATCHED.try_with(Cell::get).unwrap_or(false) {
        LARGEST.fetch_max(size, Ordering::Relaxed);
    }
}

/// Reads on threads that are watched.
fn watched<T: Send>(read: impl FnOnce() -> T + Send) -> T {
    static POOL: LazyLock<rayon::ThreadPool> = LazyLock::new(|| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(2)
            .start_handler(|_| IS_WATCHED.set(true))
            .build()
            .expect("two threads")
    });
    let read = POOL.install(read);
    let largest = LARGEST.load(Ordering::Relaxed);
    assert!(largest < LARGEST_ALLOWED, "an allocation of {largest} bytes");
    read
}

// SAFETY: every call is passed on unchanged to the system's allocator.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        asked(layout.size());
        unsafe { System.alloc(layout) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        asked(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        asked(size);
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Watching = Watching;

/// The inputs are a few kilobytes; deflate makes at most a thousand times as much of them.
const LARGEST_ALLOWED: usize = 32 << 20;

fn config(default_cases: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok());
    ProptestConfig {
        cases: cases.unwrap_or(default_cases),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// One kind of damage; positions are fractions of the length, in 1 / 65536.
#[derive(Debug, Clone)]
enum Damage {
    Flip(u16, u8),
    Write(u16, Vec<u8>),
    /// An integer at a multiple of 4 from the end: an element of an array.
    Element(u16, Vec<u8>),
    Insert(u16, Vec<u8>),
    Delete(u16, u16),
    Truncate(u16),
    /// A part of the input again, elsewhere.
    Repeat(u16, u16, u16),
    /// A part of another file of the corpus.
    Splice(u16, usize, u16, u16),
}

/// Bytes that matter to at least one of the formats.
fn telling() -> impl Strategy<Value = Vec<u8>> {
    let numbers = [0i64, 1, -1, 2, 4, 5, 6, i64::from(i32::MAX), i64::MAX, i64::MIN, 1 << 40];
    let words = [
        "nan",
        "-inf",
        "1e999",
        "-1",
        "0",
        "18446744073709551615",
        "99999999999999999999",
        "\n",
        "%",
        " ",
        "3",
        "4",
        "5",
        "6",
        "1 1 1\n",
        "array",
        "integer",
        "'<f8'",
        "'<i8'",
        "'|S3'",
        "'|O'",
        "(",
        ")",
        "{",
        "((((((((((((((((",
        ",",
        "\"",
        "csr",
        "csc",
        "coo",
        "PK\x05\x06",
        "PK\x01\x02",
        "\u{feff}",
    ];
    prop_oneof![
        any::<[u8; 2]>().prop_map(|b| b.to_vec()),
        proptest::sample::select(numbers.to_vec())
            .prop_flat_map(|n| prop_oneof![
                Just(n.to_le_bytes().to_vec()),
                Just((n as i32).to_be_bytes().to_vec()),
                Just((n as i32).to_le_bytes().to_vec()),
                Just((n as i16).to_le_bytes().to_vec()),
            ])
            .boxed(),
        proptest::sample::select(words.to_vec()).prop_map(|w| w.as_bytes().to_vec()),
        proptest::sample::select(vec![f64::NAN, f64::INFINITY, -0.0, -1000.0, 1e300])
            .prop_map(|v| v.to_le_bytes().to_vec()),
    ]
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<u16>;
    prop_oneof![
        4 => (at(), any::<u8>()).prop_map(|(p, b)| Damage::Flip(p, b)),
        4 => (at(), telling()).prop_map(|(p, b)| Damage::Write(p, b)),
        4 => (at(), telling()).prop_map(|(p, b)| Damage::Element(p, b)),
        2 => (at(), telling()).prop_map(|(p, b)| Damage::Insert(p, b)),
        1 => (at(), 0u16..2000).prop_map(|(p, n)| Damage::Delete(p, n)),
        1 => at().prop_map(Damage::Truncate),
        1 => (at(), at(), 0u16..2000).prop_map(|(p, q, n)| Damage::Repeat(p, q, n)),
        1 => (at(), any::<usize>(), at(), 0u16..4000).prop_map(|(p, f, q, n)| Damage::Splice(p, f, q, n)),
    ]
}

fn damages() -> impl Strategy<Value = Vec<Damage>> {
    proptest::collection::vec(damage(), 0..5)
}

fn place(fraction: u16, len: usize) -> usize {
    (usize::from(fraction) * (len + 1)) >> 16
}

fn part(bytes: &[u8], from: u16, share: u16) -> Vec<u8> {
    let from = place(from, bytes.len());
    let len = place(share, bytes.len());
    bytes[from..bytes.len().min(from + len)].to_vec()
}

fn apply(bytes: &mut Vec<u8>, list: &[Damage], corpus: &[Vec<u8>]) {
    for damage in list {
        let len = bytes.len();
        let at = |p: u16| place(p, len);
        match damage {
            Damage::Flip(p, b) => {
                if let Some(byte) = bytes.get_mut(at(*p)) {
                    *byte ^= b;
                }
            }
            Damage::Write(p, new) => {
                for (byte, &value) in bytes[at(*p)..].iter_mut().zip(new) {
                    *byte = value;
                }
            }
            Damage::Element(p, new) => {
                // Elements are the last part of a member, so most positions hit one.
                let back = 4 * (1 + usize::from(*p) % 12);
                for (byte, &value) in bytes[len.saturating_sub(back)..].iter_mut().zip(new) {
                    *byte = value;
                }
            }
            Damage::Insert(p, new) => drop(bytes.splice(at(*p)..at(*p), new.iter().copied())),
            Damage::Delete(p, n) => {
                let end = len.min(at(*p) + at(*n));
                drop(bytes.drain(at(*p)..end));
            }
            Damage::Truncate(p) => bytes.truncate(at(*p)),
            Damage::Repeat(p, q, n) => {
                let again = part(bytes, *q, *n);
                drop(bytes.splice(at(*p)..at(*p), again));
            }
            Damage::Splice(p, file, q, n) => {
                let other = part(&corpus[file % corpus.len()], *q, *n);
                drop(bytes.splice(at(*p)..at(*p), other));
            }
        }
    }
}
