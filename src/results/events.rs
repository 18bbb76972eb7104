//! The event table: which sectors adapted or substituted, when, why and by which rules.

use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int32Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field};
use shocksweep_columnar::WriteError;

use super::{AMOUNT, Name, Names};
use crate::dataset::Dataset;
use crate::engine::{Event, EventKind};
use crate::model::adaptation::fired;
use crate::scenario::ScenarioId;

shocksweep_columnar::record! {
    /// A decision of a sector.
    pub struct Decision = "events" {
        /// identifier of the scenario
        pub scenario: ScenarioId,
        /// area that decides
        pub area: Name,
        /// item it has lost
        pub item: Name,
        /// `adapting` or `substituting`
        pub kind: String,
        /// step after which, from 0
        pub step: i32 ["model year"],
        /// relative loss that decided
        pub rl: f64 ["1"],
        /// absolute loss that decided
        pub al: f64 [AMOUNT],
        /// adapting: parameters with a rule that fired; substituting: items imported instead
        pub rules: Vec<String>,
        /// whether the sector kept its shares because no rule left it any
        pub kept_shares: bool,
    }
}

/// The event table of a result: `(scenario, event)` in the order of the rows.
///
/// # Errors
/// A column does not fit the table.
pub fn batch(dataset: &Dataset, events: &[(ScenarioId, Event)]) -> Result<RecordBatch, WriteError> {
    let sectors: Vec<u32> = events.iter().map(|(_, e)| e.hit.sector).collect();
    let (areas, items) = Names::new(&dataset.labels).of_sectors(&sectors);
    let kind = |e: &Event| match e.kind {
        EventKind::Adapting => "adapting",
        EventKind::Substituting => "substituting",
    };
    let rule = Field::new("item", DataType::Utf8, false);
    let mut rules = ListBuilder::new(StringBuilder::new()).with_field(rule);
    for (_, event) in events {
        let sector = event.hit.sector as usize;
        match event.kind {
            EventKind::Adapting => {
                fired::adapting(dataset, sector)
                    .iter()
                    .for_each(|f| rules.values().append_value(f));
            }
            EventKind::Substituting => {
                for item in fired::substitutes(dataset, sector) {
                    rules.values().append_value(&dataset.labels.items[item].name);
                }
            }
        }
        rules.append(true);
    }
    let float = |of: fn(&Event) -> f64| -> ArrayRef {
        Arc::new(Float64Array::from_iter_values(events.iter().map(|(_, e)| of(e))))
    };
    let int = |of: fn(&(ScenarioId, Event)) -> i32| -> ArrayRef {
        Arc::new(Int32Array::from_iter_values(events.iter().map(of)))
    };
    let columns: Vec<ArrayRef> = vec![
        int(|(id, _)| id.in_table()),
        areas,
        items,
        Arc::new(StringArray::from_iter_values(events.iter().map(|(_, e)| kind(e)))),
        int(|(_, e)| e.step as i32),
        // Rounding can make it more than all there was.
        float(|e| e.hit.rl.min(1.0)),
        float(|e| e.hit.al),
        Arc::new(rules.finish()),
        Arc::new(events.iter().map(|(_, e)| Some(e.no_share_rule)).collect::<BooleanArray>()),
    ];
    super::of_columns::<Decision>(dataset, columns)
}
