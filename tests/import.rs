//! The importer: a hand-made folder in the published layout, every kind of damage to it, and the
//! published data of 2020 where they are at hand.

mod common;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use common::{PUBLISHED, Style, Triplet, matrix_market, members, process, sector};
use shocksweep::dataset::import::{ImportOptions, import, is_published_layout};
use shocksweep::dataset::{Dataset, Rule, TableStatus};
use shocksweep::sparse::Csr;

/// A tiny world in a temporary folder.
struct World(tempfile::TempDir);

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        common::write_tiny_world(dir.path());
        World(dir)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    fn write(&self, file: &str, content: impl AsRef<[u8]>) -> &Self {
        fs::write(self.path(file), content).expect("a written file");
        self
    }

    /// Replaces a part of a text file that must be there.
    fn edit(&self, file: &str, from: &str, to: &str) -> &Self {
        let text = fs::read_to_string(self.path(file)).expect("a text file");
        assert!(text.contains(from), "{file} does not hold {from}");
        self.write(file, text.replacen(from, to, 1))
    }

    fn import(&self) -> Dataset {
        import(self.0.path(), &ImportOptions::default()).expect("a valid folder")
    }

    /// The message of the failing import, which must begin with the file as given.
    fn error(&self, file: &str) -> String {
        let error = import(self.0.path(), &ImportOptions::default());
        let message = error.expect_err("an invalid folder").to_string();
        let start = self.path(file).display().to_string();
        let rest = message.strip_prefix(&start);
        rest.unwrap_or_else(|| panic!("`{message}` does not name {start}")).to_string()
    }

    #[track_caller]
    fn fails(&self, file: &str, rest: &str) {
        let found = self.error(file);
        assert!(found.starts_with(rest), "found `{found}`, expected `{rest}`");
    }
}

fn entries(matrix: &Csr<f64>) -> Vec<(usize, usize, f64)> {
    matrix.iter().map(|(r, c, &v)| (r, c, v)).collect()
}

#[test]
fn entries_follow_their_labels_not_their_position() {
    let world = World::new();
    assert!(is_published_layout(world.0.path()));
    let dataset = world.import();
    let names: Vec<_> = dataset.labels.areas.iter().map(|a| a.name.as_str()).collect();
    assert_eq!(names, ["Mali", "Åland"]);
    let names: Vec<_> = dataset.labels.items.iter().map(|i| i.name.as_str()).collect();
    assert_eq!(names, ["Bread", "Wheat"]);
    let names: Vec<_> = dataset.labels.processes.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["Baking", "Farming"]);

    // Sectors in memory: 0 Mali / Bread, 1 Mali / Wheat, 2 Åland / Bread, 3 Åland / Wheat;
    // process columns: 0 Mali / Baking, 1 Mali / Farming, 2 Åland / Baking, 3 Åland / Farming.
    let p = &dataset.parameters;
    assert_eq!(p.x0, [10.0, 100.0, 40.0, 50.0]);
    assert_eq!(p.start_stock, [0.0, 2.5, 0.0, 0.0]);
    assert_eq!(p.share_eta_prod, [0.0, 0.1, 0.0, 0.9]);
    assert_eq!(p.share_eta_exp, [0.0, 0.4, 0.25, 0.0]);
    assert_eq!(entries(&p.conversion_alpha), [(0, 0, 0.7), (2, 2, 0.8)]);
    assert_eq!(entries(&p.output_beta), [(1, 1, 100.0), (3, 3, 10.0)]);
    assert_eq!(entries(&p.allocation_nu), [(0, 1, 1.0), (2, 3, 1.0)]);
    assert_eq!(entries(&p.trade_t), [(0, 2, 1.0), (3, 1, 1.0)]);
}

#[test]
fn labels_carry_their_attributes() {
    let labels = World::new().import().labels;
    let (mali, aland) = (&labels.areas[0], &labels.areas[1]);
    assert_eq!((aland.code, aland.iso3.as_str()), (5, "ALA"));
    assert_eq!(aland.region.as_deref(), Some("Europe"));
    assert_eq!((aland.latitude, aland.longitude), (Some(60.25), Some(20.0)));
    assert_eq!((aland.population, aland.hdi), (Some(30000.0), None));
    assert_eq!((mali.region.as_ref(), mali.latitude, mali.population), (None, None, None));
    assert!(mali.hdi.is_some(), "the index of Mali is published");
    let bread = &labels.items[0];
    assert_eq!((bread.code, bread.commodity_code.as_str()), (20, "c002"));
    assert_eq!(bread.commodity_group, "Bakery, sweets");
    assert_eq!(bread.group, "Crop products");
    assert_eq!(labels.processes[0].code, "p002");
}

