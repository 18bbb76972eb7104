//! The tables of a screening, read back: rankings, moments, histograms.

use std::path::Path;

use crate::results::Record;
use crate::results::screening::{BinRow, MomentsRow, RankingRow};
use crate::sink::SinkError;
use crate::sink::folder::{HISTOGRAM, MOMENTS, RANKING};

/// All places of all rankings, in the order of the table.
///
/// # Errors
/// The result has no such table.
pub fn places(folder: &Path) -> Result<Vec<RankingRow>, SinkError> {
    Ok(RankingRow::read(&folder.join(RANKING))?)
}

/// Moments over `all` pairs, or over those that were `run`.
///
/// # Errors
/// The result has no such table.
pub fn moments(folder: &Path, pairs: &str) -> Result<Vec<MomentsRow>, SinkError> {
    let mut moments = MomentsRow::read(&folder.join(MOMENTS))?;
    moments.retain(|row| row.pairs == pairs);
    Ok(moments)
}

/// All bins of all histograms, in the order of the table.
///
/// # Errors
/// The result has no such table.
pub fn bins(folder: &Path) -> Result<Vec<BinRow>, SinkError> {
    Ok(BinRow::read(&folder.join(HISTOGRAM))?)
}
