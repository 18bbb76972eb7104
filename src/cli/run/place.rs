//! Where a run makes its result, and where that is read for the summary.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::cli::CliError;
use crate::cli::place::{show_as, show_itself};
use crate::objects::{address, is_address};
use crate::sink::SinkError;
use crate::sweep::Ended;

/// The folder in which a result is made: its own, or the scratch of one for a store.
pub struct Place {
    folder: PathBuf,
    is_scratch: bool,
    /// The scratch that nobody has named.
    temporary: Option<TempDir>,
}

impl Place {
    /// For a result at `out`, a folder or an address; with the scratch that the user has named.
    ///
    /// # Errors
    /// A scratch for a folder; an address that is none; no room for a temporary folder.
    pub fn new(out: &Path, scratch: Option<&Path>) -> Result<Self, CliError> {
        let Some(address) = address(out)? else {
            return match scratch {
                None => Ok(Place { folder: out.to_path_buf(), is_scratch: false, temporary: None }),
                Some(_) => Err(CliError::Usage(
                    "--scratch is for a result in a store: one in a folder is made there",
                )),
            };
        };
        if scratch.is_some_and(is_address) {
            return Err(CliError::Usage(
                "--scratch: expected a folder of this machine, not an address",
            ));
        }
        if let Some(folder) = scratch {
            return Ok(Place { folder: folder.to_path_buf(), is_scratch: true, temporary: None });
        }
        let made = tempfile::Builder::new().prefix("shocksweep-scratch-").tempdir();
        let made = made.map_err(SinkError::io(&std::env::temp_dir()))?;
        let folder = made.path().to_path_buf();
        show_as(&folder, address.text());
        Ok(Place { folder, is_scratch: true, temporary: Some(made) })
    }

    /// The folder where the result is made.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The same, of a result for a store.
    pub fn scratch(&self) -> Option<&Path> {
        self.is_scratch.then_some(self.folder.as_path())
    }

    /// How the run ended. A temporary scratch stays where it holds what the store does not take, and is named.
    ///
    /// # Errors
    /// That of the run.
    pub fn ended(&mut self, ended: Result<Ended, SinkError>) -> Result<Ended, CliError> {
        if matches!(ended, Err(SinkError::NotStored { .. }))
            && let Some(temporary) = self.temporary.take()
        {
            let _ = temporary.keep();
            show_itself(&self.folder);
        }
        Ok(ended?)
    }
}
