"""An execution as one row of a table: the columns of CSV and Parquet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from foundation.rest.rendering import dumps
from history.export.format import Row
from providers.parts.shapes import text_of


class Kind(Enum):
    """What a column holds."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `value` takes it from an execution, None where there is nothing."""

    name: str
    kind: Kind
    value: Callable[[Row], Any]


def _text(name: str, *path: str) -> Column:
    keys = path or (name,)

    def value(row: Row) -> str | None:
        found = _at(row, keys)
        return None if found is None else str(found)

    return Column(name, Kind.TEXT, value)


def _json(name: str, *path: str) -> Column:
    keys = path or (name,)
    return Column(name, Kind.TEXT, lambda row: dumps(found).decode() if (found := _at(row, keys)) else None)


def _figure(name: str, kind: Kind, *path: str) -> Column:
    def value(row: Row) -> Any:
        found = _at(row, path)
        is_number = isinstance(found, (int, float)) and not isinstance(found, bool)
        return found if is_number else None

    return Column(name, kind, value)


def _at(row: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        row = row.get(key) if isinstance(row, Mapping) else None
    return row


def _tags(row: Row) -> str | None:
    tags = _at(row, ("metadata", "tags"))
    return ", ".join(map(str, tags)) if isinstance(tags, list) and tags else None


COLUMNS: Final = (
    _text("id"),
    Column("timestamp", Kind.TIME, lambda row: row["timestamp"]),
    _text("model", "model_id"),
    _text("status"),
    _text("system_prompt"),
    Column("prompt", Kind.TEXT, lambda row: text_of(row["prompt"])),
    _text("response"),
    _text("reasoning"),
    _figure("prompt_tokens", Kind.INTEGER, "usage", "prompt_tokens"),
    _figure("completion_tokens", Kind.INTEGER, "usage", "completion_tokens"),
    _figure("total_tokens", Kind.INTEGER, "usage", "total_tokens"),
    _figure("cache_read_tokens", Kind.INTEGER, "usage", "details", "cache_read_tokens"),
    _figure("cache_write_tokens", Kind.INTEGER, "usage", "details", "cache_write_tokens"),
    _figure("reasoning_tokens", Kind.INTEGER, "usage", "details", "reasoning_tokens"),
    _figure("input_image_tokens", Kind.INTEGER, "usage", "details", "input_image_tokens"),
    _figure("input_audio_tokens", Kind.INTEGER, "usage", "details", "input_audio_tokens"),
    _figure("cost", Kind.NUMBER, "usage", "estimated_cost"),
    _figure("execution_time", Kind.NUMBER, "execution_time"),
    _figure("time_to_first_token", Kind.NUMBER, "metadata", "time_to_first_token"),
    _text("error_code", "error", "code"),
    _text("error_message", "error", "message"),
    _json("parameters"),
    _json("variables"),
    _text("template_id", "template", "id"),
    _figure("template_version", Kind.INTEGER, "template", "version"),
    Column("tags", Kind.TEXT, _tags),
    _json("messages"),
    Column("parts", Kind.TEXT, lambda row: dumps(row["prompt"]).decode() if isinstance(row["prompt"], list) else None),
    _json("context"),
    _json("tools"),
    _json("tool_executions"),
    _json("provider_tools"),
    _json("cost_lines", "usage", "cost_lines"),
    _json("metadata"),
    _text("user_id"),
)
"""Cost in USD, times in seconds, what is structured as JSON; messages, context and tools come last, being long."""
