//! Interactions of pairs on a device: kernels, sums, screenings.

use super::engine::STEPS;
use crate::support::{Numbers, adaptive_world, gpu, small_settings};
use shocksweep::low_level::dataset::Dataset;
use shocksweep::low_level::engine::EngineError;
use shocksweep::low_level::engine::Sums;
use shocksweep::low_level::engine::gpu::checked::Checked;
use shocksweep::low_level::engine::gpu::device::DeviceMachine;
use shocksweep::low_level::engine::gpu::machine::Machine;
use shocksweep::low_level::engine::gpu::mirror::MirrorMachine;
use shocksweep::low_level::engine::gpu::network::{OnMachine, Prepared};
use shocksweep::low_level::engine::gpu::{GpuEngine, GpuOptions};
use shocksweep::low_level::interaction::meeting::Meeting;
use shocksweep::low_level::interaction::on_device::{self, DeviceWork};
use shocksweep::low_level::interaction::pairs::{PairWork, pairs};
use shocksweep::low_level::interaction::single::{Setting, Single, SingleWork, singles};
use shocksweep::low_level::interaction::tables::InteractionTables;
use shocksweep::low_level::interaction::told::{Telling, Told};
use shocksweep::low_level::model::adaptation::AdaptationSettings;
use shocksweep::low_level::scenario::Shock;

type Found = Vec<(Sums, Told)>;

/// One shock and some partners of it, in a random world; with every kind of setting.
pub struct Case {
    pub world: Dataset,
    settings: Option<AdaptationSettings>,
    shocks: Vec<Shock>,
    tables: InteractionTables,
    counted: Vec<bool>,
    telling: Telling,
}

impl Case {
    pub fn new((areas, items): (usize, usize), partners: usize, seed: u64) -> Self {
        let r = &mut Numbers(seed ^ 0x9a17);
        let world = crate::support::fed(adaptive_world(areas, items, 5, seed), r);
        let own = AdaptationSettings { output_cap: None, ..small_settings(r) };
        let p = &world.parameters;
        let producers: Vec<u32> =
            (0..(areas * items) as u32).filter(|&s| p.producers()[s as usize]).collect();
        let mut shock = |_| {
            let phi = [1.0, 1.0, 0.5, 0.25, 0.0009765625][r.below(5)];
            Shock::new(producers[r.below(producers.len())], phi)
        };
        let shocks = (0..=partners).map(&mut shock).collect();
        let tables = InteractionTables::new(&world, STEPS);
        Case {
            settings: (seed % 5 != 0).then_some(own),
            shocks,
            counted: (0..items).map(|item| item % 5 != 3).collect(),
            telling: Telling::new(&world, &tables, 1.5),
            tables,
            world,
        }
    }

    fn setting(&self) -> Setting<'_> {
        Setting { tables: &self.tables, settings: self.settings, counted: &self.counted }
    }

    fn runs(&self) -> Vec<Single> {
        let room = &mut SingleWork::new(&self.tables);
        let mut runs: Vec<Single> = Vec::new();
        for of in self.shocks.chunks(16) {
            runs.extend(singles(self.setting(), of, room));
        }
        for run in &mut runs {
            run.gains = self.telling.gains(&self.tables, &run.trace);
        }
        runs
    }

    /// What the processor finds.
    fn expected(&self, first: &Single, others: &[(&Single, Meeting)]) -> Found {
        let room = &mut PairWork::new(&self.tables);
        let of = (self.setting(), &self.telling);
        others.chunks(16).flat_map(|others| pairs(of, first, others, room)).collect()
    }

    /// What a machine finds.
    fn found(
        &self,
        on: (&Prepared, &OnMachine),
        machine: &mut dyn Machine,
        (first, others): (&Single, &[(&Single, Meeting)]),
    ) -> Result<Found, EngineError> {
        let of = (self.setting(), &self.telling);
        on_device::pairs((on, machine), of, first, others, &mut DeviceWork::default())
    }

    /// Compares what a machine finds with what the processor does; how many pairs had an interaction.
    pub fn compare(&self, on: (&Prepared, &OnMachine), machine: &mut dyn Machine) -> usize {
        let runs = self.runs();
        let others: Vec<_> =
            runs[1..].iter().map(|run| (run, Meeting::of(&runs[0], run))).collect();
        let expected = self.expected(&runs[0], &others);
        let found = self.found(on, machine, (&runs[0], &others)).expect("the device answers");
        assert_eq!(found.len(), others.len());
        let mut interacting = 0;
        for ((found, expected), other) in found.iter().zip(&expected).zip(&others) {
            let shocks = (runs[0].shock, other.0.shock, self.settings);
            compare_one(found, expected, &shocks);
            let is_any = found.0.by_item.iter().any(|&s| s != 0.0);
            assert!(other.1.is_any() || !is_any, "{shocks:?}");
            interacting += usize::from(is_any);
        }
        interacting
    }
}

fn lists(sums: &Sums) -> [&Vec<f64>; 3] {
    [&sums.by_area, &sums.by_item, &sums.by_item_populated]
}

