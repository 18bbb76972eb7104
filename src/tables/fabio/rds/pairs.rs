//! Pair lists, and what is made of them: attributes, alternative representations, symbols.

use super::kinds::{self, Flags, damaged};
use super::{MOST_MEMBERS, Stream, Value, altrep};
use crate::dataset::error::Problem;

/// Symbols of a file: a list of matrices has about ten.
const MOST_SYMBOLS: usize = 1 << 12;

impl Stream {
    /// Attributes: a pair list after the object, or nothing.
    pub(super) fn attributes(
        &mut self,
        keep: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<(String, Value)>, Problem> {
        let flags = self.flags()?;
        match flags.kind() {
            kinds::NULL => Ok(Vec::new()),
            kinds::PAIRS => self.pairs(flags, keep),
            other => Err(damaged("attributes", other)),
        }
    }

    /// A pair list of which the first word has been read.
    pub(super) fn pairs(
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
                kinds::NULL => return Ok(pairs),
                kinds::PAIRS | kinds::LANGUAGE => {}
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
    pub(super) fn alternative(&mut self, kept: bool) -> Result<Value, Problem> {
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
        let read = altrep::meaning(&name, state);
        let what = format!("the alternative representation `{name}` of an R object");
        read.ok_or(Problem::Unsupported { what, expected: "plain vectors" })
    }

    /// A symbol of which the first word has been read.
    pub(super) fn symbol(&mut self) -> Result<String, Problem> {
        let flags = self.flags()?;
        if flags.kind() != kinds::TEXT {
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

    /// A symbol that has occurred before.
    pub(super) fn reference(&mut self, flags: Flags) -> Result<String, Problem> {
        let at = match flags.0 >> 8 {
            0 => self.input.word()?,
            packed => packed,
        };
        let known = self.symbols.get((at as usize).wrapping_sub(1)).cloned();
        known.ok_or_else(|| Problem::Inconsistent(format!("damaged: refers to symbol {at}")))
    }
}
