"""What a model's answer holds of cases: untrusted text, read as far as it means something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rest_framework.exceptions import ValidationError

from evaluation_app.datasets.bodies import checked_cases
from evaluation_app.datasets.formats.plain_expected import TAKING, expected_of_text
from evaluation_app.datasets.inputs import InputTypes
from evaluation_app.models.proposal import CaseKind
from evaluation_app.scorers.reading.json_answer import NoJson, json_in, plain
from foundation import json_values
from foundation.problems import Problem, field_errors
from foundation.rest.rendering import dumps

MOST: Final = 50
"""Proposals of one answer."""
LONGEST_SHOWN: Final = 2_000
"""Characters of what is no case that are kept."""
LONGEST_REASON: Final = 500


class NoProposals(ValueError):
    """The answer holds none; the text says why."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One case of an answer; `fault` says why it can be none."""

    kind: str
    body: dict[str, Any]
    reason: str
    fault: str = ""


def proposals_in(answer: str, *, types: InputTypes | None) -> list[Proposal]:
    """The cases of an answer: a JSON list, or an object with `cases`; each is judged alone. Raises NoProposals."""
    try:
        value = plain(json_in(answer))
    except NoJson as error:
        raise NoProposals(f"The model's answer cannot be read. {error}") from None
    listed = value.get("cases") if isinstance(value, Mapping) else value
    if not isinstance(listed, list) or not listed:
        raise NoProposals("The model's answer is JSON, and has no list of cases.")
    return [_proposal(each, types) for each in listed[:MOST]]


def _proposal(given: Any, types: InputTypes | None) -> Proposal:
    kind = given.get("kind") if isinstance(given, Mapping) else ""
    kind = kind if kind in CaseKind.values else ""
    reason = str(given.get("reason") or "")[:LONGEST_REASON] if isinstance(given, Mapping) else ""
    try:
        body = _body(given)
        json_values.check(body)
        (checked,) = checked_cases([body], types=types)
    except (Problem, ValidationError) as error:
        return Proposal(kind, {"answer": _shown(given)}, "", _sentence(error))
    except _Unfit as error:
        return Proposal(kind, {"answer": _shown(given)}, "", str(error))
    return Proposal(kind, dict(checked), _stored(reason))


class _Unfit(ValueError):
    """It is no case; the text says why."""


def _body(given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping) or not isinstance(given.get("input"), dict):
        raise _Unfit("It is no object with an input.")
    body: dict[str, Any] = {"input": given["input"]}
    if isinstance(name := given.get("name"), str):
        body["name"] = name[:255]
    expected = given.get("expected")
    if expected is None or expected == "":
        return body
    if not isinstance(expected, str | int | float) or isinstance(expected, bool):
        raise _Unfit("What it expects is no text.")
    scorer = given.get("judged_by")
    scorer = scorer if isinstance(scorer, str) and scorer in TAKING else "semantic"
    return {**body, "expected_output": expected_of_text(scorer, str(expected), place="expected")}


def _sentence(error: Problem | ValidationError) -> str:
    faults = error.errors if isinstance(error, Problem) else [each._asdict() for each in field_errors(error.detail)]
    told = [f"{each['field'].removeprefix('cases.0.')}: {each['message']}".removeprefix(": ") for each in faults[:3]]
    return _stored("; ".join(told) or str(error))


def _shown(given: Any) -> str:
    return _stored(dumps(given).decode()[:LONGEST_SHOWN])


def _stored(text: str) -> str:
    """The text without what cannot be kept."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
