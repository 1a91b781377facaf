"""An event as a person reads it in a chat: what happened, its figures, and where to look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings

from events.models import Delivery
from events.vocabulary import PREFIX, sentence_of
from foundation.words import measured

SHOWN: Final = (
    "template.label_moved",
    "template.split_started",
    "template.split_ended",
    "evaluation.completed",
    "evaluation.failed",
    "evaluation.regression_detected",
    "quota.threshold_reached",
    "anomaly.detected",
    "model.retiring",
)
"""What a chat gets where nobody has chosen: label moves, gates, regressions, budgets."""


@dataclass(frozen=True, slots=True)
class Message:
    """Plain text; each format escapes it in its own way."""

    title: str
    facts: tuple[tuple[str, str], ...] = ()
    link: str = ""
    """Empty where the service does not know its own address (`PUBLIC_URL`)."""


def message_of(delivery: Delivery) -> Message:
    """The message of any event; of one without words of its own here, what its type says."""
    event = delivery.event
    name = event.type.removeprefix(PREFIX)
    told = {**event.payload, **event.words}
    title, path = _WORDS.get(name, _any)(told)
    facts = tuple((label, _figure(told[field])) for field, label in _FACTS.get(name, ()) if told.get(field) is not None)
    return Message(
        title or sentence_of(name), facts, f"{settings.ENV.public_url.rstrip('/')}{path}" if _has_link(path) else ""
    )


def _has_link(path: str) -> bool:
    return bool(path and settings.ENV.public_url)


def _label_moved(told: Mapping[str, Any]) -> tuple[str, str]:
    name, label, version = told.get("template_name", "a template"), told.get("label"), told.get("version")
    where = "was taken away" if version is None else f"points at version {version}"
    return f"Label {label} of “{name}” {where}", f"/templates/{told['template_id']}/versions"


def _split_started(told: Mapping[str, Any]) -> tuple[str, str]:
    name = told.get("template_name", "a template")
    title = f"{told['share']} % of the calls of “{name}” by {told['label']} get version {told['version']}"
    return title, f"/templates/{told['template_id']}/versions"


def _split_ended(told: Mapping[str, Any]) -> tuple[str, str]:
    name, outcome = told.get("template_name", "a template"), str(told["outcome"]).replace("_", " ")
    title = f"The split of “{name}” by {told['label']} has ended: {outcome}"
    return title, f"/templates/{told['template_id']}/versions"


def _test(words: str) -> Any:
    return lambda told: (words, f"/evaluations/{told['test_id']}")


def _quota(told: Mapping[str, Any]) -> tuple[str, str]:
    return f"{_figure(told.get('percent'))} % of a limit is used ({told.get('kind', '')})", "/settings/usage"


def _anomaly(told: Mapping[str, Any]) -> tuple[str, str]:
    return f"Unlike before: {told.get('kind', '')} of {told.get('subject', '')}", "/settings/anomalies"


def _model(told: Mapping[str, Any]) -> tuple[str, str]:
    step = f": move to {told['replacement']}" if told.get("replacement") else ""
    return f"{told.get('model_id', 'A model')} retires on {told.get('retires_on')}{step}", ""


def _any(told: Mapping[str, Any]) -> tuple[str, str]:
    return "", ""


def _tried(told: Mapping[str, Any]) -> tuple[str, str]:
    return "A test event: this webhook works", "/settings/webhooks"


_WORDS: Final = {
    "template.label_moved": _label_moved,
    "template.split_started": _split_started,
    "template.split_ended": _split_ended,
    "evaluation.completed": _test("A test has completed"),
    "evaluation.failed": _test("A test ended without completing"),
    "evaluation.regression_detected": _test("Worse than its baseline: a test shows a regression"),
    "quota.threshold_reached": _quota,
    "anomaly.detected": _anomaly,
    "model.retiring": _model,
    "webhook.tried": _tried,
}
_FACTS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "evaluation.completed": (("success_rate", "Success rate"), ("average_score", "Average score")),
    "evaluation.failed": (("status", "Status"),),
    "evaluation.regression_detected": (("difference", "Difference"),),
    "quota.threshold_reached": (("used", "Used"), ("limit", "Limit")),
    "model.retiring": (("uses", "Templates and suites that ask it"),),
    "anomaly.detected": (("observed", "Observed"), ("expected", "Expected"), ("severity", "Severity")),
}


def _figure(value: Any) -> str:
    """Numbers as on the pages; states and words as they are."""
    return measured(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)
