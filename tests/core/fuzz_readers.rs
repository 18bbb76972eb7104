//! Mutation fuzzing of the readers: valid files, damaged at random, must be read or refused.
//!
//! A short run belongs to the normal tests; `PROPTEST_CASES=1000000` makes a long one.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::common::{Form, Style, Triplet};
use proptest::prelude::*;
use shocksweep::dataset::import::{Entry, ImportOptions, ValueRange, import, matrix_market, npz};
use shocksweep::tables;
use shocksweep::tables::fabio::rds::Stream;

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

const SHAPE: (usize, usize) = (5, 4);

const LIST: [Triplet; 6] =
    [(0, 1, 1.0), (0, 3, 0.25), (2, 0, -1000.0), (2, 2, 0.5), (4, 0, 0.0), (4, 3, 1.0)];

const RANGES: [ValueRange; 3] = [ValueRange::Finite, ValueRange::NonNegative, ValueRange::Share];

/// Whatever is accepted is a matrix: in range, in order, every position once.
fn keeps_its_promise(entries: &[Entry], range: ValueRange) -> Result<(), TestCaseError> {
    for &(r, c, v) in entries {
        prop_assert!((r as usize) < SHAPE.0 && (c as usize) < SHAPE.1 && v.is_finite());
        prop_assert!(range == ValueRange::Finite || v >= 0.0);
        prop_assert!(range != ValueRange::Share || v <= 1.0 + 1e-9);
    }
    prop_assert!(entries.windows(2).all(|p| (p[0].0, p[0].1) < (p[1].0, p[1].1)));
    Ok(())
}

fn texts() -> Vec<Vec<u8>> {
    let positive: Vec<Triplet> = LIST.iter().map(|&(r, c, v)| (r, c, v.abs())).collect();
    let small: Vec<Triplet> = LIST.iter().map(|&(r, c, v)| (r, c, v.clamp(0.0, 1.0))).collect();
    let array: String = (0..20).map(|v| format!("{}\n", v % 3)).collect();
    vec![
        crate::common::matrix_market(SHAPE, &LIST).into_bytes(),
        crate::common::matrix_market(SHAPE, &positive).into_bytes(),
        crate::common::matrix_market(SHAPE, &small).into_bytes(),
        format!("%%MatrixMarket matrix array real general\n% by hand\n5 4\n{array}").into_bytes(),
        b"%%MatrixMarket matrix coordinate integer general\r\n5 4 2\r\n5 1 7\r\n1 4 0\r\n".to_vec(),
    ]
}

fn styles() -> Vec<Style> {
    let forms = [Form::Csr, Form::Csc, Form::Coo];
    let style = |form, odd| Style { form, wide: odd, double: !odd, deflated: odd };
    forms.into_iter().flat_map(|form| [style(form, true), style(form, false)]).collect()
}

static TEXTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(texts);

static ARCHIVES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    styles().into_iter().map(|s| crate::common::archive(SHAPE, &LIST, s)).collect()
});

#[test]
fn the_corpus_is_valid() {
    for (at, text) in texts().iter().enumerate() {
        let range = if at == 0 { ValueRange::Finite } else { ValueRange::NonNegative };
        assert!(matrix_market::parse(text, Path::new("m.mtx"), SHAPE, range).is_ok(), "{at}");
    }
    let expected = LIST.map(|(r, c, v)| (r as u32, c as u32, v));
    for style in styles() {
        let bytes = crate::common::archive(SHAPE, &LIST, style);
        let list = npz::parse(&bytes, Path::new("a.npz"), SHAPE, ValueRange::Finite).unwrap();
        assert_eq!(list, expected, "{style:?}");
    }
}

