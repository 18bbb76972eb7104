//! Every kind of damage to a folder in the published layout ends in one message that names the
//! file and the place in it.

use std::fs;

use crate::common::{PUBLISHED, Style, Triplet, World, matrix_market, members, process, sector};
use shocksweep::low_level::dataset::import::{ImportOptions, import, is_published_layout};

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
    crate::common::zip_bytes(&members, true)
}

#[test]
fn faulty_archives_name_file_member_and_element() {
    use crate::common::{npy, npy_integers as integers, npy_numbers as numbers};
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
    let twice = crate::common::archive((4, 4), &[(2, 1, 1.0), (2, 1, 2.0)], PUBLISHED);
    World::new().write(NU, twice).fails(NU, ", entry (3, 2): this position occurs twice");
    let members = members((4, 4), &[], PUBLISHED);
    World::new()
        .write(NU, crate::common::zip_bytes(&members[..4], true))
        .fails(NU, ", member `indptr.npy`: not found");
    let negative = crate::common::archive((4, 4), &[(0, 1, -0.5)], PUBLISHED);
    let file = "substitutability_trade.npz";
    World::new()
        .write(file, negative)
        .fails(file, ", member `data.npy`, element 0: -0.5 is negative");
}

#[test]
fn archives_that_are_cut_or_lie_about_their_size_are_refused() {
    let stored = Style { deflated: false, ..PUBLISHED };
    for style in [PUBLISHED, stored] {
        let honest = crate::common::archive((4, 4), &[(0, 1, 1.0), (3, 2, 2.0)], style);
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
    let zeros = crate::common::npy("<i8", "(12500000,)", &vec![0; 100_000_000]);
    World::new().write(NU, with_member("indices.npy", zeros)).fails(
        NU,
        ", member `indices.npy`: unpacked size in bytes of 100000128 exceeds the limit of 4112",
    );
}
