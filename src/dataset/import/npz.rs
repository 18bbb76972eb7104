//! SciPy's sparse archives: `.npz` with a matrix in CSR, CSC or COO form.
//!
//! Format: `scipy.sparse.save_npz`: a zip archive with the members `format`, `shape`, `data` and,
//! by format, `indices` and `indptr`, or `row` and `col`. No size the archive announces is
//! believed: a member is read up to the size that the members read before it allow.

use std::io::{Cursor, Read};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::entries::{self, Entry, ValueRange};
use super::npy::{Array, HEADER_LIMIT};
use crate::dataset::error::{DatasetError, FilePlace, Problem};

/// Largest member that is unpacked, in bytes: 128 million entries of 64 bits.
pub const MEMBER_LIMIT: u64 = 1 << 30;

/// Deflate cannot pack more than this many bytes into one.
const DEFLATE_RATIO: u64 = 1032;

/// Widest element of an array, in bytes.
const WIDEST: u64 = 8;

/// Reads the entries of a sparse archive, in row order; see [`parse`].
///
/// # Errors
/// The file cannot be read, or as [`parse`].
pub fn read(
    path: &Path,
    shape: (usize, usize),
    range: ValueRange,
) -> Result<Vec<Entry>, DatasetError> {
    let bytes = entries::read_bytes(path, "a sparse archive of the published layout")?;
    parse(&bytes, path, shape, range)
}

/// Parses the content of a sparse archive; `path` only names it in errors.
///
/// Returns the stored entries in row order, explicit zeros included; 32-bit floats convert
/// exactly. `shape` is the shape (rows, columns) the matrix must have.
///
/// # Errors
/// Anything that is not a complete, correct matrix of that shape with values within `range`,
/// and a position that occurs twice.
pub fn parse(
    bytes: &[u8],
    path: &Path,
    shape: (usize, usize),
    range: ValueRange,
) -> Result<Vec<Entry>, DatasetError> {
    let mut archive = Archive::open(bytes, path)?;
    let few = HEADER_LIMIT as u64;
    let format = archive.array("format.npy", few, |a| a.text())?;
    archive.check_shape(shape)?;
    let list = match format.as_str() {
        "csr" => archive.compressed(shape.0, shape.1, false, range)?,
        "csc" => archive.compressed(shape.1, shape.0, true, range)?,
        "coo" => archive.coordinates(shape, range)?,
        other => {
            let what = format!("sparse format `{}`", entries::shorten(other));
            let problem = Problem::Unsupported { what, expected: "`csr`, `csc` or `coo`" };
            return Err(archive.fail("format.npy", problem));
        }
    };
    entries::in_row_order(list, path)
}

/// An opened archive and its name for errors.
struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// Size of the whole file: bounds what its members can hold.
    size: u64,
    path: &'a Path,
}

impl<'a> Archive<'a> {
    fn open(bytes: &'a [u8], path: &'a Path) -> Result<Self, DatasetError> {
        let zip = ZipArchive::new(Cursor::new(bytes))
            .map_err(|e| DatasetError::file(path, Problem::Archive(e.to_string())))?;
        Ok(Archive { zip, size: bytes.len() as u64, path })
    }

    fn fail(&self, member: &str, problem: Problem) -> DatasetError {
        DatasetError::at(self.path, FilePlace::Member(member.to_string()), problem)
    }

    fn fail_at(&self, member: &str, element: usize, problem: Problem) -> DatasetError {
        DatasetError::at(self.path, FilePlace::Element(member.to_string(), element), problem)
    }

