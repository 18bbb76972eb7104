//! The gpu engine: its tables against its shaders, its kernels against their mirrors, its answers
//! whatever the batch, and what it does without memory.
//!
//! That it agrees with the other engines is tested where they are: `hand_worked`, `engines`,
//! `adaptive`, `differences`, `bans`, `golden`.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::changes::with_reserves;
use crate::support::ask::Ask;
use crate::support::{Numbers, adaptive_world, exact_scenarios, gpu, small_settings};
use naga::{AddressSpace, ArraySize, ScalarKind, StorageAccess, TypeInner, VectorSize};
use rayon::prelude::*;
use shocksweep::low_level::check::validate::{compare, sample};
use shocksweep::low_level::dataset::hash::content_hash;
use shocksweep::low_level::dataset::synth::{SynthOptions, synthesize};
use shocksweep::low_level::dataset::{Dataset, Dimensions};
use shocksweep::low_level::engine::cpu::CpuEngine;
use shocksweep::low_level::engine::gpu::batch::Batch;
use shocksweep::low_level::engine::gpu::checked::Checked;
use shocksweep::low_level::engine::gpu::device::DeviceMachine;
use shocksweep::low_level::engine::gpu::kernels::{self, Access, ElementType};
use shocksweep::low_level::engine::gpu::layout::{LANES, ROW, Sizes};
use shocksweep::low_level::engine::gpu::machine::Machine;
use shocksweep::low_level::engine::gpu::network::{OnMachine, Prepared};
use shocksweep::low_level::engine::gpu::rooms::{Halt, KeptRooms};
use shocksweep::low_level::engine::gpu::{
    ChangesOn, GpuEngine, GpuOptions, bans, bound, build, choices, decisions, part_patches, patch,
    rooms, rules,
};
use shocksweep::low_level::engine::rescue::Rescued;
use shocksweep::low_level::engine::{
    Answers, Engine, EngineError, EngineInfo, Feature, Outcome, Precision, Sums,
};
use shocksweep::low_level::job::{JobFile, Plan, ScenarioSet};
use shocksweep::low_level::model::Baseline;
use shocksweep::low_level::model::adaptation::AdaptationSettings;
use shocksweep::low_level::scenario::{Course, Scenario, Shock, ShockKind};
use shocksweep::low_level::sink::ledger::Ledger;
use shocksweep::low_level::sweep::{Ended, RunOptions, Silent, Start, run_on};

pub const STEPS: usize = 6;

/// Parts of shaders that are put before kernels.
const SHARED: [&str; 8] = [
    "common.wgsl",
    "gather.wgsl",
    "lists.wgsl",
    "patch.wgsl",
    "changes.wgsl",
    "deciding.wgsl",
    "shares.wgsl",
    "part_lists.wgsl",
];

/// Names, numbers, access and element types of bindings, members of the structure and constants are
/// what naga finds in the shaders, in both precisions.
#[test]
fn bindings_and_layouts_are_those_of_the_shaders() {
    let mut files = BTreeSet::new();
    for kernel in kernels::ALL {
        for double in [true, false] {
            let text = kernel.text(double);
            let module = naga::front::wgsl::parse_str(&text)
                .unwrap_or_else(|error| panic!("{}", error.emit_to_string(&text)));
            let flags = naga::valid::ValidationFlags::all();
            let mut validator =
                naga::valid::Validator::new(flags, naga::valid::Capabilities::all());
            validator.validate(&module).expect(kernel.file);
            let entry = module.entry_points.iter().find(|entry| entry.name == kernel.name);
            let entry = entry.unwrap_or_else(|| panic!("{} has no {}", kernel.file, kernel.name));
            assert!(entry.workgroup_size.iter().product::<u32>() <= 256, "{}", kernel.name);
            let bound = module.global_variables.iter().filter(|(_, v)| v.binding.is_some());
            assert_eq!(bound.count(), kernel.bindings.len(), "{}", kernel.file);
            for (_, variable) in module.global_variables.iter() {
                let Some(at) = variable.binding else { continue };
                assert_eq!(at.group, 0);
                let of = &kernel.bindings[at.binding as usize];
                assert_eq!(variable.name.as_deref(), Some(of.name), "{}", kernel.file);
                let expected = match of.access {
                    Access::Sizes => AddressSpace::Uniform,
                    Access::Read => AddressSpace::Storage { access: StorageAccess::LOAD },
                    Access::Write => {
                        AddressSpace::Storage { access: StorageAccess::LOAD | StorageAccess::STORE }
                    }
                };
                assert_eq!(variable.space, expected, "{}: {}", kernel.file, of.name);
                check_element(&module, variable.ty, of.element, double, of.name);
            }
            files.insert(kernel.file);
            check_constants(&module, kernel.file);
        }
    }
    // Every shader is used, and nothing but the shared parts is no kernel.
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders");
    let there: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !SHARED.contains(&name.as_str()))
        .collect();
    assert_eq!(there, files.iter().map(|file| file.to_string()).collect());
}

