//! The superposition tables: pairs of shocks against their sum, and who receives the difference.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int32Array, RecordBatch, StringArray};
use arrow_schema::{DataType, SchemaRef};

use super::SinkError;
use super::schema::{Names, TONNES, column, name_type, table};
use super::table;
use crate::dataset::Dataset;
use crate::superposition::pair::Stages;
use crate::superposition::{Method, Pair, Superposition};

/// One row of `superposition.parquet`.
#[derive(Debug, Clone)]
pub struct SuperpositionRow {
    /// The pair.
    pub pair: Pair,
    /// What the runs came to.
    pub superposition: Superposition,
    /// S taken apart by stages, if asked for.
    pub stages: Option<Stages>,
    /// How S was found.
    pub method: Method,
    /// Bound on |S| where it was not run, tonnes.
    pub bound: Option<f64>,
    /// S over what the baseline has of the items that count, all areas, unit 1.
    pub relative: Option<f64>,
    /// S of the shocked items over what the baseline has of them, unit 1.
    pub shocked_relative: Option<f64>,
}

/// S in one receiving area.
#[derive(Debug, Clone, Copy)]
pub struct ReceiverRow {
    /// Identifier of the pair.
    pub scenario: u32,
    /// Index of the area.
    pub area: usize,
    /// S there, tonnes.
    pub s: f64,
    /// S there, kg per person.
    pub s_per_capita: f64,
}

/// Columns of `superposition.parquet`.
pub fn schema(dataset: &Dataset) -> SchemaRef {
    let f64 = || DataType::Float64;
    let kg = "kg per person";
    let sector = |which: &str| {
        let about = |what: &str| format!("{what} of the {which} shocked sector");
        let suffix = if which == "first" { "a" } else { "b" };
        [
            column(&format!("area_{suffix}"), name_type(), false, "", &about("area")),
            column(&format!("item_{suffix}"), name_type(), false, "", &about("item")),
            column(&format!("phi_{suffix}"), f64(), false, "1", &about("share of output lost,")),
        ]
    };
    let mut fields = vec![column("scenario", DataType::Int32, false, "", "identifier of the pair")];
    fields.extend(sector("first"));
    fields.extend(sector("second"));
    fields.extend([
        column("al_joint", f64(), false, TONNES, "loss of both shocks together, all areas"),
        column("al_a", f64(), false, TONNES, "loss of the first shock alone"),
        column("al_b", f64(), false, TONNES, "loss of the second shock alone"),
        column("s", f64(), false, TONNES, "al_joint - al_a - al_b, over the whole network"),
        column("s_per_capita", f64(), true, kg, "1000 s / population, areas with a population"),
        column("s_shocked", f64(), false, TONNES, "s over all areas and the two shocked items"),
        column("s_shocked_per_capita", f64(), true, kg, "1000 s_shocked / population"),
        column("s_static", f64(), true, TONNES, "s without adaptation: overlap, never positive"),
        column("s_adaptation", f64(), true, TONNES, "what adaptation adds to s"),
        column("s_substitution", f64(), true, TONNES, "what substitution adds to s"),
        column("method", DataType::Utf8, false, "", "run, independent or negligible"),
        column("bound", f64(), true, TONNES, "bound on |s| where the pair was not run"),
        column("s_relative", f64(), true, "1", "s / available amount of the baseline"),
        column("s_shocked_relative", f64(), true, "1", "s_shocked / that of the shocked items"),
    ]);
    table(dataset, fields)
}

/// The rows of `superposition.parquet`.
///
/// # Errors
/// A column does not fit the table.
pub fn batch(dataset: &Dataset, rows: &[SuperpositionRow]) -> Result<RecordBatch, SinkError> {
    let names = Names::new(&dataset.labels);
    let float = |of: &dyn Fn(&SuperpositionRow) -> f64| -> ArrayRef {
        Arc::new(Float64Array::from_iter_values(rows.iter().map(of)))
    };
    let maybe = |of: &dyn Fn(&SuperpositionRow) -> Option<f64>| -> ArrayRef {
        Arc::new(rows.iter().map(of).collect::<Float64Array>())
    };
    let sector = |which: usize| {
        let sectors: Vec<u32> = rows.iter().map(|r| r.pair.shocks[which].sector).collect();
        let (areas, items) = names.of_sectors(&sectors);
        [areas, items, float(&|r| r.pair.shocks[which].phi)]
    };
    let ids = rows.iter().map(|r| r.pair.id as i32);
    let mut columns: Vec<ArrayRef> = vec![Arc::new(Int32Array::from_iter_values(ids))];
    columns.extend(sector(0));
    columns.extend(sector(1));
    columns.extend([
        float(&|r| r.superposition.al_joint),
        float(&|r| r.superposition.al[0]),
        float(&|r| r.superposition.al[1]),
        float(&|r| r.superposition.s),
        maybe(&|r| r.superposition.s_per_capita),
        float(&|r| r.superposition.s_shocked),
        maybe(&|r| r.superposition.s_shocked_per_capita),
        maybe(&|r| r.stages.map(|s| s.overlap)),
        maybe(&|r| r.stages.map(|s| s.adaptation)),
        maybe(&|r| r.stages.map(|s| s.substitution)),
        Arc::new(StringArray::from_iter_values(rows.iter().map(|r| r.method.name()))),
        maybe(&|r| r.bound),
        maybe(&|r| r.relative),
        maybe(&|r| r.shocked_relative),
    ]);
    table::batch(schema(dataset), columns)
}

/// The rows of `receivers.parquet`.
///
/// # Errors
/// A column does not fit the table.
pub fn batch_of_receivers(
    dataset: &Dataset,
    rows: &[ReceiverRow],
) -> Result<RecordBatch, SinkError> {
    let schema = table(
        dataset,
        vec![
            column("scenario", DataType::Int32, false, "", "identifier of the pair"),
            column("area", name_type(), false, "", "receiving area"),
            column("s", DataType::Float64, false, TONNES, "s of the area, items that count"),
            column(
                "s_per_capita",
                DataType::Float64,
                false,
                "kg per person",
                "1000 s / population",
            ),
        ],
    );
    let items = dataset.labels.items.len() as u32;
    let sectors: Vec<u32> = rows.iter().map(|r| r.area as u32 * items).collect();
    let (areas, _) = Names::new(&dataset.labels).of_sectors(&sectors);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int32Array::from_iter_values(rows.iter().map(|r| r.scenario as i32))),
        areas,
        Arc::new(Float64Array::from_iter_values(rows.iter().map(|r| r.s))),
        Arc::new(Float64Array::from_iter_values(rows.iter().map(|r| r.s_per_capita))),
    ];
    table::batch(schema, columns)
}
