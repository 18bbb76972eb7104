//! R's serialisation, as far as `saveRDS` writes a named list of sparse matrices in it.
//!
//! Source: R Internals, section 1.8 "Serialization Formats". Versions 2 and 3 in XDR form, which
//! is what `saveRDS` writes unless told otherwise, compressed with gzip, xz or bzip2 or not at all.
//!
//! | object | read as |
//! |---|---|
//! | integer, double and character vectors, lists | [`Value`] of that kind, attributes left out |
//! | S4 objects | their slots (attributes), those asked for |
//! | pair lists, symbols and references to them | [`Value::Pairs`], [`Value::Symbol`] |
//! | compact sequences, deferred strings, wrappers (ALTREP, version 3) | what they stand for |
//! | logical, complex and raw vectors, formulas | passed over |
//! | environments, functions, byte code, pointers | refused: no table holds them |
//!
//! `names(tables) <- 1986:2020` already makes the names a deferred string over a compact sequence.
//!
//! Input is not trusted: memory grows only with what has really been read, nesting is bounded, and
//! whatever is announced is checked before it is believed.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

use crate::dataset::error::Problem;

/// Bytes read at a time.
const CHUNK: usize = 1 << 16;
/// Objects within objects: a list of matrices needs five.
const DEEPEST: usize = 32;
/// Symbols of a file: a list of matrices has about ten.
const MOST_SYMBOLS: usize = 1 << 12;
/// Elements of a kept list, or pairs of a pair list.
const MOST_MEMBERS: u64 = 1 << 12;
/// Bytes of a kept text.
const LONGEST_TEXT: u64 = 1 << 12;
/// Numbers that a compact sequence may stand for; labels are far fewer.
const LONGEST_SEQUENCE: f64 = (1 << 22) as f64;
/// What xz may use for its dictionary, KiB: `xz -9` takes 64 MiB.
const XZ_MEMORY: u32 = 128 << 10;

/// An R object.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `NULL`.
    Null,
    /// Integers; R's missing value is `i32::MIN`.
    Integers(Vec<i32>),
    /// Numbers; R's missing value is a NaN.
    Numbers(Vec<f64>),
    /// Texts; `None` where missing.
    Texts(Vec<Option<String>>),
    /// A list.
    List(Vec<Value>),
    /// A pair list: tags, empty where there is none, and values.
    Pairs(Vec<(String, Value)>),
    /// A symbol.
    Symbol(String),
    /// An S4 object: the slots asked for, and `class`.
    Object(Vec<(String, Value)>),
    /// Anything else, or an object that was not asked for.
    Other,
}

/// An open file of serialised objects.
pub struct Stream {
    input: BufReader<Box<dyn Read + Send>>,
    symbols: Vec<String>,
    /// Most elements of a vector that is kept.
    limit: u64,
    /// Uncompressed bytes read.
    taken: u64,
    depth: usize,
}

/// First word of an object.
#[derive(Clone, Copy)]
struct Flags(u32);

impl Flags {
    fn kind(self) -> u32 {
        self.0 & 0xff
    }
    fn has_attributes(self) -> bool {
        self.0 & 0x200 != 0
    }
    fn has_tag(self) -> bool {
        self.0 & 0x400 != 0
    }
}

// Types of objects (R's `SEXPTYPE`, and those only serialisation knows).
const SYMBOL: u32 = 1;
const PAIRS: u32 = 2;
const LANGUAGE: u32 = 6;
const TEXT: u32 = 9;
const LOGICALS: u32 = 10;
const INTEGERS: u32 = 13;
const NUMBERS: u32 = 14;
const COMPLEX: u32 = 15;
const TEXTS: u32 = 16;
const LIST: u32 = 19;
const EXPRESSIONS: u32 = 20;
const RAW: u32 = 24;
const OBJECT: u32 = 25;
const ALTREP: u32 = 238;
/// Empty and base environments, missing and unbound values.
const MARKS: [u32; 6] = [241, 242, 250, 251, 252, 253];
const NULL: u32 = 254;
const REFERENCE: u32 = 255;

impl Stream {
    /// Opens a file, whatever its compression, and reads the header. Kept vectors may have `limit`
    /// elements.
    ///
    /// # Errors
    /// The file cannot be read, or is no R serialisation in XDR form.
    pub fn open(path: &Path, limit: u64) -> Result<Self, Problem> {
        let mut file = BufReader::with_capacity(CHUNK, File::open(path)?);
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
        let mut stream = Stream { input, symbols: Vec::new(), limit, taken: 0, depth: 0 };
        stream.header()?;
        Ok(stream)
    }

