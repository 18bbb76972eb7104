//! One array of an archive: NumPy's `.npy` form, as far as sparse archives use it.
//!
//! Format: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>. The header
//! is read here and not by a general reader of Python literals: only one fixed form of it is
//! ever written, and lengths must be compared with the bytes present before they are believed.

use crate::dataset::error::Problem;

/// Longest header accepted, in bytes; NumPy's own take up to 128.
pub const HEADER_LIMIT: usize = 4096;

/// An array whose length has been checked against its bytes.
#[derive(Debug)]
pub struct Array<'a> {
    /// Type of an element, without the byte order: `i`, `u`, `f`, `S` or `U`.
    kind: u8,
    /// Bytes of an element.
    size: usize,
    /// Number of elements.
    len: usize,
    data: &'a [u8],
}

fn broken(why: &str) -> Problem {
    Problem::Archive(why.to_string())
}

impl<'a> Array<'a> {
    /// Parses header and extent of an `.npy` member.
    ///
    /// # Errors
    /// Not an array in NumPy's form, big-endian, an object array, not zero- or one-dimensional,
    /// or with fewer or more bytes than its shape announces.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Problem> {
        let (header, data) = split_header(bytes)?;
        let descr = quoted(after_key(header, "descr")?).ok_or_else(|| {
            let what = "a structured or unreadable element type".to_string();
            Problem::Unsupported { what, expected: "a plain little-endian number type" }
        })?;
        let (kind, size) = element_type(descr)?;
        let shape = dimensions(after_key(header, "shape")?)?;
        let len = match shape[..] {
            [] => 1,
            [len] => len,
            _ => {
                let what = format!("an array of {} dimensions", shape.len());
                return Err(Problem::Unsupported { what, expected: "a one-dimensional array" });
            }
        };
        let expected = len.saturating_mul(size as u64);
        let found = data.len() as u64;
        match expected.cmp(&found) {
            std::cmp::Ordering::Greater => {
                Err(Problem::Truncated { what: "bytes of the array", expected, found })
            }
            std::cmp::Ordering::Less => {
                Err(Problem::Excess { what: "bytes of the array", expected, found })
            }
            std::cmp::Ordering::Equal => Ok(Array { kind, size, len: len as usize, data }),
        }
    }

    /// The elements as whole numbers; unsigned ones beyond `i64` saturate.
    ///
    /// # Errors
    /// Elements of another type than integers of 32 or 64 bits.
    pub fn integers(&self) -> Result<Vec<i64>, Problem> {
        let d = self.data;
        Ok(match (self.kind, self.size) {
            (b'i', 4) => decode(d, |b| i64::from(i32::from_le_bytes(b))),
            (b'u', 4) => decode(d, |b| i64::from(u32::from_le_bytes(b))),
            (b'i', 8) => decode(d, i64::from_le_bytes),
            (b'u', 8) => decode(d, |b| i64::try_from(u64::from_le_bytes(b)).unwrap_or(i64::MAX)),
            _ => return Err(self.unsupported("integers of 32 or 64 bits")),
        })
    }

    /// The elements as `f64`; 32-bit floats convert exactly.
    ///
    /// # Errors
    /// Elements of another type than floats of 32 or 64 bits, or integers.
    pub fn numbers(&self) -> Result<Vec<f64>, Problem> {
        let d = self.data;
        Ok(match (self.kind, self.size) {
            (b'f', 4) => decode(d, |b| f64::from(f32::from_le_bytes(b))),
            (b'f', 8) => decode(d, f64::from_le_bytes),
            (b'i', 1) => decode(d, |b| f64::from(i8::from_le_bytes(b))),
            (b'i', 2) => decode(d, |b| f64::from(i16::from_le_bytes(b))),
            (b'u', 1) => decode(d, |b| f64::from(u8::from_le_bytes(b))),
            (b'u', 2) => decode(d, |b| f64::from(u16::from_le_bytes(b))),
            (b'i' | b'u', 4 | 8) => self.integers()?.into_iter().map(|v| v as f64).collect(),
            _ => return Err(self.unsupported("floats of 32 or 64 bits, or integers")),
        })
    }

    /// The single text the array holds.
    ///
    /// # Errors
    /// Elements of another type than text, or more than one.
    pub fn text(&self) -> Result<String, Problem> {
        if !matches!(self.kind, b'S' | b'U') || self.len != 1 {
            return Err(self.unsupported("one text"));
        }
        // Padding, and for `U` the upper bytes of ASCII characters, are zero.
        let bytes: Vec<u8> = self.data.iter().copied().filter(|&b| b != 0).collect();
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn unsupported(&self, expected: &'static str) -> Problem {
        let what = format!("an array of {} `{}{}`", self.len, self.kind as char, self.size);
        Problem::Unsupported { what, expected }
    }
}

fn decode<const N: usize, T>(data: &[u8], value: impl Fn([u8; N]) -> T) -> Vec<T> {
    data.as_chunks::<N>().0.iter().map(|&bytes| value(bytes)).collect()
}

/// Header text and data.
fn split_header(bytes: &[u8]) -> Result<(&str, &[u8]), Problem> {
    let rest = bytes.strip_prefix(b"\x93NUMPY").ok_or_else(|| broken("not a NumPy array"))?;
    let (length, rest) = match *rest {
        [1, _, a, b, ref rest @ ..] => (u64::from(u16::from_le_bytes([a, b])), rest),
        [2 | 3, _, a, b, c, d, ref rest @ ..] => {
            (u64::from(u32::from_le_bytes([a, b, c, d])), rest)
        }
        _ => return Err(broken("a NumPy array of unknown version, or cut short")),
    };
    if length > HEADER_LIMIT as u64 {
        let limit = HEADER_LIMIT as u64;
        return Err(Problem::TooLarge { what: "header in bytes", size: length, limit });
    }
    let Some((header, data)) = rest.split_at_checked(length as usize) else {
        let found = rest.len() as u64;
        return Err(Problem::Truncated { what: "bytes of the header", expected: length, found });
    };
    let header = std::str::from_utf8(header).map_err(|_| broken("header is not UTF-8 text"))?;
    Ok((header, data))
}

