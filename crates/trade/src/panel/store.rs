//! A panel on the disk: a folder of Parquet tables and a readable `panel.toml`.
//!
//! | table | columns |
//! |---|---|
//! | `flows` | `year, item, exporter, importer, value, quantity` |
//! | `totals` | `year, area, exports`: over all rows read, items or not; without an area, of the world |
//! | `areas`, `items` | `area`; `code, item, tier` |
//! | `counts`, `quantity_fill` | see [`super::Count`], [`super::QuantityFill`] |

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::StringDictionaryBuilder;
use arrow_array::types::UInt16Type;
use arrow_array::{
    ArrayRef, DictionaryArray, Float64Array, Int32Array, RecordBatch, StringArray, UInt16Array,
};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use shocksweep_columnar::commit::Pending;
use shocksweep_columnar::read::Table;
use shocksweep_columnar::{Record, TableError, record, write};

use super::flows::read_flows;
use super::{About, Count, Panel, QuantityFill, Year};
use crate::error::TradeError;
use crate::lists::{Item, Tier};

/// Name of the description of a panel.
pub const DESCRIPTION: &str = "panel.toml";

record! {
    /// An area of the panel.
    struct AreaRow = "areas" {
        /// Name.
        area: Arc<str>,
    }
}

record! {
    /// A code of an item.
    struct ItemRow = "items" {
        /// HS code.
        code: String,
        /// Item that it counts for.
        item: Arc<str>,
        /// Stage of the supply chain: raw, input or final.
        tier: String,
    }
}

record! {
    /// Exports over all rows read, items or not.
    struct TotalRow = "totals" {
        /// Year.
        year: i32,
        /// Area; null for the world.
        area: Option<Arc<str>>,
        /// Exports.
        exports: f64 ["kUSD"],
    }
}

/// Whether a folder holds a panel.
pub fn is_panel(folder: &Path) -> bool {
    folder.join(DESCRIPTION).is_file()
}

/// Writes a panel into a new folder, whole or not at all; `replace` replaces a panel that is there.
///
/// # Errors
/// The folder is there already and may not be replaced, or cannot be written.
pub fn write(panel: &Panel, folder: &Path, replace: bool) -> Result<(), TradeError> {
    if folder.exists() && !(replace && is_panel(folder)) {
        let problem = "exists already; give another name, or --force to replace a panel";
        return Err(TradeError::file(folder, problem));
    }
    let failed =
        |error: std::io::Error| TradeError::file(folder, format!("cannot be written: {error}"));
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(failed)?;
    let work = tempfile::Builder::new().prefix(".panel-").tempdir_in(parent).map_err(failed)?;
    tables(panel, work.path())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(work.path(), mode).map_err(failed)?;
    }
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(failed)?;
    }
    std::fs::rename(work.keep(), folder).map_err(failed)
}

fn tables(panel: &Panel, folder: &Path) -> Result<(), TradeError> {
    write::whole(&folder.join("flows.parquet"), |file| flows(panel, file))?;
    let areas: Vec<AreaRow> =
        panel.areas.iter().map(|area| AreaRow { area: area.clone() }).collect();
    write::table(folder, &areas, false)?;
    let row = |item: &Item, code: &u32| ItemRow {
        code: format!("{code:06}"),
        item: item.name.clone(),
        tier: item.tier.name().into(),
    };
    let items =
        panel.items.iter().flat_map(|item| item.codes.iter().map(move |code| row(item, code)));
    write::table(folder, &items.collect::<Vec<_>>(), false)?;
    let mut totals = Vec::new();
    for year in &panel.years {
        totals.push(TotalRow { year: year.year, area: None, exports: year.total });
        let of_area = panel.areas.iter().zip(&year.exports);
        totals.extend(of_area.map(|(area, &exports)| TotalRow {
            year: year.year,
            area: Some(area.clone()),
            exports,
        }));
    }
    write::table(folder, &totals, false)?;
    write::table(folder, &panel.counts, false)?;
    write::table(folder, &panel.fills, false)?;
    let about = toml::to_string(&panel.about)
        .map_err(|error| TradeError::file(folder, format!("cannot be described: {error}")))?;
    use std::io::Write;
    write::whole(&folder.join(DESCRIPTION), |file| file.write_all(about.as_bytes()))?;
    Ok(())
}

/// A column of names by their index.
fn names(all: &ArrayRef, keys: impl Iterator<Item = u16>) -> ArrayRef {
    let keys: UInt16Array = keys.map(Some).collect();
    // Every key is the index of a name.
    match DictionaryArray::<UInt16Type>::try_new(keys, all.clone()) {
        Ok(array) => Arc::new(array),
        Err(_) => Arc::new(StringDictionaryBuilder::<UInt16Type>::new().finish()),
    }
}

