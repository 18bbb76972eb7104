//! What would help after an error: known to the library, worded by whoever shows it.

/// What would help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// Name a result folder.
    NameFolder,
    /// Name a folder that the job file may not: the user's own word allows any.
    NameAnyFolder,
    /// Run without adaptation, or import rules.
    WithoutAdaptation,
    /// Choose another folder, or have the result there replaced.
    ReplaceResult,
    /// Continue the unfinished result, or have it replaced.
    ContinueOrReplace,
    /// Choose another folder, or have the different run replaced.
    StartOver,
    /// Make room, then continue the run.
    ContinueWithRoom,
    /// Run a shard again, continuing it.
    ContinueShard,
    /// Give another name, or have what is there replaced.
    ReplaceDataset,
    /// Name a software adapter as the device, or allow any.
    AllowSoftware,
    /// Choose another folder, or have the study there replaced.
    ReplaceStudy,
    /// Allow a study that takes hours.
    AllowAnyCost,
}
