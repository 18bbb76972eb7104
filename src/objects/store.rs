//! Objects below an address, several at a time, for callers that wait.

use std::future::Future;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::path::Path as Location;
use object_store::{GetResult, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload};
use shocksweep_columnar::commit::{Pending, Written};
use shocksweep_columnar::read;
use tokio::runtime::Runtime;

use super::words::problem;
use super::{Address, Missing, StoreError, StoreProblem, Wanted, open};

/// Objects that are on their way at a time.
const AT_A_TIME: usize = 4;

/// Bytes of a file that is put in one request; a larger one is put in pieces of this size. All are in memory.
const PIECE: usize = 16 << 20;

/// Room that a copy leaves on the disk, bytes.
const RESERVE: u64 = 32 << 20;

/// An open store: objects below an address.
pub struct Store {
    inner: Arc<dyn ObjectStore>,
    address: Address,
    /// What stands before the names of objects: in S3, where the library knows the bucket alone.
    prefix: String,
    runtime: Runtime,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Store").field(&self.address.text()).finish()
    }
}

impl Store {
    /// Opens the store of an address; nothing is asked of it yet.
    ///
    /// # Errors
    /// A variable of the environment makes no sense, or plain HTTP is not allowed.
    pub fn open(address: &Address) -> Result<Self, StoreError> {
        let local = |e: io::Error| StoreError::new(address.text(), e);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let prefix = match address.parts().1 {
            prefix if address.is_s3() && !prefix.is_empty() => format!("{prefix}/"),
            _ => String::new(),
        };
        let runtime = runtime.map_err(local)?;
        let inner = open::open(address, &runtime)?;
        Ok(Store { inner, address: address.clone(), prefix, runtime })
    }

    /// Its address.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Brings objects into files, each whole or not at all; what they hold, `None` for one that is missing and
    /// may be.
    ///
    /// # Errors
    /// One is not there, is larger than it may be, or cannot be read; the disk has no room for it.
    pub fn fetch(&self, wanted: Vec<Wanted>) -> Result<Vec<Option<Written>>, StoreError> {
        let tasks = wanted.into_iter().map(|wanted| async move {
            let at = || self.address.below(&wanted.name);
            let found = match (self.get(&wanted.name).await, wanted.missing) {
                (Ok(found), _) => found,
                (Err(StoreProblem::NotFound(_) | StoreProblem::Denied), Missing::Allowed) => {
                    return Ok(None);
                }
                (Err(problem), _) => return Err(StoreError::new(at(), problem)),
            };
            let copied = copy(found, &wanted.to, wanted.limit).await;
            copied.map(Some).map_err(|problem| StoreError::new(at(), problem))
        });
        self.side_by_side(tasks)
    }

    /// Content of a small object; `None` if it is not there.
    ///
    /// # Errors
    /// It has more than `limit` bytes, or cannot be read.
    pub fn bytes(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let read = async {
            let found = match self.get(name).await {
                Err(StoreProblem::NotFound(_)) => return Ok(None),
                found => found?,
            };
            let mut bytes = Vec::new();
            pour(found, limit, &mut bytes).await.map(|()| Some(bytes))
        };
        self.runtime.block_on(read).map_err(|problem| self.wrong(name, problem))
    }

    /// Size of an object, bytes; `None` if it is not there.
    ///
    /// # Errors
    /// The store does not say.
    pub fn size(&self, name: &str) -> Result<Option<u64>, StoreError> {
        let asked = async { self.inner.head(&self.location(name)?).await.map_err(|e| problem(&e)) };
        match self.runtime.block_on(asked) {
            Ok(meta) => Ok(Some(meta.size)),
            Err(StoreProblem::NotFound(_)) => Ok(None),
            Err(problem) => Err(self.wrong(name, problem)),
        }
    }

    /// Puts files as objects: name, file. One that was there is replaced as a whole.
    ///
    /// # Errors
    /// A file cannot be read, or the store does not take it; others may be there.
    pub fn put(&self, files: Vec<(String, PathBuf)>) -> Result<(), StoreError> {
        self.check_writable()?;
        let tasks = files.into_iter().map(|(name, file)| async move {
            let put = self.put_file(&name, &file).await;
            put.map_err(|problem| self.wrong(&name, problem))
        });
        self.side_by_side(tasks).map(drop)
    }

