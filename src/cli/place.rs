//! Addresses where folders are asked for: the one place that says which arguments may be some.
//!
//! What a command reads is brought into a temporary folder before the command starts, which then knows nothing of
//! stores; the folders are removed when it has ended. Datasets are opened by name wherever they are
//! ([`open_dataset`](crate::job::plan::open_dataset)), and `run` writes to stores itself. People are shown the address
//! where a message names the folder.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tempfile::TempDir;

use super::{CliError, Command};
use crate::objects::address;
use crate::sink::stored::{Extent, fetch};
use crate::tables;

/// What lies at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A result, all of it.
    Result,
    /// A result whose ledger alone is looked at.
    Ledger,
    /// Supply-use tables.
    Tables,
}

fn results(paths: Vec<&mut PathBuf>) -> Vec<(&mut PathBuf, Kind)> {
    paths.into_iter().map(|path| (path, Kind::Result)).collect()
}

/// The arguments of a command that name what it reads and may be addresses.
fn read_by(command: &mut Command) -> Vec<(&mut PathBuf, Kind)> {
    match command {
        Command::Verify(args) => results(vec![&mut args.result]),
        Command::Merge(args) => results(args.shards.iter_mut().collect()),
        Command::Report(args) => {
            results([&mut args.result].into_iter().chain(&mut args.against).collect())
        }
        Command::Plot(args) => results(vec![&mut args.result]),
        Command::Aggregate(args) => results(vec![&mut args.result]),
        Command::Compare(args) => results(vec![&mut args.a, &mut args.b]),
        Command::Explain(args) => results(vec![&mut args.result]),
        #[cfg(feature = "explore")]
        Command::Explore(args) => results(args.result.iter_mut().collect()),
        Command::Exposure(args) => results(args.result.iter_mut().collect()),
        Command::Status(args) => args.folders.iter_mut().map(|path| (path, Kind::Ledger)).collect(),
        Command::Calibrate(args) => vec![(&mut args.tables, Kind::Tables)],
        Command::Learn(args) => vec![(&mut args.series, Kind::Tables)],
        _ => Vec::new(),
    }
}

/// Copies of what lies in stores; removed when this is dropped.
#[derive(Debug, Default)]
pub struct Copies(Vec<TempDir>);

impl Copies {
    /// Brings what a command reads, and has its arguments name the copies.
    ///
    /// # Errors
    /// An address is none, nothing is there, or it cannot be brought.
    pub fn bring(command: &mut Command) -> Result<Self, CliError> {
        let mut copies = Copies::default();
        for (path, kind) in read_by(command) {
            *path = copies.of(path, kind)?;
        }
        Ok(copies)
    }

    /// Brings a result, if it lies in a store; where it can be read.
    ///
    /// # Errors
    /// As [`Copies::bring`].
    pub fn result(&mut self, path: &Path) -> Result<PathBuf, CliError> {
        self.of(path, Kind::Result)
    }

    fn of(&mut self, path: &Path, kind: Kind) -> Result<PathBuf, CliError> {
        let Some(address) = address(path)? else { return Ok(path.to_path_buf()) };
        let copy = match kind {
            Kind::Result => fetch(&address, Extent::Whole)?,
            Kind::Ledger => fetch(&address, Extent::Ledger)?,
            Kind::Tables => tables::fetch(&address)?,
        };
        let place = copy.path().to_path_buf();
        show_as(&place, address.text());
        self.0.push(copy);
        Ok(place)
    }
}

/// Folders that stand for addresses: what is in messages, and what people are shown.
static SHOWN: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());

/// Has people shown an address where a message names a folder.
pub fn show_as(folder: &Path, address: &str) {
    let pair = (folder.display().to_string(), address.to_string());
    SHOWN.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(pair);
}

/// Has people shown a folder as it is again.
pub fn show_itself(folder: &Path) {
    let folder = folder.display().to_string();
    let mut shown = SHOWN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    shown.retain(|(known, _)| *known != folder);
}

/// Whether a folder is a copy of what lies in a store.
pub fn is_copy(folder: &Path) -> bool {
    let folder = folder.display().to_string();
    let shown = SHOWN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    shown.iter().any(|(copy, _)| *copy == folder)
}

/// A text with addresses for the folders that stand for them.
pub fn shown(text: &str) -> String {
    let shown = SHOWN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    shown.iter().fold(text.to_string(), |text, (folder, address)| text.replace(folder, address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_shown_addresses() {
        let dir = tempfile::tempdir().unwrap();
        show_as(dir.path(), "s3://bucket/run");
        let said =
            format!("{}: complete\n{}/manifest.json", dir.path().display(), dir.path().display());
        assert_eq!(shown(&said), "s3://bucket/run: complete\ns3://bucket/run/manifest.json");
        assert!(is_copy(dir.path()) && !is_copy(&dir.path().join("other")));
        assert_eq!(shown("/another/folder"), "/another/folder");
    }
}