fn compare_one(found: &(Sums, Told), expected: &(Sums, Told), about: &dyn std::fmt::Debug) {
    let size: f64 = lists(&expected.0).into_iter().flatten().map(|s| s.abs()).sum();
    for (found, expected) in lists(&found.0).into_iter().zip(lists(&expected.0)) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() <= 1e-10 * size, "{found}, {expected}: {about:?}");
        }
    }
    assert_eq!(found.0.diverged, expected.0.diverged, "{about:?}");
    assert_eq!(found.1.runs_away, expected.1.runs_away, "{about:?}");
    match (found.1.kcal, expected.1.kcal) {
        (Some(found), Some(expected)) => {
            let bound = 1e-10 * (expected.abs() + size);
            assert!((found - expected).abs() <= bound, "kcal {found}, {expected}: {about:?}");
        }
        (found, expected) => assert_eq!(found, expected, "{about:?}"),
    }
}

/// The kernels of parts on a machine that compares them with their mirrors.
pub fn run_checked(checked: &mut Checked<'_>, seed: u64) -> usize {
    let case = Case::new((7, 5), 40, seed);
    let prepared = Prepared::new(&case.world, STEPS).unwrap();
    let on = OnMachine::new(&prepared, checked);
    case.compare((&prepared, &on), checked)
}

#[test]
fn pairs_by_the_mirrors_are_those_of_the_processor() {
    let mut interacting = 0;
    for seed in 0..60 {
        // Several groups of lanes, and areas beyond one word of a mask.
        let (size, partners) = if seed % 6 == 0 { ((70, 3), 70) } else { ((9, 6), 20) };
        let case = Case::new(size, partners, seed);
        let mut machine = MirrorMachine::new();
        let prepared = Prepared::new(&case.world, STEPS).unwrap();
        let on = OnMachine::new(&prepared, &mut machine);
        interacting += case.compare((&prepared, &on), &mut machine);
    }
    assert!(interacting > 300, "{interacting}");
}

#[test]
fn pairs_on_a_device_are_those_of_the_processor_whatever_lies_beside_them() {
    let Some(device) = gpu::device() else { return };
    let (mut interacting, mut alone) = (0, 0);
    for seed in 100..130 {
        let (size, partners) = if seed % 6 == 0 { ((70, 3), 70) } else { ((9, 6), 20) };
        let case = Case::new(size, partners, seed);
        let mut machine = DeviceMachine::new(&device, &[]).with_poison(true);
        let prepared = Prepared::new(&case.world, STEPS).unwrap();
        let on = OnMachine::new(&prepared, &mut machine);
        interacting += case.compare((&prepared, &on), &mut machine);
        let runs = case.runs();
        let others: Vec<_> =
            runs[1..].iter().map(|run| (run, Meeting::of(&runs[0], run))).collect();
        let mut found = |others: &[(&Single, Meeting)]| {
            case.found((&prepared, &on), &mut machine, (&runs[0], others)).unwrap()
        };
        let together = found(&others);
        for at in [0, others.len() / 2, others.len() - 1] {
            let one = found(&others[at..=at]);
            assert_eq!(format!("{:?}", one[0]), format!("{:?}", together[at]), "seed {seed}");
            alone += usize::from(one[0].0.by_item.iter().any(|&s| s != 0.0));
        }
    }
    assert!(interacting > 200 && alone > 20, "{interacting} {alone}");
}

/// What a shocked sector passes on is no difference of amounts: see the same test of the processor.
#[test]
fn a_small_interaction_is_accurate_on_a_device() {
    let Some(device) = gpu::device() else { return };
    let mut world = crate::support::World::new(1, 2, 2);
    world.beta(0, 0, 0, 100.0);
    world.alpha(0, 1, 1, 1.0);
    world.nu(0, 1, 0, 1.0);
    let [first, second] = [0, 1].map(|item| world.sector(0, item));
    (world.x0[first], world.x0[second]) = (100.0, 100.0);
    world.eta_prod[first] = 1.0;
    let world = world.build();
    let tables = InteractionTables::new(&world, 3);
    let setting = Setting { tables: &tables, settings: None, counted: &[true, true] };
    let telling = Telling::new(&world, &tables, 2.0);
    let engine = GpuEngine::new(device, &world, 3, GpuOptions::default()).unwrap();
    for phi in [1.0, 0.3, 1e-4, 1e-9, 1e-12] {
        let shocks = [first, second].map(|sector| Shock::new(sector as u32, phi));
        let runs = singles(setting, &shocks, &mut SingleWork::new(&tables));
        let met = [(&runs[1], Meeting::of(&runs[0], &runs[1]))];
        let found = engine.with_machine(|on, machine| {
            let work = &mut DeviceWork::default();
            on_device::pairs((on, machine), (setting, &telling), &runs[0], &met, work)
        });
        let (s, expected) = (found.unwrap()[0].0.by_item[1], -100.0 * phi * phi);
        assert!((s - expected).abs() <= 1e-12 * expected.abs(), "{phi}: {s}, {expected}");
    }
}
