//! R's serialisation, as FABIO is published.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use shocksweep::low_level::tables;
use shocksweep::low_level::tables::fabio::rds::Stream;

use super::{apply, config, damages, watched};

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
