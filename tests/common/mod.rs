//! Helpers of the integration tests: a hand-made folder in the published layout, and the shared
//! data where a machine has them.
#![allow(dead_code)] // Every test program uses its own part of this.

#[cfg(feature = "cli")]
pub mod result;
pub mod skip;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use shocksweep::low_level::dataset::Dataset;
use shocksweep::low_level::dataset::import::{ImportOptions, import};
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

/// `(row, column, value)`, counted from 0.
pub type Triplet = (usize, usize, f64);

/// The folder of shared data, or `None` after saying that the test that asked is skipped, and why.
pub fn shared(test: &str) -> Option<PathBuf> {
    let named = std::env::var_os("SHOCKSWEEP_SHARED").map(PathBuf::from);
    let is_named = named.is_some();
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let folder = named.unwrap_or(default);
    let data = folder.join("data/food2020");
    if data.join("io_codes_alph.csv").is_file() {
        return Some(folder);
    }
    // A folder that was named must be there: a wrong path must not turn tests off.
    assert!(!is_named, "SHOCKSWEEP_SHARED names a folder without data/food2020");
    skip::skip(format_args!("{test} needs {}", data.display()));
    None
}

/// Form of a sparse archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Rows compressed.
    Csr,
    /// Columns compressed.
    Csc,
    /// Coordinates.
    Coo,
}

/// How an archive is written.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Sparse format.
    pub form: Form,
    /// Indices of 64 instead of 32 bits.
    pub wide: bool,
    /// Values of 64 instead of 32 bits.
    pub double: bool,
    /// Deflated instead of stored.
    pub deflated: bool,
}

/// As the published archives are written.
pub const PUBLISHED: Style = Style { form: Form::Csr, wide: false, double: false, deflated: true };

/// A member in NumPy's `.npy` form.
pub fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    while (header.len() + 11) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// An array of integers as a member.
pub fn npy_integers(values: &[i64], wide: bool) -> Vec<u8> {
    let shape = format!("({},)", values.len());
    match wide {
        true => {
            npy("<i8", &shape, &values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<_>>())
        }
        false => {
            let bytes: Vec<u8> = values.iter().flat_map(|&v| (v as i32).to_le_bytes()).collect();
            npy("<i4", &shape, &bytes)
        }
    }
}

/// An array of numbers as a member.
pub fn npy_numbers(values: &[f64], double: bool) -> Vec<u8> {
    let shape = format!("({},)", values.len());
    match double {
        true => {
            npy("<f8", &shape, &values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<_>>())
        }
        false => {
            let bytes: Vec<u8> = values.iter().flat_map(|&v| (v as f32).to_le_bytes()).collect();
            npy("<f4", &shape, &bytes)
        }
    }
}

/// A zip archive of named members.
pub fn zip_bytes(members: &[(String, Vec<u8>)], deflated: bool) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let method = if deflated { CompressionMethod::Deflated } else { CompressionMethod::Stored };
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, content) in members {
        writer.start_file(name.as_str(), options).expect("a new member");
        writer.write_all(content).expect("a written member");
    }
    writer.finish().expect("a finished archive").into_inner()
}

/// The members of a sparse archive, `format.npy` and `shape.npy` first.
pub fn members(
    shape: (usize, usize),
    triplets: &[Triplet],
    style: Style,
) -> Vec<(String, Vec<u8>)> {
    let swap = style.form == Form::Csc;
    let mut list = triplets.to_vec();
    if style.form != Form::Coo {
        list.sort_by_key(|&(r, c, _)| if swap { (c, r) } else { (r, c) });
    }
    let major = |t: &Triplet| if swap { t.1 } else { t.0 };
    let minor = |t: &Triplet| if swap { t.0 } else { t.1 };
    let of =
        |f: &dyn Fn(&Triplet) -> usize| -> Vec<i64> { list.iter().map(|t| f(t) as i64).collect() };
    let name: &[u8] = match style.form {
        Form::Csr => b"csr",
        Form::Csc => b"csc",
        Form::Coo => b"coo",
    };
    let values: Vec<f64> = list.iter().map(|t| t.2).collect();
    let mut members = vec![
        ("format.npy".to_string(), npy("|S3", "()", name)),
        ("shape.npy".to_string(), npy_integers(&[shape.0 as i64, shape.1 as i64], true)),
        ("data.npy".to_string(), npy_numbers(&values, style.double)),
    ];
    if style.form == Form::Coo {
        members.push(("row.npy".into(), npy_integers(&of(&major), style.wide)));
        members.push(("col.npy".into(), npy_integers(&of(&minor), style.wide)));
    } else {
        let majors = if swap { shape.1 } else { shape.0 };
        let starts: Vec<i64> =
            (0..=majors).map(|m| list.iter().filter(|t| major(t) < m).count() as i64).collect();
        members.push(("indices.npy".into(), npy_integers(&of(&minor), style.wide)));
        members.push(("indptr.npy".into(), npy_integers(&starts, style.wide)));
    }
    members
}

