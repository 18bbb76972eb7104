//! What the gpu engine does when a device is lost, small, slow, or one of two.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use shocksweep::low_level::dataset::Dataset;
use shocksweep::low_level::engine::cpu::CpuEngine;
use shocksweep::low_level::engine::gpu::adapter::{self, DeviceChoice, Limits};
use shocksweep::low_level::engine::gpu::device::Device;
use shocksweep::low_level::engine::gpu::{GpuEngine, GpuOptions};
use shocksweep::low_level::engine::{Engine, EngineError, Outcome, Precision};
use shocksweep::low_level::job::{EngineKind, JobFile, Plan, ScenarioSet};
use shocksweep::low_level::scenario::{NamedScenario, Scenario, Shock};
use shocksweep::low_level::sweep::choice::settled_with;
use shocksweep::low_level::sweep::{RunOptions, Silent, collect};

use super::changes::agree;
use crate::support::ask::Ask;
use crate::support::{Numbers, adaptive_world, exact_scenarios, gpu, small_settings};

const STEPS: usize = 6;

fn scenarios(world: &Dataset, count: usize) -> Vec<Scenario> {
    let mut numbers = Numbers(5);
    let with = |s: Scenario| s.with_adaptation(Some(small_settings(&mut numbers)));
    let all = exact_scenarios(world, count, 5).into_iter();
    all.filter(|s| !s.shocks.is_empty()).map(with).collect()
}

/// A device of its own, as small as `limits` say.
pub fn own_device(limits: Limits) -> Option<Arc<Device>> {
    let shared = gpu::device()?;
    let choice = DeviceChoice {
        device: Some(shared.adapter().index.to_string()),
        allow_software: true,
        precision: Some(Precision::F64),
    };
    Some(Arc::new(adapter::open_limited(&choice, limits).expect("the same adapter once more")))
}

fn run(engine: &GpuEngine, scenarios: &[Scenario]) -> Vec<Outcome> {
    engine.run(scenarios, 0.0, &|_| {})
}

/// The device is destroyed after the first batch: an error that says so, no panic and no answer; another
/// engine on another device goes on.
#[test]
fn a_device_that_is_lost_between_batches_is_an_error() {
    let world = adaptive_world(7, 5, 4, 3);
    let scenarios = scenarios(&world, 200);
    let Some(device) = own_device(Limits::default()) else { return };
    let options = GpuOptions { batch: Some(32), ..GpuOptions::default() };
    let engine = GpuEngine::new(device.clone(), &world, STEPS, options).unwrap();
    let done = AtomicUsize::new(0);
    let lose = |more: usize| {
        done.fetch_add(more, Ordering::SeqCst);
        device.destroy();
    };
    let error = engine.losses(&scenarios, &[STEPS - 1], 0.0, &lose).unwrap_err();
    assert!(matches!(error, EngineError::Device { .. }), "{error}");
    assert!(!error.is_bad_input());
    let done = done.into_inner();
    assert!(done >= 32 && done < scenarios.len(), "{done}");
    let again = engine.losses(&scenarios, &[STEPS - 1], 0.0, &|_| {});
    assert!(matches!(again, Err(EngineError::Device { .. })), "lost is lost");
    let other = own_device(Limits::default()).unwrap();
    let other = GpuEngine::new(other, &world, STEPS, options).unwrap();
    assert_eq!(run(&other, &scenarios).len(), scenarios.len());
}

/// The device is destroyed in the middle of a batch, before, while and after its sectors decide: an error, as
/// between batches, and no answer.
#[test]
fn a_device_that_is_lost_within_a_batch_is_an_error() {
    let world = adaptive_world(7, 5, 4, 3);
    let scenarios = scenarios(&world, 100);
    for t in 0..STEPS {
        let Some(device) = own_device(Limits::default()) else { return };
        let options = GpuOptions { lost_after: Some(t), ..GpuOptions::default() };
        let engine = GpuEngine::new(device, &world, STEPS, options).unwrap();
        let done = AtomicUsize::new(0);
        let count = |more: usize| {
            done.fetch_add(more, Ordering::SeqCst);
        };
        let error = engine.losses(&scenarios, &[STEPS - 1], 0.0, &count).unwrap_err();
        assert!(matches!(error, EngineError::Device { .. }), "step {t}: {error}");
        assert_eq!(done.into_inner(), 0, "step {t}");
    }
}

/// `auto` runs small plans on the processor without looking for a device, and others too where the only
/// device is software; it says so. A device that is named and not there is an error.
#[test]
fn auto_never_takes_a_software_adapter() {
    let world = Arc::new(adaptive_world(7, 5, 4, 3));
    let producers = world.parameters.producers();
    let sector = producers.iter().position(|&p| p).unwrap() as u32;
    let plan = |count: u32, device: Option<&str>| {
        let mut job = JobFile::new(ScenarioSet::AllSingle);
        job.engine = EngineKind::Auto;
        job.steps = STEPS;
        job.allow_software = true;
        job.device = device.map(str::to_string);
        let of = |id| Scenario::new(id, vec![Shock::new(sector, 1.0)], &world.labels).unwrap();
        let named = (0..count).map(|id| NamedScenario::new(of(id), format!("{id}")));
        Plan::of_scenarios(Arc::clone(&world), &job, named.collect()).unwrap()
    };
    let cache = tempfile::tempdir().unwrap();
    let settled = |plan: &Plan| {
        let settled = settled_with(plan, Some(cache.path()));
        settled.map(|plan| (plan.engine, plan.engine_why.clone().unwrap_or_default()))
    };
    let (engine, why) = settled(&plan(100, None)).unwrap();
    assert_eq!((engine, why.as_str()), (EngineKind::Cpu, "100 scenarios are fewer than 2000"));
    assert!(settled(&plan(3_000, Some("no such device"))).is_err());
    if let Some(device) = gpu::device().filter(|device| device.adapter().is_software) {
        let (engine, why) = settled(&plan(3_000, Some(&device.adapter().name))).unwrap();
        assert_eq!(engine, EngineKind::Cpu);
        assert_eq!(why, format!("{} is software", device.adapter().name));
        assert!(!cache.path().join("engines.json").exists(), "nothing was measured");
        let results = collect(&plan(100, None), &RunOptions::new(), &Silent).unwrap().unwrap();
        let engine = &results.manifest.engine;
        assert_eq!(engine.name, "cpu");
        assert_eq!(engine.why.as_deref(), Some("100 scenarios are fewer than 2000"));
    }
}