fn check_element(
    module: &naga::Module,
    ty: naga::Handle<naga::Type>,
    element: ElementType,
    double: bool,
    name: &str,
) {
    let inner = &module.types[ty].inner;
    if element == ElementType::Sizes {
        let TypeInner::Struct { members, span } = inner else { panic!("{name}: {inner:?}") };
        let found: Vec<(&str, usize)> =
            members.iter().map(|m| (m.name.as_deref().unwrap(), m.offset as usize)).collect();
        assert_eq!(found, Sizes::MEMBERS);
        assert_eq!(*span as usize, size_of::<Sizes>());
        return;
    }
    let TypeInner::Array { base, size: ArraySize::Dynamic, stride } = inner else {
        panic!("{name}: {inner:?}")
    };
    let real = if double { 8 } else { 4 };
    let (kind, width, elements) = match module.types[*base].inner {
        TypeInner::Scalar(scalar) | TypeInner::Atomic(scalar) => (scalar.kind, scalar.width, 1),
        TypeInner::Vector { size: VectorSize::Bi, scalar } => (scalar.kind, scalar.width, 2),
        TypeInner::Vector { size: VectorSize::Quad, scalar } => (scalar.kind, scalar.width, 4),
        ref other => panic!("{name}: {other:?}"),
    };
    let expected = match element {
        ElementType::Whole => (ScalarKind::Uint, 4, 1),
        ElementType::Pair => (ScalarKind::Uint, 4, 2),
        ElementType::Quad => (ScalarKind::Uint, 4, 4),
        ElementType::Real => (ScalarKind::Float, real, 1),
        ElementType::Sizes => unreachable!(),
    };
    assert_eq!((kind, width, elements), expected, "{name}");
    assert_eq!(*stride, u32::from(width) * elements, "{name} is packed");
}