/// A sparse archive as SciPy writes it.
pub fn archive(shape: (usize, usize), triplets: &[Triplet], style: Style) -> Vec<u8> {
    zip_bytes(&members(shape, triplets, style), style.deflated)
}

/// A Matrix Market file as SciPy writes it.
pub fn matrix_market(shape: (usize, usize), triplets: &[Triplet]) -> String {
    let mut text = format!(
        "%%MatrixMarket matrix coordinate real general\n%\n{} {} {}\n",
        shape.0,
        shape.1,
        triplets.len()
    );
    for (r, c, v) in triplets {
        text += &format!("{} {} {v:e}\n", r + 1, c + 1);
    }
    text
}

/// Areas, items and processes of the tiny world, in the order of its files: none of them
/// alphabetical. In byte order: Mali, Åland; Bread, Wheat; Baking, Farming.
pub const AREAS: [&str; 2] = ["Åland", "Mali"];
/// See [`AREAS`].
pub const ITEMS: [&str; 2] = ["Wheat", "Bread"];
/// See [`AREAS`].
pub const PROCESSES: [&str; 2] = ["Farming", "Baking"];

/// Row of a sector in the files' matrices. The index column of the label file says so; the rows
/// of that file stand in yet another order.
pub fn sector(area: &str, item: &str) -> usize {
    2 * usize::from(area == "Mali") + usize::from(item == "Bread")
}

/// Row of a process column in the files' matrices.
pub fn process(area: &str, process: &str) -> usize {
    2 * usize::from(area == "Mali") + usize::from(process == "Baking")
}

/// Writes the tiny world: 2 areas x 2 items x 2 processes, rules and substitutability included.
///
/// Wheat is farmed in both areas and baked into bread; Mali exports wheat to Åland, which
/// exports bread to Mali.
pub fn write_tiny_world(dir: &Path) {
    let write = |name: &str, content: &[u8]| fs::write(dir.join(name), content).expect(name);
    let text = |name: &str, content: &str| write(name, content.as_bytes());
    text(
        "io_codes_alph.csv",
        ",area_code,area,item_code,item,comm_code,comm_group,group\n\
         3,7,Mali,20,Bread,c002,\"Bakery, sweets\",Crop products\n\
         0,5,Åland,10,Wheat,c001,Cereals,Primary crops\n\
         2,7,Mali,10,Wheat,c001,Cereals,Primary crops\n\
         1,5,Åland,20,Bread,c002,\"Bakery, sweets\",Crop products\n",
    );
    text(
        "su_codes_alph.csv",
        ",area_code,area,proc_code,proc\n\
         0,5,Åland,p001,Farming\n\
         1,5,Åland,p002,Baking\n\
         2,7,Mali,p001,Farming\n\
         3,7,Mali,p002,Baking\n",
    );
    text(
        "a_frame.csv",
        "area,index,code,region,color,lat,lng,population\n\
         Åland,2.0,ALA,Europe,gold,60.25,20.0,30000.0\n\
         Mali,1.0,MLI,,,,,\n",
    );
    let (s, p) = (sector, process);
    let vector = |name: &str, values: &[(usize, f64)]| {
        let triplets: Vec<Triplet> = values.iter().map(|&(row, v)| (row, 0, v)).collect();
        text(name, &matrix_market((4, 1), &triplets));
    };
    let matrix = |name: &str, triplets: &[Triplet]| text(name, &matrix_market((4, 4), triplets));
    vector(
        "sparse_x0.mtx",
        &[
            (s("Åland", "Wheat"), 50.0),
            (s("Åland", "Bread"), 40.0),
            (s("Mali", "Wheat"), 100.0),
            (s("Mali", "Bread"), 10.0),
        ],
    );
    vector("sparse_startstock.mtx", &[(s("Mali", "Wheat"), 2.5), (s("Mali", "Bread"), 0.0)]);
    vector("sparse_eta_prod.mtx", &[(s("Åland", "Wheat"), 0.9), (s("Mali", "Wheat"), 0.1)]);
    vector("sparse_eta_exp.mtx", &[(s("Mali", "Wheat"), 0.4), (s("Åland", "Bread"), 0.25)]);
    matrix(
        "sparse_alpha.mtx",
        &[
            (s("Åland", "Bread"), p("Åland", "Baking"), 0.8),
            (s("Mali", "Bread"), p("Mali", "Baking"), 0.7),
        ],
    );
    matrix(
        "sparse_beta.mtx",
        &[
            (s("Åland", "Wheat"), p("Åland", "Farming"), 10.0),
            (s("Mali", "Wheat"), p("Mali", "Farming"), 100.0),
        ],
    );
    matrix(
        "sparse_nu.mtx",
        &[
            (p("Åland", "Baking"), s("Åland", "Wheat"), 1.0),
            (p("Mali", "Baking"), s("Mali", "Wheat"), 1.0),
        ],
    );
    matrix(
        "sparse_trade.mtx",
        &[
            (s("Åland", "Wheat"), s("Mali", "Wheat"), 1.0),
            (s("Mali", "Bread"), s("Åland", "Bread"), 1.0),
        ],
    );
    write_rules(dir);
}

