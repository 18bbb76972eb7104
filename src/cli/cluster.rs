//! `shocksweep cluster`: a job as scripts for a scheduler.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{CliError, ink};
use crate::job::{JobFile, Plan, census, policies};
use crate::objects::is_address;
use crate::report::cluster::{Array, Needs};
use crate::report::quoted;
use crate::sink::SinkError;
use crate::sink::folder::MANIFEST;
use crate::study::estimate::{Estimate, estimate, estimate_pairs};

/// Schedulers.
#[derive(Debug, Subcommand)]
pub enum ClusterCommand {
    /// Write a job array for Slurm, and the dependent job that merges its shards.
    Slurm(SlurmArgs),
}

/// Arguments of `shocksweep cluster slurm`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  shocksweep cluster slurm jobs/adaptive.toml --tasks 16 --out results/16
  sh results/16.slurm/submit.sh

Writes array.sh, merge.sh and submit.sh. Time and memory of a task are estimated from a small sample
that is run now; a task that is cut short, or whose node dies, is queued again and continues.
Options after -- are the scheduler's: -- --partition=long --account=food")]
pub struct SlurmArgs {
    /// Job file (TOML).
    pub job: PathBuf,
    /// Tasks of the array: shards of the run.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub tasks: u16,
    /// Cores of a task.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..))]
    pub cpus: u16,
    /// Memory of a task, such as "8 GiB" [default: as estimated].
    #[arg(long, value_name = "SIZE")]
    pub memory: Option<String>,
    /// Time of a task, minutes [default: as estimated, with room].
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(1..))]
    pub time: Option<u32>,
    /// Dataset: a folder, or `synthetic` [default: as the job says].
    #[arg(long, value_name = "DIR")]
    pub dataset: Option<String>,
    /// Result folder [default: as the job says].
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Folder of the scripts [default: that of the result, with `.slurm` at its end].
    #[arg(long, value_name = "DIR")]
    pub scripts: Option<PathBuf>,
    /// How nodes call the program [default: this one].
    #[arg(long, value_name = "COMMAND")]
    pub program: Option<String>,
    /// Options of the scheduler for both jobs.
    #[arg(last = true, value_name = "OPTION")]
    pub options: Vec<String>,
}

/// Writes the scripts of a cluster.
///
/// # Errors
/// The job is wrong, or a script cannot be written.
pub fn execute(command: ClusterCommand) -> Result<(), CliError> {
    match command {
        ClusterCommand::Slurm(args) => slurm(&args),
    }
}

/// A path as every node understands it.
fn absolute(path: &Path) -> Result<PathBuf, CliError> {
    Ok(std::path::absolute(path).map_err(SinkError::io(path))?)
}

/// This program, where it is one: in a wheel it is Python.
fn own() -> String {
    let path = std::env::current_exe().ok();
    let own = path.filter(|path| path.file_stem().is_some_and(|stem| stem == "shocksweep"));
    own.map_or_else(|| "shocksweep".to_string(), |path| quoted(&path.display().to_string()))
}

/// What a plan costs, and whether it is a screening.
fn cost(plan: &Plan) -> Result<(Estimate, bool), CliError> {
    if let Some(asked) = &plan.superposition
        && let Some(grid) = &asked.grid
    {
        return Ok((estimate_pairs(plan, asked, grid)?, true));
    }
    Ok((estimate(plan, &census::count(plan))?, false))
}

fn slurm(args: &SlurmArgs) -> Result<(), CliError> {
    let mut job = JobFile::read(&args.job)?;
    if !policies::jobs(&job)?.is_empty() {
        return Err(CliError::Usage(
            "a job with [[what-if]] sets cannot be cut into shards; run its sets apart",
        ));
    }
    let mut words = vec![absolute(&args.job)?.display().to_string()];
    if let Some(dataset) = &args.dataset {
        job.dataset.clone_from(dataset);
    }
    // Nodes start where the script says: a folder is named in full.
    let is_folder = Path::new(&job.dataset).exists();
    let given = if is_folder {
        absolute(Path::new(&job.dataset))?.display().to_string()
    } else {
        job.dataset.clone()
    };
    words.extend(["--dataset".to_string(), given]);
    let missing = CliError::Usage("where to? Give --out, or `folder` in [output]");
    let out = args.out.clone().or_else(|| job.output.folder.clone()).ok_or(missing)?;
    if is_address(&out) {
        return Err(CliError::Usage(
            "the shards of a cluster are joined in a folder that all nodes see; expected one, not an address",
        ));
    }
    let out = absolute(&out)?;
    if out.join(MANIFEST).exists() {
        return Err(CliError::Usage(
            "the result folder holds a result already: choose another --out",
        ));
    }
    job.output.folder = Some(out.clone());
    let plan = Plan::new(&job)?;
    let (estimate, is_screening) = cost(&plan)?;
    let (tasks, cpus) = (usize::from(args.tasks), usize::from(args.cpus));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut needs = Needs::of(&estimate, (tasks, cores), cpus);
    if let Some(text) = &args.memory {
        needs.memory_mib = crate::job::memory::parse(text)?.div_ceil(1 << 20);
    }
    needs.minutes = args.time.map_or(needs.minutes, u64::from);
    let name = args.job.file_stem().map_or_else(|| "job".into(), |stem| stem.to_string_lossy());
    let name = name.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let beside = || PathBuf::from(format!("{}.slurm", out.display()));
    let scripts = absolute(&args.scripts.clone().unwrap_or_else(beside))?;
    let program = args.program.clone().unwrap_or_else(own);
    let array = Array {
        program: &program,
        job: &words,
        name: &format!("shocksweep-{name}"),
        out: &out,
        scripts: &scripts,
        tasks,
        needs,
        options: &args.options,
        is_screening,
    };
    let logs = scripts.join("logs");
    std::fs::create_dir_all(&logs).map_err(SinkError::io(&logs))?;
    write(&scripts.join("array.sh"), &array.slurm())?;
    write(&scripts.join("merge.sh"), &array.slurm_merge())?;
    write(&scripts.join("submit.sh"), &array.slurm_submit())?;
    let folder = scripts.display().to_string();
    ink::print(&format!(
        "{folder}: array.sh ({tasks} tasks, each {} cores, {} MiB, {} min), merge.sh, submit.sh.\n\n\
         Next:\n  sh {}   on the cluster\n  shocksweep status {}   how far a shard is\n",
        needs.cpus,
        needs.memory_mib,
        needs.minutes,
        quoted(&format!("{folder}/submit.sh")),
        quoted(&format!("{}.shards/1", out.display())),
    ))?;
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), CliError> {
    let written = shocksweep_columnar::write::whole(path, |file| file.write_all(text.as_bytes()));
    written.map_err(SinkError::from)?;
    Ok(())
}
