"""Networks of trade dependence and conflict, and models of how they change (Liu et al. 2025).

>>> import shocksweep as ss
>>> found = ss.network.rankings()
>>> "rankings" in found.names
True

Every function takes ``sample``: a folder of tables, a job file (``.toml``), or ``"synthetic"``.
"""

from __future__ import annotations

import os
import shutil
import weakref
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Union

from . import _native
from ._common import PathLike, Picture, path_or_none
from ._findings import Findings
from ._result import Result, room
from ._table import Table

__all__ = [
    "Networks",
    "bans",
    "build",
    "communities",
    "flows",
    "gof",
    "indicators",
    "losses",
    "open_networks",
    "rankings",
    "run",
    "tergm",
]

#: The sample that needs no file.
SYNTHETIC = "synthetic"


class Networks:
    """A finished result on networks: a folder of tables."""

    def __init__(self, folder: PathLike) -> None:
        self._path = Path(folder)
        self._names = _native.network_tables(os.fspath(folder))

    @property
    def path(self) -> Path:
        """The folder."""
        return self._path

    @property
    def names(self) -> list[str]:
        """Names of the tables."""
        return self._names

    def table(self, name: str) -> Table:
        """One of the tables: ``pmi``, ``geopolitics``, ``node_indicators``, ``mple``, ``fits``, ``gof`` ..."""
        if name not in self._names:
            names = ", ".join(self._names)
            raise _native.InputError(f"the result has no table `{name}` (it has {names})")
        return Table(_native.read_table(str(self._path / f"{name}.parquet")))

    @property
    def text(self) -> str:
        """Estimates, effects, goodness of fit, in words."""
        return _native.network_told(os.fspath(self._path))[0]

    @property
    def latex(self) -> str:
        """The estimates as LaTeX with booktabs."""
        return _native.network_told(os.fspath(self._path))[1]

    def report(self, page: PathLike) -> Path:
        """Writes the result as one page of HTML that works offline."""
        Path(page).write_text(_native.network_told(os.fspath(self._path))[3], encoding="utf-8")
        return Path(page)

    def plot(
        self,
        kind: str = "diagram",
        *,
        network: str | None = None,
        year: int | None = None,
        model: str | None = None,
        measure: str | None = None,
    ) -> Picture:
        """A picture: ``diagram``, ``evolution``, ``ranks``, ``map``, ``chord``, ``flows``, ``sankey``, ``coefficients``, ``gof``, ``roc``."""
        path = os.fspath(self._path)
        return Picture(_native.network_picture(path, kind, network, year, model, measure))

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f"<pre>{self.text}</pre>" + _native.network_told(os.fspath(self._path))[2]


def _run(stages: Iterable[str], sample: PathLike, out: PathLike | None, **options: Any) -> Networks:
    chosen = {
        "stages": list(stages),
        "models": path_or_none(options.pop("models", None)),
        "bootstrap": options.pop("bootstrap", None),
        "seed": options.pop("seed", None),
        "gof": options.pop("gof", None),
        "csv": options.pop("csv", False),
        "design": options.pop("design", False),
        "replicates": options.pop("replicates", False),
        "resume": options.pop("resume", False),
        "force": options.pop("force", False),
    }
    if chosen["bootstrap"] is not None:
        chosen["bootstrap"] = str(chosen["bootstrap"])
    progress: Union[Callable[[str, float], object], None] = options.pop("progress", None)
    if options:
        raise TypeError(f"unknown options: {', '.join(sorted(options))} (expected some of {', '.join(chosen)})")
    folder = room() if out is None else os.fspath(out)
    found = Networks(_native.network_run(os.fspath(sample), folder, chosen, progress))
    if out is None:
        weakref.finalize(found, shutil.rmtree, Path(folder).parent, ignore_errors=True)
    return found


def run(sample: PathLike = SYNTHETIC, out: PathLike | None = None, **options: Any) -> Networks:
    """All of it: networks, indicators, communities, models, bootstrap, goodness of fit.

    Options: ``models`` (a file), ``bootstrap`` (``"exact"``, or a number of replicates), ``seed``, ``gof`` (networks
    drawn per step), ``csv``, ``design``, ``replicates``, ``resume``, ``force``, ``progress`` (called with a sentence
    and the share that is done). Without ``out`` the folder goes with the result.
    """
    return _run(["all"], sample, out, **options)


def build(sample: PathLike = SYNTHETIC, out: PathLike | None = None, **options: Any) -> Networks:
    """Dependency, cooperation and conflict networks."""
    return _run(["networks"], sample, out, **options)


def indicators(sample: PathLike = SYNTHETIC, out: PathLike | None = None, **options: Any) -> Networks:
    """Networks and their indicators."""
    return _run(["networks", "indicators"], sample, out, **options)


def communities(sample: PathLike = SYNTHETIC, out: PathLike | None = None, **options: Any) -> Networks:
    """Communities of the networks."""
    return _run(["communities"], sample, out, **options)


def rankings(sample: PathLike = SYNTHETIC, out: PathLike | None = None, **options: Any) -> Networks:
    """Areas by centrality and trade."""
    return _run(["rankings"], sample, out, **options)


def flows(sample: PathLike = SYNTHETIC, out: PathLike | None = None, **options: Any) -> Networks:
    """Trade among the largest traders and among groups."""
    return _run(["flows"], sample, out, **options)


def tergm(sample: PathLike = SYNTHETIC, out: PathLike | None = None, **options: Any) -> Networks:
    """Temporal exponential random graph models with bootstrap, without goodness of fit."""
    return _run(["models"], sample, out, **{"gof": 0, **options})


def gof(sample: PathLike = SYNTHETIC, out: PathLike | None = None, **options: Any) -> Networks:
    """Models, compared with networks drawn from them."""
    return _run(["models"], sample, out, **options)


def bans(
    sample: PathLike = SYNTHETIC,
    *,
    year: int | None = None,
    model: str | None = None,
    models: PathLike | None = None,
    top: int = 10,
    item: str = "*",
    phi: float = 1.0,
) -> Findings:
    """Conflicts of a year, or a model's least likely ties, as scenarios of trade bans: a table that jobs read."""
    return Findings(
        _native.network_bans(os.fspath(sample), year, model, path_or_none(models), top, item, phi)
    )


def losses(
    result: Result | PathLike,
    *,
    threshold: float = 0.1,
    item: str | None = None,
    adaptation: bool = False,
) -> Findings:
    """Who depends on whom: who loses more than a share of an item when another area's output of it fails."""
    folder = result.path if isinstance(result, Result) else result
    return Findings(_native.network_losses(os.fspath(folder), threshold, item, adaptation))


def open_networks(folder: PathLike) -> Networks:
    """A finished result on networks."""
    return Networks(folder)