/// The rules of the tiny world; every form of sparse archive occurs.
fn write_rules(dir: &Path) {
    let (s, p) = (sector, process);
    let write = |name: String, shape, triplets: &[Triplet], style| {
        fs::write(dir.join(&name), archive(shape, triplets, style)).expect("a written file");
    };
    let pair = |family: &str, cols, multi: &[Triplet], rewire: &[Triplet], style| {
        write(format!("transition_{family}_multi.npz"), (4, cols), multi, style);
        write(format!("transition_{family}_rewire.npz"), (4, cols), rewire, style);
    };
    let none = -1000.0;
    // One output rule for all areas: a single block.
    let at = |area| (s(area, "Bread"), p(area, "Baking"));
    let output = |v| ["Åland", "Mali"].map(|area| (at(area).0, at(area).1, v)).to_vec();
    pair("alpha", 4, &output(1.5), &output(none), PUBLISHED);
    // A half in one file only, and both halves none.
    let (farm, bake) = (p("Mali", "Farming"), p("Mali", "Baking"));
    pair(
        "beta",
        4,
        &[(s("Mali", "Wheat"), farm, 2.0), (s("Mali", "Bread"), bake, none)],
        &[(s("Mali", "Bread"), bake, none), (s("Mali", "Bread"), farm, 0.5)],
        Style { form: Form::Csc, wide: true, ..PUBLISHED },
    );
    pair(
        "nu",
        4,
        &[(bake, s("Mali", "Wheat"), 0.1)],
        &[(bake, s("Mali", "Wheat"), none)],
        Style { form: Form::Coo, deflated: false, ..PUBLISHED },
    );
    let double = Style { double: true, ..PUBLISHED };
    for family in ["eta_exp", "eta_prod", "eta_cons"] {
        let row = (s("Mali", "Wheat"), 0, 0.1);
        pair(family, 1, &[row], &[(row.0, 0, none)], double);
    }
    // One country-by-country block for both items. The link of wheat with bread does not exist.
    let link = |item| (s("Åland", item), s("Mali", item), 0.5);
    let off = (s("Åland", "Wheat"), s("Mali", "Bread"), 9.0);
    let both = [link("Wheat"), link("Bread"), off];
    pair("import", 4, &both, &both, PUBLISHED);
    pair("export", 4, &[link("Wheat")], &[link("Wheat")], PUBLISHED);
    let within = |area| (s(area, "Wheat"), s(area, "Bread"), 0.3);
    let across = (s("Åland", "Wheat"), s("Mali", "Bread"), 0.3);
    let list = [within("Åland"), within("Mali"), across];
    write("substitutability_trade.npz".into(), (4, 4), &list, double);
}

/// A tiny world in a temporary folder.
pub struct World(pub tempfile::TempDir);

impl World {
    /// As [`write_tiny_world`] writes it.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        write_tiny_world(dir.path());
        World(dir)
    }

    /// Path of one of its files.
    pub fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    /// Replaces a file.
    pub fn write(&self, file: &str, content: impl AsRef<[u8]>) -> &Self {
        fs::write(self.path(file), content).expect("a written file");
        self
    }

    /// Replaces a part of a text file that must be there.
    pub fn edit(&self, file: &str, from: &str, to: &str) -> &Self {
        let text = fs::read_to_string(self.path(file)).expect("a text file");
        assert!(text.contains(from), "{file} does not hold {from}");
        self.write(file, text.replacen(from, to, 1))
    }

    /// The dataset it holds.
    pub fn import(&self) -> Dataset {
        import(self.0.path(), &ImportOptions::default()).expect("a valid folder")
    }

    /// The message of the failing import, which must begin with the file as given.
    pub fn error(&self, file: &str) -> String {
        let error = import(self.0.path(), &ImportOptions::default());
        let message = error.expect_err("an invalid folder").to_string();
        let start = self.path(file).display().to_string();
        let rest = message.strip_prefix(&start);
        rest.unwrap_or_else(|| panic!("`{message}` does not name {start}")).to_string()
    }

    /// Asserts how the message of the failing import goes on after the file's name.
    #[track_caller]
    pub fn fails(&self, file: &str, rest: &str) {
        let found = self.error(file);
        assert!(found.starts_with(rest), "found `{found}`, expected `{rest}`");
    }
}
