//! Scripts for the schedulers of clusters: a job as an array of shards, and what joins them.
//!
//! Every task of the array runs one shard in a folder of its own, and continues what is there: a task that
//! is cut short (time, preemption, a node that dies) is queued again and loses what it had not committed.
//! A dependent job merges the shards into the bytes of a single run.

use std::path::Path;

use super::quoted;
use crate::study::estimate::Estimate;

/// Seconds between the warning that the time is over and its end: enough to commit what is computed.
const WARNING_S: u64 = 120;

/// How often a task may be queued again whose program is killed, for want of memory or by somebody.
const AGAIN: u32 = 5;

/// How much longer than estimated a task may take: other machines, other programs on them.
const SLACK: f64 = 4.0;

/// Minutes that a task gets at least.
const MINUTES: f64 = 15.0;

/// Memory that a task gets beside twice what scenarios and losses take: dataset, engine, program; bytes.
const MEMORY: f64 = 1.5e9;

/// What a task asks its scheduler for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// Processor cores.
    pub cpus: usize,
    /// Memory, MiB.
    pub memory_mib: u64,
    /// Time, minutes.
    pub minutes: u64,
}

impl Needs {
    /// What each of `tasks` needs, from the estimate of the whole on this machine's `cores`.
    pub fn of(estimate: &Estimate, (tasks, cores): (usize, usize), cpus: usize) -> Self {
        let shared = (estimate.compute_s + estimate.write_s) * cores as f64;
        let seconds = estimate.prepare_s + shared / (tasks * cpus) as f64;
        let memory = MEMORY + 2.0 * estimate.memory_bytes;
        Needs {
            cpus,
            memory_mib: ((memory / 1_048_576.0).ceil() as u64).next_multiple_of(512),
            minutes: (SLACK * seconds / 60.0).max(MINUTES).ceil() as u64,
        }
    }
}

/// A job as an array.
pub struct Array<'a> {
    /// The program, as a shell takes it.
    pub program: &'a str,
    /// Arguments of `run` that say what is run.
    pub job: &'a [String],
    /// Name of the array.
    pub name: &'a str,
    /// Result folder; shards lie in `OUT.shards`.
    pub out: &'a Path,
    /// Folder of the scripts and of what they print.
    pub scripts: &'a Path,
    /// Number of shards.
    pub tasks: usize,
    /// What each asks for.
    pub needs: Needs,
    /// Further options of the scheduler, such as `--partition=long`.
    pub options: &'a [String],
    /// Whether joined shards are put together by one more run.
    pub is_screening: bool,
}

impl Array<'_> {
    fn shards(&self) -> String {
        format!("{}.shards", self.out.display())
    }

    fn run(&self) -> String {
        let words: Vec<String> = self.job.iter().map(|word| quoted(word)).collect();
        format!("{} run {}", self.program, words.join(" "))
    }

    /// Options that both jobs have.
    fn head(&self, name: &str, log: &str) -> String {
        let Needs { cpus, memory_mib, minutes } = self.needs;
        let log = self.scripts.join("logs").join(log);
        let mut head = format!(
            "#SBATCH --job-name={}\n#SBATCH --cpus-per-task={cpus}\n#SBATCH --mem={memory_mib}M\n\
             #SBATCH --time={minutes}\n#SBATCH --requeue\n#SBATCH --open-mode=append\n\
             #SBATCH --output={}\n",
            quoted(name),
            quoted(&log.display().to_string())
        );
        for option in self.options {
            head += &format!("#SBATCH {}\n", quoted(option));
        }
        head
    }

    /// The array for Slurm: a task is a shard.
    pub fn slurm(&self) -> String {
        format!(
            "#!/bin/bash\n\
             # {tasks} shards of a run, written by `shocksweep cluster slurm`. A task continues what its folder\n\
             # holds, and asks to be queued again where it was stopped (exit code 75) or killed.\n\
             {head}#SBATCH --array=1-{tasks}\n\
             #SBATCH --signal=B:USR1@{WARNING_S}\n\
             set -u\n\
             shard=$SLURM_ARRAY_TASK_ID\n\
             limit=$((${{SLURM_MEM_PER_NODE:-{memory}}} * 3 / 4))\n\
             {run} --out {shards}/\"$shard\" --shard \"$shard/{tasks}\" --resume \\\n  \
             --threads \"$SLURM_CPUS_PER_TASK\" --memory-limit \"$limit MiB\" --log json &\n\
             child=$!\n\
             # The program gets signals of the whole job itself; the warning comes to this script alone.\n\
             trap 'kill -USR1 \"$child\" 2>/dev/null' USR1\n\
             trap : TERM\n\
             while :; do\n  wait \"$child\"\n  code=$?\n  kill -0 \"$child\" 2>/dev/null || break\ndone\n\
             if [ \"$code\" = 75 ] || {{ [ \"$code\" -gt 128 ] && [ \"${{SLURM_RESTART_COUNT:-0}}\" -lt {AGAIN} ]; }}; then\n  \
             scontrol requeue \"${{SLURM_ARRAY_JOB_ID}}_$shard\"\nfi\n\
             exit \"$code\"\n",
            tasks = self.tasks,
            head = self.head(self.name, "%a.log"),
            memory = self.needs.memory_mib,
            run = self.run(),
            shards = quoted(&self.shards()),
        )
    }

    /// What joins the shards, once all are done.
    pub fn slurm_merge(&self) -> String {
        let (out, shards) = (quoted(&self.out.display().to_string()), quoted(&self.shards()));
        let folders: Vec<String> = (1..=self.tasks).map(|n| format!("{shards}/{n}")).collect();
        let mut text = format!(
            "#!/bin/bash\n\
             # Joins the shards into the result of a single run.\n\
             {head}set -euo pipefail\n\
             if [ -e {out}/manifest.json ]; then exit 0; fi\n\
             {program} merge {out} --force \\\n  {folders}\n",
            head = self.head(&format!("{}-merge", self.name), "merge.log"),
            program = self.program,
            folders = folders.join(" \\\n  "),
        );
        if self.is_screening {
            text += &format!(
                "{run} --out {out} --resume --threads \"$SLURM_CPUS_PER_TASK\" --log json\n",
                run = self.run()
            );
        }
        text
    }

    /// What submits both.
    pub fn slurm_submit(&self) -> String {
        let script = |name: &str| quoted(&self.scripts.join(name).display().to_string());
        format!(
            "#!/bin/sh\n\
             # Submits the array and, for when all its tasks are done, what joins them.\n\
             set -eu\n\
             array=$(sbatch --parsable {array})\n\
             array=${{array%%;*}}\n\
             merge=$(sbatch --parsable --dependency=\"afterok:$array\" --kill-on-invalid-dep=yes {merge})\n\
             echo \"array $array, then ${{merge%%;*}}, which makes {out}\"\n",
            array = script("array.sh"),
            merge = script("merge.sh"),
            out = self.out.display(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_grow_with_the_work_and_shrink_with_the_tasks() {
        let estimate = Estimate {
            prepare_s: 60.0,
            compute_s: 36_000.0,
            write_s: 0.0,
            memory_bytes: 1e9,
            ..Estimate::default()
        };
        // 36,000 s on 2 cores are 72,000 core seconds: 2,250 s on each of 4 tasks with 8; 4 times that and a minute.
        let needs = Needs::of(&estimate, (4, 2), 8);
        assert_eq!(needs, Needs { cpus: 8, memory_mib: 3584, minutes: 154 });
        assert_eq!(Needs::of(&Estimate::default(), (4, 2), 1).minutes, 15);
    }
}
