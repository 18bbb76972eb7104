"""If these producers fail, who loses what?

Countries produce, process and trade food and raw materials. A shock removes the output of one or more
sectors (an area's item); the loss spreads through trade and production for ten yearly steps, and areas
adapt. This package asks the engine: one scenario at once, every single failure as a sweep, pairs and
what they do together.

>>> import shocksweep as ss
>>> w = ss.synthetic()
>>> answer = w.shock({"India/Rice and products": 1})
>>> table = answer.by_area(measure="kcal", others=True)
>>> table.columns[:3]
['area', 'iso3', 'adaptation']

Tables are Arrow tables (the PyCapsule interface): ``polars.DataFrame(table)``, ``pyarrow.table(table)``,
``duckdb.sql("FROM table")``, or ``table.to_polars()``, ``table.to_pandas()``, ``table.to_arrow()``.
``shocksweep.trade`` and ``shocksweep.network`` hold the systems of product trade and of networks.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from . import _native, network, trade
from ._answer import Answer
from ._common import PathLike, Picture
from ._dask import sweep
from ._findings import Findings
from ._native import EngineFailure, InputError, ResultError, ShockSweepError, __version__
from ._result import MemoryResult, Result, as_result, compare
from ._table import Table
from ._world import World, load, run, synthetic

__all__ = [
    "Answer",
    "EngineFailure",
    "Findings",
    "InputError",
    "MemoryResult",
    "Picture",
    "Result",
    "ResultError",
    "ShockSweepError",
    "Table",
    "World",
    "__version__",
    "calibrate",
    "command",
    "compare",
    "explain",
    "learn",
    "load",
    "merge",
    "network",
    "open_result",
    "report",
    "run",
    "sweep",
    "synthetic",
    "trade",
]


def open_result(folder: PathLike, world: World | None = None) -> Result:
    """A finished result folder; ``world`` is needed to run parts of it again."""
    return Result(folder, world)


def report(result: Result | PathLike, page: PathLike, **options: Any) -> Path:
    """Writes a result as one page of HTML that works offline."""
    return as_result(result).report(page, **options)


def explain(result: Result | PathLike, pair: int | None = None, top: int = 10) -> str:
    """Why the leading pairs of a result are worse than their sum, or one pair in detail.

    >>> import shocksweep as ss
    >>> p = ss.synthetic().pairs([("India/rice", "Thailand/rice")])
    >>> "rice" in ss.explain(p, 0).lower()
    True
    """
    return as_result(result).explain(pair, top)


def merge(
    out: PathLike, shards: Iterable[PathLike], *, world: World | None = None, force: bool = False
) -> Result | None:
    """Joins the shards of a run, or folders that hold all its parts, into the result that one run would give.

    ``None`` for a screening: running its job with ``resume=True`` puts the parts together.
    """
    is_whole = _native.merge_parts(os.fspath(out), [os.fspath(shard) for shard in shards], force)
    return Result(out, world) if is_whole else None


def calibrate(
    tables: PathLike,
    out: PathLike | None = None,
    *,
    year: int,
    floor: float | None = None,
    name: str | None = None,
    force: bool = False,
) -> World:
    """A dataset from the supply-use tables of a year (Laber et al. 2023); written to ``out`` if that is given.

    Shares below ``floor`` are removed. ``told`` says what does not balance.
    """
    kept = (_path(out), name, force)
    native, told = _native.calibrate_tables(os.fspath(tables), year, kept, floor)
    return _made(native, told, out)


def learn(
    series: PathLike,
    out: PathLike | None = None,
    *,
    years: tuple[int, int] | None = None,
    year: int | None = None,
    floor: float | None = None,
    stability: bool = False,
    backtest: bool = False,
    leave_out: Iterable[str] = (),
    name: str | None = None,
    force: bool = False,
) -> World:
    """A dataset with rules of adaptation and substitutability from a series of years (Baum et al. 2024).

    ``series`` is a folder of supply-use tables, or of one dataset a year. ``out`` keeps the dataset and what was
    learned from (events, rules, tests). ``told`` says what was found.
    """
    lessons = {
        "years": years,
        "year": year,
        "floor": floor,
        "stability": stability,
        "backtest": backtest,
        "leave_out": list(leave_out),
    }
    native, told = _native.learn_series(os.fspath(series), (_path(out), name, force), lessons)
    return _made(native, told, out)


def _path(path: PathLike | None) -> str | None:
    return None if path is None else os.fspath(path)


def _made(native: _native.World, told: str, out: PathLike | None) -> World:
    world = World(native, is_as_loaded=out is not None)
    world.told = told.splitlines()
    return world


def command(*arguments: str | PathLike) -> None:
    """Runs a command of the command line in this process: ``command("dataset", "synth", "world")``.

    What it prints goes to the process's own output. For scripts; in notebooks the functions of this
    package do the same without touching signals.
    """
    code = _native.program([os.fspath(a) for a in arguments])
    if code == 2:
        raise InputError("the command could not use its input (its message says why)")
    if code:
        raise ShockSweepError(f"the command ended with code {code}")