/// Constants that the host has too.
fn check_constants(module: &naga::Module, file: &str) {
    let constant = |name: &str| {
        let found = module.constants.iter().find(|(_, c)| c.name.as_deref() == Some(name))?;
        match module.global_expressions[found.1.init] {
            naga::Expression::Literal(naga::Literal::U32(value)) => Some(value as usize),
            ref other => panic!("{name}: {other:?}"),
        }
    };
    assert_eq!(constant("LANES"), Some(LANES));
    assert_eq!(constant("ROW"), Some(ROW));
    const { assert!(ROW <= 65_535, "no device takes more workgroups in a row") };
    if file == "ban.wgsl" {
        assert_eq!(constant("BAN"), Some(bans::BAN));
    }
    if file.starts_with("change_") {
        for (name, value) in [
            ("JOB", build::JOB),
            ("WIDEST", rules::WIDEST),
            ("LIMITS", rules::LIMITS),
            ("LEARNED", rules::LEARNED as usize),
            ("MARKED", rules::MARKED as usize),
            ("OTHER", !(rules::LEARNED | rules::MARKED) as usize),
        ] {
            assert_eq!(constant(name), Some(value), "{name}");
        }
    }
    if file.starts_with("ask_") {
        assert_eq!(constant("JOB"), Some(build::JOB));
        assert_eq!(constant("SHARE"), Some(choices::SHARE));
        assert_eq!(constant("SHARES"), Some(choices::SHARES));
    }
    if file.starts_with("part_") {
        assert_eq!(constant("PART_PATCH"), Some(part_patches::PART_PATCH));
        assert_eq!(constant("NOWHERE"), Some(part_patches::NOWHERE as usize));
    }
    if ["ask_", "decide.", "list.", "reckon."].iter().any(|of| file.starts_with(of)) {
        for (name, value) in [
            ("NEEDS", rooms::NEEDS),
            ("HITS", rooms::HITS),
            ("PRODUCTION", rooms::PRODUCTION),
            ("TRADE", rooms::TRADE),
            ("SO_FAR", decisions::SO_FAR),
            ("LACKS", decisions::LACKS),
            ("ASKED", decisions::ASKED),
            ("LARGEST", decisions::LARGEST),
            ("ADAPTS", decisions::ADAPTS as usize),
            ("SUBSTITUTES", decisions::SUBSTITUTES as usize),
            ("KEEPS", decisions::KEEPS as usize),
            ("CONFLICT", decisions::CONFLICT as usize),
        ] {
            assert_eq!(constant(name), Some(value), "{name}");
        }
    }
    if ["adapted_", "change_", "mark"].iter().any(|of| file.starts_with(of)) {
        for (name, value) in [
            ("FED", patch::FED),
            ("FED_OUTPUTS", patch::FED_OUTPUTS),
            ("PROCESSES", patch::PROCESSES),
            ("OUTPUTS", patch::OUTPUTS),
            ("FACTORS", patch::FACTORS),
            ("COLUMNS", patch::COLUMNS),
            ("COLUMN_IMPORTERS", patch::COLUMN_IMPORTERS),
            ("ROWS", patch::ROWS),
            ("GROWTH", patch::GROWTH),
            ("LISTS", patch::LISTS),
            ("PATCH", patch::PATCH),
        ] {
            assert_eq!(constant(name), Some(value), "{name}");
        }
    }
}

/// Scenarios of every kind: losses of output, bans, over time, with and without adaptation.
pub fn mixed_scenarios(world: &Dataset, count: usize, seed: u64) -> Vec<Scenario> {
    let mut r = Numbers(seed ^ 0x9b0);
    let dims = world.dimensions();
    let mut scenarios = exact_scenarios(world, count, seed);
    for (nth, scenario) in scenarios.iter_mut().enumerate() {
        let sector = r.below(dims.sectors()) as u32;
        let area = dims.area_of(sector as usize);
        let importer = ((area + 1) % dims.areas) as u32;
        let kind = match nth % 4 {
            0 => ShockKind::ExportBan,
            1 => ShockKind::ImportBan { reroute: r.once_in(2) },
            2 => ShockKind::Blockade { importer, reroute: r.once_in(2) },
            _ => ShockKind::Production,
        };
        let course = Course { from: 1, to: 3, decay: 0.5 };
        if kind != ShockKind::Production {
            let course = if r.once_in(2) { course } else { Course::CONSTANT };
            scenario.shocks.push(Shock { kind, course, ..Shock::new(sector, 0.5) });
            scenario.shocks.sort_by_key(|s| (s.sector, s.kind, s.course.from));
        } else if let Some(shock) = scenario.shocks.first_mut() {
            shock.course = course;
        }
        if nth % 5 > 0 {
            scenario.adaptation = Some(small_settings(&mut r));
        }
    }
    scenarios.retain(|scenario| !scenario.shocks.is_empty());
    scenarios
}

/// A batch from its beginning to its end.
pub fn run_once(
    prepared: &Prepared,
    on: &OnMachine,
    machine: &mut dyn Machine,
    lanes: &[&Scenario],
    counted: &[bool],
) -> Result<Vec<Outcome>, Halt> {
    let mut batch = Batch::new(prepared, on, machine, lanes);
    let mut all = || {
        (0..STEPS).try_for_each(|t| batch.step(t))?;
        batch.sums(counted)?;
        batch.outcomes(0.25, STEPS - 1)
    };
    let found = all();
    batch.free();
    found
}

