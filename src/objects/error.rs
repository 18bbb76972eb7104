//! What can go wrong with a store, in one sentence.

use std::path::PathBuf;

/// Something in a store that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{at}: {problem}")]
pub struct StoreError {
    /// Address of the object, or of what was asked for.
    pub at: String,
    /// What is wrong.
    pub problem: StoreProblem,
}

/// What is wrong.
#[derive(Debug, thiserror::Error)]
pub enum StoreProblem {
    /// Text that begins as an address does and is none.
    #[error("is no address; {0}")]
    NoAddress(&'static str),
    /// A build without stores.
    #[error(
        "addresses are not read or written by this build of shocksweep (without the feature `objects`); expected a \
         folder, or a program built with `--features objects`"
    )]
    NoFeature,
    /// A web server, which is read only.
    #[error("results and datasets are written to folders and to s3:// alone")]
    ReadOnly,
    /// Plain HTTP that nobody has allowed.
    #[error(
        "plain http is read and changed by whoever is between; expected https, or AWS_ALLOW_HTTP=true"
    )]
    PlainHttp,
    /// Nothing of that name.
    #[error("not found; expected {0}")]
    NotFound(&'static str),
    /// No such bucket.
    #[error(
        "there is no such bucket; expected one that exists, see AWS_REGION and AWS_ENDPOINT_URL for where"
    )]
    NoBucket,
    /// The store knows the caller and refuses, or does not know him.
    #[error(
        "the store refuses access; expected credentials that are allowed it, in AWS_ACCESS_KEY_ID and \
         AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN)"
    )]
    Denied,
    /// Nothing says who the caller is.
    #[error(
        "no credentials; expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a role of the machine, or \
         AWS_SKIP_SIGNATURE=true for what is public (profiles in ~/.aws are not read)"
    )]
    NoCredentials,
    /// More bytes than announced, or than are taken.
    #[error("has {found} bytes; expected {limit} at most")]
    TooLarge {
        /// Bytes there are, or those that had come when it was given up.
        found: u64,
        /// Bytes there may be.
        limit: u64,
    },
    /// Too little space for a copy.
    #[error("the disk of {} has {} MB left and the copy needs {} MB; TMPDIR names another", folder.display(), *left / 1_000_000, needed.div_ceil(1_000_000))]
    NoSpace {
        /// Where the copy would lie.
        folder: PathBuf,
        /// Bytes that are free.
        left: u64,
        /// Bytes that are needed.
        needed: u64,
    },
    /// Content that is not what its description says.
    #[error("is not as recorded: has {found}, expected {expected}")]
    Differs {
        /// What was found.
        found: String,
        /// What is recorded.
        expected: String,
    },
    /// No connection, or no answer in time.
    #[error("the store cannot be reached: {0}")]
    Unreachable(String),
    /// The store has too much to do, or is out of order.
    #[error("the store is out of order or too busy: {0}")]
    Busy(String),
    /// The local copy cannot be written or read.
    #[error("its local copy: {0}")]
    Local(#[from] std::io::Error),
    /// Anything else, in the store's words.
    #[error("{0}")]
    Other(String),
}

impl StoreError {
    /// A problem at an address.
    pub fn new(at: impl Into<String>, problem: impl Into<StoreProblem>) -> Self {
        StoreError { at: at.into(), problem: problem.into() }
    }
}

impl StoreProblem {
    /// Whether the same may well succeed later.
    pub fn is_temporary(&self) -> bool {
        matches!(self, StoreProblem::Unreachable(_) | StoreProblem::Busy(_))
    }
}
