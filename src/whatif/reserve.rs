//! Reserves: stocks held against losses.

use super::error::within;
use super::{Log, WhatIfError};
use crate::dataset::{Dataset, Release, Reserve};
use crate::model::constants::MAX_STEPS;

/// Largest reserve, months of use: a century.
const MONTHS: f64 = 1200.0;

/// Size of a reserve as a file gives it: one of the two, or neither where amounts are stated.
pub(super) struct Size {
    pub months: Option<f64>,
    pub amount: Option<f64>,
}

/// Release of a reserve as a file gives it.
pub(super) struct Asked<'a> {
    pub cover: Option<f64>,
    pub release: Option<&'a [f64]>,
}

/// Gives a sector a reserve, or another one than it had.
///
/// # Errors
/// No size, or two; a number out of range; a covered share and stated amounts together.
pub(super) fn reserve(
    dataset: &mut Dataset,
    (area, item): (usize, usize),
    size: Size,
    asked: Asked<'_>,
    refilled: bool,
    log: &mut Log<'_>,
) -> Result<(), WhatIfError> {
    let sector = dataset.dimensions().sector(area, item);
    let release = match (asked.cover, asked.release) {
        (cover, None) => {
            Release::Automatic { cover: within("cover", cover.unwrap_or(1.0), 0.0, 1.0)? }
        }
        (None, Some(amounts)) if (1..=MAX_STEPS).contains(&amounts.len()) => {
            for &amount in amounts {
                within("release", amount, 0.0, f64::MAX)?;
            }
            Release::Steps(amounts.to_vec())
        }
        (None, Some(amounts)) => {
            let value = format!("a list of {}", amounts.len());
            let expected = format!("1 to {MAX_STEPS} amounts");
            return Err(WhatIfError::Value { key: "release", value, expected });
        }
        (Some(_), Some(_)) => {
            let value = "given beside `release`".to_string();
            let expected = "one of `cover` and `release`".to_string();
            return Err(WhatIfError::Value { key: "cover", value, expected });
        }
    };
    let size = match (size.months, size.amount, &release) {
        (Some(months), None, _) => {
            let p = &dataset.parameters;
            let used = (1.0 - p.share_eta_exp[sector]).max(0.0) * p.x0[sector];
            within("months", months, 0.0, MONTHS)? / 12.0 * used
        }
        (None, Some(amount), _) => within("amount", amount, 0.0, f64::MAX)?,
        (None, None, Release::Steps(amounts)) => {
            within("release", amounts.iter().sum(), 0.0, f64::MAX)?
        }
        (months, _, _) => {
            let value =
                if months.is_some() { "given beside `amount`" } else { "missing" }.to_string();
            let expected = "one of `months` and `amount`".to_string();
            return Err(WhatIfError::Value { key: "months", value, expected });
        }
    };
    let sector = sector as u32;
    let at = dataset.reserves.partition_point(|held| held.sector < sector);
    let has = dataset.reserves.get(at).filter(|held| held.sector == sector).map(|held| held.size);
    if has.is_some() {
        dataset.reserves.remove(at);
    }
    // Nothing held is no reserve: the dataset stays what it was.
    if size > 0.0 {
        dataset.reserves.insert(at, Reserve { sector, size, release, refilled });
    }
    log.note(dataset, sector as usize, "reserve", has.unwrap_or(0.0), size);
    Ok(())
}
