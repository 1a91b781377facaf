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
from playground.models import PromptExecution
from playground.pages.compose import forms
from playground.pages.compose.forms import VARIABLE, Compose
from playground.pages.presentation.parameters import LABELS
from templates_app.content import Content
from templates_app.models import TemplateVersion

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
    version: str = ""
    """The number of the shared template's version that it was made of; what it sends is that while its text is."""


@dataclass(frozen=True)
class Reference:
    """A version of the shared template that a column runs in the place of the shared one."""

    number: int
    content: Content


@dataclass
class ComparisonForm:
    """What stands in the form: as typed, as run before, or empty. `shared` has no model and no parameters."""

    shared: Compose = field(default_factory=Compose)
    comparison_id: str = ""
    columns: list[Column] = field(default_factory=lambda: [Column() for _ in range(FEWEST)])

    @property
    def fields(self) -> list[str]:
        """Every place on the page that can show a refusal."""
        of_columns = [_key(at, name) for at in range(len(self.columns)) for name in COLUMN_FIELDS]
        return [*OWN, "attachments", "tools", *(f"{VARIABLE}{name}" for name in self.shared.variables), *of_columns]


def from_post(data: Mapping[str, str]) -> ComparisonForm:
    """The form as it was sent."""
    by_column: dict[int, dict[str, str]] = {}
    for name, value in data.items():
        if found := _PLACE.fullmatch(name):
            by_column.setdefault(int(found[1]), {})[found[2]] = value
    columns = [_column(by_column[at]) for at in sorted(by_column)][:MOST]
    return ComparisonForm(
        forms.from_post(data),
        data.get("comparison_id", ""),
        columns if len(columns) >= FEWEST else [Column(), Column()],
    )


def from_template(filled: Compose) -> ComparisonForm:
    """The form that would run a template's version, whose parameters go into each column."""
    columns = [Column(Compose(parameters=dict(filled.parameters), schema=filled.schema)) for _ in range(FEWEST)]
    return ComparisonForm(replace(filled, parameters={}), columns=columns)


def from_executions(executions: Sequence[tuple[PromptExecution, TemplateVersion | None]]) -> ComparisonForm:
    """The form that would start these runs again: what most of them share stands on top.

    Each comes with the version of its template, where one may see it.
    """
    found = [forms.from_execution(*each) for each in executions]
    texts = [(each.system_prompt, each.prompt) for each in found]
    most = Counter(texts).most_common(1)[0][0]
    columns = [
        Column(compose, text != most, str(execution.id), compose.template_version)
        for compose, text, (execution, _) in zip(found, texts, executions, strict=True)
    ]
    shared = found[texts.index(most)]
    # The values of all: other versions may have other variables.
    values = {name: value for each in reversed(found) for name, value in each.variables.items()}
    shared = replace(shared, variables=values | shared.variables)
    return ComparisonForm(replace(shared, parameters={}, parent_id=""), columns=columns)


def asked_by(column: Column, shared: Compose) -> Compose:
    """The playground's form that would ask the same as the column."""
    own = column.compose
    texts = replace(own, template_id="", template_version="") if column.has_own_prompt else shared
    return replace(
        shared,
        model_id=own.model_id,
        parameters=own.parameters,
        schema=own.schema,
        prompt=texts.prompt,
        system_prompt=texts.system_prompt,
        template_id=texts.template_id,
        template_version=texts.template_version,
    )


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


def body_from(
    form: ComparisonForm, content: Content | None = None, references: Sequence[Reference | None] = ()
) -> dict[str, Any]:
    """The body of POST /api/comparisons; `content` is that of the template's version in the form, `references` are the
    other versions that columns run.
    """
    shared = forms.body_from(replace(form.shared, parameters={}, parent_id=""), content)
    kept = {name: value for name, value in shared.items() if name not in ("model_id", "parameters") and value != ""}
    return {**kept, "variants": [_variant(form, at, references) for at in range(len(form.columns))]}


def errors_by_field(problem: Problem, form: ComparisonForm) -> dict[str, str]:
    """The refusal's messages by the field that they stand at; "" has those that no field can show."""
    found: dict[str, dict[str, None]] = {}
    for error in problem.errors:
        named = _on_page(error["field"], form)
        place = next((name for name in form.fields if _stands_at(named, name)), "")
        found.setdefault(place, {})[error["message"]] = None
    return {place: " ".join(messages) for place, messages in found.items()}


def _stands_at(named: str, place: str) -> bool:
    return named == place or named.startswith(f"{place}.")


def _column(data: Mapping[str, str]) -> Column:
    return Column(forms.from_post(data), "own_prompt" in data, data.get("execution", ""), data.get("version", ""))


def _variant(form: ComparisonForm, at: int, references: Sequence[Reference | None]) -> dict[str, Any]:
    column, reference = form.columns[at], references[at] if references else None
    try:
        body = forms.body_from(column.compose)
    except Problem as problem:
        raise invalid(_moved(problem.errors, at)) from problem
    variant: dict[str, Any] = {"model_id": body["model_id"], "parameters": body["parameters"]}
    if reference:
        told = reference.content
        texts = replace(form.shared, prompt=told.prompt, system_prompt=told.system_prompt)
        variant |= {"template_id": form.shared.template_id, "version": reference.number}
        variant["variables"] = forms.values_of(texts, told.variables)
    elif column.has_own_prompt:
        variant |= {name: getattr(column.compose, name) for name in OWN}
    return variant


def _moved(errors: Iterable[Mapping[str, str]], at: int) -> list[FieldError]:
    return [FieldError(_key(at, error["field"]), error["code"], error["message"]) for error in errors]


def _on_page(name: str, form: ComparisonForm) -> str:
    """Where a field is shown: a column without a prompt of its own has the shared one, all share files and tools."""
    found = _PLACE.fullmatch(name)
    place = found[2] if found else name
    if forms.PART_OF_PROMPT.fullmatch(place):
        return "attachments"
    if place.startswith(VARIABLE):
        return place
    if _stands_at(place, "tools"):
        return "tools"
    if not found or found[2] not in OWN:
        return name
    at = int(found[1])
    return name if at < len(form.columns) and form.columns[at].has_own_prompt else found[2]


def _key(at: int, name: str) -> str:
    return f"variants.{at}.{name}"


def _at(text: str | None, columns: Sequence[Column]) -> int | None:
    return int(text) if text and text.isdecimal() and int(text) < len(columns) else None
