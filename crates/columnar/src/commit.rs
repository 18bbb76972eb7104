//! Files that are either not there or whole.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::WriteError;

/// What a committed file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Size, bytes.
    pub bytes: u64,
    /// BLAKE3 of the content, hexadecimal.
    pub blake3: String,
}

/// A file being written under a temporary name beside its final one.
///
/// Dropped without [`Pending::commit`], it disappears.
#[derive(Debug)]
pub struct Pending {
    file: File,
    hasher: blake3::Hasher,
    temporary: PathBuf,
    path: PathBuf,
    committed: bool,
}

impl Pending {
    /// Opens a temporary file for `path`.
    ///
    /// # Errors
    /// The file cannot be created.
    pub fn create(path: &Path) -> Result<Self, WriteError> {
        // It would be a folder called `s3:`.
        if path
            .to_str()
            .is_some_and(|text| text.starts_with("s3://") || text.starts_with("https://"))
        {
            let problem =
                io::Error::new(io::ErrorKind::InvalidInput, "is an address; expected a file");
            return Err(WriteError::at(path)(problem));
        }
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(".tmp");
        let temporary = path.with_file_name(name);
        // What lies there is a dead process's, or a trap: a link is removed, not followed.
        match fs::remove_file(&temporary) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(WriteError::at(path)(e)),
            _ => {}
        }
        let file = File::create_new(&temporary).map_err(WriteError::at(path))?;
        let hasher = blake3::Hasher::new();
        Ok(Pending { file, hasher, temporary, path: path.to_path_buf(), committed: false })
    }

    /// Final path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Brings the content to the disk and gives the file its final name.
    ///
    /// # Errors
    /// The disk is full or fails; the final name then does not exist.
    pub fn commit(mut self) -> Result<Written, WriteError> {
        let failed = WriteError::at(&self.path);
        self.file.sync_all().map_err(&failed)?;
        let bytes = self.file.metadata().map_err(&failed)?.len();
        fs::rename(&self.temporary, &self.path).map_err(&failed)?;
        self.committed = true;
        Ok(Written { bytes, blake3: self.hasher.finalize().to_hex().to_string() })
    }
}

impl Write for Pending {
    fn write(&mut self, content: &[u8]) -> io::Result<usize> {
        let written = self.file.write(content)?;
        self.hasher.update(&content[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if !self.committed {
            // Best effort: the file has a temporary name and no reader looks at it.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Size and hash of a file as it is on the disk.
///
/// # Errors
/// The file cannot be read.
pub fn read_back(path: &Path) -> Result<Written, WriteError> {
    // Asked before it is opened: to open a pipe waits for its writer.
    if !fs::metadata(path).map_err(WriteError::at(path))?.is_file() {
        return Err(WriteError::at(path)(io::Error::other("is no file")));
    }
    let mut file = File::open(path).map_err(WriteError::at(path))?;
    let mut hasher = blake3::Hasher::new();
    let mut bytes = 0;
    // Wide enough for the hash to work on many of its blocks side by side.
    let mut piece = vec![0; 256 << 10];
    loop {
        match file.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => {
                hasher.update(&piece[..read]);
                bytes += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(WriteError::at(path)(error)),
        }
    }
    Ok(Written { bytes, blake3: hasher.finalize().to_hex().to_string() })
}

/// Makes the names of the files in `folder` durable.
///
/// # Errors
/// The folder cannot be synced.
pub fn sync_folder(folder: &Path) -> Result<(), WriteError> {
    // Windows cannot open folders as files; its file system journals names by itself.
    if cfg!(unix) {
        File::open(folder).and_then(|f| f.sync_all()).map_err(WriteError::at(folder))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.txt");
        let mut pending = Pending::create(&path).unwrap();
        pending.write_all(b"whole").unwrap();
        assert!(!path.exists());
        let written = pending.commit().unwrap();
        assert_eq!(written, read_back(&path).unwrap());
        assert_eq!(written.bytes, 5);
        assert_eq!(fs::read(&path).unwrap(), b"whole");

        let dropped = dir.path().join("b.txt");
        let mut pending = Pending::create(&dropped).unwrap();
        pending.write_all(b"half").unwrap();
        drop(pending);
        let left: Vec<_> =
            fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, ["a.txt"]);
    }
}
