//! What `shocksweep status` says.

use std::path::Path;

use serde::Serialize;

use super::{duration, whole};
use crate::job::superposition::Keep;
use crate::sink::SinkError;
use crate::sink::folder::{MANIFEST, is_in_use};
use crate::sink::ledger::{LEDGER, Ledger};

/// Missing parts that are named.
const NAMED: usize = 12;

/// How far a run is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// `complete`, `shard complete`, `running` or `stopped`; `unfinished` in a store, where nobody knows.
    pub state: &'static str,
    /// Which shard, and of how many; or which parts.
    pub shard: String,
    /// Dataset.
    pub dataset: String,
    /// Parts on the disk.
    pub parts_done: usize,
    /// Parts there are.
    pub parts: usize,
    /// Numbers of the parts that are missing.
    pub missing: Vec<usize>,
    /// Scenarios on the disk that were run.
    pub run: usize,
    /// Scenarios to run in all.
    pub to_run: usize,
    /// Scenarios per second since the last start.
    pub per_second: Option<f64>,
    /// Seconds left at that rate, if the run goes on.
    pub eta_s: Option<f64>,
    /// What is run: `scenarios`, or the `pairs` of a screening.
    pub what: &'static str,
    /// Lines of the ledger that are torn or damaged.
    pub damaged_lines: usize,
}

impl Standing {
    /// Reads the standing of a result folder.
    ///
    /// # Errors
    /// There is no ledger, or it cannot be read.
    pub fn read(root: &Path) -> Result<Self, SinkError> {
        let ledger = Ledger::read(root)?.ok_or_else(|| SinkError::Unreadable {
            path: root.join(LEDGER),
            problem: "not found or unreadable; expected the folder of a shocksweep result"
                .to_string(),
        })?;
        let header = &ledger.header;
        let missing = ledger.missing();
        let parts = header.own_parts().count();
        let complete = root.join(MANIFEST).exists();
        let running = is_in_use(root);
        let run = ledger.parts.values().map(|record| record.counts.run).sum();
        // Since the last start: clocks of different machines, or a changed one, do not mix.
        let since = ledger.session.map_or(f64::INFINITY, |session| session.unix_s);
        let of_session = || ledger.parts.values().filter(|record| record.unix_s >= since);
        // What is prepared before the first part is done once.
        let first = of_session().map(|record| record.unix_s).fold(f64::INFINITY, f64::min);
        let last = of_session().map(|record| record.unix_s).fold(since, f64::max);
        let later = || of_session().filter(|record| record.unix_s > first);
        let (computed, seconds) = match later().count() {
            0 => (of_session().map(|record| record.counts.run).sum(), last - since),
            _ => (later().map(|record| record.counts.run).sum::<usize>(), last - first),
        };
        let rate = computed as f64 / seconds;
        let per_second = Some(rate).filter(|rate| rate.is_finite() && *rate > 0.0);
        let left = header.to_run.saturating_sub(run) as f64;
        Ok(Standing {
            state: match (complete, missing.is_empty(), running) {
                (true, ..) => "complete",
                (false, _, true) => "running",
                (false, true, false) if !header.is_whole() => "shard complete",
                (false, _, false) => "stopped",
            },
            shard: header.only.as_ref().map_or(header.shard.to_string(), |_| header.share()),
            dataset: header.manifest.dataset.name.clone(),
            parts_done: parts - missing.len(),
            parts,
            eta_s: per_second.map(|rate| left / rate).filter(|_| running),
            missing,
            run,
            to_run: header.to_run,
            per_second,
            what: match &header.manifest.superposition {
                Some(record) if record.keep == Keep::Top => "pairs",
                _ => "scenarios",
            },
            damaged_lines: ledger.damaged,
        })
    }
}

/// The standing for a person; `resume` is what continues a run, in the words of whoever shows this.
pub fn text(root: &Path, standing: &Standing, resume: &str) -> String {
    let mut text = format!("{}: {}", root.display(), standing.state);
    if standing.shard != "1/1" {
        let word = if standing.shard.starts_with("parts") { "" } else { "shard " };
        text += &format!(", {word}{}", standing.shard);
    }
    text += &format!(
        ", dataset `{}`\n  {} of {} parts on the disk, {} of {} {}\n",
        standing.dataset,
        whole(standing.parts_done),
        whole(standing.parts),
        whole(standing.run),
        whole(standing.to_run),
        // Of a screening's pairs most need no run.
        if standing.what == "pairs" { "pairs judged or run" } else { "scenarios run" },
    );
    if let Some(rate) = standing.per_second.filter(|_| standing.state == "running") {
        let left = standing.eta_s.map_or(String::new(), |s| format!(", {} left", duration(s)));
        let rate = whole(rate.round() as usize);
        text += &format!("  {rate} {} per second{left}\n", standing.what);
    }
    if matches!(standing.state, "stopped" | "unfinished") {
        let named: Vec<String> =
            standing.missing.iter().take(NAMED).map(usize::to_string).collect();
        let more = standing.missing.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        text += &match named.is_empty() {
            true => format!("  all parts are there; {resume} puts them together\n"),
            false => format!("  missing: {}{more}; {resume} continues\n", named.join(", ")),
        };
    }
    if standing.damaged_lines > 0 {
        let lines = standing.damaged_lines;
        text += &format!("  {lines} lines of the ledger are torn or damaged\n");
    }
    text
}
