//! Interactions of pairs on a device: kernels, sums, screenings.

use std::collections::BTreeSet;

use super::engine::STEPS;
use super::waiting::{Noted, WAIT};
use crate::support::{Numbers, adaptive_world, gpu, small_settings, two_in_a_row};
use shocksweep::low_level::dataset::Dataset;
use shocksweep::low_level::dataset::synth::{SynthOptions, synthesize};
use shocksweep::low_level::engine::cpu::CpuEngine;
use shocksweep::low_level::engine::gpu::checked::Checked;
use shocksweep::low_level::engine::gpu::device::DeviceMachine;
use shocksweep::low_level::engine::gpu::machine::Machine;
use shocksweep::low_level::engine::gpu::mirror::MirrorMachine;
use shocksweep::low_level::engine::gpu::network::{OnMachine, Prepared};
use shocksweep::low_level::engine::gpu::{GpuEngine, GpuOptions};
use shocksweep::low_level::engine::{Engine, EngineError, Sums};
use shocksweep::low_level::interaction::meeting::Meeting;
use shocksweep::low_level::interaction::on_device::{self, Asked, DeviceWork};
use shocksweep::low_level::interaction::pairs::{PairWork, pairs};
use shocksweep::low_level::interaction::single::{Setting, Single, SingleWork, singles, stage};
use shocksweep::low_level::interaction::tables::InteractionTables;
use shocksweep::low_level::interaction::told::{Telling, Told};
use shocksweep::low_level::model::adaptation::AdaptationSettings;
use shocksweep::low_level::scenario::Shock;
use shocksweep::low_level::scenario::pairs::PairGrid;
use shocksweep::low_level::scenario::selection::Selection;
use shocksweep::low_level::superposition::collect::Best;
use shocksweep::low_level::sweep::screen::{Screened, Screening, Way, screen};
use shocksweep::low_level::sweep::superposition::PairRunner;

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
            settings: (!seed.is_multiple_of(5)).then_some(own),
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
        asked: &[Asked<'_>],
    ) -> Result<Found, EngineError> {
        let of = (self.setting(), &self.telling);
        on_device::pairs((on, machine), of, asked, &mut DeviceWork::default())
    }

    /// Compares what a machine finds with what the processor does; how many pairs had an interaction.
    pub fn compare(&self, on: (&Prepared, &OnMachine), machine: &mut dyn Machine) -> usize {
        let runs = self.runs();
        let others: Vec<_> =
            runs[1..].iter().map(|run| (run, Meeting::of(&runs[0], run))).collect();
        let expected = self.expected(&runs[0], &others);
        let found = self.found(on, machine, &[(&runs[0], &others)]).expect("the device answers");
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
            case.found((&prepared, &on), &mut machine, &[(&runs[0], others)]).unwrap()
        };
        let together = found(&others);
        for at in [0, others.len() / 2, others.len() - 1] {
            let one = found(&others[at..=at]);
            assert_eq!(format!("{:?}", one[0]), format!("{:?}", together[at]), "seed {seed}");
            alone += usize::from(one[0].0.by_item.iter().any(|&s| s != 0.0));
        }
        // Those of several shocks side by side, too.
        let of_last = runs.len() - 1;
        let of_last: Vec<_> =
            runs[..of_last].iter().map(|run| (run, Meeting::of(&runs[of_last], run))).collect();
        let asked = [
            (&runs[0], &others[..3]),
            (&runs[runs.len() - 1], &of_last),
            (&runs[1], &[]),
            (&runs[0], &others[3..]),
        ];
        let all = case.found((&prepared, &on), &mut machine, &asked).unwrap();
        let each: Found = asked
            .iter()
            .flat_map(|one| case.found((&prepared, &on), &mut machine, &[*one]).unwrap())
            .collect();
        assert_eq!(all.len(), others.len() + of_last.len());
        assert_eq!(format!("{all:?}"), format!("{each:?}"), "seed {seed}");
        assert_eq!(format!("{:?}", all[..3].to_vec()), format!("{:?}", together[..3].to_vec()));
    }
    assert!(interacting > 200 && alone > 20, "{interacting} {alone}");
}

/// The host waits where sectors decide and at the end, and reads no more than there is: of pairs that do not meet
/// nothing but the masks.
#[test]
fn what_is_nowhere_is_neither_stored_nor_read() {
    let (mut apart, mut with_some) = (0, 0);
    for seed in 0..60 {
        let case = Case::new((9, 6), 20, seed);
        let mut machine = Noted::default();
        let prepared = Prepared::new(&case.world, STEPS).unwrap();
        let on = OnMachine::new(&prepared, &mut machine);
        let runs = case.runs();
        let stages: BTreeSet<usize> =
            (0..STEPS).map(|t| stage(case.settings.as_ref(), t)).collect();
        for run in &runs[1..] {
            let other = [(run, Meeting::of(&runs[0], run))];
            (machine.read, machine.notes) = (0, Vec::new());
            let found = case.found((&prepared, &on), &mut machine, &[(&runs[0], &other)]).unwrap();
            let waits = machine.notes.iter().filter(|&&note| note == WAIT).count();
            assert_eq!(waits, 2 * stages.len(), "a mask and what it marks, once a stage");
            let masks = stages.len() * prepared.network.places() / 32;
            let is_somewhere = machine.read > masks;
            with_some += usize::from(is_somewhere);
            if !other[0].1.is_any() {
                assert!(!is_somewhere, "seed {seed}: {} numbers", machine.read);
                apart += 1;
            }
            assert!(is_somewhere || found[0].0.by_item.iter().all(|&s| s == 0.0));
        }
    }
    assert!(apart > 100 && with_some > 100, "{apart} {with_some}");
}