fn flows(panel: &Panel, file: &mut Pending) -> std::io::Result<()> {
    let areas: ArrayRef =
        Arc::new(panel.areas.iter().map(|area| Some(area.clone())).collect::<StringArray>());
    let items = panel.items.iter().map(|item| Some(item.name.clone()));
    let items: ArrayRef = Arc::new(items.collect::<StringArray>());
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer: Option<ArrowWriter<&mut Pending>> = None;
    let mut file = Some(file);
    for year in &panel.years {
        let flows = &year.flows;
        let item_of =
            (0..panel.items.len()).flat_map(|p| std::iter::repeat_n(p as u16, year.of(p).len()));
        let columns: Vec<(&str, ArrayRef, bool)> = vec![
            ("year", Arc::new(Int32Array::from(vec![year.year; flows.len()])), false),
            ("item", names(&items, item_of), false),
            ("exporter", names(&areas, flows.iter().map(|f| f.exporter)), false),
            ("importer", names(&areas, flows.iter().map(|f| f.importer)), false),
            (
                "value",
                Arc::new(flows.iter().map(|f| Some(f.value)).collect::<Float64Array>()),
                false,
            ),
            (
                "quantity",
                Arc::new(flows.iter().map(|f| f.quantity).collect::<Float64Array>()),
                true,
            ),
        ];
        let batch =
            RecordBatch::try_from_iter_with_nullable(columns).map_err(std::io::Error::other)?;
        if let Some(file) = file.take() {
            writer = Some(ArrowWriter::try_new(file, batch.schema(), Some(properties.clone()))?);
        }
        if let Some(writer) = &mut writer {
            writer.write(&batch)?;
            writer.flush()?;
        }
    }
    if let Some(writer) = writer {
        writer.close()?;
    }
    Ok(())
}

/// Reads the rows of a table from its folder.
///
/// # Errors
/// It is not there, or is another table.
pub fn rows<R: Record>(folder: &Path) -> Result<Vec<R>, TradeError> {
    rows_of(&folder.join(format!("{}.parquet", R::TABLE)))
}

/// Reads the rows of a table.
pub(crate) fn rows_of<R: Record>(path: &Path) -> Result<Vec<R>, TradeError> {
    let mut all = Vec::new();
    batches(path, |batch| {
        let rows =
            R::rows(batch).ok_or("has not the columns of a panel's table; import it again")?;
        all.extend(rows);
        Ok(())
    })?;
    Ok(all)
}

/// Takes the batches of a Parquet file one by one.
pub(super) fn batches(
    path: &Path,
    mut take: impl FnMut(&RecordBatch) -> Result<(), &'static str>,
) -> Result<(), TradeError> {
    let refused = |error: TableError| match error {
        error @ TableError::Io { .. } => TradeError::Table(error),
        error => TradeError::file(path, format!("not a readable table of a panel: {error}")),
    };
    for batch in Table::open(path).map_err(refused)?.all().map_err(refused)? {
        take(&batch.map_err(refused)?).map_err(|problem| TradeError::file(path, problem))?;
    }
    Ok(())
}

/// Reads a panel.
///
/// # Errors
/// The folder holds none, or one that is damaged.
pub fn read(folder: &Path) -> Result<Panel, TradeError> {
    let path = folder.join(DESCRIPTION);
    let text = shocksweep_columnar::read::text(&path).map_err(|_| {
        TradeError::file(
            folder,
            format!("holds no panel (no {DESCRIPTION}); expected what `trade import` writes"),
        )
    })?;
    let about: About = toml::from_str(&text)
        .map_err(|error| TradeError::file(&path, format!("not readable: {}", error.message())))?;
    let areas: Vec<Arc<str>> = rows::<AreaRow>(folder)?.into_iter().map(|row| row.area).collect();
    let items = read_items(folder)?;
    let count =
        about.last_year.checked_sub(about.first_year).filter(|years| (0..1000).contains(years));
    let count =
        count.ok_or_else(|| TradeError::file(&path, "names no span of years; expected one"))?;
    let mut years: Vec<Year> = (about.first_year..=about.first_year + count)
        .map(|year| Year {
            year,
            flows: Vec::new(),
            starts: vec![0; items.len() + 1],
            exports: vec![0.0; areas.len()],
            total: 0.0,
        })
        .collect();
    let index: HashMap<Arc<str>, usize> = areas.iter().cloned().zip(0..).collect();
    for row in rows::<TotalRow>(folder)? {
        let at = usize::try_from(row.year - about.first_year).ok().filter(|&at| at < years.len());
        let area = row.area.as_ref().map(|area| index.get(area).copied());
        match (at, area) {
            (Some(at), None) => years[at].total = row.exports,
            (Some(at), Some(Some(area))) => years[at].exports[area] = row.exports,
            _ => {
                return Err(TradeError::file(
                    &folder.join("totals.parquet"),
                    "names an area or a year that the panel has not; import it again",
                ));
            }
        }
    }
    read_flows(folder, &about, &areas, &items, &mut years)?;
    Ok(Panel {
        counts: rows::<Count>(folder)?,
        fills: rows::<QuantityFill>(folder)?,
        about,
        areas,
        items,
        years,
    })
}

fn read_items(folder: &Path) -> Result<Vec<Item>, TradeError> {
    let path = folder.join("items.parquet");
    let mut items: Vec<Item> = Vec::new();
    for row in rows::<ItemRow>(folder)? {
        let tier = Tier::named(&row.tier);
        let (Some(tier), Ok(code)) = (tier, row.code.parse()) else {
            return Err(TradeError::file(&path, "holds an unknown tier or code; import it again"));
        };
        match items.last_mut().filter(|item| item.name == row.item) {
            Some(item) => item.codes.push(code),
            None => items.push(Item { name: row.item, tier, codes: vec![code] }),
        }
    }
    Ok(items)
}