    fn header(&mut self) -> Result<(), Problem> {
        let expected = "a file written by R's saveRDS";
        let form: [u8; 2] = self.bytes()?;
        match &form {
            b"X\n" => {}
            b"A\n" | b"B\n" => {
                let form = if form[0] == b'A' { "ASCII" } else { "native binary" };
                let what = format!("R's {form} form");
                return Err(Problem::Unsupported {
                    what,
                    expected: "what saveRDS writes without `ascii`",
                });
            }
            b"RD" => {
                let what = "a workspace (.RData)".to_string();
                return Err(Problem::Unsupported { what, expected });
            }
            _ => {
                let found = form.escape_ascii().to_string();
                return Err(Problem::Syntax { expected, found });
            }
        }
        let version = self.word()?;
        self.bytes::<8>()?; // R versions that wrote the file and that can read it
        match version {
            2 => {}
            3 => {
                let length = self.word()?;
                self.skip(u64::from(length))?; // encoding of texts not marked otherwise
            }
            _ => {
                let what = format!("version {version} of R's serialisation");
                return Err(Problem::Unsupported { what, expected: "version 2 or 3" });
            }
        }
        Ok(())
    }

    /// Reads a file that is one named list; `each` is told the position of every element and must
    /// read it with [`Stream::value`]. Gives the names, which R writes after the elements.
    ///
    /// # Errors
    /// The file is damaged, holds something else, or the list has no names; and what `each`
    /// returns.
    pub fn named_list(
        mut self,
        each: &mut dyn FnMut(usize, &mut Self) -> Result<(), Problem>,
    ) -> Result<Vec<String>, Problem> {
        let flags = self.flags()?;
        if flags.kind() != LIST {
            let what = describe(flags.kind());
            return Err(Problem::Unsupported { what, expected: "a list with an element per year" });
        }
        let count = self.length()?;
        for n in 0..count {
            each(n as usize, &mut self)?;
        }
        let mut names = None;
        if flags.has_attributes() {
            let attributes = self.attributes(&|tag| tag == "names")?;
            names = attributes.into_iter().find(|(tag, _)| tag == "names").map(|(_, names)| names);
        }
        let Some(Value::Texts(names)) = names else {
            let text = "its list has no names; expected the years".to_string();
            return Err(Problem::Inconsistent(text));
        };
        if names.len() as u64 != count {
            let what = "names of the list";
            let (expected, found) = (count, names.len() as u64);
            return Err(Problem::Truncated { what, expected, found });
        }
        // Reading on to the end is what makes a decompressor look at its checksum.
        let rest = std::io::copy(&mut self.input.by_ref().take(1), &mut std::io::sink());
        match rest.map_err(|e| self.failed(e))? {
            0 => Ok(names.into_iter().map(Option::unwrap_or_default).collect()),
            _ => Err(Problem::Inconsistent("holds more than one object".to_string())),
        }
    }

    /// Reads an object; `keep` says which slots of an S4 object are wanted, none of them meaning
    /// that the object is passed over.
    ///
    /// # Errors
    /// The file is damaged, or holds what no table holds.
    pub fn value(&mut self, keep: &dyn Fn(&str) -> bool, kept: bool) -> Result<Value, Problem> {
        let flags = self.flags()?;
        self.object(flags, keep, kept)
    }

