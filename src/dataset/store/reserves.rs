//! The table of reserves.

use std::path::Path;

use shocksweep_columnar::{Name, Record};

use super::table_file;
use crate::dataset::error::{FilePlace, Problem};
use crate::dataset::{Dataset, DatasetError, Dimensions, Release, Reserve};

shocksweep_columnar::record! {
    /// A reserve.
    pub(super) struct ReserveRow = "reserves" {
        /// area that holds it
        pub area: Name,
        /// item
        pub item: Name,
        /// amount that it holds
        pub size: f64,
        /// share of a loss that it covers; null where it is released at stated steps
        pub cover: Option<f64>,
        /// whether it is filled up again
        pub refilled: bool,
        /// amounts by step, as `100;50`; null where it covers losses
        pub release: Option<String>,
    }
}

/// Name of the table.
pub(super) const TABLE: &str = ReserveRow::TABLE;

/// Rows of the table; none of a dataset without reserves.
pub(super) fn rows(dataset: &Dataset) -> Vec<ReserveRow> {
    let (labels, dims) = (&dataset.labels, dataset.dimensions());
    let row = |r: &Reserve| ReserveRow {
        area: Name::from(&labels.areas[dims.area_of(r.sector as usize)].name),
        item: Name::from(&labels.items[dims.item_of(r.sector as usize)].name),
        size: r.size,
        cover: match r.release {
            Release::Automatic { cover } => Some(cover),
            Release::Steps(_) => None,
        },
        refilled: r.refilled,
        release: r.steps_text(),
    };
    dataset.reserves.iter().map(row).collect()
}

/// Reads the table of a dataset's folder; nothing where there is none.
pub(super) fn read(
    folder: &Path,
    dims: Dimensions,
    (areas, items): (&[&str], &[&str]),
) -> Result<Vec<Reserve>, DatasetError> {
    let path = folder.join(table_file(TABLE));
    if !path.exists() {
        return Ok(Vec::new());
    }
    let rows = ReserveRow::read(&path).map_err(|e| DatasetError::table(e, "reserves"))?;
    let mut reserves: Vec<Reserve> = Vec::new();
    for (n, row) in rows.into_iter().enumerate() {
        let fault = |text: String| {
            DatasetError::at(&path, FilePlace::Row(n + 1), Problem::Inconsistent(text))
        };
        let unknown = |name: &str| fault(format!("`{name}` is not in the dataset"));
        let area = areas.iter().position(|area| *area == row.area.as_str());
        let area = area.ok_or_else(|| unknown(&row.area))?;
        let item = items.iter().position(|item| *item == row.item.as_str());
        let item = item.ok_or_else(|| unknown(&row.item))?;
        let amounts = row.release.as_deref().and_then(Reserve::parse_steps);
        let release = match (row.cover, amounts) {
            (Some(cover), None) => Release::Automatic { cover },
            (None, Some(amounts)) => Release::Steps(amounts),
            _ => return Err(fault("expected one of `cover` and `release`".to_string())),
        };
        let sector = dims.sector(area, item) as u32;
        let reserve = Reserve { sector, size: row.size, release, refilled: row.refilled };
        if let Some(problem) = reserve.problem() {
            return Err(fault(problem));
        }
        if reserves.last().is_some_and(|last| last.sector >= sector) {
            return Err(fault("reserves are not in the order of their sectors".to_string()));
        }
        reserves.push(reserve);
    }
    Ok(reserves)
}
