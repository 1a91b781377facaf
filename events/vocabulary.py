"""The types of the events that are told here, and how pressing each is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PREFIX: Final = "llm_playground."
SOURCE: Final = "llm-playground"
WORDS: Final[Mapping[str, str]] = {
    "execution.started": "A run has started",
    "execution.completed": "A run has completed",
    "execution.failed": "A run has failed",
    "execution.cancelled": "A run was cancelled",
    "template.created": "A template was made",
    "template.updated": "A template was changed",
    "template.deleted": "A template was deleted",
    "template.label_moved": "A label of a template was moved or taken away",
    "template.split_started": "A label began to split its calls between two versions",
    "template.split_ended": "A split between two versions has ended",
    "session.created": "A session was made",
    "session.shared": "A session was shared",
    "session.deleted": "A session was deleted",
    "evaluation.started": "A test has started",
    "evaluation.completed": "A test has completed",
    "evaluation.failed": "A test ended without completing",
    "evaluation.regression_detected": "A test is worse than its baseline",
    "quota.threshold_reached": "A share of a limit is used",
    "anomaly.detected": "Cost, calls or errors are unlike before",
    "model.retiring": "A model that is in use retires soon",
}
"""Each type that can be told to a webhook, as a sentence."""
OTHERS: Final[Mapping[str, str]] = {
    "provider.status_changed": "A provider works again, or does not",
    "webhook.tried": "A test event of a webhook",
}
"""Further ones, which nobody chooses."""
TYPES: Final = tuple(WORDS)
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


def sentence_of(type_: str) -> str:
    """What has happened, in words; of a type without words, the type."""
    name = type_.removeprefix(PREFIX)
    return WORDS.get(name) or OTHERS.get(name) or name


def topic_of(type_: str) -> str:
    """The type with slashes."""
    return type_.replace(".", "/")
