//! Parquet's own headers, walked before any library builds something from them.
//!
//! Source: Apache Thrift, "Thrift compact protocol encoding"; Apache Parquet format, `parquet.thrift`
//! (`FileMetaData`, `SchemaElement`, `PageHeader`).

/// Bytes in the compact protocol, read once from front to back.
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Why a header is not walked to its end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It ends early.
    Ends,
    /// It is not what headers are.
    Wrong(String),
}

type Walked<T> = Result<T, Fault>;

/// Structs within structs; those of Parquet have at most seven.
const MAX_NESTING: usize = 16;

/// Structs in one list: row groups, or columns of a group.
const MAX_STRUCTS: u64 = 200_000;

/// Elements of a schema, groups and columns.
const MAX_ELEMENTS: usize = 10_000;

/// Groups within groups of a schema; a list of structs takes three.
const MAX_DEPTH: usize = 32;

const STRUCT: u8 = 12;
const I32: u8 = 5;

fn wrong<T>(text: impl Into<String>) -> Walked<T> {
    Err(Fault::Wrong(text.into()))
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Cursor { bytes, at: 0 }
    }

    /// Bytes read so far.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    fn byte(&mut self) -> Walked<u8> {
        let byte = *self.bytes.get(self.at).ok_or(Fault::Ends)?;
        self.at += 1;
        Ok(byte)
    }

    fn advance(&mut self, count: u64) -> Walked<()> {
        let left = (self.bytes.len() - self.at) as u64;
        if count > left {
            return Err(Fault::Ends);
        }
        self.at += count as usize;
        Ok(())
    }

    fn varint(&mut self) -> Walked<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        wrong("a number of more than ten bytes")
    }

    fn zigzag(&mut self) -> Walked<i64> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// Type and number of the elements of a list.
    fn list(&mut self) -> Walked<(u8, u64)> {
        let head = self.byte()?;
        let count = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
        if head & 15 == STRUCT && count > MAX_STRUCTS {
            return wrong(format!("a list of {count} parts"));
        }
        Ok((head & 15, count))
    }

    /// Calls `with` for every field of a struct; it reads the value, or says that it did not.
    fn fields(&mut self, with: &mut dyn FnMut(&mut Self, i64, u8) -> Walked<bool>) -> Walked<()> {
        let mut id = 0;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Ok(());
            }
            id = if head >> 4 == 0 { self.zigzag()? } else { id + i64::from(head >> 4) };
            if !with(self, id, head & 15)? {
                self.skip(head & 15, 0)?;
            }
        }
    }

    fn skip(&mut self, kind: u8, nesting: usize) -> Walked<()> {
        if nesting > MAX_NESTING {
            return wrong("parts within parts, deeper than any header's");
        }
        match kind {
            // A flag of a struct is in its type; of a list it is a byte (see below).
            1 | 2 => Ok(()),
            3 => self.advance(1),
            4..=6 => self.varint().map(drop),
            7 => self.advance(8),
            8 => {
                let length = self.varint()?;
                self.advance(length)
            }
            9 | 10 => {
                let (kind, count) = self.list()?;
                for _ in 0..count {
                    if matches!(kind, 1 | 2) {
                        self.advance(1)?;
                    } else {
                        self.skip(kind, nesting + 1)?;
                    }
                }
                Ok(())
            }
            11 => {
                let count = self.varint()?;
                if count == 0 {
                    return Ok(());
                }
                let kinds = self.byte()?;
                for _ in 0..count {
                    self.skip(kinds >> 4, nesting + 1)?;
                    self.skip(kinds & 15, nesting + 1)?;
                }
                Ok(())
            }
            STRUCT => loop {
                let head = self.byte()?;
                if head == 0 {
                    return Ok(());
                }
                if head >> 4 == 0 {
                    self.varint()?;
                }
                self.skip(head & 15, nesting + 1)?;
            },
            other => wrong(format!("a value of type {other}")),
        }
    }
}

