"""Reads a Parquet file from standard input and writes it as one JSON object, within limits of memory and time.

`python -m evaluation_app.datasets.formats.parquet_program`; a file that is not taken ends it with 1 and a sentence.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from foundation import words

MOST_ROWS: Final = 10_001
"""One more than a dataset holds, so that whoever reads this says so."""
MOST_COLUMNS: Final = 500
MOST_MEMORY: Final = 3 * 2**30
"""Bytes of address space, of which libraries take most before they use any."""
MOST_SECONDS: Final = 20
MOST_CHARACTERS: Final = 64 * 2**20
MOST_CHANGES: Final = 1_001
"""One more than is told of a file."""
MARK: Final = b"llm-playground-dataset"


def main() -> int:
    """Reads, writes; 1 with a sentence where the file is refused."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        told = _read(sys.stdin.buffer.read())
    except MemoryError:
        return _refused("It needs too much memory.")
    except Exception as error:
        return _refused(f"The file cannot be read: {str(error)[:200]}")
    sys.stdout.buffer.write(told)
    return 0


def _refused(sentence: str) -> int:
    sys.stderr.write(f"\nrefused: {' '.join(sentence.splitlines())}\n")
    return 1


def _read(data: bytes) -> bytes:
    import pyarrow
    import pyarrow.parquet
    from orjson import OPT_NON_STR_KEYS, dumps

    file = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(data))
    schema = file.schema_arrow
    if len(schema) > MOST_COLUMNS:
        raise ValueError(f"up to {MOST_COLUMNS} columns are read, these are {words.number(len(schema))}.")
    if len(set(schema.names)) < len(schema):
        raise ValueError("two columns have one name.")
    left_out = [field.name for field in schema if _is_bytes(pyarrow, field.type)]
    names = [name for name in schema.names if name not in left_out]
    rows: list[Any] = []
    size = 0
    for batch in file.iter_batches(batch_size=64, columns=names, use_threads=False):
        if batch.nbytes + size > MOST_CHARACTERS:
            raise ValueError(f"its values have more than {words.number(MOST_CHARACTERS)} bytes.")
        size += batch.nbytes
        rows += batch.to_pylist()
        if len(rows) >= MOST_ROWS:
            break
    is_ours = (schema.metadata or {}).get(b"format") == MARK
    told = {"is_ours": is_ours, "columns": names, "left_out": left_out, **_told(rows[:MOST_ROWS])}
    return dumps(told, option=OPT_NON_STR_KEYS)


def _is_bytes(pyarrow: Any, kind: Any) -> bool:
    types = pyarrow.types
    return bool(types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind))


def _told(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The rows as JSON knows them, and `[row, column, what]` of every value that is another for it."""
    plain, changes = list[dict[str, Any]](), list[tuple[int, str, str]]()
    for number, row in enumerate(rows):
        changed = {name: set[str]() for name in row}
        plain.append({name: _plain(value, changed[name]) for name, value in row.items()})
        for name, kinds in changed.items():
            if "no_number" in kinds and plain[-1][name] is not None:
                kinds = {"no_number_within", *kinds} - {"no_number"}
            changes += [(number, name, kind) for kind in sorted(kinds)]
        del changes[MOST_CHANGES:]
    return {"rows": plain, "changes": changes}


def _plain(value: Any, changed: set[str]) -> Any:
    """The value as JSON knows it."""
    from datetime import date, datetime, time, timedelta
    from decimal import Decimal

    match value:
        case dict():
            return {str(name): _plain(inner, changed) for name, inner in value.items()}
        case list() | tuple():
            return [_plain(inner, changed) for inner in value]
        case float() if value - value != 0:
            changed.add("no_number")
            return None  # what data frames write where there is no number
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Decimal():
            if Decimal(repr(float(value))) != value:
                changed.add("rounded")
            return float(value)
        case bytes():
            raise ValueError("bytes stand within a column.")
    return value


if __name__ == "__main__":
    sys.exit(main())
