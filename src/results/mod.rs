//! The tables of a result: one file each, in which the struct of a row is the schema, what is written
//! and what is read. The comments of its fields are the descriptions that the files carry.
//!
//! | table | a row is | declared in |
//! |---|---|---|
//! | `losses/part-*.parquet` | a sector hit by a scenario | [`losses`] |
//! | `scenarios.parquet` | a scenario | [`scenarios`] |
//! | `trace.parquet` | a sector hit by a traced scenario, after every step | [`trace`] |
//! | `events.parquet` | a decision of a sector | [`events`] |
//! | `areas.parquet`, `items.parquet` | an area, an item | [`areas`], [`items`] |
//! | `baseline.parquet` | a sector without shocks | [`baseline`] |
//! | `superposition.parquet` | a pair of shocks against their sum | [`superposition`] |
//! | `triples.parquet` | three shocks against what their pairs explain | [`triples`] |
//! | `receivers.parquet` | an area that receives the difference | [`superposition`] |
//! | `difference_items.parquet` | an item that the difference consists of | [`superposition`] |
//! | `matrix.parquet` | a pair above a threshold | [`screening`] |
//! | `ranking.parquet`, `moments.parquet`, `histogram.parquet` | what a screening keeps | [`screening`] |
//!
//! Areas and items are dictionaries of names in every table, so that tables can be joined by them.

pub mod areas;
pub mod baseline;
pub mod encoding;
pub mod events;
pub mod items;
pub mod losses;
pub mod reserves;
pub mod scenarios;
pub mod screening;
pub mod sums;
pub mod superposition;
pub mod trace;
pub mod triples;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::types::Int16Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, Int16Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use shocksweep_columnar::WriteError;
use shocksweep_columnar::commit::Pending;
pub use shocksweep_columnar::{Name, Record};

use crate::dataset::{Dataset, Labels};
use encoding::table_properties;

/// Unit of amounts of one item.
pub const AMOUNT: &str = "unit of the item";

/// Unit of sums over items, as declared: tonnes, or the one unit that all items of a dataset have ([`schema`]).
pub const TONNES: &str = "t";

/// Unit of food that is eaten.
pub const KCAL: &str = "kcal per person and day";

/// Unit of amounts per person.
pub const KG: &str = "kg per person";

/// A column with its unit and meaning in the field's metadata, for tables whose columns a user chooses.
pub fn column(name: &str, kind: DataType, nullable: bool, unit: &str, about: &str) -> Field {
    let mut metadata = HashMap::new();
    if !unit.is_empty() {
        metadata.insert("unit".to_string(), unit.to_string());
    }
    metadata.insert("description".to_string(), about.to_string());
    Field::new(name, kind, nullable).with_metadata(metadata)
}

/// Schema of a table of a result: says which data it was made from, and whether they are invented.
pub fn schema<R: Record>(dataset: &Dataset) -> SchemaRef {
    let mut metadata = HashMap::new();
    metadata.insert("shocksweep.dataset".to_string(), dataset.metadata.name.clone());
    metadata.insert("shocksweep.synthetic".to_string(), dataset.metadata.synthetic.to_string());
    if let Some(warning) = dataset.metadata.warning() {
        metadata.insert("shocksweep.warning".to_string(), warning);
    }
    let schema = R::schema_with(metadata);
    match dataset.labels.summed_unit() {
        None => schema,
        Some(unit) if unit.is_mass() => schema,
        Some(unit) => of_sums_in(&schema, unit.sign()),
    }
}

/// The schema with sums in another unit than tonnes.
fn of_sums_in(schema: &Schema, unit: &str) -> SchemaRef {
    let field = |field: &Arc<Field>| {
        let mut metadata = field.metadata().clone();
        if metadata.get("unit").is_some_and(|own| own == TONNES) {
            metadata.insert("unit", unit);
        }
        field.as_ref().clone().with_metadata(metadata)
    };
    let fields: Vec<Field> = schema.fields().iter().map(field).collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

/// A table of rows.
///
/// # Errors
/// The columns do not fit the declaration.
pub fn batch<R: Record>(dataset: &Dataset, rows: &[R]) -> Result<RecordBatch, WriteError> {
    of_columns::<R>(dataset, R::columns(rows))
}

/// A table whose columns were made by hand.
///
/// # Errors
/// The columns do not fit the declaration.
pub fn of_columns<R: Record>(
    dataset: &Dataset,
    columns: Vec<ArrayRef>,
) -> Result<RecordBatch, WriteError> {
    let path = Path::new(R::TABLE);
    RecordBatch::try_new(schema::<R>(dataset), columns).map_err(unwritable(path))
}

/// Writes a table; returns the file, still to be committed.
///
/// # Errors
/// The file cannot be written.
pub fn write(path: &Path, batch: &RecordBatch) -> Result<Pending, WriteError> {
    let mut pending = Pending::create(path)?;
    let mut write = || {
        let properties = Some(table_properties());
        let mut writer = ArrowWriter::try_new(&mut pending, batch.schema(), properties)?;
        writer.write(batch)?;
        writer.close()
    };
    write().map_err(unwritable(path))?;
    Ok(pending)
}

/// What a library says about a table that it does not write.
pub(crate) fn unwritable<E>(path: &Path) -> impl Fn(E) -> WriteError
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let failed = WriteError::at(path);
    move |error| failed(std::io::Error::other(error))
}

