//! CSV, plain or compressed: blocks of whole lines, parsed by all threads.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::{Flow, Visitor, in_order, number, positions};
use crate::error::TradeError;

/// Bytes of a block. Fixed, so that sums over blocks do not depend on the machine.
const BLOCK: usize = 2 << 20;

/// Blocks read ahead for each thread.
const AHEAD: usize = 2;

/// Longest line: a block must hold one.
const MAX_LINE: usize = 1 << 16;

fn open(path: &Path, compressed: bool) -> Result<Box<dyn Read + Send>, TradeError> {
    let file = File::open(path)
        .map_err(|error| TradeError::file(path, format!("cannot be read: {error}")))?;
    Ok(match compressed {
        true => Box::new(flate2::read::MultiGzDecoder::new(std::io::BufReader::with_capacity(
            1 << 18,
            file,
        ))),
        false => Box::new(file),
    })
}

/// Cuts a stream into blocks of whole lines.
struct Blocks<'a> {
    path: &'a Path,
    source: Box<dyn Read + Send>,
    /// Begin of the next block: what follows the last line end.
    rest: Vec<u8>,
    ended: bool,
}

impl Blocks<'_> {
    /// The next block; `None` at the end.
    fn next(&mut self) -> Result<Option<Vec<u8>>, TradeError> {
        if self.ended && self.rest.is_empty() {
            return Ok(None);
        }
        let mut block = std::mem::take(&mut self.rest);
        let begun = block.len();
        block.resize(BLOCK.max(begun), 0);
        let mut filled = begun;
        while filled < block.len() && !self.ended {
            match self.source.read(&mut block[filled..]) {
                Ok(0) => self.ended = true,
                Ok(read) => filled += read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    return Err(TradeError::file(self.path, format!("cannot be read: {error}")));
                }
            }
        }
        block.truncate(filled);
        if !self.ended {
            let end = memchr::memrchr(b'\n', &block).map_or(0, |at| at + 1);
            self.rest = block[end..].to_vec();
            block.truncate(end);
            if self.rest.len() > MAX_LINE {
                let problem =
                    "has a line of more than 65536 bytes; expected a table of trade (CSV)";
                return Err(TradeError::file(self.path, problem));
            }
        }
        Ok(Some(block))
    }

    /// Blocks for all threads to work on.
    fn several(&mut self, count: usize) -> Result<Vec<Vec<u8>>, TradeError> {
        let mut blocks = Vec::new();
        while blocks.len() < count {
            match self.next()? {
                Some(block) => blocks.push(block),
                None => break,
            }
        }
        Ok(blocks)
    }
}

/// Names of the columns of a header line.
fn names(line: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(line);
    let text = text.trim_start_matches('\u{feff}');
    text.split(',').map(|name| name.trim().trim_matches('"').trim().to_string()).collect()
}

/// Column names of a file; none where it cannot be read.
pub fn header(path: &Path, compressed: bool) -> Vec<String> {
    let Ok(source) = open(path, compressed) else { return Vec::new() };
    let mut begin = Vec::new();
    // A damaged file has the header it has.
    let _ = source.take(MAX_LINE as u64).read_to_end(&mut begin);
    let end = memchr::memchr(b'\n', &begin).unwrap_or(begin.len());
    names(&begin[..end])
}

