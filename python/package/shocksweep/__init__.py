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
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Union

from . import _native
from ._native import EngineFailure, InputError, ResultError, ShockSweepError, __version__
from ._table import Table

__all__ = [
    "Answer",
    "EngineFailure",
    "InputError",
    "MemoryResult",
    "Result",
    "ResultError",
    "ShockSweepError",
    "Table",
    "World",
    "__version__",
    "calibrate",
    "command",
    "learn",
    "load",
    "open_result",
    "report",
    "run",
    "synthetic",
]

PathLike = Union[str, "os.PathLike[str]"]
#: Shocks of one scenario: ``{"India/rice": 0.5}``, ``["India/rice", "UKR/wheat=0.5"]``, or one text.
Shocks = Union[str, Sequence[str], Mapping[str, float]]
#: Whether areas adapt: ``"on"``, ``"off"``, ``"both"``; ``True`` and ``False`` are on and off.
Adaptation = Union[str, bool, None]
#: Called as a run goes on, with scenarios done and in all; ``True`` for a line on a terminal.
Progress = Union[bool, Callable[[int, int], object], None]


def _adaptation(value: Adaptation) -> str | None:
    if isinstance(value, bool):
        return "on" if value else "off"
    return value


def _shocks(shocks: Shocks) -> list[tuple[str, float]]:
    if isinstance(shocks, str):
        return [(shocks, 1.0)]
    if isinstance(shocks, Mapping):
        return [(str(sector), float(phi)) for sector, phi in shocks.items()]
    return [(str(sector), 1.0) for sector in shocks]


class _Line:
    """A line on a terminal that says how far a run is."""

    def __init__(self) -> None:
        self.shown = -1

    def __call__(self, done: int, total: int) -> None:
        share = 0 if total == 0 else 100 * done // total
        if share != self.shown:
            self.shown = share
            end = "\n" if total and done >= total else ""
            print(f"\r{done:,} of {total:,} scenarios, {share} %", end=end, file=sys.stderr, flush=True)


def _progress(progress: Progress) -> Callable[[int, int], object] | None:
    if progress is True or (progress is None and sys.stderr is not None and sys.stderr.isatty()):
        return _Line()
    return progress if callable(progress) else None


class Answer:
    """The answer to one scenario, without and with adaptation.

    Losses of several items are told in a measure: ``kcal`` and ``protein`` of food where it is eaten,
    ``mass`` in tonnes, ``supply``, or the path of a table ``item, weight, unit``. ``others=True`` leaves the
    shocked areas out.
    """

    def __init__(self, native: _native.Answer, world: World, shocks: list[tuple[str, float]]) -> None:
        self._native, self._world, self._shocks = native, world, shocks

    @property
    def name(self) -> str:
        """What is shocked."""
        return self._native.name

    @property
    def is_no_op(self) -> bool:
        """Whether nothing can be lost."""
        return self._native.is_no_op

    def by_area(self, measure: str | None = None, others: bool = False) -> Table:
        """Losses by area, the largest loss per person first.

        >>> import shocksweep as ss
        >>> rows = ss.synthetic().shock("India/rice").by_area()
        >>> rows.units["loss_per_person"]
        'unit_per_person'
        """
        return Table(self._native.by_area(measure, others))

    def by_item(self, measure: str | None = None, others: bool = False) -> Table:
        """Losses by item, in the order of the items."""
        return Table(self._native.by_item(measure, others))

    def by_sector(self, measure: str | None = None, others: bool = False) -> Table:
        """Losses by area and item, in the order of the sectors."""
        return Table(self._native.by_sector(measure, others))

    def why(self, area: str, item: str | None = None, measure: str | None = None) -> Table:
        """Why an area loses an item, or food: the ways that its loss has taken, link by link.

        The rows of each run, with the last one for all ways that are not listed, sum to the loss.
        """
        return Table(self._native.why(area, item, measure))

    def text(self, top: int = 10, measure: str | None = None) -> str:
        """The answer as the command line tells it."""
        return self._native.text(top, measure)

    def map(self, item: str | None = None, tonnes: bool = False) -> Picture:
        """Who loses, as a map of the world: circles, without and with adaptation."""
        rows = [(0, self.name, *sector.split("/", 1), phi) for sector, phi in self._shocks]
        with tempfile.TemporaryDirectory() as folder:
            out = os.path.join(folder, "result")
            result = self._world._rows(rows, out=out, adaptation="both", progress=False)
            assert isinstance(result, Result)
            return result.plot("map", scenario=self.name, item=item, tonnes=tonnes)

    def __repr__(self) -> str:
        return repr(self._native)

    def _repr_html_(self) -> str:
        import html

        return f"<pre>{html.escape(self.text())}</pre>"


