//! FABIO's distribution, read from files that R has written (`data/fabio/make.R`).

use std::fs;
use std::path::{Path, PathBuf};

use shocksweep::low_level::calibrate::dataset::{dataset, metadata};
use shocksweep::low_level::calibrate::{DEFAULT_FLOOR, calibrate};
use shocksweep::low_level::tables::{self, About, Tables, long};

const LAYOUTS: [&str; 3] = ["v1.1", "v1.2", "v2"];

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/fabio")
}

fn read(folder: &Path, years: Option<(i32, i32)>) -> Tables {
    tables::read(folder, years).unwrap_or_else(|e| panic!("{e}"))
}

/// The same tables as R wrote them in long form.
fn expected(layout: &str) -> Tables {
    let tables = long::read(&data().join(layout).join("long"), None);
    tables.unwrap_or_else(|e| panic!("{e}"))
}

/// A copy of a layout's files, some of them replaced by those of `odd`.
fn copy(layout: &str, replaced: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for entry in fs::read_dir(data().join(layout)).expect("the folder of a layout") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            let to = folder.path().join(path.file_name().expect("a name"));
            fs::copy(&path, to).expect("a copy");
        }
    }
    for (file, odd) in replaced {
        fs::copy(data().join("odd").join(odd), folder.path().join(file)).expect("a copy");
    }
    folder
}

/// What the program says about a folder of the 2 layout with one file replaced.
fn refusal(file: &str, odd: &str) -> String {
    refusal_of(copy("v2", &[(file, odd)]).path(), None)
}

fn refusal_of(folder: &Path, years: Option<(i32, i32)>) -> String {
    let error = tables::read(folder, years).expect_err("tables with a fault");
    let text = error.to_string();
    let text = text.strip_prefix(&folder.display().to_string()).expect("the file comes first");
    text.trim_start_matches(['/', '\\']).to_string()
}

#[test]
fn every_layout_says_what_its_long_form_says() {
    for layout in LAYOUTS {
        let (ours, expected) = (read(&data().join(layout), None), expected(layout));
        assert_eq!(ours.labels, expected.labels, "{layout}");
        let years: Vec<_> = ours.years.keys().copied().collect();
        assert_eq!(years, expected.years.keys().copied().collect::<Vec<_>>(), "{layout}");
        for (year, tables) in &expected.years {
            for (name, entries) in
                [("supply", &tables.supply), ("use", &tables.uses), ("demand", &tables.demand)]
            {
                assert!(!entries.is_empty(), "{layout}, {year}: no {name} to compare");
            }
            assert_eq!(&ours.years[year], tables, "{layout}, {year}");
        }
    }
}

#[test]
fn one_year_is_that_of_all_years() {
    for layout in LAYOUTS {
        let whole = read(&data().join(layout), None);
        for (&year, tables) in &whole.years {
            let one = read(&data().join(layout), Some((year, year)));
            assert_eq!(one.labels, whole.labels, "{layout}");
            assert_eq!(one.years.len(), 1, "{layout}, {year}");
            assert_eq!(&one.years[&year], tables, "{layout}, {year}");
        }
    }
    let years = read(&data().join("v2"), Some((2011, 2012))).years;
    assert_eq!(years.keys().copied().collect::<Vec<_>>(), [2011, 2012]);
}

#[test]
fn both_forms_calibrate_to_equal_datasets() {
    for layout in LAYOUTS {
        let (ours, long) = (read(&data().join(layout), None), expected(layout));
        let about = About::read(&data().join(layout)).expect("nothing to read");
        for (&year, tables) in &ours.years {
            let made = [(&ours, tables), (&long, &long.years[&year])].map(|(of, tables)| {
                let calibration = calibrate(&of.labels, tables, DEFAULT_FLOOR);
                calibration.check(&of.labels, &data()).unwrap_or_else(|e| panic!("{e}"));
                dataset(&of.labels, &calibration, metadata(&about, year, DEFAULT_FLOOR))
            });
            assert!(made[0].parameters.x0.iter().any(|&x| x > 0.0), "{layout}, {year}");
            assert_eq!(made[0], made[1], "{layout}, {year}");
        }
    }
}

