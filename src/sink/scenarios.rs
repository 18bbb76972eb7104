//! The scenario table: one row per scenario, run or not.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int32Array, ListArray, RecordBatch, StringArray,
    StructArray,
};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{DataType, Field};

use super::SinkError;
use super::schema;
use super::table;
use crate::dataset::Dataset;
use crate::engine::{Event, EventKind, Totals};
use crate::model::losses::{loss_per_capita, reported_relative_loss};
use crate::scenario::Scenario;

/// What became of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The engine ran it.
    Run,
    /// No shocked sector produces anything: recorded, not run.
    NoOp,
}

impl Status {
    /// The value in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Run => "run",
            Status::NoOp => "no_op",
        }
    }
}

/// Numbers of decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Decisions {
    /// Sectors that adapted.
    pub adapting: u32,
    /// Sectors that substituted.
    pub substituting: u32,
    /// Adapting sectors that kept their shares because no rule left them any.
    pub no_share_rule: u32,
}

impl Decisions {
    /// Counts events.
    pub fn count(events: &[Event]) -> Self {
        let count = |of: &dyn Fn(&Event) -> bool| events.iter().filter(|e| of(e)).count() as u32;
        Decisions {
            adapting: count(&|e| e.kind == EventKind::Adapting),
            substituting: count(&|e| e.kind == EventKind::Substituting),
            no_share_rule: count(&|e| e.no_share_rule),
        }
    }
}

/// One row of the table.
#[derive(Debug, Clone)]
pub struct ScenarioRow<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Its name.
    pub name: &'a str,
    /// What became of it.
    pub status: Status,
    /// Switches of this scenario alone, in words.
    pub switches: Option<String>,
    /// Sums and counts over all sectors.
    pub totals: Totals,
    /// What its sectors decided.
    pub decisions: Decisions,
    /// Rows in the loss tables.
    pub rows: usize,
}

/// The scenario table of a result; `baseline` has one element per sector, tonnes, and
/// `overshoot` is the multiple of it above which a sector is flagged.
///
/// # Errors
/// A column does not fit the table.
pub fn batch(
    dataset: &Dataset,
    baseline: &[f64],
    overshoot: f64,
    rows: &[ScenarioRow<'_>],
) -> Result<RecordBatch, SinkError> {
    let labels = &dataset.labels;
    let dims = labels.dimensions();
    let population: f64 = labels.areas.iter().filter_map(|a| a.population).sum();
    let largest = |row: &ScenarioRow<'_>| row.totals.largest;
    let float = |values: Vec<f64>| -> ArrayRef { Arc::new(Float64Array::from(values)) };
    let option = |value: &dyn Fn(&ScenarioRow<'_>) -> Option<f64>| -> ArrayRef {
        Arc::new(rows.iter().map(value).collect::<Float64Array>())
    };
    let int = |value: &dyn Fn(&ScenarioRow<'_>) -> i32| -> ArrayRef {
        Arc::new(Int32Array::from(rows.iter().map(value).collect::<Vec<i32>>()))
    };
    let loser_label = |name: &dyn Fn(usize) -> String| -> ArrayRef {
        let of = |row| largest(row).map(|l| name(l.sector as usize));
        Arc::new(rows.iter().map(of).collect::<StringArray>())
    };
    let gainer_label = |name: &dyn Fn(usize) -> String| -> ArrayRef {
        let of = |row: &ScenarioRow<'_>| row.totals.largest_gain.map(|g| name(g.sector as usize));
        Arc::new(rows.iter().map(of).collect::<StringArray>())
    };
    let columns: Vec<ArrayRef> = vec![
        int(&|r| r.scenario.id as i32),
        Arc::new(StringArray::from_iter_values(rows.iter().map(|r| r.name))),
        shocks(dataset, rows),
        Arc::new(
            rows.iter().map(|r| Some(r.scenario.adaptation.is_some())).collect::<BooleanArray>(),
        ),
        Arc::new(rows.iter().map(|r| r.switches.as_deref()).collect::<StringArray>()),
        Arc::new(StringArray::from_iter_values(rows.iter().map(|r| r.status.as_str()))),
        float(rows.iter().map(|r| r.totals.loss).collect()),
        option(&|r| {
            (population > 0.0).then(|| loss_per_capita(r.totals.loss_populated, population))
        }),
        int(&|r| r.totals.above_marks[0] as i32),
        int(&|r| r.totals.above_marks[1] as i32),
        int(&|r| r.totals.above_marks[2] as i32),
        loser_label(&|s| labels.areas[dims.area_of(s)].name.clone()),
        loser_label(&|s| labels.items[dims.item_of(s)].name.clone()),
        option(&|r| largest(r).map(|l| l.loss)),
        option(&|r| {
            largest(r).map(|l| reported_relative_loss(l.loss, baseline[l.sector as usize]))
        }),
        int(&|r| r.decisions.adapting as i32),
        int(&|r| r.decisions.substituting as i32),
        int(&|r| r.decisions.no_share_rule as i32),
        gainer_label(&|s| labels.areas[dims.area_of(s)].name.clone()),
        gainer_label(&|s| labels.items[dims.item_of(s)].name.clone()),
        option(&|r| r.totals.largest_gain.map(|g| g.relative)),
        Arc::new(
            rows.iter().map(|r| Some(r.totals.overshoots(overshoot))).collect::<BooleanArray>(),
        ),
        int(&|r| r.rows as i32),
    ];
    let schema = schema::scenarios(dataset);
    table::batch(schema, columns)
}

/// The list of shocks of every scenario.
fn shocks(dataset: &Dataset, rows: &[ScenarioRow<'_>]) -> ArrayRef {
    let labels = &dataset.labels;
    let dims = labels.dimensions();
    let all = || rows.iter().flat_map(|r| &r.scenario.shocks);
    let area = |s: u32| &labels.areas[dims.area_of(s as usize)].name;
    let item = |s: u32| &labels.items[dims.item_of(s as usize)].name;
    let fields = schema::shock_fields();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(all().map(|s| area(s.sector)))),
        Arc::new(StringArray::from_iter_values(all().map(|s| item(s.sector)))),
        Arc::new(Float64Array::from_iter_values(all().map(|s| s.phi))),
        Arc::new(
            all()
                .map(|s| (!s.is_constant()).then(|| s.course.to_string()))
                .collect::<StringArray>(),
        ),
        Arc::new(StringArray::from_iter_values(all().map(|s| s.kind.name()))),
        Arc::new(
            all()
                .map(|s| s.kind.to_area().map(|area| &labels.areas[area].name))
                .collect::<StringArray>(),
        ),
        Arc::new(all().map(|s| s.kind.reroute()).collect::<BooleanArray>()),
    ];
    let entry = Field::new("item", DataType::Struct(fields.clone().into()), false);
    let offsets = OffsetBuffer::from_lengths(rows.iter().map(|r| r.scenario.shocks.len()));
    let values = StructArray::new(fields.into(), columns, None);
    Arc::new(ListArray::new(Arc::new(entry), offsets, Arc::new(values), None))
}
