//! `--engine auto`: the cpu engine, or a graphics device where it is faster.
//!
//! Both are measured once on some of the plan's own scenarios; what they took is kept in the user's cache
//! folder, by machine, device, and size of the dataset, and asked again from then on. A run says in its
//! manifest what was chosen and why. Nothing is measured for plans that either engine runs in no time, and a
//! software adapter or one without f64, whose results differ more, is never chosen.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::spread;
use crate::engine::cpu::CpuEngine;
use crate::engine::gpu::adapter::{self, Adapter, DeviceChoice};
use crate::engine::gpu::{GpuEngine, GpuOptions};
use crate::engine::{Engine, EngineError};
use crate::job::{EngineKind, Plan};
use crate::scenario::{NamedScenario, Scenario};

/// Scenarios from which on a device may be worth opening.
const WORTH_ASKING: usize = 2_000;

/// Scenarios that both engines are measured on, at most: several batches of a device, which overlap.
const MEASURED: usize = 8_192;

/// How often, of which the fastest counts: on a card the same work takes up to twice as long now and then.
const ROUNDS: usize = 3;

/// What both engines take.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rates {
    /// Seconds per scenario on the processor.
    pub cpu: f64,
    /// Seconds per scenario on the device.
    pub gpu: f64,
    /// Seconds until the device can begin.
    pub opening: f64,
}

impl Rates {
    /// Seconds for so many scenarios, on the processor and on the device.
    pub fn of(&self, scenarios: usize) -> [f64; 2] {
        let count = scenarios as f64;
        [count * self.cpu, self.opening + count * self.gpu]
    }

    /// The faster engine for so many scenarios, and why.
    pub fn choice(&self, scenarios: usize, device: &str) -> (EngineKind, String) {
        let [cpu, gpu] = self.of(scenarios);
        let kind = if gpu < cpu { EngineKind::Gpu } else { EngineKind::Cpu };
        let why = format!(
            "{scenarios} scenarios would take {cpu:.1} s on the processor and {gpu:.1} s on {device}, by \
             what some of them took once"
        );
        (kind, why)
    }
}

/// A plan whose engine is known: itself, or one in which `auto` has become an engine.
///
/// # Errors
/// A device that the plan names is not there, or an engine fails while it is measured.
pub fn settled(plan: &Plan) -> Result<Cow<'_, Plan>, EngineError> {
    settled_with(plan, cache_folder().as_deref())
}

/// As [`settled`], with what was measured kept in `cache`.
///
/// # Errors
/// As [`settled`].
pub fn settled_with<'a>(
    plan: &'a Plan,
    cache: Option<&Path>,
) -> Result<Cow<'a, Plan>, EngineError> {
    if plan.engine != EngineKind::Auto {
        return Ok(Cow::Borrowed(plan));
    }
    let (engine, why) = chosen(plan, cache)?;
    // A device that was named is no use to the cpu engine.
    let device =
        if engine == EngineKind::Gpu { plan.device.clone() } else { DeviceChoice::default() };
    Ok(Cow::Owned(Plan { engine, engine_why: Some(why), device, ..plan.clone() }))
}

fn chosen(plan: &Plan, cache: Option<&Path>) -> Result<(EngineKind, String), EngineError> {
    let cpu = |why: String| Ok((EngineKind::Cpu, why));
    if plan.superposition.as_ref().is_some_and(|asked| asked.grid.is_some()) {
        return cpu("screenings run where their pairs meet".to_string());
    }
    let producers = plan.dataset.parameters.producers();
    let acts = |s: &&NamedScenario| !s.scenario.effective(&producers).shocks.is_empty();
    let count = plan.scenarios.iter().filter(acts).count();
    if count < WORTH_ASKING {
        return cpu(format!("{count} scenarios are fewer than {WORTH_ASKING}"));
    }
    let adapters = adapter::adapters();
    let at = match adapter::choose(&adapters, &plan.device) {
        Ok(at) => at,
        Err(error) if plan.device.device.is_some() => return Err(error),
        Err(_) => return cpu("there is no graphics device".to_string()),
    };
    let adapter = &adapters[at];
    if let Some(why) = unfit(adapter) {
        return cpu(why);
    }
    let key = key(plan, adapter);
    let path = cache.map(|folder| folder.join("engines.json"));
    let mut known = path.as_deref().map(read).unwrap_or_default();
    let rates = match known.get(&key) {
        Some(rates) => *rates,
        None => {
            let rates = match measure(plan) {
                Ok(rates) => rates,
                Err(error) => return cpu(format!("{}: {error}", adapter.name)),
            };
            known.insert(key, rates);
            // What cannot be kept is measured again.
            let _ = path.as_deref().map(|path| write(path, &known));
            rates
        }
    };
    Ok(rates.choice(count, &adapter.name))
}

/// Why an adapter is never chosen.
fn unfit(adapter: &Adapter) -> Option<String> {
    if adapter.is_software {
        return Some(format!("{} is software", adapter.name));
    }
    (!adapter.has_double).then(|| format!("{} has no f64", adapter.name))
}

