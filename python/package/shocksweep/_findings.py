"""What a question came to: words, tables, and where there is one a picture and a page."""

from __future__ import annotations

import html
from pathlib import Path

from . import _native
from ._common import PathLike, Picture
from ._table import Table


class Findings:
    """An answer in words and tables: what ``compare``, ``exposure``, ``mitigate`` and trade's questions give.

    Its tables are attributes as well: ``found.exposures`` is ``found.table("exposures")``.
    """

    def __init__(self, native: _native.Findings) -> None:
        self._native = native

    @property
    def text(self) -> str:
        """The answer as the command line tells it."""
        return self._native.text

    @property
    def names(self) -> list[str]:
        """Names of the tables."""
        return self._native.names

    def table(self, name: str) -> Table:
        """One of the tables."""
        return Table(self._native.table(name))

    def __getattr__(self, name: str) -> Table:
        if not name.startswith("_") and name in self._native.names:
            return self.table(name)
        raise AttributeError(f"no table `{name}` (there are {', '.join(self._native.names)})")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._native.names]

    @property
    def picture(self) -> Picture | None:
        """The picture, where there is one."""
        return None if self._native.svg is None else Picture(self._native.svg)

    def page(self, path: PathLike) -> Path:
        """Writes the page of HTML, which works offline."""
        text = self._native.page
        if text is None:
            raise _native.InputError("this answer has no page; its text and tables say what was found")
        Path(path).write_text(text, encoding="utf-8")
        return Path(path)

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        svg = self._native.svg or ""
        return f"<pre>{html.escape(self.text)}</pre>{svg}"
