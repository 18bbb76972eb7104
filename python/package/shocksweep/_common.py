"""What all of the package says alike: shocks, adaptation, progress, options of runs."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Union

from ._native import InputError

PathLike = Union[str, "os.PathLike[str]"]
#: Shocks of one scenario: ``{"India/rice": 0.5}``, ``["India/rice", "UKR/wheat=0.5"]``, or one text.
Shocks = Union[str, Sequence[str], Mapping[str, float]]
#: Many scenarios: their shocks one after the other, or by name.
Scenarios = Union[Iterable[Shocks], Mapping[str, Shocks]]
#: Whether areas adapt: ``"on"``, ``"off"``, ``"both"``; ``True`` and ``False`` are on and off.
Adaptation = Union[str, bool, None]
#: Called as a run goes on, with scenarios done and in all; ``True`` for a line on a terminal.
Progress = Union[bool, Callable[[int, int], object], None]
#: Rows of shocks: number and name of the scenario, area, item, share of output lost.
Rows = list[tuple[int, Union[str, None], str, str, float]]


def adaptation_of(value: Adaptation) -> str | None:
    """Adaptation as the library names it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return value


def shocks_of(shocks: Shocks) -> list[tuple[str, float]]:
    """Shocks as pairs of ``Area/Item`` and the share of output lost."""
    if isinstance(shocks, str):
        return [(shocks, 1.0)]
    if isinstance(shocks, Mapping):
        return [(str(sector), float(phi)) for sector, phi in shocks.items()]
    return [(str(sector), 1.0) for sector in shocks]


def rows_of(scenarios: Scenarios) -> Rows:
    """Scenarios as rows of a table of shocks."""
    named: Iterable[tuple[str | None, Shocks]]
    if isinstance(scenarios, Mapping):
        named = [(str(name), shocks) for name, shocks in scenarios.items()]
    else:
        named = [(None, shocks) for shocks in scenarios]
    rows: Rows = []
    for n, (name, shocks) in enumerate(named):
        for sector, phi in shocks_of(shocks):
            area, slash, item = sector.partition("/")
            if not slash:
                raise InputError(f"scenario {n}: `{sector}` is no shock (expected `Area/Item`)")
            item, _, own = item.partition("=")
            try:
                rows.append((n, name, area.strip(), item.strip(), phi * float(own or 1)))
            except ValueError:
                raise InputError(f"scenario {n}: `{own}` is no share of output (expected 0 to 1)") from None
    return rows


def job_of(job: PathLike | Mapping[str, Any]) -> tuple[str | None, str | None]:
    """A job as a file, or as the text of one."""
    if isinstance(job, Mapping):
        lines = (f"{json.dumps(str(key))} = {_toml(value)}" for key, value in job.items() if value is not None)
        return None, "\n".join(lines) + "\n"
    return os.fspath(job), None


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        inner = (f"{json.dumps(str(k))} = {_toml(v)}" for k, v in value.items() if v is not None)
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, (str, os.PathLike)):
        return json.dumps(os.fspath(value), ensure_ascii=False)
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, Iterable):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    return _toml(value.item()) if hasattr(value, "item") else json.dumps(str(value))


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


def progress_of(progress: Progress) -> Callable[[int, int], object] | None:
    """What is called as a run goes on."""
    if progress is True or (progress is None and sys.stderr is not None and sys.stderr.isatty()):
        return _Line()
    return progress if callable(progress) else None


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
    "parts": None,
    "steps": None,
    "memory_limit": None,
    "losses": None,
    "device": None,
    "allow_software": False,
    "switches": None,
}


def asked_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options of a run, every one filled in."""
    unknown = sorted(set(options) - set(_OPTIONS))
    if unknown:
        raise TypeError(f"unknown options: {', '.join(unknown)} (expected some of {', '.join(_OPTIONS)})")
    asked = {**_OPTIONS, **options}
    asked["adaptation"] = adaptation_of(asked["adaptation"])
    asked["trace"] = list(asked["trace"])
    asked["out"] = path_or_none(asked["out"])
    if asked["switches"] is not None:
        asked["switches"] = json.dumps(dict(asked["switches"]))
    return asked


def path_or_none(path: PathLike | None) -> str | None:
    """A path as text, where there is one."""
    return None if path is None else os.fspath(path)


class Picture:
    """A picture as SVG; notebooks show it, ``save`` writes it."""

    def __init__(self, svg: str) -> None:
        self.svg = svg

    def save(self, path: PathLike) -> None:
        """Writes the picture; the name must end in ``.svg``."""
        if not str(path).endswith(".svg"):
            raise InputError(f"{path}: pictures are written as .svg here; `command(\"plot\", ...)` writes .png and .pdf")
        Path(path).write_text(self.svg, encoding="utf-8")

    def _repr_html_(self) -> str:
        # As wide as the cell, no wider.
        size = r'<svg width="([0-9.]+)" height="([0-9.]+)"'
        scaled = r'<svg viewBox="0 0 \1 \2" style="max-width:100%;height:auto" width="\1" height="\2"'
        return re.sub(size, scaled, self.svg, count=1)

    def __repr__(self) -> str:
        return f"<Picture, {len(self.svg):,} bytes of SVG>"