    /// Puts an object that is not there yet; false if one is, of another content. The store decides: of several
    /// processes that do this at a time one is told true.
    ///
    /// # Errors
    /// The store does not take it.
    pub fn create(&self, name: &str, content: Vec<u8>) -> Result<bool, StoreError> {
        self.check_writable()?;
        let limit = content.len() as u64;
        let put = async {
            let payload = PutPayload::from(content.clone());
            let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
            let at = self.location(name)?;
            match self.inner.put_opts(&at, payload, options).await {
                Ok(_) => Ok(true),
                Err(object_store::Error::AlreadyExists { .. }) => Ok(false),
                Err(error) => Err(problem(&error)),
            }
        };
        if self.runtime.block_on(put).map_err(|problem| self.wrong(name, problem))? {
            return Ok(true);
        }
        // An answer that was lost, and the request repeated: then it is this process's own.
        match self.bytes(name, limit) {
            Ok(found) => Ok(found.is_some_and(|found| found == content)),
            Err(StoreError { problem: StoreProblem::TooLarge { .. }, .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Names of all objects below the address, ascending.
    ///
    /// # Errors
    /// The store does not say.
    pub fn names(&self) -> Result<Vec<String>, StoreError> {
        let wrong = |problem| StoreError::new(self.address.text(), problem);
        let prefix = self.prefix.trim_end_matches('/');
        let below =
            Location::parse(prefix).map_err(|e| wrong(StoreProblem::Other(e.to_string())))?;
        let below = Some(below).filter(|_| !prefix.is_empty());
        let listed = self.inner.list(below.as_ref());
        let all = listed.map_ok(|meta| meta.location.to_string()).try_collect::<Vec<String>>();
        let all = self.runtime.block_on(all).map_err(|e| wrong(problem(&e)))?;
        let own = |name: String| name.strip_prefix(&self.prefix).map(String::from);
        let mut names: Vec<String> = all.into_iter().filter_map(own).collect();
        names.sort();
        Ok(names)
    }

    /// Removes objects, in any order; what is not there need not be removed.
    ///
    /// # Errors
    /// The store does not do it.
    pub fn remove(&self, names: &[String]) -> Result<(), StoreError> {
        self.check_writable()?;
        let tasks = names.iter().map(|name| async move {
            let gone =
                async { self.inner.delete(&self.location(name)?).await.map_err(|e| problem(&e)) };
            match gone.await {
                Ok(()) | Err(StoreProblem::NotFound(_)) => Ok(()),
                Err(problem) => Err(self.wrong(name, problem)),
            }
        });
        self.side_by_side(tasks).map(drop)
    }

    fn wrong(&self, name: &str, problem: StoreProblem) -> StoreError {
        StoreError::new(self.address.below(name), problem)
    }

    fn check_writable(&self) -> Result<(), StoreError> {
        match self.address.is_s3() {
            true => Ok(()),
            false => Err(StoreError::new(self.address.text(), StoreProblem::ReadOnly)),
        }
    }

    fn location(&self, name: &str) -> Result<Location, StoreProblem> {
        let path = format!("{}{name}", self.prefix);
        Location::parse(path).map_err(|e| StoreProblem::Other(e.to_string()))
    }

    async fn get(&self, name: &str) -> Result<GetResult, StoreProblem> {
        self.inner.get(&self.location(name)?).await.map_err(|e| problem(&e))
    }

    /// Does tasks a few at a time; their results in their order, or the first failure.
    fn side_by_side<T, F: Future<Output = Result<T, StoreError>>>(
        &self,
        tasks: impl Iterator<Item = F>,
    ) -> Result<Vec<T>, StoreError> {
        self.runtime.block_on(stream::iter(tasks).buffered(AT_A_TIME).try_collect())
    }

    async fn put_file(&self, name: &str, file: &Path) -> Result<(), StoreProblem> {
        let at = self.location(name)?;
        let mut from = read::open(file).map_err(io::Error::from)?;
        let size = from.metadata()?.len();
        if size <= PIECE as u64 {
            let content = PutPayload::from(piece(&mut from)?);
            return self.inner.put(&at, content).await.map(drop).map_err(|e| problem(&e));
        }
        let mut upload = self.inner.put_multipart(&at).await.map_err(|e| problem(&e))?;
        let put = async {
            loop {
                let piece = piece(&mut from)?;
                if piece.is_empty() {
                    break;
                }
                upload.put_part(piece.into()).await.map_err(|e| problem(&e))?;
            }
            upload.complete().await.map_err(|e| problem(&e))
        };
        let put: Result<_, StoreProblem> = put.await;
        if put.is_err() {
            // Best effort: pieces without an end are no object, and cost their owner until they are removed.
            let _ = upload.abort().await;
        }
        put.map(drop)
    }
}

/// The next bytes of a file, as many as go into a piece.
fn piece(from: &mut std::fs::File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(PIECE as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Copies an object to a file, which appears when it is whole.
async fn copy(found: GetResult, to: &Path, limit: u64) -> Result<Written, StoreProblem> {
    let folder = to.parent().unwrap_or(Path::new("."));
    let needed = found.meta.size.saturating_add(RESERVE);
    // A file system that does not tell has to fail when it is full.
    if let Ok(left) = fs4::available_space(folder)
        && left < needed
        && found.meta.size <= limit
    {
        return Err(StoreProblem::NoSpace { folder: folder.to_path_buf(), left, needed });
    }
    let local = |e: shocksweep_columnar::WriteError| StoreProblem::Local(e.source);
    let mut pending = Pending::create(to).map_err(local)?;
    pour(found, limit, &mut pending).await?;
    pending.commit().map_err(local)
}

/// Takes the bytes of an object, not more than `limit` and not fewer than it announces.
async fn pour(found: GetResult, limit: u64, into: &mut impl Write) -> Result<(), StoreProblem> {
    let announced = found.meta.size;
    if announced > limit {
        return Err(StoreProblem::TooLarge { found: announced, limit });
    }
    let mut taken = 0;
    let mut chunks = found.into_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|e| problem(&e))?;
        taken += chunk.len() as u64;
        if taken > limit {
            return Err(StoreProblem::TooLarge { found: taken, limit });
        }
        into.write_all(&chunk)?;
    }
    match taken == announced {
        true => Ok(()),
        false => Err(StoreProblem::Unreachable(format!("{taken} of {announced} bytes came"))),
    }
}