#[test]
fn other_ways_to_write_the_same_tables_are_read_alike() {
    let expected = expected("v2");
    for odd in ["use_transposed.rds", "use_shuffled.rds", "use_reordered.rds", "use_wrapped.rds"] {
        assert_eq!(read(copy("v2", &[("mr_use.rds", odd)]).path(), None), expected, "{odd}");
    }
    // Names tell which way round a square matrix is.
    let square = copy("v1.2", &[("mr_use.rds", "use_square_transposed.rds")]);
    assert_eq!(read(square.path(), None), self::expected("v1.2"));
    // A triangular matrix has a class of its own.
    let [triangular, general] = ["use_triangular.rds", "use_general.rds"]
        .map(|odd| read(copy("v1.2", &[("mr_use.rds", odd)]).path(), None));
    assert_eq!(triangular, general);
    assert!(!triangular.years[&2019].uses.is_empty());
    // A year more does no harm where it is not asked for.
    let earlier = copy("v2", &[("mr_use.rds", "use_earlier.rds")]);
    assert_eq!(read(earlier.path(), Some((2010, 2020))), expected);
    // Demand under its other name.
    let renamed = copy("v2", &[]);
    let file = |name: &str| renamed.path().join(name);
    fs::rename(file("mr_use_fd.rds"), file("Y.rds")).expect("a new name");
    assert_eq!(read(renamed.path(), None), expected);
}

#[test]
fn years_that_are_not_there_are_named() {
    let v2 = data().join("v2");
    assert_eq!(
        refusal_of(&v2, Some((2020, 2020))),
        "mr_sup_mass.rds: holds no year 2020; it has 2010 to 2013"
    );
    assert_eq!(
        refusal_of(&v2, Some((1990, 2009))),
        "mr_sup_mass.rds: holds no years 1990 to 2009; it has 2010 to 2013"
    );
    assert_eq!(
        refusal("mr_use.rds", "use_without_2012.rds"),
        "mr_use.rds: holds no year 2012, which mr_sup_mass.rds has; of the years wanted it has \
         2010 to 2011, 2013"
    );
    assert_eq!(
        refusal("mr_use.rds", "use_earlier.rds"),
        "mr_use.rds: holds year 2009, which mr_sup_mass.rds lacks"
    );
}

#[test]
fn faulty_amounts_are_named_by_year_row_and_column() {
    let cases = [
        ("use_negative.rds", "-5 is negative"),
        ("use_missing.rds", "NaN is not a finite number"),
        ("use_infinite.rds", "inf is not a finite number"),
        ("use_twice.rds", "this entry occurs twice"),
    ];
    for (odd, problem) in cases {
        let text = refusal("mr_use.rds", odd);
        let rest = text.strip_prefix("mr_use.rds, 2012, from ").unwrap_or_else(|| panic!("{text}"));
        let (entry, found) = rest.split_once(": ").expect("a place and a problem");
        assert_eq!(found, problem, "{odd}");
        let (from, to) = entry.split_once(" to ").expect("two ends");
        for (end, members) in [(from, "item"), (to, "process")] {
            let (area, member) = end.split_once(" / ").expect("an area and a member");
            assert!(["Arvo", "Mila", "Zubria"].contains(&area), "{text}");
            let known = expected("v2").labels.labels;
            let is_known = match members {
                "item" => known.items.iter().any(|i| i.name == member),
                _ => known.processes.iter().any(|p| p.name == member),
            };
            assert!(is_known, "{text}");
        }
    }
    assert_eq!(
        refusal("mr_use.rds", "use_negative.rds"),
        "mr_use.rds, 2012, from Zubria / Wheat to Zubria / Sugar refining: -5 is negative"
    );
    assert_eq!(
        refusal("mr_sup_mass.rds", "supply_abroad.rds"),
        "mr_sup_mass.rds, 2012, from Zubria / Barley production to Mila / Pigmeat: a process \
         supplies to its own area only"
    );
    // Other years are not looked at.
    let folder = copy("v2", &[("mr_use.rds", "use_negative.rds")]);
    assert_eq!(read(folder.path(), Some((2013, 2013))).years[&2013], expected("v2").years[&2013]);
}

