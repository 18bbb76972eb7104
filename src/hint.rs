//! What would help after an error: known to the library, worded by whoever shows it.

use shocksweep_columnar::paths;

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
    /// Continue the run, with the scratch that was kept.
    ContinueFromScratch,
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

/// The first text of a job with a control character, in words: no name of a file, an area or an item has one.
pub fn control_character(table: &toml::Table) -> Option<String> {
    fn of(value: &toml::Value) -> Option<(String, String)> {
        match value {
            toml::Value::String(text) => Some((String::new(), paths::problem(text)?)),
            toml::Value::Array(values) => values.iter().find_map(of),
            toml::Value::Table(table) => of_table(table),
            _ => None,
        }
    }
    fn of_table(table: &toml::Table) -> Option<(String, String)> {
        table.iter().find_map(|(key, value)| {
            let (below, problem) = of(value)?;
            Some((if below.is_empty() { key.clone() } else { format!("{key}.{below}") }, problem))
        })
    }
    of_table(table).map(|(key, problem)| format!("key `{key}` {problem}"))
}
