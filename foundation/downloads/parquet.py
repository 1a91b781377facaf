"""Parquet with typed columns, written row group by row group straight into what is sent."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from foundation.downloads.columns import Column, Kind, Row

if TYPE_CHECKING:
    import pyarrow

GROUP_ROWS: Final = 1_000
GROUP_CHARACTERS: Final = 16 * 2**20
"""Few rows with very long texts end a group too: a group stands in memory."""


class _Outlet(io.RawIOBase):
    """A file that only grows, and whose bytes are taken away as they come: Parquet is written without seeking."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._position += len(part)
        return len(part)

    def taken(self) -> bytes:
        """What was written since the last call."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


def written(columns: Sequence[Column], rows: Iterable[Row], metadata: Mapping[str, str]) -> Iterator[bytes]:
    """The file with `metadata` in its schema; a group is on its way as soon as it is full."""
    import pyarrow  # some 60 MB of memory, for processes that need it only
    import pyarrow.parquet

    schema = _schema(pyarrow, columns, metadata)
    outlet = _Outlet()
    with pyarrow.parquet.ParquetWriter(outlet, schema, compression="zstd") as writer:
        group: list[list[Any]] = []
        characters = 0
        for row in rows:
            cells = [column.value(row) for column in columns]
            group.append(cells)
            characters += sum(len(cell) for cell in cells if isinstance(cell, str))
            if len(group) >= GROUP_ROWS or characters >= GROUP_CHARACTERS:
                writer.write_table(_table(pyarrow, schema, group))
                group, characters = [], 0
            yield outlet.taken()
        if group:
            writer.write_table(_table(pyarrow, schema, group))
    yield outlet.taken()


def _schema(arrow: Any, columns: Sequence[Column], metadata: Mapping[str, str]) -> pyarrow.Schema:
    types = {
        Kind.TEXT: arrow.string(),
        Kind.BOOLEAN: arrow.bool_(),
        Kind.INTEGER: arrow.int64(),
        Kind.NUMBER: arrow.float64(),
        Kind.TIME: arrow.timestamp("us", tz="UTC"),
    }
    fields = [arrow.field(column.name, types[column.kind]) for column in columns]
    return arrow.schema(fields, metadata=dict(metadata))


def _table(arrow: Any, schema: pyarrow.Schema, group: list[list[Any]]) -> pyarrow.Table:
    cells = zip(*group, strict=True)
    arrays = [arrow.array(column, type=field.type) for column, field in zip(cells, schema, strict=True)]
    return arrow.Table.from_arrays(arrays, schema=schema)
