//! The ledger of a result: what has been committed, one line of JSON each, append-only.
//!
//! ```text
//! {"line":"run", ...}       what is computed: identity, shard, number of parts
//! {"line":"session", ...}   a process started to work on it
//! {"line":"part", ...}      a part is on the disk: counts, files with sizes and checksums
//! {"line":"closed", ...}    the result is complete: its manifest, sealed by the line's checksum
//! ```
//!
//! The order of the parts is the order in which they were finished. Every line ends in a checksum of
//! itself (`check`): a line that is torn or damaged counts as missing, and what it recorded is
//! computed again. The first line is written twice, since all others mean nothing without it.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use shocksweep_columnar::read;

pub use super::header::Header;
pub use super::identity::{Identity, Shard};

use super::manifest::{Counts, FileRecord, Manifest};
use super::{SinkError, layout};

/// Name of the ledger in a result folder.
pub const LEDGER: &str = "ledger.jsonl";

/// Bytes of a ledger that are read at most: many times what the largest plan's has.
pub(super) const MAX_BYTES: u64 = 1 << 30;

/// Hexadecimal digits of a line's checksum.
const CHECK: usize = 16;

/// A process that worked on the result.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// When it started, seconds since 1970-01-01 UTC.
    pub unix_s: f64,
    /// Its threads.
    pub threads: usize,
}

/// A part that is on the disk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartRecord {
    /// Number in the whole plan.
    pub part: usize,
    /// How much it holds.
    pub counts: Counts,
    /// Pairs that were compared with their sum.
    pub pairs: u64,
    /// Of these, with a run that has diverged.
    #[serde(default)]
    pub diverged_pairs: u64,
    /// Its files.
    pub files: Vec<FileRecord>,
    /// Share of the time spent computing, seconds.
    pub compute_s: f64,
    /// Share of the time spent writing, seconds.
    pub write_s: f64,
    /// When it was committed, seconds since 1970-01-01 UTC.
    pub unix_s: f64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "kebab-case")]
enum Line {
    Run(Box<Header>),
    Session(Session),
    Part(PartRecord),
    Closed(Box<Manifest>),
}

/// What a ledger says.
#[derive(Debug, Clone)]
pub struct Ledger {
    /// What is computed.
    pub header: Header,
    /// Committed parts by number.
    pub parts: BTreeMap<usize, PartRecord>,
    /// The last process that worked on it.
    pub session: Option<Session>,
    /// Parts that this process has committed.
    pub of_session: usize,
    /// The manifest of the complete result; none while there is work.
    pub closed: Option<Manifest>,
    /// Lines that are torn or damaged.
    pub damaged: usize,
}

impl Ledger {
    /// Reads the ledger of a result folder; `None` if there is none, or none that says what is
    /// computed.
    ///
    /// # Errors
    /// The file is there and cannot be read, or is of another layout than this version's.
    pub fn read(root: &Path) -> Result<Option<Self>, SinkError> {
        let path = root.join(LEDGER);
        let bytes = match read::bytes(&path, MAX_BYTES).map_err(std::io::Error::from) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(SinkError::io(&path)(e)),
        };
        let mut ledger: Option<Ledger> = None;
        let (mut damaged, mut rest) = (0, Vec::new());
        for line in bytes.split(|&b| b == b'\n').filter(|line| !line.is_empty()) {
            if ledger.is_none()
                && let Some(text) = sealed(line)
            {
                layout::check_ledger(&path, &text)?;
            }
            match parse(line) {
                None => damaged += 1,
                Some(Line::Run(header)) if !header.is_possible() => damaged += 1,
                Some(Line::Run(header)) if ledger.is_none() => {
                    ledger = Some(Ledger {
                        header: *header,
                        parts: BTreeMap::new(),
                        session: None,
                        of_session: 0,
                        closed: None,
                        damaged: 0,
                    });
                }
                // The copy of the first line.
                Some(Line::Run(_)) => {}
                Some(line) => rest.push(line),
            }
        }
        let Some(mut ledger) = ledger else { return Ok(None) };
        ledger.damaged = damaged;
        for line in rest {
            match line {
                Line::Run(_) => {}
                Line::Closed(manifest) => ledger.closed = Some(*manifest),
                Line::Session(session) => {
                    ledger.session = Some(session);
                    ledger.of_session = 0;
                    ledger.closed = None;
                }
                Line::Part(record) => {
                    // A name that leads out of the folder is nobody's part.
                    let is_inside = |f: &FileRecord| is_inside(&f.path);
                    if record.part < ledger.header.parts && record.files.iter().all(is_inside) {
                        ledger.parts.insert(record.part, record);
                        ledger.closed = None;
                        ledger.of_session += 1;
                    } else {
                        ledger.damaged += 1;
                    }
                }
            }
        }
        Ok(Some(ledger))
    }

    /// This shard's parts that are not committed.
    pub fn missing(&self) -> Vec<usize> {
        self.header.own_parts().filter(|part| !self.parts.contains_key(part)).collect()
    }
}

