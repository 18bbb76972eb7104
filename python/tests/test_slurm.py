"""The scripts of `shocksweep cluster slurm` on a real Slurm of four nodes, all on this machine.

Needs Debian's slurmctld, slurmd, slurm-client, slurm-wlm-basic-plugins and munge, and to be root:
SHOCKSWEEP_SLURM=1 asks for it. A task's program is killed, a node dies; the bytes are those of a single run.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import shocksweep as ss

pytestmark = pytest.mark.skipif(
    os.environ.get("SHOCKSWEEP_SLURM") != "1" or not shutil.which("slurmctld") or os.geteuid() != 0,
    reason="SHOCKSWEEP_SLURM=1, slurmctld and root are needed",
)

CONF = """
ClusterName=loop
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CryptoType=crypto/munge
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
MpiDefault=none
SwitchType=switch/none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
ReturnToService=2
SlurmctldPort=16817
SlurmctldTimeout=30
SlurmdTimeout=10
KillWait=5
JobRequeue=1
SlurmdParameters=config_overrides
StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/slurmctld.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdSpoolDir={folder}/spool-%n
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmdLogFile={folder}/slurmd-%n.log
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,sched_min_interval=0,bf_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
{nodes}
PartitionName=main Nodes=n[1-4] Default=YES MaxTime=INFINITE State=UP
"""


class Cluster:
    """Daemons of a cluster on this machine, ended with it."""

    def __init__(self, folder: Path) -> None:
        host = socket.gethostname().split(".")[0]
        node = "NodeName=n{0} NodeHostname={1} NodeAddr=127.0.0.1 Port={2} CPUs=1 RealMemory=4000"
        nodes = "\n".join(node.format(n, host, 17000 + n) for n in range(1, 5))
        (folder / "state").mkdir()
        self.conf = folder / "slurm.conf"
        self.conf.write_text(CONF.format(host=host, folder=folder, nodes=nodes))
        self.env = {**os.environ, "SLURM_CONF": str(self.conf)}
        self.daemons: dict[str, subprocess.Popen] = {}
        self.munge = None

    def __enter__(self):
        if subprocess.run(["munge", "-n"], capture_output=True).returncode != 0:
            os.makedirs("/run/munge", exist_ok=True)
            shutil.chown("/run/munge", "munge", "munge")
            self.munge = subprocess.Popen(["runuser", "-u", "munge", "--", "munged", "--force", "--foreground"])
            time.sleep(2)
        self.start("ctl", ["slurmctld", "-i", "-D"])
        time.sleep(2)
        for n in range(1, 5):
            self.node(n)
        self.until("idle nodes", lambda: self.ask("sinfo", "-h", "-o", "%D %t").strip() == "4 idle", 60)
        return self

    def __exit__(self, *_):
        subprocess.run(["scancel", "--user=root"], env=self.env, capture_output=True)
        for daemon in [*self.daemons.values(), *filter(None, [self.munge])]:
            daemon.terminate()
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()

    def start(self, name, command):
        log = open(self.conf.parent / f"{name}.out", "wb")
        self.daemons[name] = subprocess.Popen(command, env=self.env, stdout=log, stderr=log)

    def node(self, n):
        self.start(f"n{n}", ["slurmd", "-D", "-N", f"n{n}"])

    def ask(self, *command):
        done = subprocess.run(command, env=self.env, capture_output=True, text=True)
        return done.stdout

    def until(self, what, is_so, seconds):
        end = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > end:
                logs = self.ask("squeue") + "".join(
                    p.read_text(errors="replace")[-2000:] for p in self.conf.parent.glob("*.log")
                )
                raise AssertionError(f"no {what} after {seconds} s\n{logs}")
            time.sleep(0.5)


def processes_of(node):
    """What Slurm has started on a node: scripts and programs, and the daemons of their steps."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"SLURMD_NODENAME={node}".encode() not in path.read_bytes().split(b"\0"):
                continue
            pid = int(path.parent.name)
            found.add(pid)
            parent = int((path.parent / "stat").read_text().rpartition(")")[2].split()[1])
            if "slurmstepd" in Path(f"/proc/{parent}/cmdline").read_text():
                found.add(parent)
        except OSError:
            continue
    return sorted(found)


def test_an_array_survives_a_killed_task_and_a_dead_node(tmp_path):
    job = tmp_path / "job.toml"
    count = int(os.environ.get("SHOCKSWEEP_SLURM_PAIRS", "12000"))
    job.write_text(
        f'adaptation = "both"\n[scenarios]\nset = "sampled-pairs"\ncount = {count}\nseed = 3\n'
        "[output]\nmin_loss = 10.0\n"
    )
    alone = ss.run(job, out=tmp_path / "alone", progress=False)
    assert len(alone.loss_files) > 8
    out = tmp_path / "together"
    run = [sys.executable, "-m", "shocksweep"]
    program = f"{sys.executable} -m shocksweep"
    subprocess.run(
        [*run, "cluster", "slurm", str(job), "--tasks", "6", "--cpus", "1", "--memory", "2 GiB", "--time", "20",
         "--out", str(out), "--program", program],
        check=True,
    )
    (tmp_path / "slurm").mkdir()
    with Cluster(tmp_path / "slurm") as cluster:
        subprocess.run(["sh", f"{out}.slurm/submit.sh"], env=cluster.env, check=True)
        shards = Path(f"{out}.shards")
        cluster.until("committed part", lambda: list(shards.glob("*/losses/*.parquet")), 120)
        cluster.until("task on the second node", lambda: "n2" in cluster.ask("squeue", "-h", "-t", "R", "-o", "%N"), 60)
        # The second node dies with all that runs on it.
        for end in (signal.SIGSTOP, signal.SIGKILL):
            # At once: nothing of it tells how another part of it ended.
            for pid in [cluster.daemons["n2"].pid, *processes_of("n2")]:
                try:
                    os.kill(pid, end)
                except ProcessLookupError:
                    continue
        cluster.daemons["n2"].wait()
        # Of another task the program alone is told to stop, as before the end of its time.
        programs = [p for p in processes_of("n3") if b"run" in Path(f"/proc/{p}/cmdline").read_bytes().split(b"\0")]
        assert programs, "no task runs on the third node"
        os.kill(programs[-1], signal.SIGUSR1)
        cluster.until("dead node", lambda: "down" in cluster.ask("sinfo", "-h", "-n", "n2", "-o", "%t"), 120)
        cluster.node(2)
        manifest = out / "manifest.json"
        cluster.until("joined result", manifest.exists, 600)
        cluster.until("empty queue", lambda: not cluster.ask("squeue", "-h").strip(), 60)
        logs = {p.stem: p.read_text() for p in Path(f"{out}.slurm/logs").glob("*.log")}
        assert len(logs) == 7 and any("stopped" in text for text in logs.values()), logs
    joined = ss.open_result(out)
    for path in alone.loss_files:
        name = Path(path).relative_to(alone.path)
        assert Path(path).read_bytes() == (out / name).read_bytes(), name
    assert (alone.path / "scenarios.parquet").read_bytes() == (out / "scenarios.parquet").read_bytes()
    assert joined.manifest["counts"] == alone.manifest["counts"]