/// Walks the metadata of a whole file: everything that is announced is there, and the schema is a
/// tree of moderate depth.
pub(crate) fn footer(bytes: &[u8]) -> Walked<()> {
    let mut children: Vec<i64> = Vec::new();
    Cursor::new(bytes).fields(&mut |cursor, id, kind| {
        if (id, kind) != (2, 9) {
            return Ok(false);
        }
        let (kind, count) = cursor.list()?;
        if kind != STRUCT || count as usize > MAX_ELEMENTS {
            return wrong(format!("a schema of {count} elements"));
        }
        for _ in 0..count {
            let mut of_element = 0;
            cursor.fields(&mut |cursor, id, kind| {
                if (id, kind) == (5, I32) {
                    of_element = cursor.zigzag()?;
                    return Ok(true);
                }
                Ok(false)
            })?;
            children.push(of_element);
        }
        Ok(true)
    })?;
    tree(&children)
}

/// Whether elements with so many children each, parents first, make one tree.
fn tree(children: &[i64]) -> Walked<()> {
    let mut open: Vec<i64> = Vec::new();
    for (at, &count) in children.iter().enumerate() {
        let left = (children.len() - at - 1) as i64;
        if !(0..=left).contains(&count) {
            return wrong(format!("a schema that announces {count} columns and has {left}"));
        }
        match open.last_mut() {
            Some(of_parent) => *of_parent -= 1,
            None if at > 0 => return wrong("a schema with more than one root"),
            None => {}
        }
        if count > 0 {
            open.push(count);
        }
        while open.last() == Some(&0) {
            open.pop();
        }
        if open.len() > MAX_DEPTH {
            return wrong(format!("columns within columns, more than {MAX_DEPTH} deep"));
        }
    }
    if open.is_empty() { Ok(()) } else { wrong("a schema that announces more than it has") }
}

/// What a page says of itself.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PageHeader {
    /// Bytes of the header.
    pub header: usize,
    /// Bytes of the page when it is unpacked.
    pub uncompressed: i64,
    /// Bytes of the page in the file.
    pub compressed: i64,
    /// Values of a dictionary page.
    pub dictionary: Option<i64>,
}

/// Reads the header of a page.
pub(crate) fn page(bytes: &[u8]) -> Walked<PageHeader> {
    let mut page = PageHeader::default();
    let mut cursor = Cursor::new(bytes);
    cursor.fields(&mut |cursor, id, kind| {
        match (id, kind) {
            (2, I32) => page.uncompressed = cursor.zigzag()?,
            (3, I32) => page.compressed = cursor.zigzag()?,
            (7, STRUCT) => cursor.fields(&mut |cursor, id, kind| {
                if (id, kind) == (1, I32) {
                    page.dictionary = Some(cursor.zigzag()?);
                    return Ok(true);
                }
                Ok(false)
            })?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    page.header = cursor.position();
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_are_trees() {
        assert_eq!(tree(&[2, 0, 1, 0]), Ok(()));
        assert!(tree(&[1, 0, 0]).is_err(), "two roots");
        assert!(tree(&[i64::from(i32::MAX)]).is_err(), "children that are not there");
        assert!(tree(&[-1]).is_err());
        let nested: Vec<i64> = std::iter::repeat_n(1, 20_000).chain([0]).collect();
        assert!(tree(&nested).is_err());
    }

    #[test]
    fn what_is_announced_must_be_there() {
        // A list of 2^31 - 1 structs of which none is there; one of as many numbers.
        let lie = [0x29, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07];
        assert!(matches!(footer(&lie), Err(Fault::Wrong(_))));
        let lie = [0x49, 0xf5, 0xff, 0xff, 0xff, 0xff, 0x07];
        assert_eq!(footer(&lie), Err(Fault::Ends));
        // Structs within structs without end.
        assert!(matches!(footer(&[0x4c; 1000]), Err(Fault::Wrong(_))));
        assert_eq!(footer(&[0]), Ok(()));
    }

    #[test]
    fn pages_say_how_large_they_are() {
        // type 0, 600 bytes, 40 in the file, a dictionary of 3 values.
        let bytes = [0x15, 0, 0x15, 0xb0, 0x09, 0x15, 0x50, 0x4c, 0x15, 6, 0x15, 0, 0, 0];
        let expected =
            PageHeader { header: 14, uncompressed: 600, compressed: 40, dictionary: Some(3) };
        assert_eq!(page(&bytes), Ok(expected));
    }
}
