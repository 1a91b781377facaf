"""The compare page's form: what it sends, as the API's body, and what a comparison or a refusal puts back into it.

A column's fields bear the API's own paths (`variants.1.parameters.temperature`), so a refusal finds its field.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from foundation.problems import FieldError, Problem, invalid
from playground import forms
from playground.forms import Compose
from playground.models import PromptExecution
from playground.presentation.parameters import LABELS

FEWEST: Final = 2
MOST: Final = 6
OWN: Final = ("system_prompt", "prompt")
"""What a column may have of its own instead of the shared one."""
COLUMN_FIELDS: Final = ("model_id", *OWN, *(f"parameters.{name}" for name in LABELS))
_PLACE: Final = re.compile(r"variants\.(\d+)\.(.+)")


@dataclass
class Column:
    """One column's part of the form; `execution_id` is the run whose answer it shows."""

    compose: Compose = field(default_factory=Compose)
    has_own_prompt: bool = False
    execution_id: str = ""


@dataclass
class ComparisonForm:
    """What stands in the form: as typed, as run before, or empty."""

    prompt: str = ""
    system_prompt: str = ""
    session_id: str = ""
    comparison_id: str = ""
    columns: list[Column] = field(default_factory=lambda: [Column(), Column()])

    @property
    def fields(self) -> list[str]:
        """Every place on the page that can show a refusal."""
        return [*OWN, *(_key(at, name) for at in range(len(self.columns)) for name in COLUMN_FIELDS)]


def from_post(data: Mapping[str, str]) -> ComparisonForm:
    """The form as it was sent."""
    by_column: dict[int, dict[str, str]] = {}
    for name, value in data.items():
        if found := _PLACE.fullmatch(name):
            by_column.setdefault(int(found[1]), {})[found[2]] = value
    shared = forms.from_post(data)
    return ComparisonForm(
        prompt=shared.prompt,
        system_prompt=shared.system_prompt,
        session_id=shared.session_id,
        comparison_id=data.get("comparison_id", ""),
        columns=[_column(by_column[at]) for at in sorted(by_column)][:MOST] or [Column(), Column()],
    )


def from_executions(executions: Sequence[PromptExecution]) -> ComparisonForm:
    """The form that would start these runs again: what most of them share stands on top."""
    found = [forms.from_execution(each) for each in executions]
    texts = [(each.system_prompt, each.prompt) for each in found]
    shared = Counter(texts).most_common(1)[0][0]
    columns = [
        Column(compose, text != shared, str(execution.id))
        for compose, text, execution in zip(found, texts, executions, strict=True)
    ]
    return ComparisonForm(prompt=shared[1], system_prompt=shared[0], columns=columns)


def edited(form: ComparisonForm, data: Mapping[str, str]) -> ComparisonForm:
    """The form after `add`, `duplicate` or `remove`, which name a column by its place; without any, as it was."""
    columns = list(form.columns)
    if "add" in data and len(columns) < MOST:
        columns.append(Column())
    if (at := _at(data.get("duplicate"), columns)) is not None and len(columns) < MOST:
        columns.insert(at + 1, replace(columns[at], execution_id=""))
    if (at := _at(data.get("remove"), columns)) is not None and len(columns) > FEWEST:
        del columns[at]
    return replace(form, columns=columns)


def body_from(form: ComparisonForm) -> dict[str, Any]:
    """The body of POST /api/comparisons."""
    body: dict[str, Any] = {"variants": [_variant(at, column) for at, column in enumerate(form.columns)]}
    return body | {
        name: getattr(form, name) for name in ("prompt", "system_prompt", "session_id") if getattr(form, name)
    }


def errors_by_field(problem: Problem, form: ComparisonForm) -> dict[str, str]:
    """The refusal's messages by the field that they stand at; "" has those that no field can show."""
    found: dict[str, dict[str, None]] = {}
    for error in problem.errors:
        named = _on_page(error["field"], form)
        place = next((name for name in form.fields if named == name or named.startswith(f"{name}.")), "")
        found.setdefault(place, {})[error["message"]] = None
    return {place: " ".join(messages) for place, messages in found.items()}


def _column(data: Mapping[str, str]) -> Column:
    return Column(forms.from_post(data), "own_prompt" in data, data.get("execution", ""))


def _variant(at: int, column: Column) -> dict[str, Any]:
    try:
        body = forms.body_from(column.compose)
    except Problem as problem:
        raise invalid(_moved(problem.errors, at)) from problem
    variant = {"model_id": body["model_id"], "parameters": body["parameters"]}
    if column.has_own_prompt:
        variant |= {name: getattr(column.compose, name) for name in OWN}
    return variant


def _moved(errors: Iterable[Mapping[str, str]], at: int) -> list[FieldError]:
    return [FieldError(_key(at, error["field"]), error["code"], error["message"]) for error in errors]


def _on_page(name: str, form: ComparisonForm) -> str:
    """Where a field is shown: a column without a prompt of its own has the shared one."""
    found = _PLACE.fullmatch(name)
    if not found or found[2] not in OWN:
        return name
    at = int(found[1])
    return name if at < len(form.columns) and form.columns[at].has_own_prompt else found[2]


def _key(at: int, name: str) -> str:
    return f"variants.{at}.{name}"


def _at(text: str | None, columns: Sequence[Column]) -> int | None:
    return int(text) if text and text.isdecimal() and int(text) < len(columns) else None
