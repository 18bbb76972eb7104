//! SciPy sparse archives (`scipy.sparse.save_npz`): CSR and CSC.
//!
//! An archive is a zip of `.npy` arrays: `format`, `shape`, `indptr`, `indices`, `data`. Indices
//! are 32- or 64-bit, values single or double precision. Sizes that a header announces are
//! believed only as far as the bytes are there.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};
use std::path::Path;

use npyz::{DType, NpyFile};
use zip::ZipArchive;

use super::RawMatrix;
use crate::dataset::DatasetError;
use crate::dataset::error::{Place, Problem};

/// Bytes an array may unpack to: far above any real rule file, far below a zip bomb.
const MEMBER_LIMIT: u64 = 1 << 30;

/// Reads a sparse archive.
///
/// # Errors
/// The file is missing or damaged, or its arrays contradict each other: the message names the
/// array and the element.
pub fn read(path: &Path) -> Result<RawMatrix, DatasetError> {
    let expected = "a SciPy sparse archive (.npz)";
    let file = File::open(path).map_err(|e| DatasetError::io(path, e, expected))?;
    parse(BufReader::new(file), path)
}

/// Reads a sparse archive from any source; `path` is for messages.
///
/// # Errors
/// As [`read`].
pub fn parse(source: impl Read + Seek, path: &Path) -> Result<RawMatrix, DatasetError> {
    let mut archive = ZipArchive::new(source).map_err(|e| {
        let found = format!("no zip archive ({e})");
        DatasetError::file(path, Problem::Syntax { expected: "a SciPy sparse archive (.npz)", found })
    })?;
    let mut load = |name: &'static str| Array::load(&mut archive, name, path);
    let format = load("format")?.text()?;
    let is_csr = match format.as_str() {
        "csr" => true,
        "csc" => false,
        other => {
            let what = format!("sparse format `{other}`");
            let problem = Problem::Unsupported { what, expected: "`csr` or `csc`" };
            return Err(DatasetError::at(path, Place::Member("format".into()), problem));
        }
    };
    let shape = load("shape")?.integers()?;
    let [rows, cols] = shape[..] else {
        let problem = Problem::Inconsistent(format!("has {} elements, expected 2", shape.len()));
        return Err(DatasetError::at(path, Place::Member("shape".into()), problem));
    };
    let size = |at: usize, value: i64| {
        u32::try_from(value).map(|v| v as usize).map_err(|_| {
            let (value, range) = (value.to_string(), format!("0 to {}", u32::MAX));
            let place = Place::Element("shape".into(), at);
            DatasetError::at(path, place, Problem::OutOfRange { value, range })
        })
    };
    let (rows, cols) = (size(0, rows)?, size(1, cols)?);
    let starts = load("indptr")?.integers()?;
    let indices = load("indices")?.integers()?;
    let values = load("data")?.floats()?;
    let (majors, minors) = if is_csr { (rows, cols) } else { (cols, rows) };
    check_pointers(&starts, majors, indices.len(), path)?;
    if values.len() != indices.len() {
        let (expected, found) = (indices.len() as u64, values.len() as u64);
        let what = "values, one per index";
        let problem = if found < expected {
            Problem::Truncated { what, expected, found }
        } else {
            Problem::Excess { what, expected, found }
        };
        return Err(DatasetError::at(path, Place::Member("data".into()), problem));
    }
    let mut entries = Vec::with_capacity(values.len());
    for major in 0..majors {
        for at in starts[major] as usize..starts[major + 1] as usize {
            let (minor, value) = (indices[at], values[at]);
            if minor < 0 || minor >= minors as i64 {
                let range = format!("0 to {}", minors as i64 - 1);
                let problem = Problem::OutOfRange { value: minor.to_string(), range };
                return Err(DatasetError::at(path, Place::Element("indices".into(), at), problem));
            }
            if !value.is_finite() {
                let place = Place::Element("data".into(), at);
                return Err(DatasetError::at(path, place, Problem::NotFinite(value)));
            }
            let (major, minor) = (major as u32, minor as u32);
            entries.push(if is_csr { (major, minor, value) } else { (minor, major, value) });
        }
    }
    super::check_duplicates(&entries, path)?;
    Ok(RawMatrix { rows, cols, entries })
}

/// Row (or column) pointers must start at 0, never fall, and end at the number of entries.
fn check_pointers(
    starts: &[i64],
    majors: usize,
    entries: usize,
    path: &Path,
) -> Result<(), DatasetError> {
    let fault = |place, problem| Err(DatasetError::at(path, place, problem));
    if starts.len() != majors + 1 {
        let text = format!("has {} elements, expected {}", starts.len(), majors + 1);
        return fault(Place::Member("indptr".into()), Problem::Inconsistent(text));
    }
    if starts[0] != 0 {
        let text = format!("is {}, expected 0", starts[0]);
        return fault(Place::Element("indptr".into(), 0), Problem::Inconsistent(text));
    }
    if let Some(at) = starts.windows(2).position(|pair| pair[1] < pair[0]) {
        let text = format!("is {}, below the {} before it", starts[at + 1], starts[at]);
        return fault(Place::Element("indptr".into(), at + 1), Problem::Inconsistent(text));
    }
    if starts[majors] != entries as i64 {
        let text = format!("is {}, but there are {entries} indices", starts[majors]);
        return fault(Place::Element("indptr".into(), majors), Problem::Inconsistent(text));
    }
    Ok(())
}