#[test]
fn rules_join_both_files_and_repeated_blocks_are_stored_once() {
    let dataset = World::new().import();
    let rules = dataset.rules.expect("rules");
    let rule = |multiplier, rewiring| Rule { multiplier, rewiring };

    assert_eq!(rules.alpha.block_of, [Some(0), Some(0)]);
    assert_eq!(rules.alpha.nnz(), 2);
    assert_eq!(rules.alpha.of(0).unwrap().get(0, 0), Some(&rule(Some(1.5), None)));

    assert_eq!(rules.beta.block_of, [Some(0), None]);
    let beta: Vec<_> = rules.beta.blocks[0].iter().map(|(r, c, v)| (r, c, *v)).collect();
    let expected =
        [(0, 0, rule(None, None)), (0, 1, rule(None, Some(0.5))), (1, 1, rule(Some(2.0), None))];
    assert_eq!(beta, expected);

    // 32-bit values convert exactly, they are not rounded to the nearest decimal.
    let nu = rules.nu.of(0).unwrap().get(0, 1).copied();
    assert_eq!(nu, Some(rule(Some(f64::from(0.1f32)), None)));
    let share = Some(rule(Some(0.1), None));
    assert_eq!(rules.eta_exp, [None, share, None, None]);
    assert_eq!(rules.eta_prod, rules.eta_exp);
    assert_eq!(rules.eta_cons, rules.eta_exp);

    // Åland imports from Mali; the link of wheat with bread is skipped.
    assert_eq!(rules.import.block_of, [Some(0), Some(0)]);
    assert_eq!(rules.import.blocks[0].nnz(), 1);
    assert_eq!(rules.import.blocks[0].get(1, 0), Some(&rule(Some(0.5), Some(0.5))));
    assert_eq!(rules.export.block_of, [None, Some(0)]);

    let s = dataset.substitutability.expect("substitutability");
    assert_eq!(s.block_of, [Some(0), Some(0)]);
    assert_eq!(entries(&s.blocks[0]), [(1, 0, 0.3)]);
}

#[test]
fn rules_are_all_there_or_none() {
    let world = World::new();
    fs::remove_file(world.path("transition_nu_rewire.npz")).unwrap();
    world.fails("transition_nu_rewire.npz", ": not found; expected all 16 files");
    for entry in fs::read_dir(world.0.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "npz") {
            fs::remove_file(path).unwrap();
        }
    }
    let dataset = world.import();
    assert_eq!((dataset.rules, dataset.substitutability), (None, None));
    let tables: Vec<_> = dataset.metadata.sources.iter().map(|s| s.table.as_str()).collect();
    assert_eq!(tables.len(), 8);
    assert!(!tables.contains(&"rule_blocks"));
}

#[test]
fn metadata_name_sources_without_folders() {
    let world = World::new();
    let metadata = world.import().metadata;
    let folder = world.0.path().file_name().unwrap().to_string_lossy();
    assert_eq!((metadata.name, metadata.licence), (folder.into(), "not stated".into()));
    assert_eq!((metadata.year, metadata.synthetic), (None, false));
    assert_eq!(metadata.sources.len(), 16);
    assert!(metadata.sources.iter().all(|s| !s.source.is_empty() && !s.source.contains('/')));

    let options = ImportOptions {
        name: Some("tiny".into()),
        year: Some(2020),
        licence: Some("CC0".into()),
        reconstructed: vec!["trade_t".into()],
        synthetic: vec!["rules_import".into(), "rules_export".into()],
    };
    let metadata = import(world.0.path(), &options).unwrap().metadata;
    assert_eq!((metadata.name.as_str(), metadata.licence.as_str()), ("tiny", "CC0"));
    assert_eq!(metadata.year, Some(2020));
    assert_eq!(metadata.tables_with(TableStatus::Reconstructed), ["trade_t"]);
    assert_eq!(metadata.tables_with(TableStatus::Synthetic), ["rules_import", "rules_export"]);
}

