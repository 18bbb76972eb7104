"""Dependency in product trade (Klimek, Baum, Gerschberger & Hess 2025).

>>> import shocksweep as ss
>>> panel = ss.trade.synthetic()
>>> panel.is_synthetic, len(panel.items)
(True, 16)
>>> found = panel.links()
>>> "links" in found.names
True
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from . import _native
from ._common import PathLike, Picture, path_or_none
from ._findings import Findings
from ._table import Table
from ._world import World

__all__ = ["Panel", "Study", "import_panel", "load", "open_study", "synthetic"]


class Panel:
    """Trade of products over years, in value (kUSD) or quantity (tonnes). ``load`` and ``synthetic`` open one.

    Questions that need every failure of every year (``indicators``, ``tiers``, ``clusters``, ``regress``) run
    them once; ``run`` keeps them in a folder.
    """

    def __init__(self, native: _native.TradePanel) -> None:
        self._native = native

    @property
    def name(self) -> str:
        """Name of the panel."""
        return self._native.name

    @property
    def is_synthetic(self) -> bool:
        """Whether the numbers are invented."""
        return self._native.is_synthetic

    @property
    def areas(self) -> list[str]:
        """Names of the areas, in order."""
        return self._native.areas

    @property
    def items(self) -> list[str]:
        """Names of the items, in order."""
        return self._native.items

    @property
    def years(self) -> list[int]:
        """Years, ascending."""
        return self._native.years

    def links(self) -> Findings:
        """Which candidate links trade supports: table ``links``."""
        return Findings(self._native.links())

    def risk(self, year: int | None = None) -> Findings:
        """What is lost if producers fail in a year (the last): tables ``indicators`` (systemic trade risk), ``losses``."""
        return Findings(self._native.risk(year))

    def indicators(self) -> Findings:
        """Who depends on whom, how concentrated trade is, in all years: tables ``indicators``, ``world``."""
        return Findings(self._native.indicators())

    def tiers(self) -> Findings:
        """Whether inputs differ from all products: tables ``profiles``, ``tier_tests``."""
        return Findings(self._native.tiers())

    def clusters(self) -> Findings:
        """Which areas depend alike: tables ``features``, ``clusters`` and more."""
        return Findings(self._native.clusters())

    def regress(self) -> Findings:
        """What dependency foretells: table ``regressions``."""
        return Findings(self._native.regress())

    def world(self, year: int | None = None) -> World:
        """A year (the last) as a world of which food's questions are asked: ``shock``, ``sweep`` ..."""
        return World(self._native.world(year), is_as_loaded=False)

    def save(self, folder: PathLike, force: bool = False) -> None:
        """Writes the panel to a folder that ``load`` opens."""
        self._native.save(os.fspath(folder), force)

    def run(
        self, out: PathLike, *, resume: bool = False, force: bool = False, csv: bool = False
    ) -> Study:
        """Runs the whole study into a folder, year by year; ``resume=True`` continues one that was stopped."""
        self._native.run(os.fspath(out), (resume, force), csv)
        return open_study(out)

    def __repr__(self) -> str:
        return repr(self._native)


class Study:
    """A finished study of trade: a folder with one table per question."""

    def __init__(self, native: _native.TradeStudy) -> None:
        self._native = native
        self._findings: Findings | None = None

    @property
    def path(self) -> Path:
        """The folder."""
        return Path(self._native.path)

    @property
    def manifest(self) -> dict[str, Any]:
        """What was asked, of which panel."""
        return json.loads(self._native.manifest)

    @property
    def findings(self) -> Findings:
        """What was found, with all tables."""
        if self._findings is None:
            self._findings = Findings(self._native.findings())
        return self._findings

    def table(self, name: str) -> Table:
        """One of the tables: ``links``, ``indicators``, ``world``, ``losses``, ``regressions`` ..."""
        return self.findings.table(name)

    def report(self, page: PathLike) -> Path:
        """Writes the study as one page of HTML that works offline."""
        return self.findings.page(page)

    def plot(self, kind: str = "links") -> Picture:
        """A picture: ``links``, ``exposure``, ``concentration``, ``risk``, ``influence``, ``years``, ``clusters``, ``tiers``, ``coefficients``."""
        return Picture(self._native.picture(kind))

    def __repr__(self) -> str:
        return self.findings.text


def load(
    panel: PathLike,
    *,
    candidates: PathLike | None = None,
    links: str = "tested",
    stability: PathLike | None = None,
    reexport_share: float = 0.0,
    production: PathLike | None = None,
    horizon: int | None = None,
    engine: str = "cpu",
    any_cost: bool = False,
) -> Panel:
    """Opens a panel, with how it is studied.

    ``candidates`` is a table of possible links (input, output), of which ``links`` keeps those that a test
    supports (``"tested"``, ``"levels"``) or ``"all"``; ``stability`` one of political stability (area, 0 to 100);
    ``reexport_share`` the share of what passes through that is re-exported; ``production`` known production in
    place of the proxy; ``horizon`` the years over which regressions look ahead; ``any_cost`` runs what takes hours.
    """
    options = {
        "candidates": path_or_none(candidates),
        "links": links,
        "stability": path_or_none(stability),
        "reexport_share": reexport_share,
        "production": path_or_none(production),
        "horizon": horizon,
        "engine": engine,
        "any_cost": any_cost,
    }
    return Panel(_native.trade_panel(os.fspath(panel), options))


def synthetic(**options: Any) -> Panel:
    """The built-in panel: invented trade."""
    return load("synthetic", **options)


def import_panel(
    source: PathLike,
    panel: PathLike,
    *,
    items: PathLike,
    areas: PathLike,
    merge: PathLike | None = None,
    amount: str = "value",
    name: str | None = None,
    licence: str | None = None,
    force: bool = False,
) -> Panel:
    """Makes a panel of a file or folder of trade in BACI's layout, in value or quantity; opens it."""
    tables = (os.fspath(items), os.fspath(areas), path_or_none(merge))
    _native.trade_import(os.fspath(source), os.fspath(panel), tables, amount, (name, licence), force)
    return load(panel)


def open_study(folder: PathLike) -> Study:
    """A finished study of trade."""
    return Study(_native.trade_study(os.fspath(folder)))