/// See [`super::read`].
pub fn read<V: Visitor>(
    path: &Path,
    compressed: bool,
    block: &(impl Fn() -> V + Sync),
    mut done: impl FnMut(u64, V),
) -> Result<u64, TradeError> {
    let source = open(path, compressed)?;
    let mut blocks = Blocks { path, source, rest: Vec::new(), ended: false };
    let count = AHEAD * rayon::current_num_threads();
    let mut next = blocks.several(count)?;
    let first = next.first_mut().filter(|first| !first.is_empty());
    let first = first.ok_or_else(|| {
        TradeError::file(path, "is empty; expected a table with the columns t, i, j, k, v, q")
    })?;
    let end = memchr::memchr(b'\n', first).unwrap_or(first.len());
    let header = names(&first[..end]);
    let layout = Layout { of: positions(path, &header)?, columns: header.len() };
    first.drain(..(end + 1).min(first.len()));
    let mut rows = 0;
    while !next.is_empty() {
        let parse = |text: Vec<u8>| {
            let mut visitor = block();
            match layout.parse(&text, &mut visitor) {
                Ok(rows) => (rows, Ok(visitor)),
                Err((row, problem)) => (0, Err((row, problem))),
            }
        };
        // Reading, and unpacking, goes on while blocks are parsed.
        let (following, parsed) = rayon::join(
            || blocks.several(count),
            || {
                let mut finished = Vec::new();
                let ended = in_order(path, next, &mut rows, parse, &mut |before, visitor| {
                    finished.push((before, visitor));
                });
                (finished, ended)
            },
        );
        let (finished, ended) = parsed;
        for (before, visitor) in finished {
            done(before, visitor);
        }
        ended?;
        next = following?;
    }
    Ok(rows)
}

/// Where the columns stand.
struct Layout {
    /// Position of each of [`super::COLUMNS`].
    of: [usize; 6],
    /// Number of columns.
    columns: usize,
}

impl Layout {
    /// Visits the rows of a block; empty lines are none. Returns how many there are.
    fn parse<V: Visitor>(&self, text: &[u8], visitor: &mut V) -> Result<u32, (u32, String)> {
        let mut row = 0u32;
        let mut cells: Vec<(u32, u32)> = vec![(0, 0); self.columns];
        let mut at = 0;
        while at < text.len() {
            let end = self.cut(text, at, &mut cells).map_err(|found| {
                let expected = self.columns;
                (row, format!("has {found} columns; expected {expected}, as in the header"))
            })?;
            let line = text[at..end].trim_ascii();
            at = end + 1;
            if line.is_empty() {
                continue;
            }
            let cell = |column: usize| {
                let (from, to) = cells[self.of[column]];
                &text[from as usize..to as usize]
            };
            let flow = flow(cell).map_err(|problem| (row, problem))?;
            visitor.visit(row, &flow).map_err(|problem| (row, problem))?;
            row += 1;
        }
        Ok(row)
    }

    /// Finds the cells of the line at `at`; returns its end, or how many cells it has instead.
    #[inline]
    fn cut(&self, text: &[u8], at: usize, cells: &mut [(u32, u32)]) -> Result<usize, usize> {
        let (mut column, mut from, mut end) = (0, at, at);
        let last = self.columns - 1;
        loop {
            match text.get(end) {
                Some(b',') => {
                    if column > last {
                        // Counted to the end of the line, for the message.
                        let rest = &text[end..];
                        let stop = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                        return Err(column + 1 + memchr::memchr_iter(b',', &rest[..stop]).count());
                    }
                    cells[column] = (from as u32, end as u32);
                    column += 1;
                    from = end + 1;
                }
                Some(b'\n') | None => break,
                Some(_) => {}
            }
            end += 1;
        }
        let is_blank = column == 0 && text[from..end].trim_ascii().is_empty();
        if column != last && !is_blank {
            return Err(column + 1);
        }
        let is_crlf = end > from && text[end - 1] == b'\r';
        cells[column] = (from as u32, (end - usize::from(is_crlf)) as u32);
        Ok(end)
    }
}

#[inline]
fn flow<'t>(cell: impl Fn(usize) -> &'t [u8]) -> Result<Flow, String> {
    Ok(Flow {
        year: number::year(cell(0))?,
        exporter: number::area(cell(1), "i")?,
        importer: number::area(cell(2), "j")?,
        code: number::code(cell(3))?,
        value: number::amount(cell(4))?,
        quantity: number::optional(cell(5))?,
    })
}