/// After every kernel, every buffer that it wrote holds what its mirror wrote: all kernels, random
/// worlds, buffers poisoned on both sides.
#[test]
fn every_kernel_does_what_its_mirror_does() {
    let Some(device) = gpu::device() else { return };
    // A device that does not fuse multiplications with additions gives the same bits.
    let tolerance = if device.adapter().is_software { 0.0 } else { 1e-12 };
    let mut compared: std::collections::BTreeMap<&str, usize> = Default::default();
    let mut again = 0;
    for seed in 0..12 {
        let (areas, items) = if seed == 0 { (66, 3) } else { (5, 4) };
        let mut world = adaptive_world(areas, items, 3, seed);
        if seed % 2 == 0 {
            world = with_reserves(world, seed);
        }
        let mut prepared = Prepared::new(&world, STEPS).unwrap();
        // Room for so little that batches run again.
        let one = Dimensions { areas: 1, items: 1, processes: 1 };
        prepared.rooms = KeptRooms::new(one, 128 << 20, 8);
        let mut machine = DeviceMachine::new(&device, &[]).with_poison(true);
        let mut checked = Checked::new(&mut machine, tolerance);
        let on = OnMachine::new(&prepared, &mut checked);
        // Those whose changes the host has to build, and the others.
        let (by_host, others): (Vec<Scenario>, Vec<Scenario>) = mixed_scenarios(&world, 100, seed)
            .into_iter()
            .partition(|s| s.adaptation.is_some() && bans::has_bans(s));
        for scenarios in [by_host, others] {
            let lanes: Vec<&Scenario> = scenarios.iter().collect();
            let counted: Vec<bool> = (0..items).map(|item| item % 3 != 1).collect();
            while let Err(halt) = run_once(&prepared, &on, &mut checked, &lanes, &counted) {
                assert!(matches!(halt, Halt::NoRoom { fits: true }), "{halt:?}");
                again += 1;
            }
        }
        super::parts::run_checked(&mut checked, seed);
        assert!(checked.differences.is_empty(), "seed {seed}: {:#?}", checked.differences);
        for (name, count) in checked.compared {
            *compared.entry(name).or_default() += count;
        }
    }
    assert!(again > 0, "every list had room at once");
    let rare: Vec<_> = compared.iter().filter(|(_, count)| **count < 12).collect();
    assert!(compared.len() == kernels::ALL.len() && rare.is_empty(), "{compared:?}");
}

fn engine(world: &Dataset, options: GpuOptions) -> Option<GpuEngine> {
    Some(GpuEngine::new(gpu::device()?, world, STEPS, options).unwrap())
}

fn run(engine: &dyn Engine, scenarios: &[Scenario]) -> Vec<Outcome> {
    engine.run(scenarios, 0.0, &|_| {})
}

#[test]
fn outcomes_do_not_depend_on_company_order_or_batches() {
    let world = adaptive_world(7, 5, 4, 3);
    let scenarios = mixed_scenarios(&world, 120, 3);
    let changes = ChangesOn::Device;
    let poison = GpuOptions { poison: true, changes, ..GpuOptions::default() };
    let Some(whole) = engine(&world, poison) else { return };
    let together = run(&whole, &scenarios);
    assert!(together.iter().any(|o| !o.events.is_empty() && !o.sectors.is_empty()));
    for (scenario, expected) in scenarios.iter().zip(&together).step_by(7) {
        assert_eq!(&run(&whole, std::slice::from_ref(scenario))[0], expected, "alone");
    }
    let reversed: Vec<Scenario> = scenarios.iter().rev().cloned().collect();
    let mut backwards = run(&whole, &reversed);
    backwards.reverse();
    assert_eq!(backwards, together, "reversed");
    for batch in [1, 33, 64] {
        let options = GpuOptions { batch: Some(batch), ..poison };
        let parts = engine(&world, options).unwrap();
        assert_eq!(run(&parts, &scenarios), together, "batches of {batch}");
        assert_eq!(parts.capacity(), batch);
    }
    // Stages are timed one batch at a time; what comes out is the same.
    let timed = engine(&world, GpuOptions { timed: true, batch: Some(64), ..poison }).unwrap();
    assert_eq!(run(&timed, &scenarios), together);
    let stages = timed.take_stages();
    assert!(
        stages.steps > 0.0
            && stages.decisions > 0.0
            && stages.changes > 0.0
            && stages.download > 0.0
    );
}