/// Small bindings make small batches with the same answers; too small ones, and too few, are errors.
#[test]
fn a_small_device_answers_the_same_or_says_what_it_lacks() {
    let world = adaptive_world(70, 5, 4, 3);
    let scenarios = scenarios(&world, 150);
    let Some(large) = own_device(Limits::default()) else { return };
    let large = GpuEngine::new(large, &world, STEPS, GpuOptions::default()).unwrap();
    let group = (70usize.div_ceil(64) * 64 * 5 * 32 * 8) as u64;
    let limits = Limits { max_binding: Some(2 * group), ..Limits::default() };
    let small = own_device(limits).unwrap();
    let small = GpuEngine::new(small, &world, STEPS, GpuOptions::default()).unwrap();
    assert_eq!(small.capacity(), 64);
    assert_eq!(run(&small, &scenarios), run(&large, &scenarios));

    let limits = Limits { max_binding: Some(group / 2), ..Limits::default() };
    let tiny = GpuEngine::new(own_device(limits).unwrap(), &world, STEPS, GpuOptions::default());
    let error = tiny.err().expect("no room for one group").to_string();
    assert!(error.contains("has room for"), "{error}");
    let shared = gpu::device().unwrap().adapter().index.to_string();
    let choice = DeviceChoice { device: Some(shared), allow_software: true, precision: None };
    let few = Limits { storage_buffers: Some(8), ..Limits::default() };
    let error = adapter::open_limited(&choice, few).err().expect("too few buffers").to_string();
    assert!(error.contains("offers 8 storage buffers; 12 are needed"), "{error}");
}

/// A device that is slow gets smaller and smaller batches; the answers stay.
#[test]
fn a_slow_device_gets_small_batches() {
    let world = adaptive_world(7, 5, 4, 3);
    let scenarios = scenarios(&world, 700);
    let Some(device) = own_device(Limits::default()) else { return };
    let fast = GpuEngine::new(device.clone(), &world, STEPS, GpuOptions::default()).unwrap();
    // The first run of a device compiles its kernels, which takes a software adapter seconds.
    run(&fast, &scenarios);
    let slow = GpuOptions { slowness: Some(1e9), ..GpuOptions::default() };
    let slow = GpuEngine::new(device, &world, STEPS, slow).unwrap();
    assert_eq!(run(&slow, &scenarios), run(&fast, &scenarios));
    assert_eq!(slow.batch_size(), 32);
    // They grow where the adapter is not a program on a busy processor.
    assert!(fast.batch_size() >= 256, "{}", fast.batch_size());
}

/// Two devices at the same time, each with its own engine, answer as one does.
#[test]
fn two_devices_work_side_by_side() {
    let world = adaptive_world(7, 5, 4, 3);
    let scenarios = scenarios(&world, 200);
    let Some(first) = own_device(Limits::default()) else { return };
    let second = own_device(Limits::default()).unwrap();
    let options = GpuOptions { batch: Some(64), poison: true, ..GpuOptions::default() };
    let [a, b] = [first, second].map(|d| GpuEngine::new(d, &world, STEPS, options).unwrap());
    let (of_a, of_b) = std::thread::scope(|scope| {
        let of_a = scope.spawn(|| run(&a, &scenarios));
        let of_b = run(&b, &scenarios);
        (of_a.join().unwrap(), of_b)
    });
    assert_eq!(of_a, of_b);
    let cpu = CpuEngine::new(&world, STEPS).run(&scenarios, 0.0, &|_| {});
    assert!(of_a.iter().zip(&cpu).all(|(a, b)| agree(a, b)), "as the cpu engine's");
}

/// An engine without rules, or in f32 alone, says what it cannot do before it runs anything.
#[test]
fn what_an_engine_cannot_do_is_an_error_before_the_run() {
    let world = adaptive_world(7, 5, 4, 3);
    let adaptive = scenarios(&world, 10);
    let without = Dataset { rules: None, ..world.clone() };
    for engine in crate::support::gpu::fast_engines(&without, STEPS) {
        let error = engine.losses(&adaptive, &[0], 0.0, &|_| {}).unwrap_err();
        assert!(matches!(error, EngineError::NoRules { .. }), "{}: {error}", engine.name());
        assert!(error.is_bad_input() && error.to_string().contains("no rules of adaptation"));
        let counted = vec![true; 5];
        assert!(matches!(
            engine.sums(&adaptive, &counted, &|_| {}),
            Err(EngineError::NoRules { .. })
        ));
    }
    let Some(single) = gpu::single_device() else { return };
    let single = GpuEngine::new(single, &world, STEPS, GpuOptions::default()).unwrap();
    let error = single.losses(&adaptive, &[0], 0.0, &|_| {}).unwrap_err();
    assert!(error.to_string().contains("cannot compute adaptation"), "{error}");
    let error = single.losses(&[], &[2, 1], 0.0, &|_| {}).unwrap_err();
    assert!(matches!(error, EngineError::NoSuchSteps { .. }), "{error}");
}
