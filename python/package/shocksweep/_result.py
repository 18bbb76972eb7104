"""Results of many scenarios: in memory, or a folder."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import _native
from ._common import PathLike, Picture
from ._findings import Findings
from ._native import InputError
from ._table import Table

if TYPE_CHECKING:
    from ._world import World


class MemoryResult:
    """The tables of a run that wrote nothing."""

    def __init__(self, native: _native.Collected) -> None:
        self._native = native

    @property
    def names(self) -> list[str]:
        """Names of the tables."""
        return self._native.names

    @property
    def manifest(self) -> dict[str, Any]:
        """What was computed, on which data, by which program."""
        return json.loads(self._native.manifest)

    def table(self, name: str) -> Table:
        """One of the tables: ``losses``, ``scenarios``, ``areas``, ``superposition`` ..."""
        return Table(self._native.table(name))

    @property
    def losses(self) -> Table:
        """A row per scenario and sector that loses or gains."""
        return self.table("losses")

    @property
    def scenarios(self) -> Table:
        """A row per scenario."""
        return self.table("scenarios")

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and hasattr(Result, name):
            raise AttributeError(f"`{name}` needs a folder: run it again with `out=...`")
        raise AttributeError(f"{type(self).__name__} has no attribute `{name}`")

    def __repr__(self) -> str:
        return f"MemoryResult: tables {', '.join(self.names)}"


class Result:
    """A finished result folder, or a copy of the result at an address (``s3://``, ``https://``)."""

    def __init__(self, folder: PathLike, world: World | None = None) -> None:
        self._native = _native.open_result(os.fspath(folder))
        self._world = world

    @classmethod
    def _passing(cls, folder: PathLike, world: World | None) -> Result:
        """A result whose folder goes when it does."""
        result = cls(folder, world)
        weakref.finalize(result, shutil.rmtree, Path(folder).parent, ignore_errors=True)
        return result

    @property
    def _data(self) -> _native.World | None:
        return None if self._world is None else self._world._native

    @property
    def path(self) -> Path:
        """The folder."""
        return Path(self._native.path)

    @property
    def manifest(self) -> dict[str, Any]:
        """What was computed, on which data, by which program."""
        return json.loads(self._native.manifest)

    @property
    def loss_files(self) -> list[str]:
        """The loss tables that belong to the result."""
        files = (f for f in self._native.files if f.startswith("losses/"))
        return sorted(str(self.path / f) for f in files)

    @property
    def losses(self) -> Any:
        """The loss tables as a lazy frame: Polars' where it is there, else a DuckDB relation."""
        files = self.loss_files
        if not files:
            raise InputError(f"{self.path}: the result keeps no loss tables")
        try:
            import polars
        except ImportError:
            import duckdb

            return duckdb.read_parquet(files)
        return polars.scan_parquet(files)

    def table(self, name: str) -> Table:
        """A table of the result that is one file: ``scenarios``, ``areas``, ``superposition`` ..."""
        return Table(self._native.table(name))

    @property
    def scenarios(self) -> Table:
        """A row per scenario."""
        return self.table("scenarios")

    def top(self, count: int = 10) -> Table:
        """The pairs most worse than their sum, by food where it is known, else by tonnes (of a run with ``superposition``).

        Pairs of which a run has runaway sectors are left out; of a screening those that its ranking keeps are told.
        """
        return Table(self._native.top(count))

    def aggregate(
        self,
        by: str | Iterable[str],
        *,
        scenario: str | Iterable[str] = (),
        adaptation: bool | None = None,
        others: bool = False,
        leave_out: Iterable[str] = (),
        regions: PathLike | None = None,
        published: bool = False,
    ) -> Table:
        """Losses summed over regions, groups, scenarios; as ``shocksweep aggregate``."""
        dimensions = by.split(",") if isinstance(by, str) else list(by)
        names = [scenario] if isinstance(scenario, str) else list(scenario)
        own = None if regions is None else os.fspath(regions)
        return Table(
            self._native.aggregate(dimensions, names, adaptation, others, list(leave_out), own, published)
        )

    def compare(self, other: Result | PathLike, top: int = 10) -> Findings:
        """What ``other`` loses more or less than this result: see ``shocksweep.compare``."""
        return compare(self, other, top)

    def exposure(self, area: str | None = None, item: str | None = None, **options: Any) -> Findings:
        """Whose failure an area must fear, from the failures of this result: see ``World.exposure``."""
        if self._world is None:
            raise InputError("an exposure needs the data: `open_result(folder, world)` names the world")
        return self._world.exposure(area, item, result=self.path, **options)

    def report(self, page: PathLike, *, scenario: str | Iterable[str] = (), detail: int = 60) -> Path:
        """Writes the result as one page of HTML that works offline."""
        names = [scenario] if isinstance(scenario, str) else list(scenario)
        text = self._native.page(names, detail, self._data)
        Path(page).write_text(text, encoding="utf-8")
        return Path(page)

    def plot(
        self,
        kind: str = "map",
        *,
        scenario: str | None = None,
        item: str | None = None,
        tonnes: bool = False,
        adaptation: bool | None = None,
    ) -> Picture:
        """A picture: ``map``, ``heatmap``, ``trace``, ``ranking``, ``superposition``."""
        return Picture(self._native.picture(kind, scenario, item, tonnes, adaptation))

    def verify(self, sample: int = 20, seed: int = 0) -> list[tuple[str, bool | None, str]]:
        """Checks files, checksums and tables, and runs a sample again: ``(what, holds, found)``."""
        return self._native.verify(self._data, sample, seed)

    def explain(self, pair: int | None = None, top: int = 10) -> str:
        """Why pairs are worse than their sum: the leading ones, or one in detail."""
        return self._native.explain(pair, self._data, top)

    def __repr__(self) -> str:
        return repr(self._native)


def room() -> str:
    """A folder for a result that goes with the object that holds it."""
    return os.path.join(tempfile.mkdtemp(prefix="shocksweep-"), "result")


def as_result(result: Result | PathLike) -> Result:
    """A result, or the folder of one."""
    return result if isinstance(result, Result) else Result(result)


def compare(a: Result | PathLike, b: Result | PathLike, top: int = 10) -> Findings:
    """Two results side by side: what got worse in ``b``, what better; scenarios are matched by their names.

    Tables ``scenario_differences``, ``area_differences``, ``item_differences``, ``sector_differences`` hold all
    of them, b less a: positive where ``b`` loses more. ``page(path)`` writes the page, ``picture`` draws the
    areas that changed most.
    """
    folders = [os.fspath(as_result(result).path) for result in (a, b)]
    return Findings(_native.compare_results(folders[0], folders[1], top))
