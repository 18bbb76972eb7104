//! Why a command did not do its work, in the words of the command line, and its exit code.

use std::io::ErrorKind;

use crate::analysis::aggregate::AggregateError;
use crate::compare::CompareError;
use crate::dataset::DatasetError;
use crate::dataset::error::Problem;
use crate::dataset::synth::SynthError;
use crate::engine::EngineError;
use crate::exposure::ExposureError;
use crate::hint::Hint;
use crate::job::JobError;
use crate::mitigate::MitigateError;
use crate::model::constants::LARGEST_AMOUNT;
use crate::objects::{StoreError, StoreProblem};
use crate::report::picture::PictureError;
use crate::scenario::ScenarioProblem;
use crate::sink::SinkError;
use crate::study::explain::ExplainError;
#[cfg(feature = "trade")]
use crate::trade::TradeRunError;
use crate::whatif::WhatIfError;

/// Exit code for bad input: a file, a name, a value that cannot be used.
pub const EXIT_BAD_INPUT: u8 = 2;
/// Exit code for a check that failed.
pub const EXIT_CHECK_FAILED: u8 = 3;

/// Exit code where the same command may well succeed later: the folder is in use, or the run was
/// stopped and can be continued. Schedulers know it (`EX_TEMPFAIL`).
pub const EXIT_TRY_AGAIN: u8 = 75;

/// Exit code for a run that was stopped a second time, at once: that of a program killed by Ctrl-C.
pub const EXIT_INTERRUPTED: u8 = 130;

