"""The types of the events that are told here, and how pressing each is."""

from __future__ import annotations

from typing import Final

PREFIX: Final = "llm_playground."
SOURCE: Final = "llm-playground"
_HIGH: Final = frozenset({"quota.threshold_reached", "anomaly.detected"})
_LOW: Final = frozenset({"execution.started", "evaluation.started"})


def priority_of(type_: str) -> str:
    """HIGH for limits and anomalies, LOW for what has only started, else NORMAL."""
    name = type_.removeprefix(PREFIX)
    return "HIGH" if name in _HIGH else "LOW" if name in _LOW else "NORMAL"


def topic_of(type_: str) -> str:
    """The type with slashes."""
    return type_.replace(".", "/")
