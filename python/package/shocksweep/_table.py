"""Arrow tables with the ways out that people look for."""

from __future__ import annotations

from typing import Any


class Table:
    """An Arrow table: Polars, pandas, pyarrow and DuckDB take it as it is, without a copy."""

    def __init__(self, source: Any) -> None:
        if not hasattr(source, "__arrow_c_stream__"):
            raise TypeError(f"{type(source).__name__} is no Arrow table")
        self._source = source

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._source.__arrow_c_stream__(requested_schema)

    def __len__(self) -> int:
        return len(self._source)

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        names = getattr(self._source, "columns", None)
        if names and all(isinstance(name, str) for name in names):
            return list(names)
        return list(self._source.column_names)

    @property
    def units(self) -> dict[str, str]:
        """Unit of every column that has one."""
        return self._metadata("unit")

    @property
    def descriptions(self) -> dict[str, str]:
        """Meaning of every column."""
        return self._metadata("description")

    @property
    def provenance(self) -> dict[str, str]:
        """Where the numbers come from."""
        if hasattr(self._source, "provenance"):
            return dict(self._source.provenance)
        metadata = self._source.schema.metadata or {}
        return {k.decode().removeprefix("shocksweep."): v.decode() for k, v in metadata.items()}

    def _metadata(self, key: str) -> dict[str, str]:
        if hasattr(self._source, "units"):
            return dict(self._source.units if key == "unit" else self._source.descriptions)
        fields = ((f.name, (f.metadata or {}).get(key.encode())) for f in self._source.schema)
        return {name: value.decode() for name, value in fields if value is not None}

    def head(self, rows: int = 10) -> Table:
        """The first rows."""
        if hasattr(self._source, "head"):
            return Table(self._source.head(rows))
        return Table(self._source.slice(0, rows))

    def to_arrow(self) -> Any:
        """A ``pyarrow.Table``."""
        import pyarrow

        return pyarrow.table(self)

    def to_polars(self) -> Any:
        """A ``polars.DataFrame``."""
        import polars

        return polars.DataFrame(self)

    def to_pandas(self) -> Any:
        """A ``pandas.DataFrame``."""
        return self.to_arrow().to_pandas()

    def to_dicts(self) -> list[dict[str, Any]]:
        """Rows as dictionaries; needs pyarrow or Polars."""
        try:
            return self.to_polars().to_dicts()
        except ImportError:
            return self.to_arrow().to_pylist()

    def __repr__(self) -> str:
        try:
            return repr(self.to_polars())
        except ImportError:
            pass
        try:
            return str(self.to_arrow().to_pandas())
        except ImportError:
            return f"Table of {len(self):,} rows: {', '.join(self.columns)}"

    def _repr_html_(self) -> str | None:
        try:
            return self.to_polars()._repr_html_()
        except ImportError:
            pass
        try:
            return self.to_pandas()._repr_html_()
        except ImportError:
            return None
