//! `shocksweep devices`, and the flags that choose a graphics device.

use clap::Args;

use super::{CliError, ink};
use crate::engine::Precision;
use crate::engine::gpu::adapter::{DeviceChoice, adapters};
use crate::job::plan::check_device;
use crate::job::{EngineKind, JobError};
use crate::report;

/// Which graphics device, for the gpu engine.
#[derive(Debug, Args)]
pub struct DeviceArgs {
    /// Graphics device of the gpu engine: number or name, as `shocksweep devices` lists them.
    #[arg(long, value_name = "NAME|INDEX")]
    pub device: Option<String>,
    /// Arithmetic of the gpu engine [default: f64, if the device has it].
    #[arg(long)]
    pub precision: Option<Precision>,
    /// Let the gpu engine run on a software adapter, which is slower than the cpu engine.
    #[arg(long)]
    pub allow_software: bool,
}

impl DeviceArgs {
    /// The choice that the flags make.
    ///
    /// # Errors
    /// A device is asked for with an engine that uses none.
    pub fn choice(&self, engine: EngineKind) -> Result<DeviceChoice, JobError> {
        let choice = DeviceChoice {
            device: self.device.clone(),
            allow_software: self.allow_software,
            precision: self.precision,
        };
        check_device(engine, &choice)?;
        Ok(choice)
    }
}

/// Arguments of `shocksweep devices`.
#[derive(Debug, Args)]
#[command(after_help = "\
Lists what `--engine gpu` can run on, best first. A software adapter (Mesa's llvmpipe) is a program on
the processor: good for tests, slower than the cpu engine, and used only when --device names it or
--allow-software is given.

Examples:
  shocksweep devices
  shocksweep run jobs/adaptive.toml --engine gpu --device 0")]
pub struct DevicesArgs {
    /// One JSON object per adapter instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// Lists the adapters.
///
/// # Errors
/// The terminal is gone.
pub fn execute(args: &DevicesArgs) -> Result<(), CliError> {
    let adapters = adapters();
    if args.json {
        for adapter in &adapters {
            ink::data(&format!("{}\n", serde_json::json!(adapter)))?;
        }
        return Ok(());
    }
    ink::print(&report::devices::text(&adapters))?;
    if adapters.iter().any(|a| a.is_software) {
        let when =
            "Software adapters run only where --device names them or --allow-software is given.";
        ink::print(&format!("\n{when}\n"))?;
    }
    Ok(())
}
