"""A dataset in memory, and the questions it answers."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from . import _native
from ._answer import Answer
from ._common import (
    Adaptation,
    PathLike,
    Progress,
    Scenarios,
    Shocks,
    adaptation_of,
    asked_of,
    job_of,
    path_or_none,
    progress_of,
    rows_of,
    shocks_of,
)
from ._findings import Findings
from ._native import InputError
from ._result import MemoryResult, Result, room
from ._table import Table


class World:
    """A dataset in memory: the world that is shocked. ``load`` and ``synthetic`` make one.

    It never changes; ``what_if`` gives another one. Threads may ask it several questions at once.

    >>> import shocksweep as ss
    >>> w = ss.synthetic()
    >>> w.is_synthetic, len(w.areas), len(w.items)
    (True, 192, 123)
    """

    #: What the changes of ``what_if`` did, in words.
    told: list[str] = []

    def __init__(self, native: _native.World, *, is_as_loaded: bool = True) -> None:
        self._native, self._is_as_loaded = native, is_as_loaded

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
        """Checksum of the content: equal for equal data, wherever they lie."""
        return self._native.content_hash

    def area(self, name: str) -> str:
        """The full name of an area as people write it: ``UK``, ``DEU``, ``Burma``.

        >>> import shocksweep as ss
        >>> ss.synthetic().area("UK")
        'United Kingdom'
        """
        return self._native.area(name)

    def item(self, name: str) -> str:
        """The full name of an item: ``wheat`` is ``Wheat and products``."""
        return self._native.item(name)

    def area_table(self) -> Table:
        """The areas: codes, regions, population (persons), human development."""
        return Table(self._native.area_table())

    def suppliers(self, area: str, item: str) -> Table:
        """Where an area's supply of an item comes from: amount and share of *its* supply, largest first.

        >>> import shocksweep as ss
        >>> ss.synthetic().suppliers("Egypt", "wheat").columns
        ['area', 'amount', 'share', 'unit', 'is_own']
        """
        return Table(self._native.suppliers(area, item))

    def shock(self, shocks: Shocks, adaptation: Adaptation = None, engine: str = "cpu") -> Answer:
        """One scenario, answered at once: several shocks happen together.

        A shock is ``Area/Item``, with the share of output lost, 0 to 1. Areas and items are understood as
        people write them; groups (``EU``, ``Africa``, ``Cereals``, ``*``) stand for their members. ``engine`` is
        ``"cpu"``, ``"gpu"`` or ``"reference"``.
        """
        given = shocks_of(shocks)
        return Answer(self._native.shock(given, adaptation_of(adaptation), engine), self, given)

    def shock_vector(self, phi: Any, adaptation: Adaptation = None, engine: str = "cpu") -> Answer:
        """One scenario as numbers: the share of output lost in every sector.

        ``phi`` has ``len(areas) * len(items)`` numbers in [0, 1], or that shape: areas by items.
        """
        numbers = phi.ravel().tolist() if hasattr(phi, "ravel") else [float(x) for x in phi]
        native = self._native.shock_vector(numbers, adaptation_of(adaptation), engine)
        areas, items = self.areas, self.items
        given = [
            (f"{areas[n // len(items)]}/{items[n % len(items)]}", x)
            for n, x in enumerate(numbers)
            if x != 0
        ]
        return Answer(native, self, given)

    def sweep(
        self,
        scenarios: Scenarios | None = None,
        *,
        out: PathLike | None = None,
        adaptation: Adaptation = None,
        superposition: bool = False,
        progress: Progress = None,
        **options: Any,
    ) -> Any:
        """Runs many scenarios: every single failure, or those given (a dictionary names them).

        With ``out`` the result is a folder that survives interruptions (``resume=True`` continues it, as
        after Ctrl-C), else it stays in memory. Options: ``engine``, ``min_loss`` (tonnes), ``events``,
        ``trace`` (identifiers), ``threads``, ``resume``, ``force``, ``shard`` ("3/16"), ``parts`` ("0-3,7"),
        ``steps`` (years), ``memory_limit`` ("4 GiB"), ``losses=False`` (totals alone), ``device``, ``switches``
        (of the adaptive model, a dictionary), ``progress``. A shard, or parts, are a folder for ``merge``, not yet
        a result: its path is given.

        >>> import shocksweep as ss
        >>> s = ss.synthetic().sweep({"rice": "India/rice", "both": ["India/rice", "UKR/wheat=0.5"]})
        >>> len(s.scenarios) // 2
        1
        """
        rows = None if scenarios is None else rows_of(scenarios)
        chosen = {"out": out, "adaptation": adaptation, "superposition": superposition, **options}
        return run_set(self, {"rows": rows, "file": None, "text": None}, chosen, progress)

    def pairs(
        self, pairs: Iterable[tuple[str, str]], *, out: PathLike | None = None, **options: Any
    ) -> Result:
        """Runs pairs of failures and compares each with the sum of its single losses (``superposition``).

        Without ``out`` the result lies in a folder of its own that goes with it.
        """
        scenarios = [list(pair) for pair in pairs]
        folder = room() if out is None else out
        result = self.sweep(scenarios, out=folder, superposition=True, **options)
        assert isinstance(result, Result)
        return result if out is not None else Result._passing(folder, self)

    def exposure(
        self,
        area: str | None = None,
        item: str | None = None,
        *,
        measure: str | None = None,
        result: Result | PathLike | None = None,
        probabilities: PathLike | None = None,
        level: float = 0.95,
        abroad: bool = False,
        pairs: int = 12,
        top: int = 10,
        adaptation: Adaptation = None,
        engine: str = "cpu",
        steps: int = 10,
    ) -> Findings:
        """Whose failure an area must fear, and how much; without an area all of them are ranked.

        Every producing sector fails alone, run on the spot or read from ``result``. Losses are per person in a
        measure, or amounts of ``item``. Failures are equally probable, unless a table ``area, item,
        probability`` (a year) says otherwise; ``level`` is that of the value at risk and expected shortfall.

        Tables: ``exposures`` (the ``top`` failures of each area, of all its items and of each by itself),
        ``exposure_pairs`` (of an area: two failures together, against each alone), ``vulnerability`` (areas),
        ``influence`` (sectors).
        """
        folder = result.path if isinstance(result, Result) else result
        options = {
            "measure": measure,
            "result": path_or_none(folder),
            "probabilities": path_or_none(probabilities),
            "level": level,
            "abroad": abroad,
            "pairs": pairs,
            "top": top,
            "engine": engine,
            "adaptation": adaptation_of(adaptation),
            "steps": steps,
        }
        return Findings(_native.exposure(self._native, area, item, options))

    def mitigate(
        self,
        area: str,
        item: str,
        budget: float,
        *,
        by: str = "expected",
        probabilities: PathLike | None = None,
        failures: int = 20,
        suppliers: int = 10,
        top: int = 10,
        adaptation: Adaptation = None,
        steps: int = 10,
    ) -> Findings:
        """Changes of the world ranked by how much they cut an area's loss of an item per tonne.

        Every pair of a supplier and another exporter, and reserves, within ``budget`` (tonnes, or the item's
        unit, a year or held once); ``by`` is ``"expected"`` or ``"worst"``. Table ``mitigations``.
        """
        search = {
            "budget": float(budget),
            "by": by,
            "probabilities": path_or_none(probabilities),
            "failures": failures,
            "suppliers": suppliers,
            "adaptation": adaptation_of(adaptation),
            "steps": steps,
            "top": top,
        }
        return Findings(_native.mitigate(self._native, area, item, search))

    def what_if(self, file: PathLike) -> World:
        """Another world: this one with the changes of a file (``[[change]]``); ``told`` says what they change."""
        native, told = self._native.what_if(os.fspath(file))
        world = World(native, is_as_loaded=False)
        world.told = told
        return world

    def plan(self, scenarios: Scenarios | None = None, **options: Any) -> str:
        """What a sweep would run and what that costs; a small sample is run for it."""
        rows = None if scenarios is None else rows_of(scenarios)
        return _native.plan_told(self._native, {"rows": rows, "file": None, "text": None}, asked_of(options))

    def save(self, folder: PathLike, force: bool = False) -> None:
        """Writes the dataset in shocksweep's own form."""
        self._native.save(os.fspath(folder), force)

    def check(self) -> list[tuple[str, str, str]]:
        """The model's invariants: ``(what, how it stands, the worst that breaks it)``."""
        return self._native.check()

    def files(self) -> dict[str, bytes]:
        """The dataset in shocksweep's own form, file by file: what travels to workers that share no disk."""
        with tempfile.TemporaryDirectory() as folder:
            own = Path(folder) / "world"
            self.save(own)
            found = (path for path in sorted(own.rglob("*")) if path.is_file())
            return {str(path.relative_to(own)): path.read_bytes() for path in found}

    def __repr__(self) -> str:
        return repr(self._native)

    def __reduce__(self) -> tuple[Any, ...]:
        if self._is_as_loaded:
            source = self._native.source
            if os.path.exists(source):
                source = os.path.abspath(source)
            return (_load_again, (source, self.content_hash))
        return (of_files, (self.files(), self.content_hash))