/// What a shocked sector passes on is no difference of amounts: see the same test of the processor.
#[test]
fn a_small_interaction_is_accurate_on_a_device() {
    let Some(device) = gpu::device() else { return };
    let (world, [first, second]) = two_in_a_row();
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
            on_device::pairs((on, machine), (setting, &telling), &[(&runs[0], &met)], work)
        });
        let (s, expected) = (found.unwrap()[0].0.by_item[1], -100.0 * phi * phi);
        assert!((s - expected).abs() <= 1e-12 * expected.abs(), "{phi}: {s}, {expected}");
    }
}

/// A screening of all pairs of some producers, with everything that is kept.
fn screening(engine: &dyn Engine, world: &Dataset) -> Result<Screened, EngineError> {
    let select = Selection { largest: Some(40), ..Selection::default() };
    let sectors = select.sectors(world).unwrap();
    let grid = PairGrid::new(world, &sectors, &sectors, false, 1.0);
    let counted = vec![true; world.dimensions().items];
    let screening = Screening {
        adaptation: Some(AdaptationSettings::default()),
        top: 20,
        tolerance: 0.0,
        way: Way::Interaction,
        matrix: Some(1e-3),
        check: 50,
    };
    let runner = PairRunner::new(engine, world, &counted);
    screen(world, engine, &runner, &grid, &screening, &|_| {})
}

#[test]
fn a_screening_on_a_device_is_that_of_the_processor() {
    let Some(device) = gpu::device() else { return };
    let world = synthesize(&SynthOptions { areas: 14, items: 12, seed: 5 }).unwrap();
    let engine = |options| GpuEngine::new(device.clone(), &world, STEPS, options).unwrap();
    let cpu = screening(&CpuEngine::new(&world, STEPS), &world).unwrap();
    let gpu = screening(&engine(GpuOptions { poison: true, ..GpuOptions::default() }), &world);
    let gpu = gpu.unwrap();
    assert!(cpu.matrix.len() > 100, "{}", cpu.matrix.len());
    assert_eq!(gpu.matrix.len(), cpu.matrix.len());
    for (gpu, cpu) in gpu.matrix.iter().zip(&cpu.matrix) {
        assert_eq!((gpu.sectors, gpu.overshoot), (cpu.sectors, cpu.overshoot));
        assert!((gpu.s - cpu.s).abs() <= 1e-9 * (1.0 + cpu.s.abs()), "{gpu:?} {cpu:?}");
    }
    let counts = |s: &Screened| {
        let c = &s.collection;
        (
            c.run[0].count,
            c.independent,
            c.negligible,
            c.runaway,
            c.together,
            c.diverged,
            c.mattering,
        )
    };
    assert_eq!(counts(&gpu), counts(&cpu));
    let leading = |s: &Screened| -> Vec<Vec<u32>> {
        let ids = |best: &Best| best.kept().iter().map(|pair| pair.1).collect();
        s.collection.best.iter().map(ids).collect()
    };
    assert_eq!(leading(&gpu), leading(&cpu));
    assert_eq!((gpu.check.broken, gpu.check.independent), (0, cpu.check.independent));
    // Where a device has little memory fewer lie side by side, and every number is the same.
    let group = (64 * 12 * 32 * 8) as u64;
    let little = GpuOptions { memory: Some(4 * group), ..GpuOptions::default() };
    assert_eq!(screening(&engine(little), &world).unwrap(), gpu);
    let few = GpuOptions { batch: Some(3), ..GpuOptions::default() };
    assert_eq!(screening(&engine(few), &world).unwrap(), gpu);
    let none = GpuOptions { memory: Some(group), ..GpuOptions::default() };
    let error = screening(&engine(none), &world).unwrap_err();
    assert!(matches!(error, EngineError::OutOfMemory { .. }), "{error}");
}

#[test]
fn a_screening_on_a_device_that_is_lost_is_an_error() {
    let world = synthesize(&SynthOptions { areas: 8, items: 8, seed: 5 }).unwrap();
    let Some(device) = super::robust::own_device(Default::default()) else { return };
    let engine = GpuEngine::new(device.clone(), &world, STEPS, GpuOptions::default()).unwrap();
    screening(&engine, &world).unwrap();
    device.destroy();
    let error = screening(&engine, &world).unwrap_err();
    assert!(matches!(error, EngineError::Device { .. }), "{error}");
}