/// One array of an archive, its bytes unpacked.
struct Array<'a> {
    path: &'a Path,
    name: &'static str,
    bytes: Vec<u8>,
}

impl<'a> Array<'a> {
    fn load(
        archive: &mut ZipArchive<impl Read + Seek>,
        name: &'static str,
        path: &'a Path,
    ) -> Result<Self, DatasetError> {
        let fault = |problem| DatasetError::at(path, Place::Member(name.into()), problem);
        let damaged = |e: String| {
            fault(Problem::Syntax { expected: "a readable array", found: e })
        };
        let member = match archive.by_name(&format!("{name}.npy")) {
            Ok(member) => member,
            Err(zip::result::ZipError::FileNotFound) => {
                return Err(fault(Problem::Missing { expected: "an array of that name" }));
            }
            Err(e) => return Err(damaged(e.to_string())),
        };
        let announced = member.size();
        let mut bytes = Vec::new();
        // One byte more than allowed tells a member that unpacks to too much.
        member
            .take(MEMBER_LIMIT + 1)
            .read_to_end(&mut bytes)
            .map_err(|e| damaged(e.to_string()))?;
        if bytes.len() as u64 > MEMBER_LIMIT {
            let what = "unpacked size";
            let (size, limit) = (bytes.len() as u64, MEMBER_LIMIT);
            return Err(fault(Problem::TooLarge { what, size, limit }));
        }
        if bytes.len() as u64 != announced {
            let found = bytes.len() as u64;
            let (what, expected) = ("bytes", announced);
            return Err(fault(if found < expected {
                Problem::Truncated { what, expected, found }
            } else {
                Problem::Excess { what, expected, found }
            }));
        }
        Ok(Array { path, name, bytes })
    }

    fn fault(&self, problem: Problem) -> DatasetError {
        DatasetError::at(self.path, Place::Member(self.name.into()), problem)
    }

    /// Parses the header and checks that the bytes it announces are there, neither more nor less.
    fn open(&self) -> Result<(NpyFile<Cursor<&[u8]>>, String), DatasetError> {
        let syntax = |found: String| {
            self.fault(Problem::Syntax { expected: "a NumPy array", found })
        };
        let mut cursor = Cursor::new(self.bytes.as_slice());
        let header =
            npyz::NpyHeader::from_reader(&mut cursor).map_err(|e| syntax(e.to_string()))?;
        let DType::Plain(kind) = header.dtype() else {
            return Err(syntax("a structured array".into()));
        };
        let kind = kind.to_string();
        let width: u64 = kind.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(0);
        let elements = header.shape().iter().try_fold(1u64, |n, &d| n.checked_mul(d));
        let expected = elements.and_then(|n| n.checked_mul(width));
        let found = self.bytes.len() as u64 - cursor.position();
        match expected {
            Some(expected) if expected == found => {
                let array = NpyFile::with_header(header, cursor);
                Ok((array, kind))
            }
            Some(expected) if expected < found => {
                Err(self.fault(Problem::Excess { what: "bytes", expected, found }))
            }
            expected => Err(self.fault(Problem::Truncated {
                what: "bytes",
                expected: expected.unwrap_or(u64::MAX),
                found,
            })),
        }
    }

    fn elements<T: npyz::Deserialize>(
        &self,
        array: NpyFile<Cursor<&[u8]>>,
    ) -> Result<Vec<T>, DatasetError> {
        let damaged = |e: String| {
            self.fault(Problem::Syntax { expected: "a readable array", found: e })
        };
        let reader = array.data::<T>().map_err(|e| damaged(e.to_string()))?;
        reader.collect::<Result<_, _>>().map_err(|e| damaged(e.to_string()))
    }

    fn integers(&self) -> Result<Vec<i64>, DatasetError> {
        let (array, kind) = self.open()?;
        match kind.as_str() {
            "<i8" => self.elements::<i64>(array),
            "<i4" => Ok(self.elements::<i32>(array)?.into_iter().map(i64::from).collect()),
            other => {
                let what = format!("type `{other}`");
                Err(self.fault(Problem::Unsupported { what, expected: "`<i4` or `<i8`" }))
            }
        }
    }

    fn floats(&self) -> Result<Vec<f64>, DatasetError> {
        let (array, kind) = self.open()?;
        match kind.as_str() {
            "<f8" => self.elements::<f64>(array),
            "<f4" => Ok(self.elements::<f32>(array)?.into_iter().map(f64::from).collect()),
            other => {
                let what = format!("type `{other}`");
                Err(self.fault(Problem::Unsupported { what, expected: "`<f4` or `<f8`" }))
            }
        }
    }

    /// A single string: bytes (`|S3`) or code points (`<U3`).
    fn text(&self) -> Result<String, DatasetError> {
        let (array, kind) = self.open()?;
        let wrong = |found: String| {
            self.fault(Problem::Syntax { expected: "the word `csr` or `csc`", found })
        };
        if !kind.contains('S') {
            return Err(wrong(format!("an array of type {kind}")));
        }
        let texts = self.elements::<Vec<u8>>(array)?;
        let text = texts.first().ok_or_else(|| wrong("nothing".into()))?;
        Ok(String::from_utf8_lossy(text).trim_end_matches('\0').to_string())
    }
}
