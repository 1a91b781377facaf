"""The types of the events that are told here, and how pressing each is."""

from __future__ import annotations

from typing import Final

PREFIX: Final = "llm_playground."
SOURCE: Final = "llm-playground"
TYPES: Final = tuple(
    f"{thing}.{happening}"
    for thing, happenings in (
        ("execution", ("started", "completed", "failed", "cancelled")),
        ("template", ("created", "updated", "deleted", "label_moved", "split_started", "split_ended")),
        ("session", ("created", "shared", "deleted")),
        ("evaluation", ("started", "completed", "failed", "regression_detected")),
        ("quota", ("threshold_reached",)),
        ("anomaly", ("detected",)),
        ("model", ("retiring",)),
    )
    for happening in happenings
)
"""What concerns a person, and so can be told to a webhook of theirs."""
OF_SHARED: Final = tuple(
    each for each in TYPES if each.startswith(("template.", "session.")) and not each.endswith(".created")
)
"""What happens to what is shared with a team, and is told to its webhooks: nothing is shared as it is made."""
_HIGH: Final = frozenset({"quota.threshold_reached", "anomaly.detected"})
_LOW: Final = frozenset({"execution.started", "evaluation.started"})


def priority_of(type_: str) -> str:
    """HIGH for limits and anomalies, LOW for what has only started, else NORMAL."""
    name = type_.removeprefix(PREFIX)
    return "HIGH" if name in _HIGH else "LOW" if name in _LOW else "NORMAL"


def topic_of(type_: str) -> str:
    """The type with slashes."""
    return type_.replace(".", "/")