#[test]
fn options_that_name_no_table_are_refused() {
    let world = World::new();
    let message = |reconstructed: &str, synthetic: &str| {
        let list = |name: &str| if name.is_empty() { vec![] } else { vec![name.to_string()] };
        let options = ImportOptions {
            reconstructed: list(reconstructed),
            synthetic: list(synthetic),
            ..Default::default()
        };
        import(world.0.path(), &options).unwrap_err().to_string()
    };
    let unknown = message("trade", "");
    assert!(unknown.ends_with("unknown table `trade`, did you mean `trade_t`?"), "{unknown}");
    let both = message("trade_t", "trade_t");
    assert!(both.contains("both reconstructed and synthetic"), "{both}");
    fs::remove_file(world.path("substitutability_trade.npz")).unwrap();
    let absent = message("", "substitutability");
    assert!(absent.contains("has no such table"), "{absent}");
}

#[test]
fn rows_without_an_index_column_count_by_position() {
    let world = World::new();
    let header = ",area_code,area,item_code,item,comm_code,comm_group,group\n";
    let rows = [
        "5,Åland,10,Wheat,c001,Cereals,Primary crops\n",
        "5,Åland,20,Bread,c002,\"Bakery, sweets\",Crop products\n",
        "7,Mali,10,Wheat,c001,Cereals,Primary crops\n",
        "7,Mali,20,Bread,c002,\"Bakery, sweets\",Crop products\n",
    ];
    let expected = world.import().parameters;
    world.write("io_codes_alph.csv", header[1..].to_string() + &rows.concat());
    assert_eq!(world.import().parameters, expected);
    // Ascending, but not from 0: the order of the rows is meant.
    let numbered: String = rows.iter().zip(1..).map(|(row, at)| format!("{at}.0,{row}")).collect();
    world.write("io_codes_alph.csv", header.to_string() + &numbered);
    assert_eq!(world.import().parameters, expected);
    // Neither: nobody can tell which matrix row is meant.
    let twice: String = rows.iter().map(|row| format!("1,{row}")).collect();
    world.write("io_codes_alph.csv", header.to_string() + &twice);
    world.fails("io_codes_alph.csv", ", row 2, column ``: index 1 after 1");
}

#[test]
fn missing_folder_and_files_are_named() {
    let world = World::new();
    let nowhere = world.path("nowhere");
    let error = import(&nowhere, &ImportOptions::default()).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{}: not found", nowhere.display())), "{error}");
    assert!(!is_published_layout(&nowhere));
    for file in ["io_codes_alph.csv", "su_codes_alph.csv", "a_frame.csv", "sparse_nu.mtx"] {
        let world = World::new();
        fs::remove_file(world.path(file)).unwrap();
        world.fails(file, ": not found; expected ");
    }
}

