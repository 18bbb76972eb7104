//! Matrix Market files, SciPy's archives and whole folders of them.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use shocksweep::low_level::dataset::import::{
    Entry, ImportOptions, ValueRange, import, matrix_market, npz,
};

use super::{apply, config, damages, watched};
use crate::common::{self, Form, Style, Triplet};

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
        common::matrix_market(SHAPE, &LIST).into_bytes(),
        common::matrix_market(SHAPE, &positive).into_bytes(),
        common::matrix_market(SHAPE, &small).into_bytes(),
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

static ARCHIVES: LazyLock<Vec<Vec<u8>>> =
    LazyLock::new(|| styles().into_iter().map(|s| common::archive(SHAPE, &LIST, s)).collect());

#[test]
fn the_corpus_is_valid() {
    for (at, text) in texts().iter().enumerate() {
        let range = if at == 0 { ValueRange::Finite } else { ValueRange::NonNegative };
        assert!(matrix_market::parse(text, Path::new("m.mtx"), SHAPE, range).is_ok(), "{at}");
    }
    let expected = LIST.map(|(r, c, v)| (r as u32, c as u32, v));
    for style in styles() {
        let bytes = common::archive(SHAPE, &LIST, style);
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
                let text = common::matrix_market(SHAPE, &again);
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
        let mut members = common::members(SHAPE, &LIST, style);
        let corpus: Vec<_> = members.iter().map(|(_, content)| content.clone()).collect();
        for (which, list) in [(which, list)].into_iter().chain(more) {
            apply(&mut members[which].1, &list, &corpus);
        }
        let bytes = common::zip_bytes(&members, style.deflated);
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
        common::write_tiny_world(world.path());
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
