"""A notification in words: what happened, and the page of what it happened to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from events.models import Kind, Notification
from foundation.words import counted, measured, number, percent, span_of

OWN: Final = "user"
"""Whose a limit or a use is, where it is the reader's: so are those that say nothing of it."""
HUNDREDS: Final = 100
"""From here on a figure is told without a fraction."""
EVERYBODYS: Final = "The use of everybody together"
PAGES: Final = {"template": "/templates/{}", "session": "/sessions/{}", "test": "/evaluations/{}"}
"""Of what can be shared."""
SUITE: Final = "/evaluations/suites/{}"
TESTS_CAME_TO: Final = {"passed": "passed", "failed": "failed", "not_judged": "could not be judged"}
"""Of a suite's run, by its figures."""
SUBJECTS: Final = {
    Kind.LABEL_MOVED: "a label was moved",
    Kind.SPLIT_ENDED: "a split has ended",
    Kind.APPROVAL_ASKED: "your approval is asked for",
    Kind.REQUEST_DECIDED: "what you asked for is decided",
    Kind.SHARED: "something is shared with you",
    Kind.TEST_COMPLETED: "a test has completed",
    Kind.TEST_FAILED: "a test ended without completing",
    Kind.TEST_REGRESSED: "a test is worse than its baseline",
    Kind.SUITE_ENDED: "a run of a suite has ended",
    Kind.QUOTA: "a share of a limit is used",
    Kind.ANOMALY: "use unlike before",
    Kind.WEBHOOK_STOPPED: "a webhook is stopped",
    Kind.ALERT: "an alert of the installation",
    Kind.ERROR_RETURNED: "an error that was resolved is back",
    Kind.MODEL_RETIRES: "a model retires",
    Kind.WEEKLY_REPORT: "your report of the week",
}
"""Of mails, in words of our own alone."""


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence, and the address within the service."""

    sentence: str
    path: str


def words_of(notification: Notification, *, by: str = "") -> Words:
    """`by`: what the person is called who did it; empty where nobody did, or they are no longer known."""
    told = {**notification.payload, **notification.words}
    name = one_line(told.get("name", "")) or "without a name"
    sentence, path = _WORDS[Kind(notification.kind)](told, name, one_line(by))
    return Words(sentence, path)


def one_line(text: str) -> str:
    """Text of people's own without line breaks and other signs that show nothing."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in str(text)).split())


def _label_moved(told: Mapping[str, Any], name: str, by: str) -> tuple[str, str]:
    label, version = told["label"], told.get("version")
    where = "took label {} away from “{}”" if version is None else "moved label {} of “{}” to version {}"
    return f"{by or 'Somebody'} {where.format(label, name, version)}", f"/templates/{told['template_id']}/versions"


def _split_ended(told: Mapping[str, Any], name: str, by: str) -> tuple[str, str]:
    outcome = str(told["outcome"]).replace("_", " ")
    sentence = f"The split of “{name}” by {told['label']} has ended: {outcome}"
    return f"{sentence}, by {by}" if by else sentence, f"/templates/{told['template_id']}/versions"


def _approval_asked(told: Mapping[str, Any], name: str, by: str) -> tuple[str, str]:
    return (
        f"{by or 'Somebody'} asks for your approval: {_asked(told)} of “{name}”",
        f"/templates/{told['template_id']}/versions",
    )


def _request_decided(told: Mapping[str, Any], name: str, by: str) -> tuple[str, str]:
    return (
        f"{by or 'Somebody'} {told['status']} what you asked for: {_asked(told)} of “{name}”",
        f"/templates/{told['template_id']}/versions",
    )


def _asked(told: Mapping[str, Any]) -> str:
    label = told["label"]
    if told["act"] == "move":
        return f"label {label} to version {told['version']}"
    if told["act"] == "split":
        return f"a share of the calls of label {label} to version {told['version']}"
    return f"the removal of label {label}" if told["act"] == "remove" else f"an end of the protection of label {label}"


def _shared(told: Mapping[str, Any], name: str, by: str) -> tuple[str, str]:
    return f"{by or 'Somebody'} shared the {told['thing']} “{name}” with you", PAGES[told["thing"]].format(told["id"])


def _completed(told: Mapping[str, Any], name: str, by: str) -> tuple[str, str]:
    rate, low, high = told.get("success_rate"), told.get("low"), told.get("high")
    figure = "" if rate is None else f": {percent(rate)} passed"
    if low is not None and high is not None:
        figure += f" ({span_of(low, high)})"
    if told.get("answers"):
        figure += f", from {counted(told['answers'], 'answer')} to {counted(told['cases'], 'case')}"
    return f"The test “{name}” has completed{figure}", f"/evaluations/{told['test_id']}"


def _failed(told: Mapping[str, Any], name: str, by: str) -> tuple[str, str]:
    return f"The test “{name}” ended without completing: {told['status']}", f"/evaluations/{told['test_id']}"


