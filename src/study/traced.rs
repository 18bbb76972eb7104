//! Scenarios of a result over time, where the result keeps their last step alone: run again.

use std::path::Path;

use crate::analysis::overview::Overview;
use crate::analysis::overview::traces::{BySector, own, trace};
use crate::analysis::scenarios;
use crate::analysis::settings::Settings;
use crate::analysis::world::World;
use crate::dataset::Dataset;
use crate::engine::Engine;
use crate::engine::gpu::adapter::DeviceChoice;
use crate::job::EngineKind;
use crate::scenario::Scenario;
use crate::sink::SinkError;
use crate::sweep::make_engine;
use crate::whatif;

/// Traces the scenarios that an overview shows in detail, unless its result has traces: a millisecond each.
///
/// # Errors
/// The dataset is not the one of the result, or the result cannot be read, in words.
pub fn trace_shown(overview: &mut Overview, root: &Path, dataset: &Dataset) -> Result<(), String> {
    if !overview.traces.is_empty() || overview.stories.is_empty() {
        return Ok(());
    }
    let manifest = &overview.manifest;
    let dataset = whatif::of_result(dataset, &manifest.dataset.content_hash, &manifest.job.change)
        .ok_or("the dataset is not the one of the result (its hash differs)")?;
    let dataset: &Dataset = &dataset;
    let unreadable = |error: SinkError| error.to_string();
    let world = World::read(root).map_err(unreadable)?;
    let recorded = scenarios::read(root).map_err(unreadable)?;
    let settings = Settings::read(root, manifest, dataset)?;
    let device = DeviceChoice::default();
    let engine = make_engine(EngineKind::Cpu, &device, dataset, manifest.job.steps);
    let engine = engine.map_err(|error| error.to_string())?;
    let baseline: Vec<&[f64]> = engine.baseline().available.iter().map(Vec::as_slice).collect();
    let producers = dataset.parameters.producers();
    for story in &overview.stories {
        let own = own(&recorded, &story.id);
        let mut losses = BySector::new();
        for row in own.iter().filter(|row| row.is_run) {
            let adaptation = settings.of(row, dataset)?;
            let shocks = row.shocks(dataset)?;
            let scenario = Scenario { id: row.id, shocks, adaptation }.effective(&producers);
            let way = row.adaptation.index();
            add(engine.as_ref(), &scenario, manifest.thresholds.min_loss, way, &mut losses)?;
        }
        overview.traces.extend(trace(&world, &baseline, own, &losses));
    }
    Ok(())
}

/// Adds the losses of a scenario after every step.
fn add(
    engine: &dyn Engine,
    scenario: &Scenario,
    min_loss: f64,
    way: usize,
    losses: &mut BySector,
) -> Result<(), String> {
    let steps = engine.all_steps();
    let answers = engine.losses(std::slice::from_ref(scenario), &steps, min_loss, &|_| {});
    for (step, outcome) in answers.map_err(|error| error.to_string())?.of.iter().enumerate() {
        for (&sector, &loss) in outcome.sectors.iter().zip(&outcome.losses) {
            let nothing = || [vec![0.0; steps.len()], vec![0.0; steps.len()]];
            losses.entry(sector as usize).or_insert_with(nothing)[way][step] = loss;
        }
    }
    Ok(())
}
