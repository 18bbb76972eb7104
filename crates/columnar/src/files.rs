//! Files of anybody, opened and read within bounds.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::TableError;

/// Most bytes of a job, a description or a small table that is read as text.
const MAX_TEXT: u64 = 64 << 20;

/// Opens a regular file; a link to one is followed.
///
/// # Errors
/// It is not there, or is a pipe, a device or a folder: those would be waited for without end.
pub fn open(path: &Path) -> Result<File, TableError> {
    let io = TableError::io(path);
    // Asked before it is opened: to open a pipe waits for its writer.
    if !std::fs::metadata(path).map_err(&io)?.is_file() {
        return Err(io(std::io::Error::other("is no file; expected a regular file")));
    }
    File::open(path).map_err(&io)
}

/// All bytes of a regular file of at most `limit` bytes.
///
/// # Errors
/// It is not there, is no file, is longer, or cannot be read.
pub fn bytes(path: &Path, limit: u64) -> Result<Vec<u8>, TableError> {
    let mut bytes = Vec::new();
    let io = TableError::io(path);
    open(path)?.take(limit + 1).read_to_end(&mut bytes).map_err(&io)?;
    if bytes.len() as u64 > limit {
        return Err(TableError::TooLarge { path: path.to_path_buf(), what: "bytes", limit });
    }
    Ok(bytes)
}

/// The text of a regular file of at most 64 MiB: a job, a description, a list of models.
///
/// # Errors
/// It is not there, is no file, is longer, is no UTF-8, or cannot be read.
pub fn text(path: &Path) -> std::io::Result<String> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("is no file"));
    }
    let mut text = String::new();
    File::open(path)?.take(MAX_TEXT + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_TEXT {
        return Err(std::io::Error::other(format!("has more than {} MiB", MAX_TEXT >> 20)));
    }
    Ok(text)
}

/// The text of a regular file of at most `limit` bytes.
///
/// # Errors
/// As [`bytes()`]; or it is not UTF-8.
pub fn text_within(path: &Path, limit: u64) -> Result<String, TableError> {
    let not_text = |_| TableError::io(path)(std::io::Error::other("is no text in UTF-8"));
    String::from_utf8(bytes(path, limit)?).map_err(not_text)
}