class Picture:
    """A picture as SVG; notebooks show it, ``save`` writes it."""

    def __init__(self, svg: str) -> None:
        self.svg = svg

    def save(self, path: PathLike) -> None:
        """Writes the picture; the name must end in ``.svg``."""
        if not str(path).endswith(".svg"):
            raise InputError(f"{path}: pictures are written as .svg here; `command(\"plot\", ...)` writes .png")
        Path(path).write_text(self.svg, encoding="utf-8")

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<Picture, {len(self.svg):,} bytes of SVG>"


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

    def __repr__(self) -> str:
        return f"MemoryResult: tables {', '.join(self.names)}"


class Result:
    """A finished result folder."""

    def __init__(self, folder: PathLike, world: World | None = None) -> None:
        self._native = _native.open_result(os.fspath(folder))
        self._world = world

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
        """The pairs most worse than their sum (of a run with ``superposition``)."""
        table = self.table("superposition").to_arrow()
        return Table(table.sort_by([("s", "descending")]).slice(0, count))

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

    def report(self, page: PathLike, *, scenario: str | Iterable[str] = (), detail: int = 60) -> Path:
        """Writes the result as one page of HTML that works offline."""
        names = [scenario] if isinstance(scenario, str) else list(scenario)
        text = self._native.page(names, detail, self._world and self._world._native)
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
        return self._native.verify(self._world and self._world._native, sample, seed)

    def explain(self, pair: int | None = None, top: int = 10) -> str:
        """Why pairs are worse than their sum: the leading ones, or one in detail."""
        return self._native.explain(pair, self._world and self._world._native, top)

    def __repr__(self) -> str:
        return repr(self._native)


class World:
    """A dataset in memory: the world that is shocked. ``load`` and ``synthetic`` make one.

    >>> import shocksweep as ss
    >>> ss.synthetic().is_synthetic
    True
    """

    def __init__(self, native: _native.World) -> None:
        self._native = native

    @property
    def name(self) -> str:
        """Name of the dataset."""
        return self._native.name

    @property
    def areas(self) -> list[str]:
        """Names of the areas, in order."""
        return self._native.areas

    @property
    def items(self) -> list[str]:
        """Names of the items, in order."""
        return self._native.items

    @property
    def is_synthetic(self) -> bool:
        """Whether the data are invented."""
        return self._native.is_synthetic

    @property
    def warning(self) -> str | None:
        """What must be said of the data wherever results are shown."""
        return self._native.warning

    @property
    def has_rules(self) -> bool:
        """Whether areas can adapt."""
        return self._native.has_rules

    @property
    def content_hash(self) -> str:
        """Checksum of the content."""
        return self._native.content_hash

    def area(self, name: str) -> str:
        """The full name of an area as people write it: ``UK``, ``DEU``, ``Burma``."""
        return self._native.area(name)

    def item(self, name: str) -> str:
        """The full name of an item: ``wheat`` is ``Wheat and products``."""
        return self._native.item(name)

    def area_table(self) -> Table:
        """The areas: codes, regions, population (persons), human development."""
        return Table(self._native.area_table())

    def suppliers(self, area: str, item: str) -> Table:
        """Where an area's supply of an item comes from: amount and share of *its* supply, largest first."""
        return Table(self._native.suppliers(area, item))

    def shock(self, shocks: Shocks, adaptation: Adaptation = None, engine: str = "cpu") -> Answer:
        """One scenario, answered at once: several shocks happen together.

        A shock is ``Area/Item``, with the share of output lost, 0 to 1. Areas and items are understood as
        people write them; groups (``EU``, ``Africa``, ``Cereals``, ``*``) stand for their members.
        """
        given = _shocks(shocks)
        return Answer(self._native.shock(given, _adaptation(adaptation), engine), self, given)

    def shock_vector(self, phi: Any, adaptation: Adaptation = None, engine: str = "cpu") -> Answer:
        """One scenario as numbers: the share of output lost in every sector.

        ``phi`` has ``len(areas) * len(items)`` numbers in [0, 1], or that shape: areas by items.
        """
        numbers = [float(x) for x in (phi.ravel() if hasattr(phi, "ravel") else phi)]
        native = self._native.shock_vector(numbers, _adaptation(adaptation), engine)
        items = self.items
        areas = self.areas
        given = [
            (f"{areas[n // len(items)]}/{items[n % len(items)]}", x)
            for n, x in enumerate(numbers)
            if x != 0
        ]
        return Answer(native, self, given)

    def sweep(
        self,
        scenarios: Iterable[Shocks] | None = None,
        *,
        out: PathLike | None = None,
        adaptation: Adaptation = None,
        superposition: bool = False,
        **options: Any,
    ) -> Result | MemoryResult:
        """Runs many scenarios: every single failure, or those given.

        With ``out`` the result is a folder that survives interruptions (``resume=True`` continues it, as
        after Ctrl-C), else it stays in memory. Options: ``engine``, ``min_loss`` (tonnes), ``events``,
        ``trace`` (identifiers), ``threads``, ``resume``, ``force``, ``shard`` ("3/16"), ``progress``.
        """
        rows = None
        if scenarios is not None:
            rows = []
            for n, shocks in enumerate(scenarios):
                for sector, phi in _shocks(shocks):
                    area, slash, item = sector.partition("/")
                    if not slash:
                        raise InputError(f"scenario {n}: `{sector}` is no shock (expected `Area/Item`)")
                    item, _, own = item.partition("=")
                    rows.append((n, None, area, item, phi * float(own or 1)))
        return self._rows(rows, out=out, adaptation=adaptation, superposition=superposition, **options)

    def pairs(self, pairs: Iterable[tuple[str, str]], **options: Any) -> Result | MemoryResult:
        """Runs pairs of failures and compares each with the sum of its single losses (``superposition``)."""
        return self.sweep([list(pair) for pair in pairs], superposition=True, **options)

    def _rows(
        self,
        rows: list[tuple[int, str | None, str, str, float]] | None,
        *,
        progress: Progress = None,
        **options: Any,
    ) -> Result | MemoryResult:
        asked = _asked(options)
        return _ended(_native.run_rows(self._native, rows, asked, _progress(progress)), self)

    def what_if(self, file: PathLike) -> World:
        """Another world: this one with the changes of a file (``[[change]]``); ``told`` says what they change."""
        native, told = self._native.what_if(os.fspath(file))
        world = World(native)
        world.told = told
        return world

    #: What the changes of ``what_if`` did, in words.
    told: list[str] = []

    def save(self, folder: PathLike, force: bool = False) -> None:
        """Writes the dataset in shocksweep's own form."""
        self._native.save(os.fspath(folder), force)

    def check(self) -> list[tuple[str, str, str]]:
        """The model's invariants: ``(what, how it stands, the worst that breaks it)``."""
        return self._native.check()

    def __repr__(self) -> str:
        return repr(self._native)

    def __reduce__(self) -> tuple[Any, ...]:
        return (load, (self._native.source,))


