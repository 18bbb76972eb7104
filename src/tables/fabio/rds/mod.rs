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

mod altrep;
mod input;
mod kinds;
mod pairs;

use std::path::Path;

use crate::dataset::error::Problem;
use input::Input;
use kinds::*;

/// Objects within objects: a list of matrices needs five.
const DEEPEST: usize = 32;
/// Elements of a kept list, or pairs of a pair list.
const MOST_MEMBERS: u64 = 1 << 12;
/// Bytes of a kept text.
const LONGEST_TEXT: u64 = 1 << 12;

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
    input: Input,
    symbols: Vec<String>,
    /// Most elements of a vector that is kept.
    limit: u64,
    depth: usize,
}

impl Stream {
    /// Opens a file, whatever its compression, and reads the header. Kept vectors may have `limit`
    /// elements.
    ///
    /// # Errors
    /// The file cannot be read, or is no R serialisation in XDR form.
    pub fn open(path: &Path, limit: u64) -> Result<Self, Problem> {
        let input = Input::open(path)?;
        let mut stream = Stream { input, symbols: Vec::new(), limit, depth: 0 };
        stream.header()?;
        Ok(stream)
    }

    fn header(&mut self) -> Result<(), Problem> {
        let expected = "a file written by R's saveRDS";
        let form: [u8; 2] = self.input.bytes()?;
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
        let version = self.input.word()?;
        self.input.bytes::<8>()?; // R versions that wrote the file and that can read it
        match version {
            2 => {}
            3 => {
                let length = self.input.word()?;
                self.input.skip(u64::from(length))?; // encoding of texts not marked otherwise
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
        match self.input.is_at_end()? {
            true => Ok(names.into_iter().map(Option::unwrap_or_default).collect()),
            false => Err(Problem::Inconsistent("holds more than one object".to_string())),
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
            INTEGERS if kept => {
                Ok(Value::Integers(self.input.numbers(length, i32::from_be_bytes)?))
            }
            NUMBERS if kept => Ok(Value::Numbers(self.input.numbers(length, f64::from_be_bytes)?)),
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
                self.input.skip(length.saturating_mul(width))?;
                Ok(Value::Other)
            }
        }
    }

    /// The text of an object of which the first word has been read; `None` for R's missing value.
    fn text(&mut self, kept: bool) -> Result<Option<String>, Problem> {
        let length = self.input.word()?;
        if length == u32::MAX {
            return Ok(None);
        }
        let length = u64::from(length);
        if !kept {
            self.input.skip(length)?;
            return Ok(None);
        }
        if length > LONGEST_TEXT {
            let limit = LONGEST_TEXT;
            return Err(Problem::TooLarge { what: "length of a text", size: length, limit });
        }
        let mut bytes = vec![0; length as usize];
        self.input.fill(&mut bytes)?;
        // Texts are UTF-8 or Latin-1, whose bytes are the first characters of Unicode.
        Ok(Some(
            String::from_utf8(bytes)
                .unwrap_or_else(|e| e.into_bytes().into_iter().map(char::from).collect()),
        ))
    }

    fn length(&mut self) -> Result<u64, Problem> {
        match self.input.word()? {
            u32::MAX => Ok(u64::from(self.input.word()?) << 32 | u64::from(self.input.word()?)),
            length if length > i32::MAX as u32 => {
                Err(Problem::Inconsistent(format!("damaged: a vector of length {}", length as i32)))
            }
            length => Ok(u64::from(length)),
        }
    }

    fn flags(&mut self) -> Result<Flags, Problem> {
        Ok(Flags(self.input.word()?))
    }
}