/// The text after `'key':`.
fn after_key<'a>(header: &'a str, key: &str) -> Result<&'a str, Problem> {
    [format!("'{key}':"), format!("\"{key}\":")]
        .iter()
        .find_map(|quoted| header.split_once(quoted.as_str()))
        .map(|(_, rest)| rest.trim_start())
        .ok_or_else(|| Problem::Archive(format!("header has no `{key}`")))
}

/// The content of a leading quoted text.
fn quoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|&c| c == '\'' || c == '"')?;
    text[1..].split_once(quote).map(|(inside, _)| inside)
}

/// Kind and size in bytes of a type such as `<f4`.
fn element_type(descr: &str) -> Result<(u8, usize), Problem> {
    let unsupported = || Problem::Unsupported {
        what: format!("element type `{}`", super::entries::shorten(descr)),
        expected: "a plain little-endian number type",
    };
    let (&[order, kind], size) = descr.as_bytes().split_first_chunk().ok_or_else(unsupported)?;
    let size: usize =
        std::str::from_utf8(size).ok().and_then(|s| s.parse().ok()).ok_or_else(unsupported)?;
    let bytes = match kind {
        b'i' | b'u' if matches!(size, 1 | 2 | 4 | 8) => size,
        b'f' if matches!(size, 4 | 8) => size,
        b'S' if size <= HEADER_LIMIT => size,
        b'U' if size <= HEADER_LIMIT => 4 * size,
        _ => return Err(unsupported()),
    };
    // Single bytes and text have no byte order.
    match order {
        b'<' | b'|' => Ok((kind, bytes)),
        b'>' if kind == b'S' || bytes == 1 => Ok((kind, bytes)),
        _ => Err(unsupported()),
    }
}

/// The numbers of a tuple such as `(12,)`.
fn dimensions(text: &str) -> Result<Vec<u64>, Problem> {
    let inside = text.strip_prefix('(').and_then(|t| t.split_once(')')).map(|(inside, _)| inside);
    let words = inside.into_iter().flat_map(|t| t.split(',')).map(str::trim);
    let numbers: Option<Vec<u64>> =
        words.filter(|w| !w.is_empty()).map(|w| w.trim_end_matches('L').parse().ok()).collect();
    match (inside, numbers) {
        (Some(_), Some(numbers)) => Ok(numbers),
        _ => Err(broken("header has an unreadable `shape`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
        let header =
            format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(data);
        bytes
    }

    #[test]
    fn element_types_and_widths() {
        let of = |descr: &str, data: &[u8], n| {
            Array::parse(&array(descr, &format!("({n},)"), data)).unwrap().numbers().unwrap()
        };
        assert_eq!(of("<f4", &0.1f32.to_le_bytes(), 1), [f64::from(0.1f32)]);
        assert_eq!(of("<f8", &0.1f64.to_le_bytes(), 1), [0.1]);
        assert_eq!(of("|i1", &[255, 3], 2), [-1.0, 3.0]);
        assert_eq!(of("<u2", &[1, 1], 1), [257.0]);
        assert_eq!(of("<i8", &(-7i64).to_le_bytes(), 1), [-7.0]);
        let bytes = array("<u4", "(1,)", &[255; 4]);
        assert_eq!(Array::parse(&bytes).unwrap().integers().unwrap(), [i64::from(u32::MAX)]);
        assert_eq!(Array::parse(&array("|S3", "()", b"csr")).unwrap().text().unwrap(), "csr");
        let wide = array("<U3", "()", b"c\0\0\0s\0\0\0c\0\0\0");
        assert_eq!(Array::parse(&wide).unwrap().text().unwrap(), "csc");
    }

    #[test]
    fn lengths_are_compared_with_the_bytes_present() {
        let message = |bytes: &[u8]| Array::parse(bytes).unwrap_err().to_string();
        let short = message(&array("<f8", "(2,)", &[0; 8]));
        assert_eq!(short, "ends early: expected 16 bytes of the array, found 8");
        let long = message(&array("<f8", "(1,)", &[0; 9]));
        assert!(long.starts_with("holds more than announced"), "{long}");
        let huge = message(&array("<f8", "(18446744073709551615,)", &[0; 8]));
        assert!(huge.starts_with("ends early"), "{huge}");
        let header = message(b"\x93NUMPY\x02\x00\xff\xff\xff\xff{}");
        assert!(header.contains("exceeds the limit"), "{header}");
    }

    #[test]
    fn other_arrays_are_refused() {
        let message = |bytes: &[u8]| Array::parse(bytes).unwrap_err().to_string();
        assert!(message(b"PK").contains("not a NumPy array"));
        assert!(message(b"\x93NUMPY\x01").contains("cut short"));
        assert!(message(&array(">f8", "(1,)", &[0; 8])).contains("element type `>f8`"));
        assert!(message(&array("|O", "(1,)", &[])).contains("not supported"));
        assert!(message(&array("<f8", "(1, 1)", &[0; 8])).contains("2 dimensions"));
        assert!(message(&array("<f8", "(-1,)", &[])).contains("unreadable `shape`"));
        assert!(Array::parse(&array("<f8", "(1,)", &[0; 8])).unwrap().integers().is_err());
    }
}
