//! A table that is written as its rows come.

use std::marker::PhantomData;
use std::path::Path;

use parquet::arrow::ArrowWriter;
use shocksweep_columnar::WriteError;

use crate::results::Record;
use crate::results::encoding::properties;
use crate::sink::SinkError;
use crate::sink::commit::Pending;

/// The table, on its way to the disk.
pub struct Writer<R> {
    writer: ArrowWriter<Pending>,
    failed: Box<dyn Fn(std::io::Error) -> WriteError>,
    rows: PhantomData<R>,
}

impl<R: Record> Writer<R> {
    /// Opens `TABLE.parquet` in a folder, which is made where it is missing.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn create(folder: &Path) -> Result<Self, SinkError> {
        std::fs::create_dir_all(folder).map_err(SinkError::io(folder))?;
        let path = folder.join(format!("{}.parquet", R::TABLE));
        let at = path.clone();
        let failed = Box::new(move |error| WriteError::at(&at)(error));
        let pending = Pending::create(&path)?;
        let writer = ArrowWriter::try_new(pending, R::schema(), Some(properties(true)));
        let writer = writer.map_err(|e| failed(std::io::Error::other(e)))?;
        Ok(Writer { writer, failed, rows: PhantomData })
    }

    /// Adds rows.
    ///
    /// # Errors
    /// The disk is full or fails.
    pub fn write(&mut self, rows: &[R]) -> Result<(), WriteError> {
        let batch = R::batch(rows);
        self.writer.write(&batch).map_err(|e| (self.failed)(std::io::Error::other(e)))
    }

    /// Ends the file and gives it its name.
    ///
    /// # Errors
    /// The disk is full or fails; the name then does not exist.
    pub fn commit(self) -> Result<(), SinkError> {
        let failed = self.failed;
        let pending = self.writer.into_inner().map_err(|e| failed(std::io::Error::other(e)))?;
        pending.commit()?;
        Ok(())
    }
}
