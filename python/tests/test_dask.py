"""Runs on Dask: scheduler and workers are processes of their own, over TCP; one is killed, one comes late."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import shocksweep as ss

pytest.importorskip("distributed")
from distributed import Client  # noqa: E402


def dask(folder, *arguments):
    log = open(folder / f"{arguments[0]}-{time.monotonic_ns()}.log", "wb")
    return subprocess.Popen([sys.executable, "-m", "dask", *arguments], stdout=log, stderr=log, cwd=folder)


class Cluster:
    """A scheduler, and workers that can be killed."""

    def __init__(self, folder):
        self.folder, self.workers = folder, []
        self.file = folder / "scheduler.json"
        self.scheduler = dask(
            folder, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
            "--scheduler-file", str(self.file),
        )

    def worker(self):
        self.workers.append(
            dask(self.folder, "worker", "--scheduler-file", str(self.file), "--nthreads", "1",
                 "--no-dashboard", "--no-nanny", "--local-directory", str(self.folder))
        )

    def __enter__(self):
        self.worker()
        self.worker()
        for _ in range(600):
            if self.file.exists():
                break
            time.sleep(0.1)
        self.client = Client(scheduler_file=str(self.file), timeout=60)
        self.client.wait_for_workers(2, timeout=120)
        return self

    def __exit__(self, *_):
        self.client.close()
        for process in [*self.workers, self.scheduler]:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with Cluster(tmp_path_factory.mktemp("dask")) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world") / "small"
    ss.command("dataset", "synth", folder, "--areas", "60", "--items", "40", "--seed", "7")
    return ss.load(folder)


def same_result(ours, theirs, at_least=7):
    names = sorted(p.relative_to(theirs) for p in Path(theirs).rglob("*.parquet"))
    assert len(names) >= at_least
    for name in names:
        assert (Path(ours) / name).read_bytes() == (Path(theirs) / name).read_bytes(), name


def test_a_killed_worker_costs_its_parts_alone(cluster, world, tmp_path):
    alone = world.sweep(adaptation="both", out=tmp_path / "alone", progress=False)
    told = []

    def progress(done, total):
        told.append((done, total))
        if done == 2:
            os.kill(cluster.workers[0].pid, signal.SIGKILL)
            cluster.worker()

    together = ss.sweep(
        world, client=cluster.client, adaptation="both", out=tmp_path / "together", progress=progress
    )
    assert told[-1][0] == told[-1][1] >= 8 and cluster.workers[0].wait(30) == -signal.SIGKILL
    same_result(together.path, alone.path)
    assert together.manifest["counts"] == alone.manifest["counts"]
    assert not Path(f"{together.path}.parts").exists()
    assert all(holds is not False for _, holds, _ in together.verify())


def test_what_workers_computed_may_come_through_dask(cluster, world, tmp_path):
    job = tmp_path / "job.toml"
    job.write_text('adaptation = "on"\n[scenarios]\nset = "single"\n[output]\nmin_loss = 1.0\n')
    alone = ss.run(job, world, out=tmp_path / "alone", progress=False)
    together = ss.sweep(world, job, client=cluster.client, gather=True, tasks=5, out=tmp_path / "together")
    same_result(together.path, alone.path)


def test_parts_that_are_there_are_kept(cluster, world, tmp_path):
    alone = world.sweep(adaptation="both", out=tmp_path / "alone", progress=False)

    def stop(done, total):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ss.sweep(world, client=cluster.client, adaptation="both", out=tmp_path / "together", progress=stop)
    with pytest.raises(ss.ResultError, match="resume=True"):
        ss.sweep(world, client=cluster.client, adaptation="both", out=tmp_path / "together")
    told = []
    together = ss.sweep(
        world, client=cluster.client, adaptation="both", out=tmp_path / "together", resume=True,
        progress=lambda done, total: told.append(total),
    )
    assert told[0] <= len(list((alone.path / "losses").iterdir())) - 2
    same_result(together.path, alone.path)


def test_who_starts_over_is_not_disturbed_by_workers_still_at_work(cluster, world, tmp_path):
    def stop(done, total):
        raise KeyboardInterrupt

    scenarios = [[f"{a}/{item}" for item in world.items[:3]] for a in world.areas]
    alone = world.sweep(scenarios, adaptation="on", out=tmp_path / "alone", progress=False)
    asked = {"client": cluster.client, "out": tmp_path / "together", "force": True}
    for options in [{"adaptation": "both"}, {"adaptation": "on"}, {"adaptation": "off"}]:
        with pytest.raises(KeyboardInterrupt):
            ss.sweep(world, adaptation=options["adaptation"], progress=stop, **asked)
    together = ss.sweep(world, scenarios, adaptation="on", **asked)
    same_result(together.path, alone.path, at_least=5)
    assert not [p.name for p in tmp_path.iterdir() if p.name not in {"alone", "together"}]


def test_a_screening_is_put_together(cluster, world, tmp_path):
    job = {
        "adaptation": "on",
        "scenarios": {"set": "pairs", "select": {"largest": 120}},
        "superposition": {"keep": "top", "top": 20},
    }
    alone = ss.run(job, world, out=tmp_path / "alone", progress=False)
    together = ss.sweep(world, job, client=cluster.client, out=tmp_path / "together")
    same_result(together.path, alone.path)


def test_changed_worlds_are_sent_as_they_are(cluster, world, tmp_path):
    area, item = world.areas[0], world.items[0]
    (tmp_path / "plan.toml").write_text(
        f'[[change]]\nkind = "yield"\narea = "{area}"\nitem = "{item}"\nby = -0.1\n'
    )
    changed = world.what_if(tmp_path / "plan.toml")
    alone = changed.sweep([f"{a}/{item}" for a in world.areas], out=tmp_path / "alone", adaptation="on")
    together = ss.sweep(
        changed, [f"{a}/{item}" for a in world.areas], client=cluster.client, out=tmp_path / "together",
        adaptation="on",
    )
    names = [p.relative_to(alone.path) for p in alone.path.rglob("*.parquet")]
    assert all((together.path / n).read_bytes() == (alone.path / n).read_bytes() for n in names) and names


def test_scripts_name_a_scheduler(cluster, world, tmp_path):
    world.save(tmp_path / "world")
    (tmp_path / "job.toml").write_text('adaptation = "off"\n[scenarios]\nset = "all-single"\n')
    address = cluster.client.scheduler.address
    done = subprocess.run(
        [sys.executable, "-m", "shocksweep", "run", str(tmp_path / "job.toml"), "--dataset", str(tmp_path / "world"),
         "--out", str(tmp_path / "out"), "--dask", address],
        capture_output=True, text=True,
    )
    assert done.returncode == 0, done.stderr
    alone = world.sweep(adaptation="off", out=tmp_path / "alone", progress=False)
    same_result(tmp_path / "out", alone.path)
