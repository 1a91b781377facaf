"""A bundle is checked whole before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from rest_framework import serializers

from foundation.problems import FieldError, field_errors, invalid
from foundation.words import number
from history.export.bundle import FORMAT_NAME, VERSION
from history.importing.feedback_rules import ComparisonRules
from history.importing.files import NONE, Files, files_of
from history.importing.remembering import Fingerprint
from history.importing.rules import ExecutionRules, SessionRules
from history.sequence import in_a_circle
from templates_app.parameters import KeptParametersSerializer

MOST_EXECUTIONS: Final = 100_000
MOST_ERRORS: Final = 100
"""Faults that are told at once; a file with more is none of ours."""
LISTS: Final = ("executions", "comparisons", "attachments")
MEMBERS: Final = frozenset({"format", "version", "session", *LISTS})


@dataclass(frozen=True, slots=True)
class Bundle:
    """A checked bundle: values as the rules give them."""

    session: dict[str, Any]
    executions: list[dict[str, Any]]
    files: Files = NONE
    comparisons: list[dict[str, Any]] = field(default_factory=list)
    fingerprint: bytes = b""


def read(body: Any) -> Bundle:
    """The bundle in `body`; raises a 400 problem with a dotted path a fault."""
    if not isinstance(body, Mapping):
        raise invalid([FieldError("", "invalid", "A bundle is a JSON object.")])
    if faults := [*_heading_faults(body)]:
        raise invalid(faults)
    rules = ExecutionRules()
    rules.fields["parameters"] = KeptParametersSerializer(required=False)
    session, faults = _checked(SessionRules(), body["session"], "session")
    executions, seen = [], set()
    for position, given in enumerate(body["executions"]):
        path = f"executions.{position}"
        execution, found = _checked(rules, given, path)
        executions.append(execution)
        faults += found
        if "id" in execution and execution["id"] in seen:
            faults.append(FieldError(f"{path}.id", "duplicate", "An execution before this one has the same id."))
        seen.add(execution.get("id"))
        if len(faults) >= MOST_ERRORS:
            break
    faults += _circles(executions)
    comparisons, found = _comparisons(body.get("comparisons", []))
    faults += found
    files, found = files_of(body.get("attachments", []))
    if faults := [*faults, *found]:
        raise invalid(faults[:MOST_ERRORS])
    return Bundle(session, executions, files, comparisons, _fingerprint(body))


def _fingerprint(body: Mapping[str, Any]) -> bytes:
    made = Fingerprint()
    made.add(body["session"])
    for name in LISTS:
        for each in body.get(name, ()):
            made.add(each)
    return made.digest()


def _comparisons(given: Any) -> tuple[list[dict[str, Any]], list[FieldError]]:
    if not isinstance(given, list) or len(given) > MOST_EXECUTIONS:
        message = f"A list of up to {number(MOST_EXECUTIONS)} comparisons is expected."
        return [], [FieldError("comparisons", "invalid", message)]
    rules, comparisons, faults = ComparisonRules(), [], list[FieldError]()
    for position, shape in enumerate(given):
        comparison, found = _checked(rules, shape, f"comparisons.{position}")
        comparisons.append(comparison)
        faults += found
    return comparisons, faults


def parents_of(executions: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """The position of each one's parent, where the bundle has it; in any order."""
    positions = {given["id"]: position for position, given in enumerate(executions) if given.get("id")}
    parents = ((position, positions.get(given.get("parent_id"))) for position, given in enumerate(executions))
    return {child: parent for child, parent in parents if parent is not None}


def _circles(executions: Sequence[Mapping[str, Any]]) -> Iterator[FieldError]:
    for position in in_a_circle(parents_of(executions)):
        yield FieldError(f"executions.{position}.parent_id", "circle", "Its parents lead back to itself.")


def _heading_faults(body: Mapping[str, Any]) -> Iterator[FieldError]:
    if body.get("format") != FORMAT_NAME:
        yield FieldError("format", "unknown_format", f"{FORMAT_NAME!r} is expected.")
        return
    if body.get("version") != VERSION or isinstance(body["version"], bool):
        yield FieldError("version", "unknown_version", f"Version {VERSION} is what this service reads.")
        return
    for name in sorted(body.keys() - MEMBERS):
        yield FieldError(name, "unknown", "There is no such field.")
    if not isinstance(body.get("session"), Mapping):
        yield FieldError("session", "invalid", "An object is expected.")
    executions = body.get("executions")
    if not isinstance(executions, list):
        yield FieldError("executions", "invalid", "A list is expected.")
    elif len(executions) > MOST_EXECUTIONS:
        yield FieldError("executions", "too_many", f"Up to {number(MOST_EXECUTIONS)} executions are taken at once.")


def _checked(rules: serializers.BaseSerializer[Any], given: Any, path: str) -> tuple[dict[str, Any], list[FieldError]]:
    try:
        return dict(rules.run_validation(given)), []
    except serializers.ValidationError as error:
        # Each odd element of a long list would be a fault of its own.
        return {}, field_errors(error.detail, path)[:MOST_ERRORS]
