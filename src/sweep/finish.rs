//! The manifest of a run.

use super::RESULT_FORMAT;
use crate::engine::Engine;
use crate::job::Plan;
use crate::model::constants::{RELATIVE_LOSS_FLOOR, RELATIVE_LOSS_MARKS};
use crate::sink::manifest::{
    Counts, DatasetRecord, EngineRecord, FileRecord, Manifest, Program, ResolvedJob, Thresholds,
    Times,
};

/// What a plan was, on what it ran, and what it came to; without superposition.
pub fn manifest(
    plan: &Plan,
    engine: &dyn Engine,
    content_hash: String,
    counts: Counts,
    times: Times,
    mut files: Vec<FileRecord>,
) -> Manifest {
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let (metadata, info) = (&plan.dataset.metadata, engine.info());
    Manifest {
        format: RESULT_FORMAT,
        program: Program {
            name: env!("CARGO_PKG_NAME").to_string(),
            version: env!("CARGO_PKG_VERSION").to_string(),
        },
        job: resolved(plan),
        dataset: DatasetRecord {
            name: metadata.name.clone(),
            year: metadata.year,
            content_hash,
            units: metadata.units.clone(),
            summed_unit: plan.dataset.labels.summed_unit().map(|unit| unit.sign().to_string()),
            licence: metadata.licence.clone(),
            synthetic: metadata.synthetic,
            warning: metadata.warning(),
            tells_food: plan.dataset.food_part.is_some(),
            sources: metadata.sources.clone(),
        },
        engine: EngineRecord {
            name: info.name.to_string(),
            device: info.device,
            precision: info.precision,
            software: info.is_software,
            why: plan.engine_why.clone(),
        },
        thresholds: Thresholds {
            min_loss: plan.min_loss,
            relative_loss_marks: RELATIVE_LOSS_MARKS,
            relative_loss_floor: RELATIVE_LOSS_FLOOR,
            overshoot: plan.overshoot,
        },
        counts,
        superposition: None,
        times,
        files,
    }
}

/// The job as the manifest records it.
fn resolved(plan: &Plan) -> ResolvedJob {
    let screened = plan.superposition.as_ref().and_then(|s| s.adaptation);
    let adapts =
        screened.is_some() || plan.scenarios.iter().any(|s| s.scenario.adaptation.is_some());
    ResolvedJob {
        dataset: plan.dataset_given.clone(),
        engine: plan.engine,
        steps: plan.steps,
        adaptation: plan.adaptation.into(),
        adaptive: adapts.then(|| plan.adaptive.into()),
        scenarios: plan.set.to_string(),
        trace: plan.trace.clone(),
        losses: plan.losses,
        change: plan.change.clone(),
    }
}