_OPTIONS: dict[str, Any] = {
    "adaptation": None,
    "engine": None,
    "min_loss": None,
    "events": False,
    "superposition": False,
    "trace": (),
    "out": None,
    "resume": False,
    "force": False,
    "threads": None,
    "shard": None,
}


def _asked(options: dict[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(options) - set(_OPTIONS))
    if unknown:
        raise TypeError(f"unknown options: {', '.join(unknown)} (expected some of {', '.join(_OPTIONS)})")
    asked = {**_OPTIONS, **options}
    asked["adaptation"] = _adaptation(asked["adaptation"])
    asked["trace"] = list(asked["trace"])
    asked["out"] = None if asked["out"] is None else os.fspath(asked["out"])
    return asked


def _ended(
    ended: tuple[_native.Collected | None, Path | None, str | None], world: World | None
) -> Result | MemoryResult:
    collected, folder, stopped = ended
    if stopped is not None:
        raise KeyboardInterrupt(stopped)
    if collected is not None:
        return MemoryResult(collected)
    assert folder is not None
    return Result(folder, world)


def load(dataset: PathLike) -> World:
    """Loads a dataset: a folder in shocksweep's own form or the published layout, or ``"synthetic"``."""
    return World(_native.load(os.fspath(dataset)))


def synthetic() -> World:
    """The built-in world: real names, invented numbers."""
    return load("synthetic")


def open_result(folder: PathLike, world: World | None = None) -> Result:
    """A finished result folder; ``world`` is needed to run parts of it again."""
    return Result(folder, world)


def run(
    job: PathLike, world: World | None = None, *, progress: Progress = None, **options: Any
) -> Result | MemoryResult:
    """Runs a job file; ``world`` takes the place of the dataset it names. Options as in ``World.sweep``."""
    native = None if world is None else world._native
    return _ended(_native.run_job(os.fspath(job), native, _asked(options), _progress(progress)), world)


def report(result: Result | PathLike, page: PathLike, **options: Any) -> Path:
    """Writes a result as one page of HTML that works offline."""
    found = result if isinstance(result, Result) else Result(result)
    return found.report(page, **options)


def command(*arguments: str | PathLike) -> None:
    """Runs a command of the command line in this process: ``command("learn", "tables", "learned")``.

    What it prints goes to the process's own output. For scripts; in notebooks the functions of this
    package do the same without touching signals.
    """
    code = _native.program([os.fspath(a) for a in arguments])
    if code == 2:
        raise InputError("the command could not use its input (its message says why)")
    if code:
        raise ShockSweepError(f"the command ended with code {code}")


def calibrate(tables: PathLike, out: PathLike, year: int) -> World:
    """A dataset from the supply-use tables of a year (Laber et al. 2023)."""
    command("calibrate", tables, out, "--year", str(year))
    return load(out)


def learn(series: PathLike, out: PathLike, *options: str) -> World:
    """Rules of adaptation and substitutability from a series of years (Baum et al. 2024)."""
    command("learn", series, out, *options)
    return load(out)
