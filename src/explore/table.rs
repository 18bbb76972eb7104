//! Every loss of a case, for people who go on with it elsewhere: an Arrow file.
//!
//! Answers that a page draws are small and go as JSON; this one has up to half a million rows.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_ipc::writer::FileWriter;
use arrow_schema::{ArrowError, Schema};

use super::ExploreError;
use super::question::Case;
use super::worlds::Worlds;
use crate::engine::{Engine, Outcome};
use crate::model::constants::MIN_LOSS;
use crate::results::trace::{ScenarioTrace, batch};
use crate::scenario::{Response, ScenarioId};

/// The losses of a case after every step, without adaptation first, as bytes of an Arrow file (Feather, version
/// 2) with the columns of [`crate::results::trace::TracedLoss`].
///
/// Sectors whose loss or gain is a kilogram or less ([`MIN_LOSS`]) are left out, as in a result.
///
/// # Errors
/// As [`Worlds::run`]; the table cannot be written.
pub fn table(worlds: &Worlds, case: &Case) -> Result<Vec<u8>, ExploreError> {
    let ran = worlds.run(case, &worlds.base.engine.all_steps())?;
    let (place, name) = (ran.place, ran.name);
    let ways = ran.outcomes.into_iter().zip([Response::Static, Response::Adaptive]);
    let traces: Vec<ScenarioTrace> = ways
        .filter_map(|(outcomes, adaptation)| {
            let steps = outcomes?.into_iter().map(listed).collect();
            let missing = place.settings.missing_rule;
            Some(ScenarioTrace { id: ScenarioId(0), adaptation, missing, steps })
        })
        .collect();
    let rows = batch(&place.dataset, place.engine.baseline(), &traces)
        .map_err(|e| ExploreError::Unwritable(e.to_string()))?;
    written(&rows, &name).map_err(|e| ExploreError::Unwritable(e.to_string()))
}

/// An outcome without what is too small to be listed.
fn listed(outcome: Outcome) -> Outcome {
    let is_listed = |(_, loss): &(&u32, &f64)| loss.abs() > MIN_LOSS;
    let rows = outcome.sectors.iter().zip(&outcome.losses).filter(is_listed);
    let (sectors, losses) = rows.map(|(&sector, &loss)| (sector, loss)).unzip();
    Outcome { sectors, losses, ..outcome }
}

/// The file; it says of which case it is, and by which program.
fn written(rows: &RecordBatch, name: &str) -> Result<Vec<u8>, ArrowError> {
    let mut metadata = rows.schema().metadata().clone();
    metadata.insert("shocksweep.scenario", name);
    metadata.insert("shocksweep.version", env!("CARGO_PKG_VERSION"));
    let schema = Schema::new_with_metadata(rows.schema().fields().clone(), metadata);
    let rows = rows.clone().with_schema(Arc::new(schema))?;
    let mut file = FileWriter::try_new(Vec::new(), &rows.schema())?;
    file.write(&rows)?;
    file.into_inner()
}