#[test]
fn matrices_that_do_not_fit_are_refused() {
    let cases = [
        (
            "use_narrow.rds",
            "mr_use.rds, 2012: has shape 15 x 11, expected 15 x 12 (a row per line of the io_ \
             labels, a column per line of the su_ labels)",
        ),
        (
            "use_invalid.rds",
            "mr_use.rds, 2012: not a valid sparse matrix: slot p must lead from 0 to",
        ),
        (
            "use_dense.rds",
            "mr_use.rds, 2012: an element that is no S4 object is not supported; expected a \
             sparse matrix of class dgCMatrix",
        ),
        (
            "use_triplets.rds",
            "mr_use.rds, 2012: an object of class `dgTMatrix` is not supported; expected a \
             sparse matrix of class dgCMatrix",
        ),
        (
            "use_environment.rds",
            "mr_use.rds, element 3: an environment is not supported; expected lists of sparse \
             matrices",
        ),
        (
            "use_unknown.rds",
            "mr_use.rds, 2012: column 9 (`255_p033`): unknown process `p033`, did you mean `p003`?",
        ),
        (
            "use_contradicting.rds",
            "mr_use.rds, 2012: row 1 is called `c006`, but io_labels.csv has `c002` of Zubria there",
        ),
        ("use_unnamed.rds", "mr_use.rds: its list has no names; expected the years"),
        ("use_same_year.rds", "mr_use.rds, element 4: year 2012 occurs twice"),
        ("use_no_year.rds", "mr_use.rds, element 3: expected a year as its name, found `twelve`"),
        (
            "use_no_list.rds",
            "mr_use.rds: an S4 object is not supported; expected a list with an element per year",
        ),
        (
            "use_ascii.rds",
            "mr_use.rds: R's ASCII form is not supported; expected what saveRDS writes without \
             `ascii`",
        ),
        (
            "use_workspace.rds",
            "mr_use.rds: a workspace (.RData) is not supported; expected a file written by R's \
             saveRDS",
        ),
    ];
    for (odd, expected) in cases {
        let text = refusal("mr_use.rds", odd);
        assert!(text.starts_with(expected), "{odd}:\n{text}\n{expected}");
    }
}

#[test]
fn demand_with_other_purposes_than_its_labels_needs_names_in_every_year() {
    let expected = "mr_use_fd.rds, 2012: has shape 15 x 18, expected 15 x 15 (a row per line of \
                    the io_ labels, a column per line of the fd_ labels)";
    assert_eq!(refusal("mr_use_fd.rds", "demand_wide.rds"), expected);
    // What the year before was read by cannot change under it.
    assert_eq!(refusal("mr_use_fd.rds", "demand_changing.rds"), expected);
    // Alone, the year is what its names say.
    let folder = copy("v2", &[("mr_use_fd.rds", "demand_changing.rds")]);
    let purposes = read(folder.path(), Some((2012, 2012))).labels.purposes;
    let named = ["food", "losses", "other", "stock_addition", "tourist", "unspecified"];
    assert_eq!(purposes, named);
}

/// A label file of the 2 layout with a text replaced, and what the program says about it.
fn relabelled(file: &str, from: &str, to: &str) -> String {
    let folder = copy("v2", &[]);
    let path = folder.path().join(file);
    let text = fs::read_to_string(&path).expect("a label file");
    assert!(text.contains(from), "{file} holds no {from}");
    fs::write(&path, text.replace(from, to)).expect("a label file");
    refusal_of(folder.path(), None)
}