/// Area and item names as Arrow dictionaries.
#[derive(Debug, Clone)]
pub struct Names {
    areas: Arc<StringArray>,
    items: Arc<StringArray>,
    units: Arc<StringArray>,
    unit_of: Vec<i16>,
}

impl Names {
    /// The names of a dataset's areas and items.
    ///
    /// Keys are 16-bit: the datasets' limits keep both below 32,768.
    pub fn new(labels: &Labels) -> Self {
        let (units, unit_of) = units(labels);
        Names {
            areas: Arc::new(StringArray::from_iter_values(labels.areas.iter().map(|a| &a.name))),
            items: Arc::new(StringArray::from_iter_values(labels.items.iter().map(|i| &i.name))),
            units: Arc::new(StringArray::from_iter_values(units)),
            unit_of: unit_of.into_iter().map(|at| at as i16).collect(),
        }
    }

    /// The units of some sectors.
    pub fn units_of(&self, sectors: &[u32]) -> ArrayRef {
        let items = self.items.len() as u32;
        let keys = sectors.iter().map(|s| self.unit_of[(s % items) as usize]);
        let keys = Int16Array::from_iter_values(keys);
        Arc::new(DictionaryArray::<Int16Type>::new(keys, self.units.clone()))
    }

    /// The area and the item column of some sectors.
    pub fn of_sectors(&self, sectors: &[u32]) -> (ArrayRef, ArrayRef) {
        let items = self.items.len() as u32;
        let areas = sectors.iter().map(|s| (s / items) as i16);
        let item_keys = sectors.iter().map(|s| (s % items) as i16);
        let column = |keys: Int16Array, names: &Arc<StringArray>| {
            Arc::new(DictionaryArray::<Int16Type>::new(keys, names.clone()))
        };
        (
            column(Int16Array::from_iter_values(areas), &self.areas),
            column(Int16Array::from_iter_values(item_keys), &self.items),
        )
    }
}

/// The distinct units of the items, and which of them each item has.
pub(crate) fn units(labels: &Labels) -> (Vec<&str>, Vec<usize>) {
    let mut units: Vec<&str> = labels.items.iter().map(|item| item.unit.name()).collect();
    units.sort_unstable();
    units.dedup();
    let of = |item: &crate::dataset::Item| units.partition_point(|unit| *unit < item.unit.name());
    let unit_of = labels.items.iter().map(of).collect();
    (units, unit_of)
}

/// Names of areas and items, to be given to many rows.
pub(crate) struct SectorNames {
    areas: Vec<Name>,
    items: Vec<Name>,
}

impl SectorNames {
    pub(crate) fn new(labels: &Labels) -> Self {
        SectorNames {
            areas: labels.areas.iter().map(|a| Name::from(&a.name)).collect(),
            items: labels.items.iter().map(|i| Name::from(&i.name)).collect(),
        }
    }

    /// Name of an area.
    pub(crate) fn area(&self, area: usize) -> Name {
        self.areas[area].clone()
    }

    /// Name of an item.
    pub(crate) fn item(&self, item: usize) -> Name {
        self.items[item].clone()
    }

    /// Area and item of a sector.
    pub(crate) fn of(&self, sector: u32) -> (Name, Name) {
        let (area, item) = (sector as usize / self.items.len(), sector as usize % self.items.len());
        (self.areas[area].clone(), self.items[item].clone())
    }
}

/// All tables with their columns, in the order in which a user meets them.
pub fn tables() -> Vec<(&'static str, Vec<Field>)> {
    fn of<R: Record>() -> (&'static str, Vec<Field>) {
        (R::TABLE, R::fields())
    }
    vec![
        of::<losses::Loss>(),
        of::<scenarios::ScenarioResult>(),
        of::<trace::TracedLoss>(),
        of::<events::Decision>(),
        of::<reserves::Release>(),
        of::<areas::AreaRow>(),
        of::<items::ItemRow>(),
        of::<baseline::BaselineRow>(),
        of::<superposition::PairResult>(),
        of::<triples::TripleResult>(),
        of::<superposition::ReceiverResult>(),
        of::<superposition::DifferenceItem>(),
        of::<screening::MatrixRow>(),
        of::<screening::RankingRow>(),
        of::<screening::MomentsRow>(),
        of::<screening::BinRow>(),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_column_has_one_type_in_all_tables() {
        let mut types = BTreeMap::new();
        for (table, fields) in tables() {
            for field in fields {
                let (of, first) = types
                    .entry(field.name().clone())
                    .or_insert_with(|| (field.data_type().clone(), table));
                assert_eq!(of, field.data_type(), "{} in {first} and {table}", field.name());
            }
        }
        assert!(types.len() > 60);
    }
}
