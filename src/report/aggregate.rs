//! Aggregated losses as Parquet, CSV, or a table on the terminal.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::types::Int16Type;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringArray,
};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use shocksweep_columnar::name_type;
use shocksweep_columnar::write::harmless;

use super::fit::{Column, fitted};
pub use super::sides::Sides;
use super::{fine_percent, number};
use crate::analysis::aggregate::{Dimension, GroupRow};
use crate::results::encoding::table_properties;
use crate::results::{KCAL, column};
use crate::scenario::ScenarioId;
use crate::sink::SinkError;
use crate::sink::commit::Pending;
use crate::sink::manifest::Manifest;

/// The dimensions that are labels, in the order of their columns.
fn labels(by: &[Dimension]) -> Vec<Dimension> {
    let is_label = |d: &Dimension| *d != Dimension::Scenario && by.contains(d);
    Dimension::ALL.into_iter().filter(is_label).collect()
}

/// Type of a label's column: areas and items have that of the result's own tables.
fn label_type(dimension: Dimension) -> DataType {
    match dimension {
        Dimension::Area | Dimension::Item => name_type(),
        _ => DataType::Utf8,
    }
}

/// Columns of the table, with units and meanings.
pub fn fields(by: &[Dimension]) -> Vec<Field> {
    let f64 = || DataType::Float64;
    let mut fields: Vec<Field> = Vec::new();
    if by.contains(&Dimension::Scenario) {
        fields.push(column("scenario", DataType::Int32, false, "", "identifier of the scenario"));
    }
    fields.push(column("adaptation", DataType::Boolean, false, "", "whether areas adapt"));
    let label = |d: &Dimension| column(d.name(), label_type(*d), true, "", "group; null: none");
    fields.extend(labels(by).iter().map(label));
    fields.extend([
        column("scenarios", DataType::Int64, false, "", "scenarios that amounts are means over"),
        column("unit", DataType::Utf8, false, "", "unit of the amounts"),
        column("baseline", f64(), false, "the unit", "available amount without the shock"),
        column("available", f64(), false, "the unit", "available amount with it"),
        column("al", f64(), false, "the unit", "absolute loss: baseline - available"),
        column("rl", f64(), false, "1", "relative loss: al / baseline, clipped below at -1"),
        column("population", f64(), false, "persons", "of the areas that have one"),
        column("al_per_capita", f64(), true, "kg per person", "1000 x their al / population"),
        column("kcal_per_person_day", f64(), true, KCAL, "food that people eat less"),
        column("areas_without_population", DataType::Int64, false, "", "left out per person"),
    ]);
    fields
}

fn schema(manifest: &Manifest, by: &[Dimension]) -> SchemaRef {
    let mut metadata = std::collections::HashMap::new();
    metadata.insert("shocksweep.dataset".to_string(), manifest.dataset.name.clone());
    metadata.insert("shocksweep.synthetic".to_string(), manifest.dataset.synthetic.to_string());
    if let Some(warning) = &manifest.dataset.warning {
        metadata.insert("shocksweep.warning".to_string(), warning.clone());
    }
    Arc::new(Schema::new_with_metadata(fields(by), metadata))
}

fn columns(by: &[Dimension], rows: &[GroupRow]) -> Vec<ArrayRef> {
    let float = |of: &dyn Fn(&GroupRow) -> f64| -> ArrayRef {
        Arc::new(Float64Array::from_iter_values(rows.iter().map(of)))
    };
    let count = |of: &dyn Fn(&GroupRow) -> u64| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(rows.iter().map(|r| of(r) as i64)))
    };
    let mut columns: Vec<ArrayRef> = Vec::new();
    if by.contains(&Dimension::Scenario) {
        let ids = rows.iter().map(|r| r.scenario.unwrap_or_default().in_table());
        columns.push(Arc::new(Int32Array::from_iter_values(ids)));
    }
    columns.push(Arc::new(BooleanArray::from_iter(
        rows.iter().map(|r| Some(r.adaptation.is_adaptive())),
    )));
    for (at, dimension) in labels(by).into_iter().enumerate() {
        let values = rows.iter().map(|r| r.labels[at].as_deref());
        columns.push(match label_type(dimension) {
            DataType::Utf8 => Arc::new(values.collect::<StringArray>()),
            _ => Arc::new(values.collect::<DictionaryArray<Int16Type>>()),
        });
    }
    columns.extend([
        count(&|r| r.scenarios),
        Arc::new(StringArray::from_iter_values(rows.iter().map(|r| &r.unit))) as ArrayRef,
        float(&|r| r.baseline),
        float(&GroupRow::available),
        float(&|r| r.al),
        float(&GroupRow::rl),
        float(&|r| r.population),
        Arc::new(rows.iter().map(GroupRow::al_per_capita).collect::<Float64Array>()) as ArrayRef,
        Arc::new(rows.iter().map(GroupRow::kcal_per_person_day).collect::<Float64Array>())
            as ArrayRef,
        count(&|r| r.areas_without_population),
    ]);
    columns
}

