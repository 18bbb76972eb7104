//! The reader: one content in all forms, and every way in which a row can be wrong.

mod common;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int32Array, RecordBatch, StringArray};
use shocksweep_trade::baci::{self, Flow, Visitor};

/// Keeps everything.
#[derive(Default)]
struct All(Vec<Flow>);

impl Visitor for All {
    fn visit(&mut self, row: u32, flow: &Flow) -> Result<(), String> {
        assert_eq!(row as usize, self.0.len());
        self.0.push(*flow);
        Ok(())
    }
}

fn all(path: &Path) -> Result<Vec<Flow>, String> {
    let mut flows = Vec::new();
    let rows = baci::read(path, All::default, |before, block: All| {
        assert_eq!(before as usize, flows.len());
        flows.extend(block.0);
    });
    assert_eq!(rows.map_err(|e| e.to_string())? as usize, flows.len());
    Ok(flows)
}

fn file(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn all_forms_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    // More than one block, with blanks, quotes, missing quantities, and lines that end both ways.
    let mut text = String::from("\u{feff}t,i,j,k,v,q\r\n");
    let mut expected = Vec::new();
    for n in 0..200_000u32 {
        let quantity = if n % 7 == 0 { None } else { Some(f64::from(n % 100) / 8.0) };
        let flow = Flow {
            year: 2010 + n % 3,
            exporter: n % 900,
            importer: n % 899,
            code: n * 4,
            value: f64::from(n) / 8.0,
            quantity,
        };
        let quantity =
            quantity.map_or(["NA", "", "  "][n as usize % 3].into(), |q| format!(" {q:.3} "));
        let Flow { year, exporter, importer, code, value, .. } = flow;
        let end = if n % 2 == 0 { "\n" } else { "\r\n" };
        text += &format!("{year},{exporter},{importer},\"{code:06}\",{value},{quantity}{end}");
        expected.push(flow);
    }
    assert!(text.len() > 5_000_000);
    let plain = file(folder.path(), "a.csv", &text);
    assert_eq!(all(&plain).unwrap(), expected);

    let packed = folder.path().join("a.csv.gz");
    let out = fs::File::create(&packed).unwrap();
    let mut out = flate2::write::GzEncoder::new(out, flate2::Compression::fast());
    out.write_all(text.as_bytes()).unwrap();
    out.finish().unwrap();
    assert_eq!(all(&packed).unwrap(), expected);

    let ints = |of: fn(&Flow) -> u32| -> ArrayRef {
        Arc::new(expected.iter().map(|f| Some(of(f) as i32)).collect::<Int32Array>())
    };
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("q", Arc::new(expected.iter().map(|f| f.quantity).collect::<Float64Array>())),
        ("k", Arc::new(expected.iter().map(|f| Some(f.code.to_string())).collect::<StringArray>())),
        ("v", Arc::new(expected.iter().map(|f| Some(f.value)).collect::<Float64Array>())),
        ("t", ints(|f| f.year)),
        ("i", ints(|f| f.exporter)),
        ("j", ints(|f| f.importer)),
    ];
    let batch =
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true)));
    let parquet = folder.path().join("a.parquet");
    shocksweep_columnar::write::batch(&parquet, &batch.unwrap()).unwrap();
    assert_eq!(all(&parquet).unwrap(), expected);
}

#[test]
fn columns_are_found_by_name_and_the_last_line_needs_no_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(
        folder.path(),
        "a.csv",
        "note,q,v,k,j,i,t\n\nx,1.5,2.5,50800,9,8,2010\n\ny,,3,850511,8,9,2011",
    );
    let flows = all(&path).unwrap();
    assert_eq!(flows.len(), 2);
    let first =
        Flow { year: 2010, exporter: 8, importer: 9, code: 50800, value: 2.5, quantity: Some(1.5) };
    assert_eq!(flows[0], first);
    assert_eq!(flows[1].quantity, None);
    assert_eq!(flows[1].code, 850_511);
}

