"""The answer to one scenario."""

from __future__ import annotations

import html
import os
import tempfile
from typing import TYPE_CHECKING

from . import _native
from ._common import Picture
from ._result import Result
from ._table import Table

if TYPE_CHECKING:
    from ._world import World


class Answer:
    """The answer to one scenario, without and with adaptation.

    Losses of several items are told in a measure: ``kcal`` and ``protein`` of food where it is eaten,
    ``mass`` in tonnes, ``supply``, or the path of a table ``item, weight, unit``. ``others=True`` leaves the
    shocked areas out. A loss is positive; sectors that run away (``runs_away``) are left out of sums.

    >>> import shocksweep as ss
    >>> answer = ss.synthetic().shock({"India/rice": 1}, adaptation="both")
    >>> answer.name
    'India / Rice and products'
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
        """Losses by area, the largest loss per person first: a row per area and way to adapt.

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
        """Losses by area and item, in the order of the sectors; ``al`` in the item's unit, ``rl`` a share."""
        return Table(self._native.by_sector(measure, others))

    def why(self, area: str, item: str | None = None, measure: str | None = None) -> Table:
        """Why an area loses an item, or food: the ways that its loss has taken, link by link.

        The rows of each run, with the last one for all ways that are not listed, sum to the loss.

        >>> import shocksweep as ss
        >>> ways = ss.synthetic().shock("India/rice").why("Nepal", "rice")
        >>> ways.columns[:5]
        ['rank', 'adaptation', 'source', 'route', 'loss']
        """
        return Table(self._native.why(area, item, measure))

    def text(self, top: int = 10, measure: str | None = None) -> str:
        """The answer as the command line tells it."""
        return self._native.text(top, measure)

    def map(self, item: str | None = None, tonnes: bool = False) -> Picture:
        """Who loses, as a map of the world: circles, without and with adaptation."""
        item = None if item is None else self._world.item(item)
        with tempfile.TemporaryDirectory() as folder:
            out = os.path.join(folder, "result")
            ways = "both" if self._world.has_rules else "off"
            result = self._world.sweep([dict(self._shocks)], out=out, adaptation=ways, progress=False)
            assert isinstance(result, Result)
            return result.plot("map", scenario=self.name, item=item, tonnes=tonnes)

    def __repr__(self) -> str:
        return repr(self._native)

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.text())}</pre>"