/// Aggregated rows as an Arrow table: what a file would hold, without a disk.
///
/// # Errors
/// A row has other labels than `by` names.
pub fn batch(
    manifest: &Manifest,
    by: &[Dimension],
    rows: &[GroupRow],
) -> Result<RecordBatch, ArrowError> {
    RecordBatch::try_new(schema(manifest, by), columns(by, rows))
}

/// Where aggregated rows go: a file in one of two forms, written as they come.
pub enum Writer {
    /// A Parquet table.
    Parquet(Box<ArrowWriter<Pending>>, SchemaRef, Vec<Dimension>),
    /// A CSV table.
    Csv(Box<csv::Writer<Pending>>, Vec<Dimension>),
}

impl Writer {
    /// Opens a file: Parquet if its name ends in `.parquet`, else CSV.
    ///
    /// # Errors
    /// The file cannot be created.
    pub fn create(path: &Path, manifest: &Manifest, by: &[Dimension]) -> Result<Self, SinkError> {
        let end = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        if ["xlsx", "xlsm", "xls", "ods", "feather", "arrow", "json"].contains(&end.as_str()) {
            let problem =
                format!("`.{end}` is not written; expected a name that ends in .csv or .parquet");
            return Err(SinkError::Unreadable { path: path.to_path_buf(), problem });
        }
        let pending = Pending::create(path)?;
        let schema = schema(manifest, by);
        if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("parquet")) {
            let writer = ArrowWriter::try_new(pending, schema.clone(), Some(table_properties()));
            let writer = Box::new(writer.map_err(SinkError::parquet(path))?);
            return Ok(Writer::Parquet(writer, schema, by.to_vec()));
        }
        let mut writer = csv::Writer::from_writer(pending);
        let names = schema.fields().iter().map(|f| f.name().clone());
        writer.write_record(names).map_err(|e| SinkError::io(path)(e.into()))?;
        Ok(Writer::Csv(Box::new(writer), by.to_vec()))
    }

    /// Writes rows.
    ///
    /// # Errors
    /// The disk is full or fails.
    pub fn write(&mut self, path: &Path, rows: &[GroupRow]) -> Result<(), SinkError> {
        match self {
            Writer::Parquet(writer, schema, by) => {
                let batch = RecordBatch::try_new(schema.clone(), columns(by, rows));
                writer
                    .write(&batch.map_err(SinkError::arrow(path))?)
                    .map_err(SinkError::parquet(path))
            }
            Writer::Csv(writer, by) => {
                for row in rows {
                    let labels = row.labels.iter().map(|l| l.as_deref().map(harmless)).collect();
                    let row = GroupRow { labels, ..row.clone() };
                    writer
                        .write_record(cells(by, &row, &|v| v.to_string()))
                        .map_err(|e| SinkError::io(path)(e.into()))?;
                }
                Ok(())
            }
        }
    }

    /// Ends the file and gives it its name.
    ///
    /// # Errors
    /// The disk is full or fails; the name then does not exist.
    pub fn commit(self, path: &Path) -> Result<(), SinkError> {
        let pending = match self {
            Writer::Parquet(writer, ..) => writer.into_inner().map_err(SinkError::parquet(path))?,
            Writer::Csv(writer, _) => {
                writer.into_inner().map_err(|e| SinkError::io(path)(e.into_error()))?
            }
        };
        pending.commit()?;
        Ok(())
    }
}

/// Cells of a row; numbers as `of` writes them.
fn cells(by: &[Dimension], row: &GroupRow, of: &dyn Fn(f64) -> String) -> Vec<String> {
    let mut cells: Vec<String> = Vec::new();
    if let Some(scenario) = row.scenario.filter(|_| by.contains(&Dimension::Scenario)) {
        cells.push(scenario.to_string());
    }
    cells.push(row.adaptation.is_adaptive().to_string());
    cells.extend(row.labels.iter().map(|l| l.clone().unwrap_or_default()));
    cells.push(row.scenarios.to_string());
    cells.push(row.unit.to_string());
    let amounts = [row.baseline, row.available(), row.al, row.rl(), row.population];
    cells.extend(amounts.map(of));
    cells.push(row.al_per_capita().map(of).unwrap_or_default());
    cells.push(row.kcal_per_person_day().map(of).unwrap_or_default());
    cells.push(row.areas_without_population.to_string());
    cells
}