proptest! {
    #![proptest_config(config(20_000))]

    #[test]
    fn damaged_matrix_market_files(
        file in 0usize..5,
        list in damages(),
        range in proptest::sample::select(&RANGES[..]),
    ) {
        let mut bytes = TEXTS[file].clone();
        apply(&mut bytes, &list, &TEXTS);
        match watched(|| matrix_market::parse(&bytes, Path::new("m.mtx"), SHAPE, range)) {
            Ok(entries) => {
                keeps_its_promise(&entries, range)?;
                // What was accepted says the same when written again.
                let again: Vec<Triplet> =
                    entries.iter().map(|&(r, c, v)| (r as usize, c as usize, v)).collect();
                let text = crate::common::matrix_market(SHAPE, &again);
                let second = matrix_market::parse(text.as_bytes(), Path::new("m"), SHAPE, range);
                prop_assert_eq!(second.ok(), Some(entries));
            }
            Err(e) => prop_assert!(e.to_string().starts_with("m.mtx")),
        }
    }

    /// Damage to the archive: headers, directory, packed bytes.
    #[test]
    fn damaged_archives(
        file in 0usize..6,
        list in damages(),
        range in proptest::sample::select(&RANGES[..]),
    ) {
        let mut bytes = ARCHIVES[file].clone();
        apply(&mut bytes, &list, &ARCHIVES);
        match watched(|| npz::parse(&bytes, Path::new("a.npz"), SHAPE, range)) {
            Ok(entries) => keeps_its_promise(&entries, range)?,
            Err(e) => prop_assert!(e.to_string().starts_with("a.npz")),
        }
    }

    /// Damage to the arrays of an intact archive, which no checksum stops.
    #[test]
    fn archives_of_damaged_arrays(
        file in 0usize..6,
        which in 0usize..5,
        list in damages(),
        more in proptest::option::of((0usize..5, damages())),
        range in proptest::sample::select(&RANGES[..]),
    ) {
        let style = styles()[file];
        let mut members = crate::common::members(SHAPE, &LIST, style);
        let corpus: Vec<_> = members.iter().map(|(_, content)| content.clone()).collect();
        for (which, list) in [(which, list)].into_iter().chain(more) {
            apply(&mut members[which].1, &list, &corpus);
        }
        let bytes = crate::common::zip_bytes(&members, style.deflated);
        match watched(|| npz::parse(&bytes, Path::new("a.npz"), SHAPE, range)) {
            Ok(entries) => keeps_its_promise(&entries, range)?,
            Err(e) => prop_assert!(e.to_string().starts_with("a.npz")),
        }
    }
}

proptest! {
    // Writes a file and reads a folder for every case.
    #![proptest_config(config(400))]

    /// Damage to one file of a whole folder, label files included.
    #[test]
    fn folders_with_one_damaged_file(file in any::<proptest::sample::Index>(), list in damages()) {
        let world = tempfile::tempdir().expect("a temporary folder");
        crate::common::write_tiny_world(world.path());
        let mut names: Vec<_> =
            fs::read_dir(world.path()).unwrap().map(|e| e.unwrap().path()).collect();
        names.sort();
        // The label files have no fuzzing of their own: half of the cases.
        let labels: Vec<_> =
            names.iter().filter(|p| p.extension().is_some_and(|e| e == "csv")).cloned().collect();
        let half = file.index(2 * names.len());
        let path = names.get(half).unwrap_or(&labels[half % labels.len()]);
        let corpus: Vec<_> = labels.iter().map(|p| fs::read(p).unwrap()).collect();
        let mut bytes = fs::read(path).unwrap();
        apply(&mut bytes, &list, &corpus);
        fs::write(path, &bytes).unwrap();
        match watched(|| import(world.path(), &ImportOptions::default())) {
            Ok(dataset) => {
                let d = dataset.dimensions();
                prop_assert_eq!(dataset.parameters.x0.len(), d.sectors());
                prop_assert_eq!(dataset.parameters.allocation_nu.rows(), d.process_columns());
            }
            Err(e) => prop_assert!(e.to_string().starts_with(&world.path().display().to_string())),
        }
    }
}

