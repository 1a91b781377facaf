"""A sample as one row of a table: the columns of CSV and Parquet, stable in name, order and type."""

from __future__ import annotations

from typing import Final

from foundation.downloads.columns import Column, Kind, Row, figure, json, text


def _reasons(row: Row) -> str | None:
    told = (f"{score['scorer']}: {score['reason']}" for score in row["scores"] if score["reason"])
    return "\n".join(told) or None


COLUMNS: Final = (
    text("id"),
    text("test_id"),
    text("test_status"),
    text("variant"),
    text("model", "model_id"),
    figure("case", Kind.INTEGER),
    text("case_key"),
    text("case_name"),
    text("cluster"),
    Column("tags", Kind.TEXT, lambda row: ", ".join(row["tags"]) or None),
    figure("run", Kind.INTEGER),
    text("outcome"),
    Column("passed", Kind.BOOLEAN, lambda row: row["passed"]),
    figure("score", Kind.NUMBER),
    text("error_code", "error", "code"),
    text("error_message", "error", "message"),
    figure("prompt_tokens", Kind.INTEGER, "usage", "prompt_tokens"),
    figure("completion_tokens", Kind.INTEGER, "usage", "completion_tokens"),
    figure("total_tokens", Kind.INTEGER, "usage", "total_tokens"),
    figure("cost", Kind.NUMBER, "usage", "estimated_cost"),
    figure("judge_cost", Kind.NUMBER),
    figure("latency", Kind.NUMBER),
    Column("ended_at", Kind.TIME, lambda row: row["ended_at"]),
    text("execution_id"),
    json("input"),
    json("expected"),
    Column("reasons", Kind.TEXT, _reasons),
    json("scores"),
    text("output"),
    figure("weight", Kind.NUMBER),
)
"""Costs in USD, latency in seconds, what is structured as JSON; what may be long comes late. `weight` is the case's."""