#[test]
fn label_files_that_contradict_themselves_are_refused() {
    let cases: [(&str, &str, &str, &str); 20] = [
        (
            "io_codes_alph.csv",
            "1,5,Åland,20",
            "1,6,Åland,20",
            ", row 4, column `area_code`: `6` stands for `Åland`, but row 2 has `5`",
        ),
        (
            "io_codes_alph.csv",
            "Mali,10",
            "Mali,11",
            ", row 3, column `item_code`: `11` stands for `Wheat`, but row 2 has `10`",
        ),
        (
            "io_codes_alph.csv",
            "1,5,Åland,20,Bread,c002",
            "1,5,Åland,20,Bread,c003",
            ", row 4, column `comm_code`",
        ),
        (
            "io_codes_alph.csv",
            "1,5,Åland,20,Bread",
            "1,5,Åland,20,Wheat",
            ", row 4, column `item_code`",
        ),
        (
            "io_codes_alph.csv",
            "2,7,Mali,10,Wheat,c001,Cereals,Primary crops\n",
            "",
            ": `Mali / Wheat` has no row",
        ),
        (
            "io_codes_alph.csv",
            "1,5,Åland,20,Bread,c002,\"Bakery, sweets\",Crop products\n",
            "1,5,Åland,10,Wheat,c001,Cereals,Primary crops\n",
            ", row 4, column `item`: `Åland / Wheat` occurs twice",
        ),
        ("io_codes_alph.csv", ",area,", ",country,", ", `area`: not found; expected a column"),
        (
            "io_codes_alph.csv",
            "3,7,Mali,20,Bread",
            "3,7,Mali,2x,Bread",
            ", row 1, column `item_code`: expected a whole number, found `2x`",
        ),
        (
            "io_codes_alph.csv",
            "3,7,Mali,20,Bread",
            "3,7,,20,Bread",
            ", row 1, column `area`: expected a text",
        ),
        (
            "io_codes_alph.csv",
            "3,7,Mali,20,Bread",
            "3,7,Mali,Bread",
            ", line 2: ends early: expected 8 cells, found 7",
        ),
        (
            "io_codes_alph.csv",
            "3,7,Mali,20,Bread",
            "3,7,Mali,20,20,Bread",
            ", line 2: holds more than announced: expected 8 cells, found 9",
        ),
        (
            "su_codes_alph.csv",
            "Mali,p002",
            "Mally,p002",
            ", row 4, column `area`: unknown area `Mally`, did you mean `Mali`?",
        ),
        ("su_codes_alph.csv", "3,7,Mali,p002,Baking\n", "", ": `Mali / Baking` has no row"),
        ("su_codes_alph.csv", "Mali,p002", "Mali,p003", ", row 4, column `proc_code`"),
        (
            "su_codes_alph.csv",
            "0,5,Åland,p001,Farming\n1,5,Åland",
            "0,6,Åland,p001,Farming\n1,6,Åland",
            ", `area_code`: `Åland` has code 6, but 5 in io_codes_alph.csv",
        ),
        (
            "a_frame.csv",
            "Mali,1.0",
            "Malli,1.0",
            ", row 2, column `area`: unknown area `Malli`, did you mean `Mali`?",
        ),
        ("a_frame.csv", "Mali,1.0,MLI,,,,,\n", "", ": area `Mali` of io_codes_alph.csv has no row"),
        (
            "a_frame.csv",
            "Mali,1.0,MLI",
            "Åland,1.0,MLI",
            ", row 2, column `area`: area `Åland` occurs twice",
        ),
        ("a_frame.csv", "MLI", "ALA", ", row 2, column `code`: code `ALA` occurs twice"),
        ("a_frame.csv", "30000.0", "-1", ", row 1, column `population`: -1 is negative"),
    ];
    for (file, from, to, rest) in cases {
        World::new().edit(file, from, to).fails(file, rest);
    }
    World::new()
        .edit("a_frame.csv", "60.25", "600")
        .fails("a_frame.csv", ", row 1, column `lat`: 600 lies outside -90 to 90");
    World::new()
        .edit("a_frame.csv", "60.25", "NaN")
        .fails("a_frame.csv", ", row 1, column `lat`: NaN is not");
}

#[test]
fn text_that_is_no_utf8_or_cut_short_is_refused() {
    for file in ["io_codes_alph.csv", "sparse_x0.mtx"] {
        let world = World::new();
        let mut bytes = fs::read(world.path(file)).unwrap();
        bytes.truncate(bytes.len() - 1);
        world.write(file, &bytes);
        assert!(world.error(file).contains("expected a line end after the last line"));
        bytes[0] = 0xff;
        world.write(file, &bytes).fails(file, ", line 1: not valid UTF-8 text");
    }
    World::new().write("a_frame.csv", "").fails("a_frame.csv", ", `area`: not found");
}

#[test]
fn faulty_parameters_name_file_and_place() {
    let cases = [
        ("sparse_x0.mtx", "4 1 4", "5 1 4", ", line 3: has shape 5 x 1, expected 4 x 1"),
        ("sparse_x0.mtx", "4 1 4", "4 1 5", ": ends early: expected 5 entries, found 4"),
        ("sparse_x0.mtx", "4 1 4", "4 1 3", ", line 7: holds more than announced"),
        ("sparse_x0.mtx", "1 1 5e1", "1 1 -5e1", ", line 4: -50 is negative"),
        ("sparse_x0.mtx", "1 1 5e1", "1 1 nan", ", line 4: NaN is not a finite number"),
        ("sparse_x0.mtx", "1 1 5e1", "1 1 inf", ", line 4: inf is not a finite number"),
        ("sparse_x0.mtx", "1 1 5e1", "7 1 5e1", ", line 4: row 7 lies outside 1 to 4"),
        ("sparse_x0.mtx", "1 1 5e1", "2 1 5e1", ", entry (2, 1): this position occurs twice"),
        ("sparse_eta_exp.mtx", "2.5e-1", "1.1", ", line 5: 1.1 lies outside 0 to 1"),
    ];
    for (file, from, to, rest) in cases {
        World::new().edit(file, from, to).fails(file, rest);
    }
}

