"""Runs on many machines, by Dask: parts of a plan are its tasks.

A task computes some parts of the plan in a folder of its own, with the library in the worker's process, and
gives the folder its name when it is whole. So a worker that is lost costs the parts that it had in hand, a part
that is computed twice is there once, and what is joined has the bytes of a single run.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import threading
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import _native
from ._common import PathLike, Progress, Scenarios, asked_of, job_of, progress_of, rows_of
from ._native import InputError, ResultError
from ._result import MemoryResult, Result
from ._world import World, of_files, run_set

#: Plans and engines that a worker has at hand, by what makes them; the last few.
_AT_HAND: dict[str, tuple[World, _native.Work]] = {}
_KEPT = 4
_LOCK = threading.Lock()

#: A job whose scenarios lie in a table beside it.
_TABLE = re.compile(r"^\s*(scenarios\.)?table\s*=|[{,]\s*table\s*=", re.MULTILINE)

#: Tasks for every core, at least: enough that a slow worker does not hold up the end.
_TASKS_PER_CORE = 4
#: Where parts are many, so many: a worker that is lost costs less.
_SMALL_TASKS_PER_CORE = 16
#: Parts that a task has then at least: scenarios that are run together are cheaper, the more they are.
_PARTS_OF_A_TASK = 4


def sweep(
    world: World,
    job: PathLike | Mapping[str, Any] | Scenarios | None = None,
    *,
    client: Any = None,
    out: PathLike | None = None,
    tasks: int | None = None,
    threads: int = 1,
    gather: bool = False,
    retries: int = 3,
    resume: bool = False,
    force: bool = False,
    progress: Progress = None,
    **options: Any,
) -> Result | MemoryResult:
    """Runs a job, or scenarios, on this machine or on the workers of a Dask ``client``.

    ``job`` is a job file, a dictionary with the keys of one, or scenarios as in ``World.sweep``; without it every
    single failure is run. With a client, ``out`` is needed, and each task computes some of the plan's parts on
    ``threads`` threads. Workers write beside ``out``, a folder that they share with this process; ``gather=True``
    sends what they computed through Dask instead. The data travel to a worker once.

    What a worker loses is computed again by others, ``retries`` times; ``resume=True`` keeps the parts that an
    earlier call left beside ``out``. The result has the bytes of a single run. Options as in ``World.sweep``.
    """
    given = _set_of(job)
    if client is None:
        chosen = {"out": out, "resume": resume, "force": force, **options}
        return run_set(world, given, chosen, progress)
    if out is None:
        raise InputError("a run on many machines is written to a folder: `out=...`")
    if "://" in os.fspath(out):
        raise InputError("workers share a folder: `out=` an address is for runs without a client")
    asked = asked_of(options)
    work = _native.work(world._native, given, asked)
    target = Path(out).absolute()
    if (target / "manifest.json").exists() and not force:
        if resume:
            return Result(target, world)
        raise ResultError(f"{target}: exists already; `force=True` replaces it")
    beside = Path(f"{target}.parts")
    _prepare(beside, resume, force)
    # Workers of an interrupted call may still be at work: what they finish is of use to the same plan, and to
    # no other.
    plan = hashlib.sha256(repr((world.content_hash, _native.__version__, given, asked)).encode()).hexdigest()
    here = beside / plan[:16]
    here.mkdir(exist_ok=True)
    lists = _lists(work, tasks or _number(client, work))
    missing = [parts for parts in lists if not (here / f"part-{parts}").is_dir()]
    _compute(client, world, (given, asked), missing, (here, threads, gather, retries), progress)
    folders = [str(here / f"part-{parts}") for parts in lists]
    is_whole = _native.merge_parts(str(target), folders, True)
    if not is_whole:
        # The parts of a screening are put together by one more run, which computes none of them.
        run_set(world, given, {**options, "out": target, "resume": True}, False)
    _remove(beside)
    return Result(target, world)


def _set_of(job: Any) -> dict[str, Any]:
    if job is None:
        return {"rows": None, "file": None, "text": None}
    is_job = isinstance(job, Mapping) and "scenarios" in job
    if is_job or isinstance(job, os.PathLike) or (isinstance(job, str) and job.endswith(".toml")):
        file, text = job_of(job)
        if file is not None and not _TABLE.search(content := Path(file).read_text(encoding="utf-8")):
            # Workers need no file of this machine.
            file, text = None, content
        return {"rows": None, "file": file and os.path.abspath(file), "text": text}
    return {"rows": rows_of(job), "file": None, "text": None}


def _prepare(beside: Path, resume: bool, force: bool) -> None:
    if beside.exists() and not resume:
        if not force:
            raise ResultError(
                f"{beside}: holds parts of an earlier run; `resume=True` keeps them, `force=True` starts over"
            )
        _remove(beside)
    beside.mkdir(parents=True, exist_ok=True)


def _remove(folder: Path) -> None:
    """Removes a folder at one blow, so that nobody who still writes there takes half of it for the whole."""
    gone = folder.with_name(f".{folder.name}-{uuid.uuid4().hex}")
    folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def _number(client: Any, work: _native.Work) -> int:
    cores = sum(client.nthreads().values()) or 1
    few = _TASKS_PER_CORE * cores
    # Every task of a screening runs all single shocks first.
    if work.is_screening:
        return min(work.parts, few)
    return min(work.parts, max(few, min(_SMALL_TASKS_PER_CORE * cores, work.parts // _PARTS_OF_A_TASK)))


def _lists(work: _native.Work, tasks: int) -> list[str]:
    """The parts of a plan as so many lists, such as ``0-3``."""
    parts, tasks = work.parts, max(1, min(tasks, work.parts))
    ends = [parts * n // tasks for n in range(tasks + 1)]
    return [f"{a}-{b - 1}" if b - a > 1 else f"{a}" for a, b in zip(ends, ends[1:]) if b > a]


def _compute(
    client: Any,
    world: World,
    what: tuple[dict[str, Any], dict[str, Any]],
    lists: list[str],
    how: tuple[Path, int, bool, int],
    progress: Progress,
) -> None:
    from distributed import as_completed

    here, threads, gather, retries = how
    if not lists:
        return
    content_hash = world.content_hash
    # A task of its own, which a lost worker's data are made from again.
    files = None if world._native.source == "synthetic" and world._is_as_loaded else world.files()
    data = client.submit(_data, files, key=f"shocksweep-{content_hash}-{uuid.uuid4().hex}", pure=False)
    folder = None if gather else str(here)
    given = (data, content_hash, what, folder, threads)
    futures = [client.submit(_part, parts, *given, pure=False, retries=retries) for parts in lists]
    told = progress_of(progress)
    try:
        for done, (future, found) in enumerate(as_completed(futures, with_results=True), 1):
            parts, content = found
            if content is not None:
                _keep(here, parts, content)
            if told is not None:
                told(done, len(lists))
            future.release()
    except BaseException:
        client.cancel(futures)
        raise


def _data(files: Mapping[str, bytes] | None) -> Mapping[str, bytes] | None:
    return files


def _part(
    parts: str,
    files: Mapping[str, bytes] | None,
    content_hash: str,
    what: tuple[dict[str, Any], dict[str, Any]],
    folder: str | None,
    threads: int,
) -> tuple[str, dict[str, bytes] | None]:
    """On a worker: computes parts; what it wrote, where no folder is shared."""
    work = _work(files, content_hash, what)
    if folder is None:
        with tempfile.TemporaryDirectory() as own:
            out = Path(own) / "part"
            work.run(parts, str(out), threads)
            return parts, _files(out)
    if not Path(folder).is_dir():
        # Asked for by a call that was interrupted and is over: it must not come back.
        raise ResultError(f"{folder}: is not there; workers need a folder that they share, or `gather=True`")
    own_folder = Path(folder) / f".work-{uuid.uuid4().hex}"
    try:
        work.run(parts, str(own_folder), threads)
        _commit(own_folder, Path(folder) / f"part-{parts}")
    finally:
        shutil.rmtree(own_folder, ignore_errors=True)
    return parts, None


def _work(
    files: Mapping[str, bytes] | None, content_hash: str, what: tuple[dict[str, Any], dict[str, Any]]
) -> _native.Work:
    key = f"{content_hash} {what!r}"
    with _LOCK:
        found = _AT_HAND.get(key)
        if found is None:
            world = World(_native.load("synthetic")) if files is None else of_files(files, content_hash)
            if world.content_hash != content_hash:
                raise InputError("the worker's shocksweep has another synthetic world: install one version")
            found = (world, _native.work(world._native, *what))
            while len(_AT_HAND) >= _KEPT:
                _AT_HAND.pop(next(iter(_AT_HAND)))
            _AT_HAND[key] = found
        return found[1]


def _files(folder: Path) -> dict[str, bytes]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def _keep(here: Path, parts: str, content: Mapping[str, bytes]) -> None:
    own = here / f".work-{uuid.uuid4().hex}"
    for name, data in content.items():
        path = own / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    _commit(own, here / f"part-{parts}")
    shutil.rmtree(own, ignore_errors=True)


def _commit(own: Path, name: Path) -> None:
    """Gives a whole folder its name; another attempt's, which has the same bytes, may have come first."""
    try:
        own.rename(name)
    except OSError:
        if not name.is_dir():
            raise
