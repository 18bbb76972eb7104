//! Bytes of a serialisation: decompression, and numbers in big-endian order.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

use shocksweep_columnar::{TableError, read};

use crate::dataset::error::Problem;

/// Bytes read at a time.
const CHUNK: usize = 1 << 16;
/// What xz may use for its dictionary, KiB: `xz -9` takes 64 MiB.
const XZ_MEMORY: u32 = 128 << 10;

/// An open file, decompressed as it is read.
pub struct Input {
    input: BufReader<Box<dyn Read + Send>>,
    /// Uncompressed bytes read.
    taken: u64,
}

/// Opens a regular file.
fn open(path: &Path) -> Result<File, Problem> {
    read::open(path).map_err(|error| match error {
        TableError::Io { source, .. } => Problem::Io(source),
        other => Problem::Inconsistent(other.to_string()),
    })
}

impl Input {
    /// Opens a file compressed with gzip, xz, bzip2 or not at all.
    pub fn open(path: &Path) -> Result<Self, Problem> {
        let mut file = BufReader::with_capacity(CHUNK, open(path)?);
        let head = file.fill_buf()?;
        let input: Box<dyn Read + Send> = if head.starts_with(&[0x1f, 0x8b]) {
            Box::new(flate2::bufread::MultiGzDecoder::new(file))
        } else if head.starts_with(b"\xfd7zXZ\0") {
            Box::new(lzma_rust2::XzReader::new_mem_limit(file, true, XZ_MEMORY))
        } else if head.starts_with(b"BZh") {
            Box::new(bzip2::bufread::MultiBzDecoder::new(file))
        } else if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            let what = "compression with zstd".to_string();
            return Err(Problem::Unsupported { what, expected: "gzip, xz, bzip2 or none" });
        } else {
            Box::new(file)
        };
        let input = BufReader::with_capacity(CHUNK, input);
        Ok(Input { input, taken: 0 })
    }

    /// Whether everything has been read; looking is what makes a decompressor check its checksum.
    pub fn is_at_end(&mut self) -> Result<bool, Problem> {
        let rest = std::io::copy(&mut self.input.by_ref().take(1), &mut std::io::sink());
        Ok(rest.map_err(|e| self.failed(e))? == 0)
    }

    /// Numbers of a width of `N` bytes.
    pub fn numbers<const N: usize, T>(
        &mut self,
        length: u64,
        number: fn([u8; N]) -> T,
    ) -> Result<Vec<T>, Problem> {
        let mut buffer = [0; CHUNK];
        let mut numbers: Vec<T> = Vec::new();
        let mut left = length as usize;
        while left > 0 {
            let now = left.min(CHUNK / N);
            self.fill(&mut buffer[..now * N])?;
            if numbers.capacity() - numbers.len() < now {
                // What has arrived pays for as much again, never for what is only announced.
                numbers.reserve_exact(left.min(numbers.len().max(now)));
            }
            let (words, _) = buffer[..now * N].as_chunks::<N>();
            numbers.extend(words.iter().map(|word| number(*word)));
            left -= now;
        }
        Ok(numbers)
    }

    /// The next four bytes.
    pub fn word(&mut self) -> Result<u32, Problem> {
        Ok(u32::from_be_bytes(self.bytes()?))
    }

    /// The next `N` bytes.
    pub fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Problem> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// As many bytes as there is room for.
    pub fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Problem> {
        self.input.read_exact(bytes).map_err(|e| self.failed(e))?;
        self.taken += bytes.len() as u64;
        Ok(())
    }

    /// Passes over bytes.
    pub fn skip(&mut self, bytes: u64) -> Result<(), Problem> {
        let mut left = bytes;
        while left > 0 {
            let here = match self.input.fill_buf() {
                Ok(here) => here.len(),
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                Err(e) => return Err(self.failed(e)),
            };
            if here == 0 {
                return Err(self.failed(ErrorKind::UnexpectedEof.into()));
            }
            let now = left.min(here as u64);
            self.input.consume(now as usize);
            self.taken += now;
            left -= now;
        }
        Ok(())
    }

    fn failed(&self, error: std::io::Error) -> Problem {
        let after = self.taken;
        Problem::Inconsistent(match error.kind() {
            ErrorKind::UnexpectedEof => format!("ends early, after {after} bytes of content"),
            _ => format!("cannot be decompressed after {after} bytes of content: {error}"),
        })
    }
}
