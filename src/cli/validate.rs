//! `shocksweep validate`: the gpu engine against the cpu engine.

use std::sync::Arc;

use clap::Args;

use super::devices::DeviceArgs;
use super::{CliError, ink};
use crate::check::validate::{compare, sample};
use crate::engine::Engine;
use crate::engine::cpu::CpuEngine;
use crate::engine::gpu::{GpuEngine, GpuOptions, adapter, bound};
use crate::engine::rescue::Rescued;
use crate::job::plan::open_dataset;
use crate::job::{EngineKind, JobError};
use crate::model::constants::STEPS;
use crate::report;

/// Arguments of `shocksweep validate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Runs a sample of every kind of scenario (one and two sectors, parts, over time, caps, bans,
every step, sums; without and with adaptation) on both engines and compares every loss and
every decision; in f64 interactions of pairs as well. Exit code 3 if a difference exceeds the
bound: 1e-9 in f64, 1e-5 in f32, relative to the loss or to what flows in its sector; of an
interaction, to its size.

Examples:
  shocksweep validate food2020
  shocksweep validate synthetic --device llvmpipe --scenarios 60")]
pub struct ValidateArgs {
    /// Dataset: a folder (own form or published layout), or `synthetic`.
    pub dataset: String,
    /// Scenarios to run, about.
    #[arg(long, default_value_t = 240)]
    pub scenarios: usize,
    /// Which ones.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// The graphics device.
    #[command(flatten)]
    pub device: DeviceArgs,
    /// One JSON array of the kinds instead of a table.
    #[arg(long)]
    pub json: bool,
    /// Multiplies one number on the device: a fault that must be found.
    #[arg(long, hide = true, value_name = "FACTOR")]
    pub perturb: Option<f64>,
}

/// Compares the engines and prints how they agree.
///
/// # Errors
/// The device is not there, or a bound is broken.
pub fn execute(args: ValidateArgs) -> Result<(), CliError> {
    let choice = args.device.choice(EngineKind::Gpu)?;
    let device = Arc::new(adapter::open(&choice)?);
    let dataset = open_dataset(&args.dataset).map_err(|e: JobError| CliError::Job(e))?;
    let cpu = CpuEngine::new(&dataset, STEPS);
    let options = GpuOptions { perturb: args.perturb, ..GpuOptions::default() };
    let gpu = Rescued::new(GpuEngine::new(device, &dataset, STEPS, options)?, &dataset);
    let info = gpu.info();
    let bound = bound(info.precision);
    let samples = sample(&dataset, args.scenarios, args.seed);
    let reports = compare(&dataset, &cpu, &gpu, &samples, bound)?;
    if args.json {
        ink::data(&format!("{}\n", serde_json::json!(reports)))?;
    } else {
        let said = report::validate::text(&reports, bound);
        ink::print(&format!("{}, {}\n\n{said}", info.device, info.precision))?;
    }
    if reports.iter().all(|report| report.compared == 0) {
        return Err(CliError::Validate(0));
    }
    match reports.iter().filter(|report| report.is_broken).count() {
        0 => Ok(()),
        broken => Err(CliError::Validate(broken)),
    }
}
