//! The ledger as numbered objects.

use crate::objects::{Missing, Store, Wanted};
use crate::sink::SinkError;
use crate::sink::ledger::MAX_BYTES;

/// Objects that are asked for at a time.
const WINDOW: usize = 32;

/// Objects at most: more than commits of the largest plan.
const MOST: usize = 1 << 20;

/// Name of the n-th object.
pub(super) fn name(number: usize) -> String {
    format!("ledger/{number:08}.jsonl")
}

/// Whether an object is one of a ledger.
pub(super) fn is_of_ledger(name: &str) -> bool {
    let number = name.strip_prefix("ledger/").and_then(|name| name.strip_suffix(".jsonl"));
    number.is_some_and(|number| number.len() >= 8 && number.bytes().all(|b| b.is_ascii_digit()))
}

/// All lines of the ledger in a store, and the number of its next object; nothing and 0 where there is none.
///
/// # Errors
/// An object cannot be read, or all are larger than any ledger is.
pub(super) fn read(store: &Store) -> Result<(Vec<u8>, usize), SinkError> {
    // The first one alone: access that is refused is no answer here, among the later ones it may mean the end.
    let Some(mut lines) = store.bytes(&name(0), MAX_BYTES)? else { return Ok((Vec::new(), 0)) };
    let folder = tempfile::tempdir().map_err(SinkError::io(&std::env::temp_dir()))?;
    let mut next = 1;
    while next < MOST {
        let wanted = (next..next + WINDOW).map(|number| Wanted {
            name: name(number),
            to: folder.path().join(number.to_string()),
            limit: MAX_BYTES.saturating_sub(lines.len() as u64),
            missing: Missing::Allowed,
        });
        let wanted: Vec<Wanted> = wanted.collect();
        let files: Vec<_> = wanted.iter().map(|wanted| wanted.to.clone()).collect();
        for (file, found) in files.iter().zip(store.fetch(wanted)?) {
            if found.is_none() {
                return Ok((lines, next));
            }
            lines.extend(shocksweep_columnar::read::bytes(file, MAX_BYTES)?);
            next += 1;
        }
    }
    Ok((lines, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_of_a_ledger_are_known_by_name() {
        assert_eq!(name(12), "ledger/00000012.jsonl");
        assert!(is_of_ledger(&name(0)) && is_of_ledger(&name(123_456_789)));
        for other in [
            "ledger.jsonl",
            "ledger/1.jsonl",
            "ledger/0000000x.jsonl",
            "ledger/notes.txt",
            "x/ledger/00000000.jsonl",
        ] {
            assert!(!is_of_ledger(other), "{other}");
        }
    }
}