#[test]
fn what_is_wrong_is_said_with_its_row() {
    let folder = tempfile::tempdir().unwrap();
    let good = "2010,9,70,852855,10.000,1.000\n";
    for (row, expected) in [
        (
            "2010,9,70,85A855,1,1",
            "row 2: column `k`: expected an HS code of up to six digits, found `85A855`",
        ),
        ("2010,9,70,8528551,1,1", "row 2: column `k`"),
        ("2010,9,70,852855,4;5,1", "row 2: column `v`: expected a number (kUSD), found `4;5`"),
        ("2010,9,70,852855,,1", "row 2: column `v`: expected a number (kUSD), found nothing"),
        (
            "2010,9,70,852855,inf,1",
            "row 2: column `v`: expected a finite number of 0 or more, found inf",
        ),
        ("2010,9,70,852855,nan,1", "row 2: column `v`: expected a finite number"),
        (
            "2010,9,70,852855,-1,1",
            "row 2: column `v`: expected a finite number of 0 or more, found -1",
        ),
        ("2010,9,70,852855,1,-1", "row 2: column `q`"),
        (
            "2010,9,70,852855,1,x",
            "row 2: column `q`: expected a number (tonnes), nothing or NA, found `x`",
        ),
        ("x,9,70,852855,1,1", "row 2: column `t`: expected a year, found `x`"),
        ("2010,,70,852855,1,1", "row 2: column `i`"),
        ("2010,9,70.5,852855,1,1", "row 2: column `j`"),
        ("2010,9,70,852855,1", "row 2: has 5 columns; expected 6"),
        ("2010,9,70,852855,1,1,1", "row 2: has 7 columns; expected 6"),
    ] {
        let path = file(folder.path(), "a.csv", &format!("t,i,j,k,v,q\n{good}{row}\n{good}"));
        let error = all(&path).unwrap_err();
        assert!(error.contains("a.csv, ") && error.contains(expected), "{error}");
    }
    // Far behind the first block.
    let text = format!("t,i,j,k,v,q\n{}2010,9,70,1,x,\n", good.repeat(300_000));
    let error = all(&file(folder.path(), "b.csv", &text)).unwrap_err();
    assert!(error.contains("row 300001"), "{error}");
    for (text, expected) in [("t,i,j,k,q\n", "has no column `v`"), ("", "is empty")] {
        let error = all(&file(folder.path(), "c.csv", text)).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
    assert_eq!(all(&file(folder.path(), "d.csv", "t,i,j,k,v,q\n")).unwrap(), []);
    assert!(all(&folder.path().join("none.csv")).unwrap_err().contains("cannot be read"));
    assert!(all(&file(folder.path(), "e.parquet", "no")).unwrap_err().contains("Parquet"));
    assert!(all(&file(folder.path(), "f.csv.gz", "no")).is_err());
}

#[test]
fn a_folder_is_searched_for_tables_of_trade() {
    let folder = tempfile::tempdir().unwrap();
    let none = baci::files(folder.path()).unwrap_err().to_string();
    assert!(none.contains("holds no table of trade"), "{none}");
    let other = file(folder.path(), "mine.csv", "t,i,j,k,v,q\n");
    file(folder.path(), "items.csv", "code,item,tier\n");
    assert_eq!(baci::files(folder.path()).unwrap(), std::slice::from_ref(&other));
    let named = file(folder.path(), "BACI_HS07_Y2010_V209901.csv", "t,i,j,k,v,q\n");
    assert_eq!(baci::files(folder.path()).unwrap(), [named]);
    assert_eq!(baci::files(&other).unwrap(), [other]);
}

#[test]
fn the_golden_year_is_read_whole() {
    let Some(golden) = common::golden("the_golden_year_is_read_whole") else { return };
    let files = baci::files(&golden).unwrap();
    assert_eq!(files.len(), 10);
    let flows: Vec<Flow> = files.iter().flat_map(|path| all(path).unwrap()).collect();
    assert_eq!(flows.len(), 26_069);
    // Leading zeros are lost to 2014 and kept from 2015.
    for year in [2010, 2019] {
        assert!(flows.iter().any(|f| f.year == year && f.code == 50_800), "{year}");
    }
    let real = all(&golden.join("real/BACI_850511_Y2024_complete.csv.gz")).unwrap();
    assert_eq!(real.len(), 4_415);
    assert_eq!(real.iter().filter(|f| f.quantity.is_none()).count(), 226);
}