def _load_again(source: str, content_hash: str) -> World:
    world = load(source)
    if world.content_hash != content_hash:
        raise InputError(f"{source}: is another dataset than the one that was sent (its content hash differs)")
    return world


def of_files(files: Mapping[str, bytes], content_hash: str | None = None) -> World:
    """A world from the files of ``World.files``; with a hash its content is checked."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            path = Path(folder) / "world" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        world = World(_native.load(str(Path(folder) / "world")), is_as_loaded=False)
    if content_hash is not None and world.content_hash != content_hash:
        raise InputError("the files are of another dataset than they should be (the content hash differs)")
    return world


def load(dataset: PathLike) -> World:
    """Loads a dataset: a folder in shocksweep's own form or the published layout, ``"synthetic"``, or the address of
    one in shocksweep's own form, such as ``"s3://bucket/food2020"``."""
    return World(_native.load(os.fspath(dataset)))


def synthetic() -> World:
    """The built-in world: real names, invented numbers."""
    return load("synthetic")


def run_set(
    world: World | None, given: dict[str, Any], options: Mapping[str, Any], progress: Progress
) -> Any:
    """Runs a set of scenarios."""
    native = None if world is None else world._native
    asked = asked_of(options)
    collected, folder, stopped = _native.run_set(native, given, asked, progress_of(progress))
    if stopped is not None:
        raise KeyboardInterrupt(stopped)
    if collected is not None:
        return MemoryResult(collected)
    assert folder is not None
    is_whole = asked["shard"] is None and asked["parts"] is None
    return Result(folder, world) if is_whole else folder


def run(
    job: PathLike | Mapping[str, Any],
    world: World | None = None,
    *,
    progress: Progress = None,
    **options: Any,
) -> Any:
    """Runs a job: a file, or a dictionary with the keys of one.

    ``world`` takes the place of the dataset it names. Options as in ``World.sweep``.

    >>> import shocksweep as ss
    >>> job = {"scenarios": {"set": "single", "select": {"areas": ["India"]}}, "adaptation": "off"}
    >>> len(ss.run(job).scenarios)
    100
    """
    file, text = job_of(job)
    return run_set(world, {"rows": None, "file": file, "text": text}, options, progress)