/// The first `top` groups as a table for a terminal, and how to see `more`; `names` are those of the scenarios, where they are a dimension.
pub fn text(
    manifest: &Manifest,
    by: &[Dimension],
    sides: &[Sides<'_>],
    names: &BTreeMap<ScenarioId, String>,
    (top, more): (usize, &str),
) -> String {
    let mut text = match &manifest.dataset.warning {
        Some(warning) => format!("Note: {warning}.\n\n"),
        None => String::new(),
    };
    let by_scenario = by.contains(&Dimension::Scenario);
    let rows = || sides.iter().flat_map(|side| side.ways.iter().flatten());
    let knows_food = rows().any(|row| row.food.is_some());
    let ran: Vec<usize> =
        (0..2).filter(|&way| sides.iter().any(|side| side.ways[way].is_some())).collect();
    let titled = |what: &str, way: usize| match (ran.len(), way) {
        (1, _) => what.to_string(),
        (_, 0) => format!("{what}, not adapting"),
        _ => "adapting".to_string(),
    };
    let mut columns: Vec<Column> = Vec::new();
    columns.extend(by_scenario.then(|| Column::text("scenario")));
    columns.extend(labels(by).iter().map(|d| Column::text(d.name())));
    let food = ran.iter().map(|&way| Column::number(&titled("kcal/person/day", way)));
    columns.extend(food.filter(|_| knows_food));
    let amounts = u8::from(knows_food);
    columns.extend(ran.iter().map(|&way| Column::number(&titled("al", way)).or_out(amounts)));
    columns.extend([Column::text("unit").or_out(3), Column::number("rl").or_out(2)]);
    // Amounts that are no mass have none.
    let knows_mass = rows().any(|row| row.al_per_capita().is_some());
    columns.extend(knows_mass.then(|| Column::number("kg/person").or_out(4)));
    columns.extend([Column::number("baseline").or_out(5), Column::number("scenarios").or_out(6)]);
    let or_dash = |value: Option<f64>| value.map_or("-".to_string(), number);
    let shown = sides.iter().take(top).filter_map(|side| {
        let told = side.told()?;
        let mut cells: Vec<String> = Vec::new();
        let name = |id: ScenarioId| names.get(&id).cloned().unwrap_or_else(|| id.to_string());
        cells.extend(told.scenario.filter(|_| by_scenario).map(name));
        cells.extend(told.labels.iter().map(|l| l.clone().unwrap_or("-".to_string())));
        let ways = || ran.iter().map(|&way| side.ways[way]);
        if knows_food {
            cells.extend(ways().map(|row| or_dash(row.and_then(GroupRow::kcal_per_person_day))));
        }
        cells.extend(ways().map(|row| or_dash(row.map(|row| row.al))));
        cells.extend([told.unit.clone(), fine_percent(told.rl())]);
        cells.extend(knows_mass.then(|| or_dash(told.al_per_capita())));
        cells.extend([number(told.baseline), told.scenarios.to_string()]);
        Some(cells)
    });
    let shown = shown.collect::<Vec<_>>();
    if !shown.is_empty() {
        text += &format!("{}\n", fitted(&columns, &shown));
    }
    if sides.len() > top {
        text += &format!("... and {} more rows{more}\n", super::whole(sides.len() - top));
    }
    if knows_food && !shown.is_empty() {
        text += &super::food_note(manifest);
    }
    if !by_scenario {
        text += &means(rows().copied());
    } else if sides.is_empty() {
        text += "No scenario that counts loses or gains anything that is asked for.\n";
    }
    text
}

/// What amounts are means over.
fn means<'a>(rows: impl Iterator<Item = &'a GroupRow>) -> String {
    let (mut most, mut least, mut unknown) = ([0; 2], [u64::MAX; 2], 0);
    for row in rows {
        let way = row.adaptation.index();
        most[way] = most[way].max(row.scenarios);
        least[way] = least[way].min(row.scenarios);
        unknown = unknown.max(row.areas_without_population);
    }
    let counted = |way: usize| match (least[way], most[way]) {
        (_, 0) => None,
        (least, most) if least == most => Some(super::whole(most as usize)),
        (least, most) => {
            Some(format!("{} to {}", super::whole(least as usize), super::whole(most as usize)))
        }
    };
    let ways = [(0, "without"), (1, "with")];
    let told: Vec<String> = ways
        .into_iter()
        .filter_map(|(way, name)| Some(format!("{} {name} adaptation", counted(way)?)))
        .collect();
    if told.is_empty() {
        return "No scenario counts: there is nothing to sum.\n".to_string();
    }
    let mut text =
        format!("Amounts are means over the scenarios that count: {}.\n", told.join(", "));
    if unknown > 0 {
        text += &format!(
            "Per person: without up to {unknown} areas of a group whose population is not known.\n"
        );
    }
    text
}
