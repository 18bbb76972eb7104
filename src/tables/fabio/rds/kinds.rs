//! Types of serialised objects.

use crate::dataset::error::Problem;

/// First word of an object.
#[derive(Clone, Copy)]
pub struct Flags(pub u32);

impl Flags {
    /// Type of the object.
    pub fn kind(self) -> u32 {
        self.0 & 0xff
    }
    /// Whether attributes follow (of a pair: come first).
    pub fn has_attributes(self) -> bool {
        self.0 & 0x200 != 0
    }
    /// Whether a pair has a tag.
    pub fn has_tag(self) -> bool {
        self.0 & 0x400 != 0
    }
}

// Types of objects (R's `SEXPTYPE`, and those only serialisation knows).
pub const SYMBOL: u32 = 1;
pub const PAIRS: u32 = 2;
pub const LANGUAGE: u32 = 6;
pub const TEXT: u32 = 9;
pub const LOGICALS: u32 = 10;
pub const INTEGERS: u32 = 13;
pub const NUMBERS: u32 = 14;
pub const COMPLEX: u32 = 15;
pub const TEXTS: u32 = 16;
pub const LIST: u32 = 19;
pub const EXPRESSIONS: u32 = 20;
pub const RAW: u32 = 24;
pub const OBJECT: u32 = 25;
pub const ALTREP: u32 = 238;
/// Empty and base environments, missing and unbound values.
pub const MARKS: [u32; 6] = [241, 242, 250, 251, 252, 253];
pub const NULL: u32 = 254;
pub const REFERENCE: u32 = 255;

/// Something stands where something else must.
pub fn damaged(expected: &str, kind: u32) -> Problem {
    Problem::Inconsistent(format!("damaged: {} where {expected} should stand", describe(kind)))
}

/// Kinds of objects in words.
pub fn describe(kind: u32) -> String {
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