/// Asked from within the thread pool that its batches use, by all of its threads at once, the engine
/// answers as from outside.
#[test]
fn the_engine_can_be_asked_from_the_thread_pool() {
    let world = adaptive_world(7, 5, 4, 3);
    let scenarios = mixed_scenarios(&world, 120, 3);
    let Some(gpu) = engine(&world, GpuOptions { batch: Some(32), ..GpuOptions::default() }) else {
        return;
    };
    let expected = run(&gpu, &scenarios);
    let found: Vec<Vec<Outcome>> =
        (0..12).into_par_iter().with_max_len(1).map(|_| run(&gpu, &scenarios)).collect();
    assert!(found.iter().all(|outcomes| *outcomes == expected));
}

/// More sectors decide than there is room for at first, or than a buffer has room for at all: the batch runs again with
/// more, in parts, or built by the host, and the answers are the same.
#[test]
fn decisions_that_find_no_room_are_made_again() {
    let world = adaptive_world(40, 12, 4, 9);
    let producers = world.parameters.producers();
    let all = (0..480).filter(|&s| producers[s as usize]).map(|s| Shock::new(s, 1.0));
    let scenario = Scenario::new(0, all.collect(), &world.labels).unwrap();
    let mut settings = AdaptationSettings::default();
    (settings.thresholds.relative, settings.thresholds.absolute) = (0.25, 1.0);
    let large = vec![scenario.with_adaptation(Some(settings)); 70];
    let small = mixed_scenarios(&world, 60, 9);
    let expected = |of: &[Scenario]| run(&CpuEngine::new(&world, STEPS), of);
    let (of_large, of_small) = (expected(&large[..1]), expected(&small));
    assert!(of_large[0].events.len() > 4 * 16 * 2, "{}", of_large[0].events.len());
    for changes in [ChangesOn::Host, ChangesOn::Device] {
        for room in [None, Some(1 << 21), Some(1 << 14)] {
            let poison = room.is_none();
            let options = GpuOptions { changes, room, poison, ..GpuOptions::default() };
            let Some(gpu) = engine(&world, options) else { return };
            if room == Some(1 << 14) {
                // Not even the hits of a part.
                let error = gpu.losses(&large, &[STEPS - 1], 0.0, &|_| {}).unwrap_err();
                assert!(error.to_string().contains("more sectors are hit"), "{error}");
                continue;
            }
            let found = run(&gpu, &large);
            assert_eq!(found[0].events, of_large[0].events, "{changes:?}, {room:?}");
            assert_eq!(found, vec![found[0].clone(); 70], "{changes:?}, {room:?}");
            assert!(super::changes::agree(&found[0], &of_large[0]));
            let found = run(&gpu, &small);
            let agree = |(a, b): (&Outcome, &Outcome)| super::changes::agree(a, b);
            assert!(found.iter().zip(&of_small).all(agree), "{changes:?}, {room:?}");
        }
    }
}

#[test]
fn a_batch_without_memory_is_retried_smaller_once() {
    let world = adaptive_world(7, 5, 4, 3);
    let scenarios = mixed_scenarios(&world, 140, 4);
    let Some(enough) = engine(&world, GpuOptions::default()) else { return };
    let group = (7usize.div_ceil(64) * 64 * 5 * LANES * 8) as u64;
    // Two fields of two groups fit, with what else is needed; two fields of five do not.
    let little = GpuOptions { memory: Some(7 * group), ..GpuOptions::default() };
    let little = engine(&world, little).unwrap();
    assert!(scenarios.len() > 4 * LANES);
    assert_eq!(run(&little, &scenarios), run(&enough, &scenarios));
    let none = engine(&world, GpuOptions { memory: Some(group), ..GpuOptions::default() }).unwrap();
    let error = none.losses(&scenarios, &[STEPS - 1], 0.0, &|_| {}).unwrap_err();
    let EngineError::OutOfMemory { scenarios: of, .. } = &error else { panic!("{error}") };
    assert!(*of <= 64, "{of}: a part, not the whole");
    assert!(error.to_string().contains("has no memory left for a batch of"), "{error}");
}