/// Whether a recorded path stays in the result folder.
pub fn is_inside(path: &str) -> bool {
    let mut components = Path::new(path).components();
    components.all(|c| matches!(c, std::path::Component::Normal(_))) && !path.contains('\\')
}

/// Appends to a ledger.
#[derive(Debug)]
pub struct LedgerWriter {
    file: File,
    path: PathBuf,
}

impl LedgerWriter {
    /// Starts a new ledger.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn create(root: &Path, header: &Header) -> Result<Self, SinkError> {
        let path = root.join(LEDGER);
        let file = File::create(&path).map_err(SinkError::io(&path))?;
        let mut ledger = LedgerWriter { file, path };
        let line = Line::Run(Box::new(header.clone()));
        ledger.append(&line)?;
        ledger.append(&line)?;
        ledger.sync()?;
        Ok(ledger)
    }

    /// Continues a ledger; a torn last line is closed.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn open(root: &Path) -> Result<Self, SinkError> {
        let path = root.join(LEDGER);
        let open = || -> std::io::Result<File> {
            let mut file = OpenOptions::new().read(true).append(true).open(&path)?;
            if file.seek(SeekFrom::End(0))? > 0 {
                file.seek(SeekFrom::End(-1))?;
                let mut last = [0];
                file.read_exact(&mut last)?;
                if last != [b'\n'] {
                    file.write_all(b"\n")?;
                }
            }
            Ok(file)
        };
        let file = open().map_err(SinkError::io(&path))?;
        Ok(LedgerWriter { file, path })
    }

    /// Records that a process starts to work.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn session(&mut self, session: Session) -> Result<(), SinkError> {
        self.append(&Line::Session(session))?;
        self.sync()
    }

    /// Records parts whose files are durable, and makes that durable.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn parts(&mut self, records: Vec<PartRecord>) -> Result<(), SinkError> {
        for record in records {
            self.append(&Line::Part(record))?;
        }
        self.sync()
    }

    /// Seals the manifest of the complete result, before it is written.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn closed(&mut self, manifest: &Manifest) -> Result<(), SinkError> {
        self.append(&Line::Closed(Box::new(manifest.clone())))?;
        self.sync()
    }

    fn append(&mut self, line: &Line) -> Result<(), SinkError> {
        let unwritable = |e: serde_json::Error| SinkError::io(&self.path)(e.into());
        let text = serde_json::to_string(line).map_err(unwritable)?;
        // One call per line: a line is torn only where the machine dies or the disk is full.
        self.file.write_all(seal(&text).as_bytes()).map_err(SinkError::io(&self.path))
    }

    fn sync(&mut self) -> Result<(), SinkError> {
        self.file.sync_all().map_err(SinkError::io(&self.path))
    }
}

fn checksum(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..CHECK].to_string()
}

/// A JSON object with its checksum as last key, and the end of the line.
fn seal(text: &str) -> String {
    format!("{},\"check\":\"{}\"}}\n", &text[..text.len() - 1], checksum(text))
}

/// The line that was sealed, if it is whole.
fn parse(line: &[u8]) -> Option<Line> {
    serde_json::from_str(&sealed(line)?).ok()
}

/// The record of a part that a line holds, if it is whole and holds one.
pub(super) fn part_of(line: &[u8]) -> Option<PartRecord> {
    match parse(line)? {
        Line::Part(record) => Some(record),
        _ => None,
    }
}

/// The text that was sealed, if it is whole.
fn sealed(line: &[u8]) -> Option<String> {
    let line = std::str::from_utf8(line).ok()?;
    let (text, check) = line.rsplit_once(",\"check\":\"")?;
    let check = check.strip_suffix("\"}")?;
    let text = format!("{text}}}");
    (checksum(&text) == check).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(number: usize) -> Line {
        Line::Part(PartRecord {
            part: number,
            counts: Counts { scenarios: 7, ..Counts::default() },
            pairs: 0,
            diverged_pairs: 0,
            files: Vec::new(),
            compute_s: 0.1,
            write_s: 0.25,
            unix_s: 1.0,
        })
    }

    #[test]
    fn no_changed_byte_of_a_line_goes_unnoticed() {
        let sealed = seal(&serde_json::to_string(&part(3)).unwrap());
        let line = sealed.trim_end().as_bytes();
        let Some(Line::Part(record)) = parse(line) else { panic!("a whole line is read") };
        assert_eq!((record.part, record.counts.scenarios), (3, 7));
        for at in 0..line.len() {
            for bit in 0..8 {
                let mut changed = line.to_vec();
                changed[at] ^= 1 << bit;
                assert!(parse(&changed).is_none(), "byte {at}, bit {bit}");
            }
            assert!(parse(&line[..at]).is_none(), "cut at {at}");
        }
    }

    #[test]
    fn paths_that_lead_out_of_the_folder_are_known() {
        for inside in ["losses/part-00000.parquet", "areas.parquet"] {
            assert!(is_inside(inside));
        }
        for outside in ["../x", "/etc/passwd", "losses/../../x", "a\\..\\b", "./x"] {
            assert!(!is_inside(outside), "{outside}");
        }
    }
}