#[test]
fn labels_that_contradict_each_other_are_refused() {
    let cases = [
        (
            ("su_labels.csv", "ARV,21,Arvo", "ARV,22,Arvo"),
            "su_labels.csv, row 5, column `area_code`: area code `22` (`Arvo`) does not occur in \
             io_labels.csv",
        ),
        (
            ("io_labels.csv", "ARV,21,Arvo", "ARV,21,Mila"),
            "io_labels.csv, row 11, column `area`: `Mila` has two codes, `21` and `255`",
        ),
        (
            ("io_labels.csv", "c003,2513,\"Barley\"", "c002,2513,\"Barley\""),
            "io_labels.csv, row 2, column `item`: code `c002` is called `Barley` here, but `Wheat` \
             in row 1",
        ),
        (
            ("fd_labels.csv", "ARV,21,Arvo,AFR,food\n", ""),
            "fd_labels.csv: area `Arvo` has no row for purpose `food`",
        ),
        (
            ("fd_labels.csv", "ARV,21,", "ZUB,3,"),
            "fd_labels.csv, row 6, column `area_code`: `Zubria` / `food` occurs twice",
        ),
        (
            ("io_labels.csv", "comm_group", "kind"),
            "io_labels.csv, `comm_group`: not found; expected a column of that name",
        ),
        (("fd_labels.csv", "food", "eating"), "fd_labels.csv: no purpose is called `food`"),
    ];
    for ((file, from, to), expected) in cases {
        let text = relabelled(file, from, to);
        assert!(text.starts_with(expected), "{file}, {from}:\n{text}\n{expected}");
    }
    // An area that one file has and another lacks.
    let folder = copy("v2", &[]);
    let path = folder.path().join("su_labels.csv");
    let text = fs::read_to_string(&path).expect("a label file");
    let without: String = text.split_inclusive('\n').filter(|l| !l.contains("Mila")).collect();
    fs::write(&path, without).expect("a label file");
    assert_eq!(
        refusal_of(folder.path(), None),
        "su_labels.csv: area `Mila` (code 255) of io_labels.csv has no row"
    );
}

#[test]
fn missing_files_are_named() {
    for file in ["mr_use.rds", "mr_use_fd.rds", "io_labels.csv", "su_labels.csv", "fd_labels.csv"] {
        let folder = copy("v2", &[]);
        fs::remove_file(folder.path().join(file)).expect("a file");
        let text = refusal_of(folder.path(), None);
        assert!(text.starts_with(&format!("{file}: not found; expected FABIO's ")), "{text}");
    }
    let folder = copy("v2", &[]);
    fs::write(folder.path().join("mr_use.rds"), "year,value\n2012,1\n").expect("a file");
    assert_eq!(
        refusal_of(folder.path(), None),
        "mr_use.rds: expected a file written by R's saveRDS, found `ye`"
    );
}

/// The tables whose R files tests damage: one of every compression.
const DAMAGED: [(&str, &str); 4] = [
    ("v1.1", "mr_use.rds"),      // gzip
    ("v1.2", "mr_sup_mass.rds"), // none
    ("v1.2", "mr_use_fd.rds"),   // bzip2
    ("v2", "mr_use.rds"),        // xz
];

#[test]
fn a_file_cut_anywhere_is_refused() {
    for (layout, file) in DAMAGED {
        let folder = copy(layout, &[]);
        let path = folder.path().join(file);
        let whole = fs::read(&path).expect("a table");
        for end in 0..whole.len() {
            fs::write(&path, &whole[..end]).expect("a part of it");
            let text = refusal_of(folder.path(), None);
            assert!(text.starts_with(file), "{layout}, {file}, {end} bytes: {text}");
        }
        fs::write(&path, [&whole[..], b"more"].concat()).expect("more than it");
        let text = refusal_of(folder.path(), None);
        assert!(text.starts_with(file), "{layout}, {file}, more: {text}");
    }
}

#[test]
fn a_changed_bit_is_noticed_or_does_no_harm() {
    for (layout, file) in DAMAGED {
        let folder = copy(layout, &[]);
        let path = folder.path().join(file);
        let whole = fs::read(&path).expect("a table");
        let expected = read(folder.path(), None);
        let is_packed = whole[0] != b'X';
        let mut refused = 0;
        for at in 0..whole.len() {
            // Packed content has a checksum; plain content is at the mercy of the reader.
            for bit in if is_packed { vec![at % 8] } else { vec![at % 7, 7] } {
                let mut bytes = whole.clone();
                bytes[at] ^= 1 << bit;
                fs::write(&path, &bytes).expect("a damaged table");
                match tables::read(folder.path(), None) {
                    Ok(tables) => assert!(!is_packed || tables == expected, "{file}, byte {at}"),
                    Err(error) => {
                        refused += 1;
                        let text = error.to_string();
                        let start = folder.path().display().to_string();
                        assert!(text.starts_with(&start) && text.len() < 1000, "{text}");
                    }
                }
            }
        }
        assert!(refused > whole.len() / 2, "{layout}, {file}: {refused} of {}", whole.len());
    }
}