/// What `validate` compares, on the built-in world: within 1e-9 in f64; with one intensity changed by
/// a millionth it is not.
#[test]
fn validation_holds_and_can_fail() {
    let world = synthesize(&SynthOptions { areas: 40, items: 30, seed: 2 }).unwrap();
    let Some(device) = gpu::device() else { return };
    let samples = sample(&world, 240, 1);
    let cpu = CpuEngine::new(&world, 10);
    let with = |perturb, changes| {
        let options = GpuOptions { perturb, changes, ..GpuOptions::default() };
        let engine = GpuEngine::new(device.clone(), &world, 10, options).unwrap();
        compare(&world, &cpu, &engine, &samples, bound(Precision::F64)).unwrap()
    };
    for changes in [ChangesOn::Usual, ChangesOn::Device] {
        let reports = with(None, changes);
        assert_eq!(reports.len(), samples.len() + 1, "and interactions");
        for report in &reports {
            assert!(!report.is_broken, "{report:?}");
            let is_exact = device.adapter().is_software;
            assert!(!is_exact || report.differing == 0, "every decision is the same: {report:?}");
            assert!(report.scenarios > 0 && report.compared > 100, "{report:?}");
        }
        assert!(reports.iter().map(|r| r.decisions).sum::<usize>() > 100);
    }
    let broken = with(Some(1.0 - 1e-6), ChangesOn::Device).iter().filter(|r| r.is_broken).count();
    assert!(broken >= 8, "{broken} kinds");
}

/// In f32 decisions are those of f64, and scenarios in which somebody decides, or something feeds
/// itself, are computed again in f64.
#[test]
fn single_precision_holds_its_bound() {
    let world = synthesize(&SynthOptions { areas: 40, items: 30, seed: 2 }).unwrap();
    let Some(device) = gpu::single_device() else { return };
    assert_eq!(device.precision(), Precision::F32);
    let engine = GpuEngine::new(device, &world, 10, GpuOptions::default()).unwrap();
    let engine = Rescued::new(engine, &world);
    let samples = sample(&world, 480, 5);
    let cpu = CpuEngine::new(&world, 10);
    let reports = compare(&world, &cpu, &engine, &samples, bound(Precision::F32)).unwrap();
    for report in &reports {
        assert!(!report.is_broken, "{report:?}");
        assert_eq!(report.differing, 0, "decisions come from f64");
    }
    assert!(reports.iter().any(|r| r.relative.size > 1e-9), "it is f32 that computes");
    let again = engine.losses(&samples[1].scenarios, &[9], 0.0, &|_| {}).unwrap().recomputed;
    assert_eq!(again.len(), reports[1].recomputed);
    assert_eq!(reports[0].recomputed, 0, "static runs hold their bound");
    assert!(reports[1].recomputed > 0, "{:?}", reports[1]);
}