/// FABIO's three tables as R wrote them, packed and not, with the folder of their labels.
fn fabio() -> (tempfile::TempDir, Vec<Vec<u8>>) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/fabio");
    let folder = tempfile::tempdir().expect("a temporary folder");
    for entry in fs::read_dir(from.join("v2")).expect("the folder of a layout") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            fs::copy(&path, folder.path().join(path.file_name().unwrap())).expect("a copy");
        }
    }
    let odd = |name: &str| from.join("odd").join(name);
    let paths = [odd("use_reordered.rds"), odd("use_wrapped.rds"), from.join("v2/mr_use.rds")];
    let mut corpus: Vec<Vec<u8>> = Vec::new();
    for path in paths {
        let packed = fs::read(path).expect("a table");
        if packed.starts_with(&[0x1f, 0x8b]) {
            let mut plain = Vec::new();
            let mut decoder = flate2::read::GzDecoder::new(&packed[..]);
            std::io::Read::read_to_end(&mut decoder, &mut plain).expect("gzip");
            // Twice: of plain content nothing is stopped by a checksum.
            corpus.extend([plain.clone(), plain]);
        }
        corpus.push(packed);
    }
    (folder, corpus)
}

static FABIO: LazyLock<(tempfile::TempDir, Vec<Vec<u8>>)> = LazyLock::new(fabio);

#[test]
fn the_corpus_of_r_files_is_valid() {
    let (folder, corpus) = fabio();
    let tables = |bytes: &[u8]| {
        fs::write(folder.path().join("mr_use.rds"), bytes).unwrap();
        tables::read(folder.path(), None).expect("valid tables")
    };
    let first = tables(&corpus[0]);
    assert!(corpus.len() == 7 && corpus.iter().all(|bytes| tables(bytes) == first));
}

proptest! {
    #![proptest_config(config(3_000))]

    /// Damage to R's serialisation, mostly without compression, whose checksum would stop it.
    #[test]
    fn damaged_r_files(file in 0usize..7, list in damages()) {
        let (folder, corpus) = &*FABIO;
        let mut bytes = corpus[file].clone();
        apply(&mut bytes, &list, corpus);
        fs::write(folder.path().join("mr_use.rds"), &bytes).unwrap();
        match watched(|| tables::read(folder.path(), None)) {
            Ok(tables) => {
                let d = tables.labels.dimensions();
                for entry in tables.years.values().flat_map(|year| &year.uses) {
                    prop_assert!((entry.from as usize) < d.sectors());
                    prop_assert!((entry.to as usize) < d.process_columns());
                    prop_assert!(entry.value > 0.0 && entry.value.is_finite());
                }
                for year in tables.years.values() {
                    let ordered = |w: &[tables::Entry]| (w[0].from, w[0].to) < (w[1].from, w[1].to);
                    prop_assert!(year.uses.windows(2).all(ordered));
                }
            }
            Err(e) => prop_assert!(e.to_string().starts_with(&folder.path().display().to_string())),
        }
    }
}

/// Lengths that are announced are not believed, even where the labels would allow them.
#[test]
fn memory_for_r_vectors_grows_with_what_is_there() {
    for (kind, length) in [(13, i32::MAX), (14, 1 << 30), (16, i32::MAX), (24, i32::MAX)] {
        // A list of one vector that announces more than follows: a header, then big-endian words.
        let mut bytes = b"X\n".to_vec();
        for word in [2, 0x0004_0202, 0x0002_0300, 0x213, 1, kind, length] {
            bytes.extend(word.to_be_bytes());
        }
        bytes.extend([0; 200_000]);
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        fs::write(file.path(), bytes).unwrap();
        let text = watched(|| {
            let stream = Stream::open(file.path(), u64::MAX).unwrap_or_else(|e| panic!("{e}"));
            let read =
                stream.named_list(&mut |_, stream| stream.value(&|_| true, true).map(|_| ()));
            read.expect_err("a file that is cut").to_string()
        });
        assert!(text.starts_with("ends early") || text.starts_with("damaged"), "{kind}: {text}");
    }
}
