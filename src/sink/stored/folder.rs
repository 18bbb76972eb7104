//! A run whose result goes into a store.

use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;

use super::place::Place;
use super::upload::Upload;
use crate::objects::{Address, Store};
use crate::sink::folder::{MANIFEST, is_in_use};
use crate::sink::ledger::Header;
use crate::sink::manifest::Manifest;
use crate::sink::own::is_result;
use crate::sink::parquet_folder::{Opened, ParquetFolder};
use crate::sink::target::{Closing, Computed, PartTables, Sink};
use crate::sink::{SinkError, Start};

/// A result in a store with its scratch, open for work.
pub struct StoredFolder {
    inner: ParquetFolder,
    upload: Upload,
    place: Arc<Place>,
}

/// What there is to do.
pub enum OpenedStore {
    /// Work.
    Open(Box<StoredFolder>),
    /// Nothing: the result is complete.
    Complete(Box<Manifest>),
}

impl StoredFolder {
    /// Opens the result at an address, with a folder of this process's own to make it in; `note` is told what the
    /// user should know.
    ///
    /// # Errors
    /// Something else is there, a different run, or another process is at work; the store refuses or does not
    /// answer.
    pub fn open(
        address: &Address,
        scratch: &Path,
        start: Start,
        header: Header,
        note: &dyn Fn(&str),
    ) -> Result<OpenedStore, SinkError> {
        let place =
            Arc::new(Place { store: Store::open(address)?, scratch: scratch.to_path_buf() });
        std::fs::create_dir_all(scratch).map_err(SinkError::io(scratch))?;
        let (sent, next) = match start {
            Start::New => place.check_free().map(|()| (0, 0))?,
            Start::Replace => place.clear().map(|()| (0, 0))?,
            Start::Resume => {
                let mut entries = std::fs::read_dir(scratch).map_err(SinkError::io(scratch))?;
                if entries.next().is_some() && !is_result(scratch) {
                    return Err(SinkError::Foreign(scratch.to_path_buf()));
                }
                if is_in_use(scratch) {
                    return Err(SinkError::InUse(scratch.to_path_buf()));
                }
                place.prepare(note)?
            }
        };
        let damage = |files: &[_]| place.damage(files);
        match ParquetFolder::open_with(scratch, start, header, note, &damage)? {
            Opened::Complete(manifest) => {
                // What a process left that ended before it had put all, or before it had cleared up.
                let upload = Upload::start(Arc::clone(&place), sent, next)?;
                place.finish(&manifest, || upload.settle())?;
                Ok(OpenedStore::Complete(manifest))
            }
            Opened::Open(inner) => {
                // A result that is not whole is not to be taken for one meanwhile.
                place.store.remove(&[MANIFEST.to_string()])?;
                let upload = Upload::start(Arc::clone(&place), sent, next)?;
                Ok(OpenedStore::Open(Box::new(StoredFolder { inner: *inner, upload, place })))
            }
        }
    }
}

impl Sink for StoredFolder {
    type Closed = Manifest;

    fn missing(&self) -> Vec<usize> {
        self.inner.missing()
    }

    fn state(&self) -> String {
        self.inner.state().replace("are on the disk", "are in the store")
    }

    fn expect(&mut self, rows_per_scenario: f64) {
        self.inner.expect(rows_per_scenario);
    }

    fn check_room(&self, scenarios: usize, what: &str) -> Result<(), SinkError> {
        self.inner.check_room(scenarios, what)
    }

    fn commit<'t, P: Sync>(
        &mut self,
        computed: &'t Computed<P>,
        tables: &(dyn Fn(&'t P) -> Result<PartTables<'t>, SinkError> + Sync),
    ) -> Result<(), SinkError> {
        // What has been committed before a failure counts, and follows too.
        let committed = self.inner.commit(computed, tables);
        self.upload.follow()?;
        committed
    }

    fn settle(&mut self) -> Result<(), SinkError> {
        self.upload.settle()
    }

    fn state_of(&self, part: usize) -> Result<Vec<u8>, SinkError> {
        self.inner.state_of(part)
    }

    fn add(&mut self, name: &'static str, rows: &RecordBatch) -> Result<(), SinkError> {
        self.inner.add(name, rows)
    }

    fn close(self, closing: Closing) -> Result<Manifest, SinkError> {
        let StoredFolder { inner, upload, place } = self;
        let manifest = inner.close(closing)?;
        place.finish(&manifest, || upload.settle())?;
        Ok(manifest)
    }
}
