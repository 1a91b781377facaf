"""An execution as one row of a table: the columns of CSV and Parquet."""

from __future__ import annotations

from typing import Final

from foundation.downloads.columns import Column, Kind, at, figure, json, text
from foundation.rest.rendering import dumps
from history.export.format import Row
from providers.parts.shapes import text_of


def _tags(row: Row) -> str | None:
    tags = at(row, ("metadata", "tags"))
    return ", ".join(map(str, tags)) if isinstance(tags, list) and tags else None


COLUMNS: Final = (
    text("id"),
    Column("timestamp", Kind.TIME, lambda row: row["timestamp"]),
    text("model", "model_id"),
    text("status"),
    text("system_prompt"),
    Column("prompt", Kind.TEXT, lambda row: text_of(row["prompt"])),
    text("response"),
    text("reasoning"),
    figure("prompt_tokens", Kind.INTEGER, "usage", "prompt_tokens"),
    figure("completion_tokens", Kind.INTEGER, "usage", "completion_tokens"),
    figure("total_tokens", Kind.INTEGER, "usage", "total_tokens"),
    figure("cache_read_tokens", Kind.INTEGER, "usage", "details", "cache_read_tokens"),
    figure("cache_write_tokens", Kind.INTEGER, "usage", "details", "cache_write_tokens"),
    figure("reasoning_tokens", Kind.INTEGER, "usage", "details", "reasoning_tokens"),
    figure("input_image_tokens", Kind.INTEGER, "usage", "details", "input_image_tokens"),
    figure("input_audio_tokens", Kind.INTEGER, "usage", "details", "input_audio_tokens"),
    figure("cost", Kind.NUMBER, "usage", "estimated_cost"),
    figure("execution_time", Kind.NUMBER, "execution_time"),
    figure("time_to_first_token", Kind.NUMBER, "metadata", "time_to_first_token"),
    text("error_code", "error", "code"),
    text("error_message", "error", "message"),
    json("parameters"),
    json("variables"),
    text("template_id", "template", "id"),
    figure("template_version", Kind.INTEGER, "template", "version"),
    Column("tags", Kind.TEXT, _tags),
    json("messages"),
    Column("parts", Kind.TEXT, lambda row: dumps(row["prompt"]).decode() if isinstance(row["prompt"], list) else None),
    json("context"),
    json("tools"),
    json("tool_executions"),
    json("provider_tools"),
    json("cost_lines", "usage", "cost_lines"),
    json("metadata"),
    text("user_id"),
)
"""Cost in USD, times in seconds, what is structured as JSON; messages, context and tools come last, being long."""