/// The program with arguments: exit code, standard output and standard error.
fn shocksweep(arguments: &[&str], hide_adapters: bool) -> (i32, String, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_shocksweep"));
    command.args(arguments);
    if hide_adapters {
        command
            .env("VK_DRIVER_FILES", "/nonexistent.json")
            .env("VK_ICD_FILENAMES", "/nonexistent.json");
    }
    let output = command.output().expect("the program runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

#[test]
#[cfg(target_os = "linux")]
fn without_an_adapter_the_gpu_engine_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("result");
    let out = out.to_str().unwrap();
    let run = ["run", "--all-single", "--engine", "gpu", "--adaptation", "off", "--out", out];
    let (code, _, error) = shocksweep(&run, true);
    assert_eq!(code, 2, "{error}");
    assert!(error.contains("no graphics adapter was found") && error.contains("none"), "{error}");
    assert!(!std::path::Path::new(out).exists(), "nothing is written");
    let named = [&run[..], &["--device", "H100"]].concat();
    let (code, _, error) = shocksweep(&named, true);
    assert_eq!(code, 2, "{error}");
    assert!(error.contains("no adapter is `H100`; there are: none"), "{error}");
    let (code, output, _) = shocksweep(&["devices"], true);
    assert_eq!(code, 0);
    assert!(output.starts_with("No graphics adapter"), "{output}");
}

#[test]
fn a_job_asks_for_a_device_only_with_the_gpu_engine() {
    let plan = |text: &str| {
        let text = format!("{text}\n[scenarios]\nset = 'all-single'\n[output]\nfolder = 'x'");
        let job = JobFile::parse(&text, std::path::Path::new("job.toml"));
        job.and_then(|job| Plan::new(&job)).map_err(|error| error.to_string())
    };
    let gpu = plan("engine = 'gpu'\ndevice = 'H100'\nprecision = 'f32'\nallow_software = true");
    let device = gpu.unwrap().device;
    assert_eq!(device.device.as_deref(), Some("H100"));
    assert_eq!((device.precision, device.allow_software), (Some(Precision::F32), true));
    let message = |text: &str| plan(text).err().unwrap_or_else(|| panic!("{text}"));
    let cpu = message("device = '0'");
    assert_eq!(cpu, "device is 0; expected nothing with the cpu engine: only `gpu` has it");
    assert!(message("precision = 'f32'").starts_with("precision is f32; expected nothing"));
    let unknown = message("engine = 'gpu'\nprecision = 'f16'");
    assert!(unknown.contains("line 2") && unknown.contains("`f32`"), "{unknown}");
}

#[test]
fn a_device_belongs_to_the_gpu_engine() {
    for flag in [["--device", "0"], ["--precision", "f32"]] {
        let arguments = [&["shock", "India/Rice and products"][..], &flag].concat();
        let (code, _, error) = shocksweep(&arguments, false);
        assert_eq!(code, 2, "{error}");
        assert!(error.contains("only `gpu` has it"), "{error}");
    }
}

/// From the command line: devices, a run with its manifest, verification by the reference engine,
/// validation that holds and that fails.
#[test]
fn the_gpu_engine_on_the_command_line() {
    let Some(device) = gpu::device() else { return };
    let adapter = device.adapter();
    let (code, output, error) = shocksweep(&["devices", "--json"], false);
    assert_eq!(code, 0, "{error}");
    assert!(output.contains(&adapter.name), "{output}");
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let (world, out) = (path("world"), path("result"));
    let synth = ["dataset", "synth", &world, "--areas", "20", "--items", "16", "--seed", "7"];
    assert_eq!(shocksweep(&synth, false).0, 0);
    let index = adapter.index.to_string();
    let run = [
        "run",
        "--dataset",
        &world,
        "--all-single",
        "--adaptation",
        "both",
        "--engine",
        "gpu",
        "--device",
        &index,
        "--events",
        "--trace",
        "5",
        "--out",
        &out,
        "--quiet",
    ];
    let (code, _, error) = shocksweep(&run, false);
    assert_eq!(code, 0, "{error}");
    let manifest = std::fs::read_to_string(format!("{out}/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let of = &manifest["engine"];
    assert_eq!(of["name"], "gpu");
    assert_eq!(of["precision"], "f64");
    assert_eq!(of["software"], adapter.is_software);
    assert!(of["device"].as_str().unwrap().contains(&adapter.name), "{of}");
    assert!(manifest["counts"]["adapting"].as_u64().unwrap() > 0);
    let verify = ["verify", &out, "--dataset", &world, "--sample", "40"];
    let (code, output, error) = shocksweep(&verify, false);
    assert_eq!(code, 0, "{output}{error}");

    let validate = ["validate", &world, "--scenarios", "60", "--device", &index];
    let (code, output, error) = shocksweep(&validate, false);
    assert_eq!(code, 0, "{output}{error}");
    assert!(
        output.contains("blockade and a lost harvest") && !output.contains("BROKEN"),
        "{output}"
    );
    let perturbed = [&validate[..], &["--perturb", "0.999999"]].concat();
    let (code, output, error) = shocksweep(&perturbed, false);
    assert_eq!(code, 3, "{output}{error}");
    assert!(output.contains("BROKEN") && error.contains("breaks"), "{output}{error}");

    let json = path("bench.json");
    let bench =
        ["bench", &world, "--scenarios", "40", "--device", &index, "--out", &json, "--quiet"];
    let (code, output, error) = shocksweep(&bench, false);
    assert_eq!(code, 0, "{output}{error}");
    let bench: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&json).unwrap()).unwrap();
    assert_eq!(bench["engines"].as_array().unwrap().len(), 9, "three engines, three sets");
    assert!(bench["stages"][1]["links"].as_f64().unwrap() > 0.0);
}

/// The cpu engine, until it has answered so many times.
struct Failing {
    cpu: Arc<CpuEngine>,
    /// Scenarios that it answers before it is lost.
    scenarios: AtomicUsize,
    leaves_processor_free: bool,
}

impl Engine for Failing {
    fn info(&self) -> EngineInfo {
        // Every part is a window of its own.
        let Failing { leaves_processor_free, .. } = *self;
        EngineInfo { leaves_processor_free, batch: 1, ..self.cpu.info() }
    }
    fn supports(&self) -> &'static [Feature] {
        self.cpu.supports()
    }
    fn has_rules(&self) -> bool {
        self.cpu.has_rules()
    }
    fn has_reserves(&self) -> bool {
        self.cpu.has_reserves()
    }
    fn baseline(&self) -> &Baseline {
        self.cpu.baseline()
    }
    fn sums(
        &self,
        of: &[Scenario],
        all: &[bool],
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<Answers<Sums>, EngineError> {
        self.cpu.sums(of, all, progress)
    }
    fn losses(
        &self,
        of: &[Scenario],
        steps: &[usize],
        min: f64,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<Answers<Outcome>, EngineError> {
        let left = self.scenarios.load(Ordering::SeqCst);
        if left < of.len() {
            let problem = "device lost".to_string();
            return Err(EngineError::Device { device: "a GPU".into(), problem });
        }
        self.scenarios.store(left - of.len(), Ordering::SeqCst);
        self.cpu.losses(of, steps, min, progress)
    }
}

/// A device that is lost on the way ends the run with a clear error; the parts before it are
/// committed, and the run is continued to the same bytes. Whether tables are written while the next
/// part is computed, or after it.
#[test]
fn a_run_whose_engine_fails_keeps_what_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let world = folder.path().join("world");
    let synth = ["--areas", "24", "--items", "18", "--seed", "7"];
    let synth = [&["dataset", "synth", world.to_str().unwrap()][..], &synth].concat();
    assert_eq!(shocksweep(&synth, false).0, 0);
    let plan = |name: &str| {
        let mut job = JobFile::new(ScenarioSet::AllSingle);
        job.dataset = world.to_str().unwrap().to_string();
        job.output.folder = Some(folder.path().join(name));
        job.output.events = true;
        Plan::new(&job).unwrap()
    };
    let dataset = plan("whole").dataset;
    let hash = content_hash(&dataset);
    let cpu = Arc::new(CpuEngine::new(&dataset, 10));
    let run = |name: &str, start: Start, scenarios: usize, leaves_processor_free: bool| {
        let scenarios = AtomicUsize::new(scenarios);
        let engine = Failing { cpu: Arc::clone(&cpu), scenarios, leaves_processor_free };
        let options = RunOptions { start, ..RunOptions::new() };
        run_on(&plan(name), &engine, hash.clone(), &options, &Silent)
    };
    let all = usize::MAX;
    let whole = match run("whole", Start::New, all, false) {
        Ok(Ended::Complete(whole)) => whole,
        Ok(_) => panic!("stopped"),
        Err(error) => panic!("{error}"),
    };
    assert!(whole.counts.scenarios > 3 * 128);
    for overlaps in [false, true] {
        let name = format!("{overlaps}");
        // Two parts of 128 at most, and a little.
        let error = run(&name, Start::New, 2 * 128 + 40, overlaps).unwrap_err();
        assert_eq!(error.to_string(), "engine gpu: a GPU failed: device lost");
        let ledger = Ledger::read(&folder.path().join(&name)).unwrap().unwrap();
        // Scenarios without effect are not asked for: a third part may have been computed whole.
        let (kept, all_parts) = (ledger.parts.len(), whole.counts.scenarios.div_ceil(128));
        assert!((2..all_parts).contains(&kept), "{kept} of {all_parts} parts are kept");
        let Ok(Ended::Complete(continued)) = run(&name, Start::Resume, all, overlaps) else {
            panic!()
        };
        assert_eq!(continued.files, whole.files);
        assert_eq!(continued.counts, whole.counts);
    }
}