    fn object(
        &mut self,
        flags: Flags,
        keep: &dyn Fn(&str) -> bool,
        kept: bool,
    ) -> Result<Value, Problem> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let (size, limit) = (self.depth as u64, DEEPEST as u64);
            return Err(Problem::TooLarge { what: "nesting", size, limit });
        }
        let kind = flags.kind();
        let value = match kind {
            NULL => Value::Null,
            REFERENCE => Value::Symbol(self.reference(flags)?),
            SYMBOL => Value::Symbol(self.symbol()?),
            // Attributes of a pair come before it.
            PAIRS | LANGUAGE => Value::Pairs(self.pairs(flags, &|_| kept)?),
            ALTREP => self.alternative(kept)?,
            OBJECT => {
                let slots = match flags.has_attributes() {
                    true => self.attributes(&|tag| kept && (tag == "class" || keep(tag)))?,
                    false => Vec::new(),
                };
                Value::Object(slots)
            }
            TEXT => {
                self.text(false)?;
                Value::Other
            }
            _ if MARKS.contains(&kind) => Value::Other,
            _ => self.vector(kind, kept)?,
        };
        let before = matches!(kind, PAIRS | LANGUAGE | OBJECT | ALTREP | REFERENCE | SYMBOL);
        if flags.has_attributes() && !before {
            self.attributes(&|_| false)?;
        }
        self.depth -= 1;
        Ok(if kept { value } else { Value::Other })
    }

    fn vector(&mut self, kind: u32, kept: bool) -> Result<Value, Problem> {
        let width = match kind {
            LOGICALS | INTEGERS => 4,
            NUMBERS => 8,
            COMPLEX => 16,
            RAW => 1,
            TEXTS | LIST | EXPRESSIONS => 0,
            _ => {
                let what = describe(kind);
                return Err(Problem::Unsupported { what, expected: "lists of sparse matrices" });
            }
        };
        let length = self.length()?;
        if kept {
            let listed = matches!(kind, LIST | EXPRESSIONS);
            let limit = if listed { MOST_MEMBERS } else { self.limit };
            if length > limit {
                return Err(Problem::TooLarge { what: "length of a vector", size: length, limit });
            }
        }
        match kind {
            INTEGERS if kept => Ok(Value::Integers(self.numbers(length, i32::from_be_bytes)?)),
            NUMBERS if kept => Ok(Value::Numbers(self.numbers(length, f64::from_be_bytes)?)),
            TEXTS => {
                let mut texts = Vec::new();
                for _ in 0..length {
                    let flags = self.flags()?;
                    if flags.kind() != TEXT {
                        return Err(damaged("a text", flags.kind()));
                    }
                    let text = self.text(kept)?;
                    if kept {
                        texts.push(text);
                    }
                }
                Ok(Value::Texts(texts))
            }
            LIST | EXPRESSIONS => {
                let mut list = Vec::new();
                for _ in 0..length {
                    let value = self.value(&|_| kept, kept)?;
                    if kept {
                        list.push(value);
                    }
                }
                Ok(Value::List(list))
            }
            _ => {
                self.skip(length.saturating_mul(width))?;
                Ok(Value::Other)
            }
        }
    }

    /// Attributes: a pair list after the object, or nothing.
    fn attributes(&mut self, keep: &dyn Fn(&str) -> bool) -> Result<Vec<(String, Value)>, Problem> {
        let flags = self.flags()?;
        match flags.kind() {
            NULL => Ok(Vec::new()),
            PAIRS => self.pairs(flags, keep),
            other => Err(damaged("attributes", other)),
        }
    }

    fn pairs(
        &mut self,
        mut flags: Flags,
        keep: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<(String, Value)>, Problem> {
        let mut pairs = Vec::new();
        for _ in 0..MOST_MEMBERS {
            if flags.has_attributes() {
                self.attributes(&|_| false)?;
            }
            let tag = match flags.has_tag() {
                true => match self.value(&|_| true, true)? {
                    Value::Symbol(name) => name,
                    _ => return Err(Problem::Inconsistent("damaged: a tag is no symbol".into())),
                },
                false => String::new(),
            };
            let kept = keep(&tag);
            let value = self.value(&|_| kept, kept)?;
            if kept {
                pairs.push((tag, value));
            }
            flags = self.flags()?;
            match flags.kind() {
                NULL => return Ok(pairs),
                PAIRS | LANGUAGE => {}
                _ => {
                    // A pair of two objects instead of a list, as states of ALTREP objects are.
                    let kept = keep("");
                    let value = self.object(flags, &|_| kept, kept)?;
                    if kept {
                        pairs.push((String::new(), value));
                    }
                    return Ok(pairs);
                }
            }
        }
        let (size, limit) = (MOST_MEMBERS + 1, MOST_MEMBERS);
        Err(Problem::TooLarge { what: "length of a pair list", size, limit })
    }

    /// An object in an alternative representation: class, state, attributes.
    fn alternative(&mut self, kept: bool) -> Result<Value, Problem> {
        let class = self.value(&|_| kept, kept)?;
        let state = self.value(&|_| kept, kept)?;
        self.value(&|_| false, false)?;
        if !kept {
            return Ok(Value::Other);
        }
        let name = match class {
            Value::Pairs(pairs) => match pairs.into_iter().next() {
                Some((_, Value::Symbol(name))) => name,
                _ => String::new(),
            },
            _ => String::new(),
        };
        let sequence = |state: &Value| match state {
            Value::Numbers(of) if of.len() == 3 => {
                let fine = of.iter().all(|v| v.is_finite()) && of[0] <= LONGEST_SEQUENCE;
                fine.then(|| (0..of[0] as u64).map(|n| of[1] + n as f64 * of[2]).collect())
            }
            _ => None,
        };
        let read = match name.as_str() {
            "compact_intseq" => sequence(&state).map(|numbers: Vec<f64>| {
                Value::Integers(numbers.into_iter().map(|v| v as i32).collect())
            }),
            "compact_realseq" => sequence(&state).map(Value::Numbers),
            "deferred_string" => first(state).and_then(|of| match of {
                Value::Integers(of) => {
                    let text = |v: i32| (v != i32::MIN).then(|| v.to_string());
                    Some(Value::Texts(of.into_iter().map(text).collect()))
                }
                Value::Numbers(of) => {
                    let text = |v: f64| v.is_finite().then(|| v.to_string());
                    Some(Value::Texts(of.into_iter().map(text).collect()))
                }
                _ => None,
            }),
            "wrap_integer" | "wrap_real" | "wrap_string" | "wrap_list" => first(state),
            _ => None,
        };
        let what = format!("the alternative representation `{name}` of an R object");
        read.ok_or(Problem::Unsupported { what, expected: "plain vectors" })
    }

    fn symbol(&mut self) -> Result<String, Problem> {
        let flags = self.flags()?;
        if flags.kind() != TEXT {
            return Err(damaged("a symbol's name", flags.kind()));
        }
        let name = self.text(true)?.unwrap_or_default();
        if self.symbols.len() == MOST_SYMBOLS {
            let (size, limit) = (MOST_SYMBOLS as u64 + 1, MOST_SYMBOLS as u64);
            return Err(Problem::TooLarge { what: "number of symbols", size, limit });
        }
        self.symbols.push(name.clone());
        Ok(name)
    }

    fn reference(&mut self, flags: Flags) -> Result<String, Problem> {
        let at = match flags.0 >> 8 {
            0 => self.word()?,
            packed => packed,
        };
        let known = self.symbols.get((at as usize).wrapping_sub(1)).cloned();
        known.ok_or_else(|| Problem::Inconsistent(format!("damaged: refers to symbol {at}")))
    }

    /// The text of an object of which the first word has been read; `None` for R's missing value.
    fn text(&mut self, kept: bool) -> Result<Option<String>, Problem> {
        let length = self.word()?;
        if length == u32::MAX {
            return Ok(None);
        }
        let length = u64::from(length);
        if !kept {
            self.skip(length)?;
            return Ok(None);
        }
        if length > LONGEST_TEXT {
            let limit = LONGEST_TEXT;
            return Err(Problem::TooLarge { what: "length of a text", size: length, limit });
        }
        let mut bytes = vec![0; length as usize];
        self.fill(&mut bytes)?;
        // Texts are UTF-8 or Latin-1, whose bytes are the first characters of Unicode.
        Ok(Some(
            String::from_utf8(bytes)
                .unwrap_or_else(|e| e.into_bytes().into_iter().map(char::from).collect()),
        ))
    }

    fn length(&mut self) -> Result<u64, Problem> {
        match self.word()? {
            u32::MAX => Ok(u64::from(self.word()?) << 32 | u64::from(self.word()?)),
            length if length > i32::MAX as u32 => {
                Err(Problem::Inconsistent(format!("damaged: a vector of length {}", length as i32)))
            }
            length => Ok(u64::from(length)),
        }
    }

    /// Numbers of a width of `N` bytes.
    fn numbers<const N: usize, T>(
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

    fn flags(&mut self) -> Result<Flags, Problem> {
        Ok(Flags(self.word()?))
    }

    fn word(&mut self) -> Result<u32, Problem> {
        Ok(u32::from_be_bytes(self.bytes()?))
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Problem> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Problem> {
        self.input.read_exact(bytes).map_err(|e| self.failed(e))?;
        self.taken += bytes.len() as u64;
        Ok(())
    }

    fn skip(&mut self, bytes: u64) -> Result<(), Problem> {
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

/// The first of a pair, or of a list.
fn first(state: Value) -> Option<Value> {
    match state {
        Value::Pairs(pairs) => pairs.into_iter().next().map(|(_, value)| value),
        Value::List(list) => list.into_iter().next(),
        _ => None,
    }
}

fn damaged(expected: &str, kind: u32) -> Problem {
    Problem::Inconsistent(format!("damaged: {} where {expected} should stand", describe(kind)))
}

/// Kinds of objects in words.
fn describe(kind: u32) -> String {
    let name = match kind {
        NULL => "nothing (NULL)",
        SYMBOL => "a symbol",
        PAIRS => "a pair list",
        3 | 7 | 8 => "a function",
        4 | 241 | 242 | 253 => "an environment",
        5 => "a promise",
        LANGUAGE => "a formula or call",
        TEXT => "a text",
        LOGICALS => "a logical vector",
        INTEGERS => "an integer vector",
        NUMBERS => "a numeric vector",
        TEXTS => "a character vector",
        LIST => "a list",
        21 => "byte code",
        22 | 23 => "a pointer",
        OBJECT => "an S4 object",
        ALTREP => "an alternative representation",
        _ => return format!("an R object of type {kind}"),
    };
    name.to_string()
}
