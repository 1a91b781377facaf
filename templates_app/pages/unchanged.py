"""What nobody touched in the editor keeps the value that it was shown for.

A browser writes all line breaks alike, a field of one line has none, and numbers, lists and JSON have other ways to be
written than the one that was kept: a text in a form means what was kept as long as it is the text that was shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from templates_app.content import Content, Variable
from templates_app.models import PromptTemplate
from templates_app.pages import forms
from templates_app.pages.forms import NUMBERS, EditorForm
from templates_app.pages.presentation.variable_row import VariableRow, row_of
from templates_app.pages.turns import JSON_FIELDS, TurnRow, rows_of

LINES: Final = ("name", "category", "slug")
"""Fields of one line, without white space around it."""


def body_of(form: EditorForm, *, template: PromptTemplate | None, content: Content | None) -> dict[str, Any]:
    """The API's body of this form, in which `content` was edited; a Problem where a field cannot even be read."""
    body = forms.body_of(form)
    if template is None or content is None:
        return body
    shown = forms.from_template(template, content)
    for name in LINES:
        if name in body and _line(getattr(form, name)) == _line(getattr(shown, name)):
            body[name] = getattr(template, name) or body[name]
    if _line(form.tags) == _line(shown.tags):
        body["tags"] = list(template.tags)
    body["description"] = _as_kept(form.description, template.description)
    if form.is_conversation:
        body["messages"] = _messages(form.turns, content)
    else:
        body["prompt"] = _as_kept(form.prompt, content.prompt)
        body["system_prompt"] = _as_kept(form.system_prompt, content.system_prompt)
    call = content.call_json()
    for name in JSON_FIELDS:
        if _area(getattr(form, name)) == _area(getattr(shown, name)):
            body[name] = call.get(name)
    body["default_parameters"] = _parameters(form, shown, content)
    kept = {each.name: each for each in content.variables}
    body["variables"] = [_variable(row, kept.get(row.name)) for row in form.variables]
    return body


def _area(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _line(text: str) -> str:
    return text.replace("\r", "").replace("\n", "").strip()


def _as_kept(text: str, kept: str) -> str:
    """The kept text where this one is the same; else this one, with line breaks of the kept one's kind."""
    text = _area(text)
    if text == _area(kept):
        return kept
    return text.replace("\n", "\r\n") if "\r\n" in kept and "\n" not in kept.replace("\r\n", "") else text


def _parameters(form: EditorForm, shown: EditorForm, content: Content) -> dict[str, Any]:
    read, kept = forms.parameters_of(form), content.default_parameters
    same = {name for name in NUMBERS if form.parameters.get(name, "") == shown.parameters.get(name, "")}
    if _area(form.more) == _area(shown.more):
        same |= {name for name in {*read, *kept} if name not in NUMBERS}
    mine = {name: value for name, value in read.items() if name not in same}
    return {name: value for name, value in kept.items() if name in same} | mine


def _messages(rows: Sequence[TurnRow], content: Content) -> list[dict[str, Any]]:
    """The messages of these rows; one that stands elsewhere now is still the one that was shown."""
    kept = [(row, message.as_json()) for row, message in zip(rows_of(content.messages), content.messages, strict=True)]
    made: list[dict[str, Any]] = []
    for row in rows:
        found = next((place for place, (shown, _) in enumerate(kept) if _is_same_turn(row, shown)), None)
        made.append(row.body() if found is None else kept.pop(found)[1])
    return made


def _is_same_turn(row: TurnRow, shown: TurnRow) -> bool:
    is_alike = (row.role, row.is_parts) == (shown.role, shown.is_parts)
    return is_alike and _area(row.content) == _area(shown.content)


def _variable(row: VariableRow, kept: Variable | None) -> dict[str, Any]:
    if kept is None:
        return row.body()
    shown = row_of(kept, row.index)
    if _parts(row) == _parts(shown):
        return kept.as_json()
    body = row.body()
    if row.type == shown.type:
        if kept.has_default and _area(row.default_value) == _area(shown.default_value):
            body["default_value"] = kept.default_value
        values = {rule.name: rule.value for rule in kept.rules}
        for rule in body["validation_rules"]:
            if _area(row.rules[rule["rule"]]) == _area(shown.rules.get(rule["rule"], "")):
                rule["value"] = values[rule["rule"]]
    return body


def _parts(row: VariableRow) -> tuple[Any, ...]:
    rules = {name: _area(text).strip() for name, text in row.rules.items() if text.strip()}
    return row.type, row.required, _area(row.default_value), _line(row.description), rules