/// Why a command did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A job, or something it names, is wrong.
    #[error("{0}{hint}", hint = worded(.0.hint()))]
    Job(#[from] JobError),
    /// A change of a dataset cannot be made.
    #[error("{0}")]
    WhatIf(#[from] WhatIfError),
    /// A dataset is wrong.
    #[error("{0}{hint}", hint = worded(.0.hint()))]
    Dataset(#[from] DatasetError),
    /// A synthetic world cannot be made.
    #[error("{0}")]
    Synth(#[from] SynthError),
    /// A shock given on the command line is wrong.
    #[error("{0}")]
    Shock(#[from] ScenarioProblem),
    /// An address, or what lies there, cannot be used.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// A result cannot be written.
    #[error("{0}{hint}", hint = worded(.0.hint()))]
    Sink(#[from] SinkError),
    /// A question that a result does not answer.
    #[error("{0}")]
    Aggregate(AggregateError),
    /// A picture that cannot be drawn.
    #[error("{0}")]
    Picture(#[from] PictureError),
    /// A measure that losses cannot be told in.
    #[error("{0}")]
    Measure(#[from] crate::measure::WeightsError),
    /// Networks, or models of them, that cannot be made.
    #[cfg(feature = "networks")]
    #[error("{0}")]
    Network(#[from] shocksweep_networks::NetworkError),
    /// A study of trade that cannot be done.
    #[cfg(feature = "trade")]
    #[error("{0}{hint}", hint = worded(.0.hint()))]
    Trade(#[from] TradeRunError),
    /// A table that there is not.
    #[error("no table `{name}`{hint}; expected `tables` or one of {known}")]
    NoTable {
        /// What was asked for.
        name: String,
        /// The nearest name.
        hint: String,
        /// All names.
        known: String,
    },
    /// Arguments that do not fit together.
    #[error("{0}")]
    Usage(&'static str),
    /// A check found violations; the report is printed already.
    #[error("the dataset fails {0} of the checks above")]
    Check(usize),
    /// A rule of a screening does not hold; the result is written and says where.
    #[error(
        "the screening's rules were wrong for {0} of the pairs that were run to check them: a fault of the program; run again with `rules = false` in [superposition], and report it"
    )]
    Rules(u64),
    /// Scenarios, or pairs, whose amounts left the range of numbers; the result is written and says which.
    #[error(
        "{0} diverged: amounts grow beyond {LARGEST_AMOUNT:e} t, and what is lost is not known (status `diverged`, with the step); fewer steps, or `--cap`, keep them in range"
    )]
    Diverged(String),
    /// The run was stopped; what it has done is on the disk.
    #[error("stopped: {0}; continue with the same command and --resume")]
    Stopped(String),
    /// A result that is not what it should be; the report is printed already.
    #[error("the result fails {0} of the checks above")]
    Verify(usize),
    /// A pair that cannot be explained.
    #[error("{0}")]
    Explain(ExplainError),
    /// A search for changes that has no answer.
    #[error("{0}")]
    Mitigate(MitigateError),
    /// Results that cannot be compared.
    #[error("{0}")]
    Compare(CompareError),
    /// A world that cannot be asked: its result cannot be read, or is another world's.
    #[cfg(feature = "explore")]
    #[error("{0}")]
    Explore(crate::explore::ExploreError),
    /// A server that cannot listen.
    #[cfg(feature = "explore")]
    #[error("{0}")]
    Serve(#[from] crate::serve::ServeError),
    /// A question about exposure that has no answer.
    #[error("{0}")]
    Exposure(ExposureError),
    /// An engine that is not there, or has failed.
    #[error("{0}{hint}", hint = worded(.0.hint()))]
    Engine(#[from] EngineError),
    /// A device that differs from the cpu engine; the report is printed already.
    #[error("{}", validated(*.0))]
    Validate(usize),
    /// The terminal is gone.
    #[error("cannot write to standard output: {0}")]
    Print(#[from] std::io::Error),
}

/// What would help, in the words of this command line.
fn worded(hint: Option<Hint>) -> &'static str {
    match hint {
        None => "",
        Some(Hint::NameFolder) => ": give `folder` in [output] or --out",
        Some(Hint::NameAnyFolder) => "; --out may name any folder",
        Some(Hint::WithoutAdaptation) => "; run it with `--adaptation off` or import the rules",
        Some(Hint::ReplaceResult) => {
            "; choose another folder, or --force to replace a shocksweep result"
        }
        Some(Hint::ContinueOrReplace) => "; continue it with --resume, or start over with --force",
        Some(Hint::StartOver) => "; choose another folder, or --force to start over",
        Some(Hint::ContinueWithRoom) => "; make room, then continue with --resume",
        Some(Hint::ContinueFromScratch) => {
            "; continue with the same command, --resume and --scratch for that folder"
        }
        Some(Hint::ContinueShard) => "; run its shard again with --resume",
        Some(Hint::ReplaceDataset) => "; give another name, or --force to replace it",
        Some(Hint::AllowSoftware) => "; `--device` names one, `--allow-software` allows any",
        Some(Hint::ReplaceStudy) => "; choose another folder, or --force to replace a study",
        Some(Hint::AllowAnyCost) => ", or allow it with --any-cost",
    }
}

impl From<ExplainError> for CliError {
    fn from(error: ExplainError) -> Self {
        match error {
            ExplainError::Result(error) => CliError::Sink(error),
            ExplainError::Engine(error) => CliError::Engine(error),
            error => CliError::Explain(error),
        }
    }
}

impl From<MitigateError> for CliError {
    fn from(error: MitigateError) -> Self {
        match error {
            MitigateError::Engine(error) => CliError::Engine(error),
            error => CliError::Mitigate(error),
        }
    }
}

impl From<CompareError> for CliError {
    fn from(error: CompareError) -> Self {
        match error {
            CompareError::Result(error) => CliError::Sink(error),
            error => CliError::Compare(error),
        }
    }
}

impl From<ExposureError> for CliError {
    fn from(error: ExposureError) -> Self {
        match error {
            ExposureError::Result(error) => CliError::Sink(error),
            ExposureError::Engine(error) => CliError::Engine(error),
            error => CliError::Exposure(error),
        }
    }
}

#[cfg(feature = "explore")]
impl From<crate::explore::ExploreError> for CliError {
    fn from(error: crate::explore::ExploreError) -> Self {
        match error {
            crate::explore::ExploreError::Result(error) => CliError::Sink(error),
            crate::explore::ExploreError::Engine(error) => CliError::Engine(error),
            error => CliError::Explore(error),
        }
    }
}

fn validated(broken: usize) -> String {
    match broken {
        0 => "nothing was compared: no scenario of the sample has an effect".to_string(),
        broken => format!("the gpu engine breaks {broken} of the bounds above"),
    }
}

impl From<AggregateError> for CliError {
    fn from(error: AggregateError) -> Self {
        match error {
            AggregateError::Result(error) => CliError::Sink(error),
            error => CliError::Aggregate(error),
        }
    }
}

impl CliError {
    /// Exit code of the program.
    pub fn exit_code(&self) -> u8 {
        if self.store_problem().is_some_and(StoreProblem::is_temporary) {
            return EXIT_TRY_AGAIN;
        }
        match self {
            CliError::Check(_)
            | CliError::Rules(_)
            | CliError::Diverged(_)
            | CliError::Explain(ExplainError::Diverged { .. })
            | CliError::Verify(_)
            | CliError::Validate(_) => EXIT_CHECK_FAILED,
            CliError::Engine(error) | CliError::Sink(SinkError::Engine(error)) => {
                if error.is_bad_input() { EXIT_BAD_INPUT } else { 1 }
            }
            #[cfg(feature = "networks")]
            CliError::Network(error) => {
                if error.is_bad_input() {
                    EXIT_BAD_INPUT
                } else {
                    1
                }
            }
            #[cfg(feature = "trade")]
            CliError::Trade(error) => {
                if error.is_bad_input() {
                    EXIT_BAD_INPUT
                } else {
                    1
                }
            }
            CliError::Stopped(_) | CliError::Sink(SinkError::InUse(_)) => EXIT_TRY_AGAIN,
            // Who reads has seen enough.
            CliError::Print(error) if error.kind() == ErrorKind::BrokenPipe => 0,
            CliError::Print(_) => 1,
            // A place that is not there, or may not be written, is a slip of the command line; a disk that
            // is full or fails is none.
            CliError::Sink(SinkError::Io { source, .. }) if is_slip(source.kind()) => {
                EXIT_BAD_INPUT
            }
            CliError::Sink(
                SinkError::Exists(_)
                | SinkError::Foreign(_)
                | SinkError::Unfinished(_)
                | SinkError::Different { .. }
                | SinkError::NoFolder
                | SinkError::NoSuchPart { .. }
                | SinkError::Shard(_)
                | SinkError::Merge(_)
                | SinkError::Unreadable { .. }
                | SinkError::Store(_)
                | SinkError::NotStored { .. }
                | SinkError::Table(_),
            ) => EXIT_BAD_INPUT,
            CliError::Sink(_) => 1,
            _ => EXIT_BAD_INPUT,
        }
    }
}

impl CliError {
    /// What is wrong with a store, if that is it.
    fn store_problem(&self) -> Option<&StoreProblem> {
        fn of(error: &DatasetError) -> Option<&StoreProblem> {
            match &error.problem {
                Problem::Store(problem) => Some(problem),
                _ => None,
            }
        }
        match self {
            CliError::Store(error)
            | CliError::Sink(
                SinkError::Store(error) | SinkError::NotStored { source: error, .. },
            )
            | CliError::Job(JobError::Store(error)) => Some(&error.problem),
            CliError::Job(JobError::Dataset(error)) | CliError::Dataset(error) => of(error),
            _ => None,
        }
    }
}

/// Whether it is a slip of who typed the command that the operating system refuses.
fn is_slip(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::NotFound
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::PermissionDenied
            | ErrorKind::AlreadyExists
            | ErrorKind::InvalidInput
            | ErrorKind::InvalidFilename
            | ErrorKind::ReadOnlyFilesystem
    )
}
