//! What if: a dataset changed by a readable file, never by editing matrices.
//!
//! ```toml
//! [[change]]
//! kind = "diversify"          # move a share of imports from some suppliers to others
//! area = "Egypt"
//! item = "Wheat and products"
//! away_from = ["Russian Federation", "Ukraine"]
//! to = ["Argentina"]          # optional; otherwise the other suppliers, by what they export
//! share = 0.5                 # of what comes from these suppliers
//! ```
//!
//! | kind | keys besides `area` and `item` | what changes |
//! |---|---|---|
//! | `diversify` | `away_from`, `to` (optional), `share` | who supplies the area |
//! | `supplier` | `from`, `share` of all imports | the same, so that one supplier has this share |
//! | `link` | `from`, `amount` | the same: `amount` more from one supplier, perhaps a new one |
//! | `domestic` | `by` or `amount` | own production; imports replace it, or are replaced by it |
//! | `yield` | `by` | own production alone: everyone downstream has more, or less |
//! | `demand` | `by` | what is consumed; imports follow |
//! | `reserve` | `months` or `amount`, `cover` or `release`, `refilled` | a stock is held against losses ([`crate::model::reserves`]) |
//! | `close` | `process` instead of `item` | a process takes nothing and makes nothing |
//!
//! Shares and `by` have unit 1 (`by = -0.2` is a fifth less), amounts the item's unit a year.
//!
//! The `months` of a reserve are of what the area uses at home in a year, `(1 - eta_exp) x0`; it covers every
//! loss as long as it lasts, or the share `cover` of it, or gives the amounts `release` in the first steps.
//!
//! Every change keeps the model's invariants - columns of `T` and `nu` sum to what they did, shares
//! to 1 - and the dataset as settled as it was: `A x0 + b - x0` stays what it is ([`settle`]). The
//! trade changes are exchanges ([`trade`]) after which every area imports and exports as much as
//! before; `domestic` and `demand` leave all other areas' amounts alone: their exporters keep what
//! they no longer sell, or sell what they no longer keep.

pub mod error;
pub mod file;
pub mod flows;
pub mod production;
pub mod reserve;
pub mod settle;
pub mod trade;

use std::borrow::Cow;

use shocksweep_columnar::record;

use crate::dataset::names::NameIndex;
use crate::dataset::{Dataset, hash};
pub use error::WhatIfError;
pub use file::{Change, WhatIf};

record! {
    /// What a change does to the world, before anything fails.
    pub struct ChangeRow = "changes" {
        /// Position of the change in its file, from 1.
        pub change: u32,
        /// Kind of change.
        pub kind: String,
        /// Area whose amount changes.
        pub area: String,
        /// Item.
        pub item: String,
        /// What changes: `from SUPPLIER`, `imports`, `output`, `consumption`, `exports`, `available`, `reserve`.
        pub what: String,
        /// Amount without the change, per model year, in the item's unit.
        pub before: f64,
        /// Amount with it.
        pub after: f64,
    }
}

impl ChangeRow {
    /// The row as a sentence for people.
    pub fn words(&self) -> String {
        let ChangeRow { change, kind, area, item, what, before, after } = self;
        let [before, after] = [*before, *after].map(shown);
        format!("change {change} ({kind}): {area} / {item}: {what} {before} -> {after}")
    }
}

/// An amount in words; nobody reads a hundred digits.
fn shown(amount: f64) -> String {
    if amount.abs() < 1e15 { format!("{amount:.0}") } else { format!("{amount:.2e}") }
}

/// Amounts of one change that are told.
const TOLD: usize = 10;

/// What changes do as sentences for people: the largest of each, and how many more there are.
pub fn told(rows: &[ChangeRow]) -> Vec<String> {
    let mut lines = Vec::new();
    for rows in rows.chunk_by(|a, b| a.change == b.change) {
        let mut largest: Vec<&ChangeRow> = rows.iter().collect();
        // Stable: equal ones stay in the order in which they were made.
        let size = |row: &ChangeRow| (row.after - row.before).abs();
        largest.sort_by(|a, b| size(b).total_cmp(&size(a)));
        lines.extend(largest.iter().take(TOLD).map(|row| row.words()));
        if let (Some(row), more) = (rows.first(), rows.len().saturating_sub(TOLD))
            && more > 0
        {
            lines.push(format!("change {} ({}): and {more} smaller changes", row.change, row.kind));
        }
    }
    lines
}