#[test]
fn entries_the_model_does_not_have_are_named_with_their_labels() {
    let (s, p) = (sector, process);
    let across = [(s("Åland", "Bread"), p("Mali", "Baking"), 1.0)];
    for file in ["sparse_alpha.mtx", "sparse_beta.mtx"] {
        World::new().write(file, matrix_market((4, 4), &across)).fails(
            file,
            ", entry (2, 4): links `Åland / Bread` with `Mali / Baking`, but both must lie in one area",
        );
    }
    let across = [(p("Mali", "Farming"), s("Åland", "Wheat"), 1.0)];
    World::new()
        .write("sparse_nu.mtx", matrix_market((4, 4), &across))
        .fails("sparse_nu.mtx", ", entry (3, 1): links `Mali / Farming` with `Åland / Wheat`");
    let items = [(s("Mali", "Wheat"), s("Åland", "Bread"), 1.0)];
    let itself = [(s("Mali", "Wheat"), s("Mali", "Wheat"), 1.0)];
    for (list, rest) in [
        (
            items,
            ", entry (3, 2): links `Mali / Wheat` with `Åland / Bread`, but trade links one item",
        ),
        (itself, ", entry (3, 3): links `Mali / Wheat` with `Mali / Wheat`"),
    ] {
        World::new()
            .write("sparse_trade.mtx", matrix_market((4, 4), &list))
            .fails("sparse_trade.mtx", rest);
    }
}

const NU: &str = "transition_nu_multi.npz";

/// The members of a valid archive for [`NU`], one of them replaced.
fn with_member(name: &str, content: Vec<u8>) -> Vec<u8> {
    let list: [Triplet; 2] = [(0, 1, 1.0), (3, 2, 2.0)];
    let mut members = members((4, 4), &list, PUBLISHED);
    members.retain(|(member, _)| member != name);
    members.push((name.to_string(), content));
    common::zip_bytes(&members, true)
}

#[test]
fn faulty_archives_name_file_member_and_element() {
    use common::{npy, npy_integers as integers, npy_numbers as numbers};
    let cases = [
        (
            "shape.npy",
            integers(&[4, 5], true),
            ", member `shape.npy`: has shape 4 x 5, expected 4 x 4",
        ),
        (
            "shape.npy",
            integers(&[4, -4], true),
            ", member `shape.npy`: not a readable archive of arrays: the shape",
        ),
        (
            "format.npy",
            npy("|S3", "()", b"bsr"),
            ", member `format.npy`: sparse format `bsr` is not supported",
        ),
        (
            "data.npy",
            numbers(&[1.0, f64::NAN], false),
            ", member `data.npy`, element 1: NaN is not",
        ),
        (
            "data.npy",
            numbers(&[f64::INFINITY, 1.0], true),
            ", member `data.npy`, element 0: inf is not",
        ),
        (
            "data.npy",
            numbers(&[1.0], false),
            ", member `data.npy`: ends early: expected 2 elements, found 1",
        ),
        (
            "data.npy",
            numbers(&[1.0; 3], false),
            ", member `data.npy`: holds more than announced: expected 2 elements",
        ),
        (
            "data.npy",
            npy("<c16", "(2,)", &[0; 32]),
            ", member `data.npy`: element type `<c16` is not supported",
        ),
        (
            "data.npy",
            npy(">f4", "(2,)", &[0; 8]),
            ", member `data.npy`: element type `>f4` is not supported",
        ),
        (
            "data.npy",
            npy("<f4", "(1099511627776,)", &[0; 8]),
            ", member `data.npy`: ends early: expected 4398046511104 bytes",
        ),
        (
            "indices.npy",
            integers(&[1, 4], false),
            ", member `indices.npy`, element 1: index 4 lies outside 0 to 3",
        ),
        (
            "indices.npy",
            integers(&[-1, 2], true),
            ", member `indices.npy`, element 0: index -1 lies outside",
        ),
        (
            "indices.npy",
            numbers(&[1.0, 2.0], true),
            ", member `indices.npy`: an array of 2 `f8` is not supported",
        ),
        (
            "indptr.npy",
            integers(&[0, 2, 1, 1, 2], false),
            ", member `indptr.npy`, element 2: offset 1 lies outside 2 or more",
        ),
        (
            "indptr.npy",
            integers(&[1, 1, 1, 1, 2], false),
            ", member `indptr.npy`, element 0: offset 1 lies outside 0",
        ),
        (
            "indptr.npy",
            integers(&[0, 1, 1, 2], false),
            ", member `indptr.npy`: ends early: expected 5 elements, found 4",
        ),
        (
            "indptr.npy",
            integers(&[0, 1, 1, 1, i64::MAX], true),
            ", member `indices.npy`: ends early: expected 9223372036854775807",
        ),
    ];
    for (member, content, rest) in cases {
        World::new().write(NU, with_member(member, content)).fails(NU, rest);
    }
    let twice = common::archive((4, 4), &[(2, 1, 1.0), (2, 1, 2.0)], PUBLISHED);
    World::new().write(NU, twice).fails(NU, ", entry (3, 2): this position occurs twice");
    let members = members((4, 4), &[], PUBLISHED);
    World::new()
        .write(NU, common::zip_bytes(&members[..4], true))
        .fails(NU, ", member `indptr.npy`: not found");
    let negative = common::archive((4, 4), &[(0, 1, -0.5)], PUBLISHED);
    let file = "substitutability_trade.npz";
    World::new()
        .write(file, negative)
        .fails(file, ", member `data.npy`, element 0: -0.5 is negative");
}