def _regressed(told: Mapping[str, Any], name: str, by: str) -> tuple[str, str]:
    return f"The test “{name}” is worse than its baseline", f"/evaluations/{told['test_id']}"


def _suite(told: Mapping[str, Any], name: str, by: str) -> tuple[str, str]:
    outcome = "could not be judged" if told["status"] == "not_judged" else f"has {told['status']}"
    worse = ", and it is worse than before" if told["is_regression"] else ""
    sentence = f"The suite “{name}” {outcome}{_of_its_tests(told)}{worse}"
    return sentence, f"/evaluations/suites/{told['suite_id']}"


def _of_its_tests(told: Mapping[str, Any]) -> str:
    """What they came to, where the suite's own outcome does not say it."""
    total = sum(told[word] for word in TESTS_CAME_TO)
    if total > 1 and told["not_judged"] < total:
        counts = [f"{number(told[word])} {verb}" for word, verb in TESTS_CAME_TO.items() if told[word]]
        listed = " and ".join([", ".join(counts[:-1]), counts[-1]]) if len(counts) > 1 else counts[0]
        return f": of its {number(total)} tests {listed}"
    return ": its page says why" if told["status"] == "not_judged" else ""


def _quota(told: Mapping[str, Any], name: str, by: str) -> tuple[str, str]:
    kind = told.get("of", OWN)
    share = f"{told['percent']} % of"
    rest = f"{told['measure']} of the {told['period']}"
    if kind == OWN:
        return f"{share} your {rest} are used", "/settings/usage"
    query = urlencode({"kind": kind, "subject": told["id"]})
    return f"{share} the {rest} of the {kind} “{name}” are used", f"/settings/usage?{query}"


def _anomaly(told: Mapping[str, Any], name: str, by: str) -> tuple[str, str]:
    kind = told.get("of", OWN)
    whose = "Your use" if kind == OWN else f"The use of the {kind} “{name}”" if kind == "organisation" else EVERYBODYS
    return f"{whose} is unlike before: {str(told['metric']).replace('_', ' ')}", "/settings/anomalies"


def _webhook(told: Mapping[str, Any], name: str, by: str) -> tuple[str, str]:
    return f"Your webhook “{name}” is stopped. {told['reason']}", f"/settings/webhooks/{told['webhook_id']}"


def _error(told: Mapping[str, Any], name: str, by: str) -> tuple[str, str]:
    return f"{told['type']} in {told['place']} was resolved and is back", f"/monitoring/errors/{told['group_id']}"


def _alert(told: Mapping[str, Any], name: str, by: str) -> tuple[str, str]:
    what = f"{name} ({told['subject']})" if told["subject"] else name
    if told["state"] == "resolved":
        return f"Resolved: {what}", "/monitoring/alerts"
    unit = f" {told['unit']}" if told.get("unit") else ""
    now, threshold = f"{_in_short(told['value'])}{unit}", f"{measured(told['threshold'])}{unit}"
    sentence = f"{told['severity'].capitalize()}: {what}. It is {now}, {told['comparison']} {threshold}"
    return sentence, "/monitoring/alerts"


def _in_short(value: float) -> str:
    """Such as `953`: three digits that count and no more."""
    return number(round(value)) if abs(value) >= HUNDREDS else measured(value, digits=3)


def _model(told: Mapping[str, Any], name: str, by: str) -> tuple[str, str]:
    others = told["uses"] - 1
    more = f" and {others} other{'s' if others > 1 else ''}" if others else ""
    verb = "ask" if others else "asks"
    step = f": move to {told['replacement']}" if told.get("replacement") else ""
    sentence = f"{told['model_id']} retires on {told['retires_on']}; “{name}”{more} {verb} it{step}"
    return sentence, {**PAGES, "suite": SUITE}[told["kind"]].format(told["id"])


def _report(told: Mapping[str, Any], name: str, by: str) -> tuple[str, str]:
    return f"Your report of the week {told['week']} is there", f"/analytics/report/{told['week']}"


_WORDS: Final = {
    Kind.LABEL_MOVED: _label_moved,
    Kind.SPLIT_ENDED: _split_ended,
    Kind.APPROVAL_ASKED: _approval_asked,
    Kind.REQUEST_DECIDED: _request_decided,
    Kind.SHARED: _shared,
    Kind.TEST_COMPLETED: _completed,
    Kind.TEST_FAILED: _failed,
    Kind.TEST_REGRESSED: _regressed,
    Kind.SUITE_ENDED: _suite,
    Kind.QUOTA: _quota,
    Kind.ANOMALY: _anomaly,
    Kind.WEBHOOK_STOPPED: _webhook,
    Kind.ALERT: _alert,
    Kind.ERROR_RETURNED: _error,
    Kind.MODEL_RETIRES: _model,
    Kind.WEEKLY_REPORT: _report,
}