/// What a measurement holds for.
fn key(plan: &Plan, adapter: &Adapter) -> String {
    let dims = plan.dataset.dimensions();
    let links = plan.dataset.parameters.trade_t.nnz() + plan.dataset.parameters.allocation_nu.nnz();
    let adapts = plan.scenarios.iter().any(|s| s.scenario.adaptation.is_some());
    format!(
        "{} | {} {} | {} threads | {} areas {} items {links} links | {} steps{}",
        env!("CARGO_PKG_VERSION"),
        adapter.name,
        adapter.driver,
        rayon::current_num_threads(),
        dims.areas,
        dims.items,
        plan.steps,
        if adapts { ", adaptive" } else { "" }
    )
}

fn measure(plan: &Plan) -> Result<Rates, EngineError> {
    let producers = plan.dataset.parameters.producers();
    let all = plan.scenarios.len();
    let sample: Vec<Scenario> = (0..all)
        .map(|n| plan.scenarios[spread(n, all)].scenario.effective(&producers))
        .filter(|scenario| !scenario.shocks.is_empty())
        .take(MEASURED)
        .collect();
    let started = Instant::now();
    let device = Arc::new(adapter::open(&plan.device)?);
    let gpu = GpuEngine::new(device, &plan.dataset, plan.steps, GpuOptions::default())?;
    let opening = started.elapsed().as_secs_f64();
    let cpu = CpuEngine::new(&plan.dataset, plan.steps);
    let seconds = |engine: &dyn Engine| -> Result<f64, EngineError> {
        let run = || engine.losses(&sample, &[engine.last_step()], plan.min_loss, &|_| {});
        // Once to warm up: kernels are compiled, buffers are made.
        drop(run()?);
        let mut fastest = f64::INFINITY;
        for _ in 0..ROUNDS {
            let started = Instant::now();
            drop(run()?);
            fastest = fastest.min(started.elapsed().as_secs_f64());
        }
        Ok(fastest / sample.len().max(1) as f64)
    };
    Ok(Rates { cpu: seconds(&cpu)?, gpu: seconds(&gpu)?, opening })
}

/// The folder for what can be found again: the system's own, with the program's name.
fn cache_folder() -> Option<PathBuf> {
    let of = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let base = of("XDG_CACHE_HOME")
        .or_else(|| of("LOCALAPPDATA"))
        .or_else(|| of("HOME").map(|home| home.join(".cache")))?;
    Some(base.join("shocksweep"))
}

/// What was measured so far; nothing where the file is not there, or is not what it should be.
fn read(path: &Path) -> BTreeMap<String, Rates> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let known: BTreeMap<String, Rates> = serde_json::from_str(&text).unwrap_or_default();
    let is_sane = |r: &Rates| [r.cpu, r.gpu, r.opening].iter().all(|v| v.is_finite() && *v >= 0.0);
    known.into_iter().filter(|(_, rates)| is_sane(rates)).collect()
}

/// Keeps it, whole or not at all.
fn write(path: &Path, known: &BTreeMap<String, Rates>) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer_pretty(&mut file, known)?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES: Rates = Rates { cpu: 1e-3, gpu: 2e-4, opening: 2.0 };

    #[test]
    fn the_faster_engine_is_chosen_with_its_opening_counted() {
        let of = |count| RATES.choice(count, "a device");
        assert_eq!(of(2_400).0, EngineKind::Cpu, "2.4 s against 2.48 s");
        let (kind, why) = of(10_000);
        assert_eq!(kind, EngineKind::Gpu);
        assert!(why.contains("10.0 s on the processor and 4.0 s on a device"), "{why}");
    }

    #[test]
    fn what_was_measured_is_kept_and_a_broken_file_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("below").join("engines.json");
        assert!(read(&path).is_empty());
        let known = BTreeMap::from([("a machine".to_string(), RATES)]);
        write(&path, &known).unwrap();
        assert_eq!(read(&path), known);
        std::fs::write(&path, r#"{ "a": { "cpu": -1, "gpu": 1, "opening": 1 } }"#).unwrap();
        assert!(read(&path).is_empty(), "a negative time");
        std::fs::write(&path, "nonsense").unwrap();
        assert!(read(&path).is_empty());
    }

    #[test]
    fn software_and_single_precision_are_never_chosen() {
        let adapter = |is_software, has_double| Adapter {
            index: 0,
            name: "one".to_string(),
            kind: "virtual GPU",
            backend: String::new(),
            driver: String::new(),
            has_double,
            is_software,
            max_buffer: 1 << 30,
            max_binding: 1 << 27,
            storage_buffers: 32,
            workgroup_memory: 32_768,
            has_timestamps: false,
        };
        assert_eq!(unfit(&adapter(true, true)).as_deref(), Some("one is software"));
        assert_eq!(unfit(&adapter(false, false)).as_deref(), Some("one has no f64"));
        assert_eq!(unfit(&adapter(false, true)), None);
    }
}