#[test]
fn archives_that_are_cut_or_lie_about_their_size_are_refused() {
    let stored = Style { deflated: false, ..PUBLISHED };
    for style in [PUBLISHED, stored] {
        let honest = common::archive((4, 4), &[(0, 1, 1.0), (3, 2, 2.0)], style);
        World::new()
            .write(NU, &honest[..honest.len() / 2])
            .fails(NU, ": not a readable archive of arrays");

        // The size a member announces stands at offset 22 of its local header and at 24 of its
        // entry in the directory.
        let announce = |size: u32| {
            let mut bytes = honest.clone();
            for (mark, offset) in [(b"PK\x03\x04", 22), (b"PK\x01\x02", 24)] {
                let at = bytes.windows(4).position(|w| w == mark).expect("a header") + offset;
                bytes[at..at + 4].copy_from_slice(&size.to_le_bytes());
            }
            World::new().write(NU, bytes).error(NU)
        };
        for size in [10, 1000, 100_000, 2_000_000_000, u32::MAX - 1] {
            let message = announce(size);
            assert!(message.starts_with(", member `format.npy`: "), "{message}");
        }
        assert!(announce(2_000_000_000).contains("exceeds the limit"));

        // A changed byte of the content does not pass the checksum, or the decoder.
        let mut bytes = honest.clone();
        let at = bytes.windows(4).position(|w| w == b"PK\x01\x02").expect("a directory");
        bytes[at - 3] ^= 0x55;
        let message = World::new().write(NU, bytes).error(NU);
        assert!(message.contains("not a readable archive of arrays"), "{message}");
    }
}

#[test]
fn a_bomb_is_stopped_by_what_its_other_members_allow() {
    // 100 MB of zeros in 100 kB, where two indices are announced.
    let zeros = common::npy("<i8", "(12500000,)", &vec![0; 100_000_000]);
    World::new().write(NU, with_member("indices.npy", zeros)).fails(
        NU,
        ", member `indices.npy`: unpacked size in bytes of 100000128 exceeds the limit of 4112",
    );
}