/// The dataset that a result was made from, whose content hash and changes it records, given that one or
/// the one it was changed from; `None` where it is neither.
pub fn of_result<'a>(
    dataset: &'a Dataset,
    content_hash: &str,
    changes: &[Change],
) -> Option<Cow<'a, Dataset>> {
    let is_it = |dataset: &Dataset| hash::content_hash(dataset) == content_hash;
    if is_it(dataset) {
        return Some(Cow::Borrowed(dataset));
    }
    let (changed, _) = apply(dataset, changes).ok()?;
    (!changes.is_empty() && is_it(&changed)).then_some(Cow::Owned(changed))
}

/// Changes below this share of the amount, or this amount, are rounding and are not listed.
const LISTED: f64 = 1e-9;

/// The dataset with all changes made, one after the other, and what they change; its content hash is
/// its own, its name that of the dataset.
///
/// A file without changes, and changes by nothing, give the dataset itself.
///
/// # Errors
/// A name is unknown, a value is out of range, or a change asks for what is not there.
pub fn apply(
    dataset: &Dataset,
    changes: &[Change],
) -> Result<(Dataset, Vec<ChangeRow>), WhatIfError> {
    let mut changed = dataset.clone();
    let mut rows = Vec::new();
    for (n, change) in changes.iter().enumerate() {
        let mut log = Log { change: n as u32 + 1, kind: change.kind(), rows: &mut rows };
        one(&mut changed, change, &mut log).map_err(|e| e.in_change(n + 1, change.kind()))?;
    }
    Ok((changed, rows))
}

fn one(dataset: &mut Dataset, change: &Change, log: &mut Log<'_>) -> Result<(), WhatIfError> {
    let place =
        |dataset: &Dataset, area: &str, item: &str| -> Result<(usize, usize), WhatIfError> {
            let names = NameIndex::new(&dataset.labels);
            Ok((names.area(area)?, names.item(item)?))
        };
    match change {
        Change::Diversify { area, item, away_from, to, share } => {
            let at = place(dataset, area, item)?;
            trade::diversify(dataset, at, away_from, to, *share, log)
        }
        Change::Supplier { area, item, from, share } => {
            let at = place(dataset, area, item)?;
            trade::supplier(dataset, at, from, *share, log)
        }
        Change::Link { area, item, from, amount } => {
            let at = place(dataset, area, item)?;
            trade::link(dataset, at, from, *amount, log)
        }
        Change::Domestic { area, item, by, amount } => {
            let at = place(dataset, area, item)?;
            production::domestic(dataset, at, *by, *amount, log)
        }
        Change::Yield { area, item, by } => {
            let at = place(dataset, area, item)?;
            production::yields(dataset, at, *by, log)
        }
        Change::Demand { area, item, by } => {
            let at = place(dataset, area, item)?;
            production::demand(dataset, at, *by, log)
        }
        Change::Reserve { area, item, months, amount, cover, release, refilled } => {
            let at = place(dataset, area, item)?;
            let size = reserve::Size { months: *months, amount: *amount };
            let release = reserve::Asked { cover: *cover, release: release.as_deref() };
            reserve::reserve(dataset, at, size, release, *refilled, log)
        }
        Change::Close { area, process } => production::close(dataset, area, process, log),
    }
}

/// Collects what a change does.
pub(crate) struct Log<'a> {
    change: u32,
    kind: &'static str,
    rows: &'a mut Vec<ChangeRow>,
}

impl Log<'_> {
    /// Notes an amount, unless nothing but rounding changes it.
    pub(crate) fn note(
        &mut self,
        dataset: &Dataset,
        sector: usize,
        what: &str,
        before: f64,
        after: f64,
    ) {
        if (after - before).abs() <= LISTED * before.abs().max(1.0) {
            return;
        }
        let dims = dataset.dimensions();
        self.rows.push(ChangeRow {
            change: self.change,
            kind: self.kind.to_string(),
            area: dataset.labels.areas[dims.area_of(sector)].name.clone(),
            item: dataset.labels.items[dims.item_of(sector)].name.clone(),
            what: what.to_string(),
            before,
            after,
        });
    }
}
