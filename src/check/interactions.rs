//! Interactions of pairs as a device finds them, against the processor's.

use super::kinds::{Asked, KindSample};
use super::validate::KindReport;
use crate::dataset::Dataset;
use crate::engine::cpu::lanes::LANES;
use crate::engine::gpu::GpuEngine;
use crate::engine::{EngineError, Sums};
use crate::interaction::meeting::Meeting;
use crate::interaction::on_device::{self, DeviceWork};
use crate::interaction::pairs::{PairWork, pairs};
use crate::interaction::single::{Setting, Single, SingleWork, singles};
use crate::interaction::tables::InteractionTables;
use crate::interaction::told::Telling;
use crate::model::constants::OVERSHOOT_MULTIPLE;
use crate::scenario::Shock;

/// Shocks that are paired with all others.
const FIRSTS: usize = 2;

/// Compares the interactions of some shocks of a sample of pairs with all its others; `None` where the sample is not the
/// one of sums of two sectors that adapt.
///
/// # Errors
/// The device fails.
pub fn compare(
    dataset: &Dataset,
    device: &GpuEngine,
    steps: usize,
    sample: &KindSample,
) -> Result<Option<KindReport>, EngineError> {
    let settings = sample.scenarios.first().and_then(|scenario| scenario.adaptation);
    let shocks = sample.scenarios.iter().flat_map(|scenario| scenario.shocks.clone());
    let mut shocks: Vec<Shock> = shocks.collect();
    if sample.asked != Asked::Sums || settings.is_none() || shocks.len() < 2 {
        return Ok(None);
    }
    shocks.sort_by_key(|shock| shock.sector);
    shocks.dedup_by_key(|shock| shock.sector);
    let tables = InteractionTables::new(dataset, steps);
    let counted = vec![true; dataset.dimensions().items];
    let setting = Setting { tables: &tables, settings, counted: &counted };
    let telling = Telling::new(dataset, &tables, OVERSHOOT_MULTIPLE);
    let room = &mut SingleWork::new(&tables);
    let runs: Vec<Single> =
        shocks.chunks(LANES).flat_map(|of| singles(setting, of, room)).collect();
    let mut report = KindReport::empty("interactions of two sectors, adaptive");
    let (work, device_work) = (&mut PairWork::new(&tables), &mut DeviceWork::default());
    let of = (setting, &telling);
    for first in (0..runs.len()).step_by(runs.len().div_ceil(FIRSTS)) {
        let (single, others) = (&runs[first], runs.iter().enumerate().filter(|o| o.0 != first));
        let others: Vec<_> = others.map(|(_, other)| (other, Meeting::of(single, other))).collect();
        let mut found = Vec::with_capacity(others.len());
        for others in others.chunks(device.capacity()) {
            found.extend(device.with_machine(|on, machine| {
                on_device::pairs((on, machine), of, &[(single, others)], device_work)
            })?);
        }
        let expected = others.chunks(LANES).flat_map(|others| pairs(of, single, others, work));
        let expected: Vec<Sums> = expected.map(|(sums, _)| sums).collect();
        for ((found, expected), (other, _)) in found.iter().zip(&expected).zip(&others) {
            report.scenarios += 1;
            let of = [single, *other]
                .map(|run| dataset.labels.sector_name(run.shock.sector as usize))
                .join(" and ");
            report.interaction(&of, expected, &found.0);
        }
    }
    Ok(Some(report))
}