#[test]
fn published_data_of_2020() {
    let Some(shared) = common::shared("published_data_of_2020") else { return };
    let src = shared.join("data/food2020");
    let start = std::time::Instant::now();
    let dataset = import(&src, &ImportOptions::default()).expect("the published data");
    eprintln!("imported in {:.2} s", start.elapsed().as_secs_f64());

    let d = dataset.dimensions();
    assert_eq!((d.areas, d.items, d.processes), (192, 123, 118));
    let p = &dataset.parameters;
    let nnz = [&p.conversion_alpha, &p.output_beta, &p.allocation_nu, &p.trade_t].map(Csr::nnz);
    assert_eq!(nnz, [8474, 4683, 39007, 239825]);
    assert_eq!(p.producers().iter().filter(|&&yes| yes).count(), 11047);
    assert_eq!(p.share_eta_exp.iter().filter(|&&v| v != 0.0).count(), 5854);

    let rules = dataset.rules.as_ref().expect("rules");
    let families = [&rules.alpha, &rules.beta, &rules.nu, &rules.import, &rules.export];
    let nnz = families.map(|family| family.nnz());
    assert_eq!(nnz, [22218, 21170, 171617, 3672657, 3732435]);
    assert_eq!((rules.import.blocks.len(), rules.export.blocks.len()), (1, 1));
    let s = dataset.substitutability.as_ref().expect("substitutability");
    assert_eq!((s.nnz(), s.blocks.len(), s.blocks[0].nnz()), (110976, 1, 578));
    samples_match_the_text(&dataset, &src);
}

/// Every 97th entry of the matrices, found by its labels in the files read as plain text.
fn samples_match_the_text(dataset: &Dataset, src: &Path) {
    // Line r + 1 of a label file belongs to matrix row r; fields are split outside quotes.
    let labels_of = |file: &str, first: usize, second: usize| -> Vec<(String, String)> {
        let text = fs::read_to_string(src.join(file)).unwrap();
        text.lines()
            .skip(1)
            .map(|line| {
                let mut fields = vec![String::new()];
                let mut quoted = false;
                for c in line.chars() {
                    match c {
                        '"' => quoted = !quoted,
                        ',' if !quoted => fields.push(String::new()),
                        other => fields.last_mut().unwrap().push(other),
                    }
                }
                (fields[first].clone(), fields[second].clone())
            })
            .collect()
    };
    let d = dataset.dimensions();
    let labels = &dataset.labels;
    let areas: HashMap<&str, usize> =
        labels.areas.iter().enumerate().map(|(at, a)| (a.name.as_str(), at)).collect();
    let items: HashMap<&str, usize> =
        labels.items.iter().enumerate().map(|(at, i)| (i.name.as_str(), at)).collect();
    let processes: HashMap<&str, usize> =
        labels.processes.iter().enumerate().map(|(at, p)| (p.name.as_str(), at)).collect();
    let sectors: Vec<usize> = labels_of("io_codes_alph.csv", 2, 4)
        .iter()
        .map(|(area, item)| d.sector(areas[area.as_str()], items[item.as_str()]))
        .collect();
    let columns: Vec<usize> = labels_of("su_codes_alph.csv", 2, 4)
        .iter()
        .map(|(area, name)| d.process_column(areas[area.as_str()], processes[name.as_str()]))
        .collect();
    let mut compared = 0;
    let mut compare = |file: &str, get: &dyn Fn(usize, usize) -> Option<f64>| {
        let text = fs::read_to_string(src.join(file)).unwrap();
        for line in text.lines().filter(|l| !l.starts_with('%')).skip(1).step_by(97) {
            let words: Vec<&str> = line.split(' ').collect();
            let (row, col): (usize, usize) = (words[0].parse().unwrap(), words[1].parse().unwrap());
            let value: f64 = words[2].parse().unwrap();
            assert_eq!(get(row - 1, col - 1), Some(value), "{file}: {line}");
            compared += 1;
        }
    };
    let p = &dataset.parameters;
    compare("sparse_x0.mtx", &|r, _| Some(p.x0[sectors[r]]));
    compare("sparse_startstock.mtx", &|r, _| Some(p.start_stock[sectors[r]]));
    compare("sparse_eta_prod.mtx", &|r, _| Some(p.share_eta_prod[sectors[r]]));
    compare("sparse_eta_exp.mtx", &|r, _| Some(p.share_eta_exp[sectors[r]]));
    let at = |m: &Csr<f64>, r, c| m.get(r, c).copied();
    compare("sparse_alpha.mtx", &|r, c| at(&p.conversion_alpha, sectors[r], columns[c]));
    compare("sparse_beta.mtx", &|r, c| at(&p.output_beta, sectors[r], columns[c]));
    compare("sparse_nu.mtx", &|r, c| at(&p.allocation_nu, columns[r], sectors[c]));
    compare("sparse_trade.mtx", &|r, c| at(&p.trade_t, sectors[r], sectors[c]));
    assert!(compared > 3000, "only {compared} entries compared");
}