    /// A member's content decoded by `decode`; `limit` is the most bytes its elements may take.
    fn array<T>(
        &mut self,
        member: &str,
        limit: u64,
        decode: impl FnOnce(Array<'_>) -> Result<T, Problem>,
    ) -> Result<T, DatasetError> {
        let bytes = self.unpack(member, limit).map_err(|problem| self.fail(member, problem))?;
        Array::parse(&bytes).and_then(decode).map_err(|problem| self.fail(member, problem))
    }

    /// The unpacked bytes of a member.
    fn unpack(&mut self, member: &str, limit: u64) -> Result<Vec<u8>, Problem> {
        let size = self.size;
        let mut file = self.zip.by_name(member).map_err(|e| match e {
            ZipError::FileNotFound => Problem::Missing { expected: "a member of a sparse archive" },
            other => Problem::Archive(other.to_string()),
        })?;
        let expected = file.size();
        let limit = limit.saturating_add(HEADER_LIMIT as u64).min(MEMBER_LIMIT);
        if expected > limit {
            return Err(Problem::TooLarge {
                what: "unpacked size in bytes",
                size: expected,
                limit,
            });
        }
        let packed = file.compressed_size().min(size);
        let backed = expected.min(packed.saturating_mul(DEFLATE_RATIO));
        let mut bytes = Vec::with_capacity(backed as usize);
        // One byte more than announced, to notice a member that holds more, and to reach the end
        // of an honest one, where its checksum is compared.
        file.by_ref()
            .take(expected + 1)
            .read_to_end(&mut bytes)
            .map_err(|e| Problem::Archive(e.to_string()))?;
        let found = bytes.len() as u64;
        match found.cmp(&expected) {
            std::cmp::Ordering::Less => Err(Problem::Truncated { what: "bytes", expected, found }),
            std::cmp::Ordering::Greater => Err(Problem::Excess { what: "bytes", expected, found }),
            std::cmp::Ordering::Equal => Ok(bytes),
        }
    }

    fn check_shape(&mut self, want: (usize, usize)) -> Result<(), DatasetError> {
        let member = "shape.npy";
        let sizes = self.array(member, 2 * WIDEST, |a| a.integers())?;
        let sizes: Vec<usize> = sizes.iter().filter_map(|&s| usize::try_from(s).ok()).collect();
        let &[rows, cols] = sizes.as_slice() else {
            let problem = Problem::Archive("the shape is not two sizes".into());
            return Err(self.fail(member, problem));
        };
        entries::check_shape((rows, cols), want).map_err(|problem| self.fail(member, problem))
    }

    /// Entries of a CSR matrix, or with `swapped` of a CSC matrix: there, rows are columns.
    fn compressed(
        &mut self,
        rows: usize,
        cols: usize,
        swapped: bool,
        range: ValueRange,
    ) -> Result<Vec<Entry>, DatasetError> {
        let starts = self.starts(rows)?;
        let nnz = starts.last().copied().unwrap_or(0);
        let indices = self.indices("indices.npy", Some(nnz), cols)?;
        let values = self.values(nnz, range)?;
        let mut list = Vec::with_capacity(nnz);
        for (row, bounds) in starts.windows(2).enumerate() {
            let (from, to) = (bounds[0], bounds[1]);
            for (&col, &value) in indices[from..to].iter().zip(&values[from..to]) {
                let row = row as u32;
                list.push(if swapped { (col, row, value) } else { (row, col, value) });
            }
        }
        Ok(list)
    }

    fn coordinates(
        &mut self,
        shape: (usize, usize),
        range: ValueRange,
    ) -> Result<Vec<Entry>, DatasetError> {
        let rows = self.indices("row.npy", None, shape.0)?;
        let cols = self.indices("col.npy", Some(rows.len()), shape.1)?;
        let values = self.values(rows.len(), range)?;
        Ok(rows.into_iter().zip(cols).zip(values).map(|((r, c), v)| (r, c, v)).collect())
    }

    /// `indptr`: one ascending offset per row and one for the end.
    fn starts(&mut self, rows: usize) -> Result<Vec<usize>, DatasetError> {
        let member = "indptr.npy";
        let elements = rows as u64 + 1;
        let list = self.array(member, elements.saturating_mul(WIDEST), |a| a.integers())?;
        self.check_len(member, list.len(), elements as usize)?;
        let mut before = 0;
        let mut starts = Vec::with_capacity(list.len());
        for (at, &start) in list.iter().enumerate() {
            if start < before || (at == 0 && start != 0) {
                let range = if at == 0 { "0".to_string() } else { format!("{before} or more") };
                let problem = Problem::OutOfRange { value: format!("offset {start}"), range };
                return Err(self.fail_at(member, at, problem));
            }
            before = start;
            // Beyond the address space: the comparison with the number of indices refuses it.
            starts.push(usize::try_from(start).unwrap_or(usize::MAX));
        }
        Ok(starts)
    }

    /// Row or column numbers below `size`; `count` of them where that is known.
    fn indices(
        &mut self,
        member: &str,
        count: Option<usize>,
        size: usize,
    ) -> Result<Vec<u32>, DatasetError> {
        let limit = count.map_or(MEMBER_LIMIT, |n| (n as u64).saturating_mul(WIDEST));
        let list = self.array(member, limit, |a| a.integers())?;
        self.check_len(member, list.len(), count.unwrap_or(list.len()))?;
        let mut indices = Vec::with_capacity(list.len());
        for (at, &index) in list.iter().enumerate() {
            match u32::try_from(index) {
                Ok(fits) if (fits as usize) < size => indices.push(fits),
                _ => {
                    let range = format!("0 to {}", size as i64 - 1);
                    let problem = Problem::OutOfRange { value: format!("index {index}"), range };
                    return Err(self.fail_at(member, at, problem));
                }
            }
        }
        Ok(indices)
    }

    fn values(&mut self, count: usize, range: ValueRange) -> Result<Vec<f64>, DatasetError> {
        let member = "data.npy";
        let limit = (count as u64).saturating_mul(WIDEST);
        let values = self.array(member, limit, |a| a.numbers())?;
        self.check_len(member, values.len(), count)?;
        for (at, &value) in values.iter().enumerate() {
            range.check(value).map_err(|problem| self.fail_at(member, at, problem))?;
        }
        Ok(values)
    }

    fn check_len(&self, member: &str, found: usize, expected: usize) -> Result<(), DatasetError> {
        let (found, expected) = (found as u64, expected as u64);
        let what = "elements";
        match found.cmp(&expected) {
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Less => {
                Err(self.fail(member, Problem::Truncated { what, expected, found }))
            }
            std::cmp::Ordering::Greater => {
                Err(self.fail(member, Problem::Excess { what, expected, found }))
            }
        }
    }
}
