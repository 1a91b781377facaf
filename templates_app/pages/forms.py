"""The editor's form: what it sends, as the API's body, and what a template or a refusal puts back into it.

Values are not judged here: every door's body is judged by the same serializer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import orjson

from foundation.problems import FieldError, Problem, invalid
from templates_app.content import Content, Engine, VariableType
from templates_app.pages.presentation.values import pretty, read
from templates_app.pages.presentation.variable_row import (
    PARTS,
    VariableRow,
    place_of_part,
    row_from_post,
    row_of,
    variable_of,
)
from templates_app.rendering.render import used_names

NUMBERS: Final = ("temperature", "max_tokens", "top_p")
"""Parameters with a field of their own; all others stand together as JSON."""
DETAILS: Final = ("name", "category", "description", "tags")
FIELDS: Final = (
    *DETAILS,
    "engine",
    "system_prompt",
    "prompt",
    *(f"parameters.{each}" for each in NUMBERS),
    "more",
    "note",
)
"""Every place of the page, beside those of the variables, that can show a refusal."""
_KEY: Final = re.compile(r"variables\.(\d{1,4})\.name")


@dataclass
class EditorForm:
    """What stands in the editor: as typed, or as the template has it."""

    name: str = ""
    category: str = ""
    description: str = ""
    tags: str = ""
    engine: str = Engine.PLAIN
    system_prompt: str = ""
    prompt: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    more: str = ""
    note: str = ""
    base_version: int | None = None
    variables: list[VariableRow] = field(default_factory=list)


def from_post(data: Mapping[str, str]) -> EditorForm:
    """The form as it was sent."""
    text = {
        name: data.get(name, "").replace("\r\n", "\n") for name in ("prompt", "system_prompt", "description", "more")
    }
    base = data.get("base_version", "")
    return EditorForm(
        **text,
        name=data.get("name", "").strip(),
        category=data.get("category", "").strip(),
        tags=data.get("tags", ""),
        engine=data.get("engine", Engine.PLAIN),
        parameters={name: data.get(f"parameters.{name}", "").strip() for name in NUMBERS},
        note=data.get("note", "").strip(),
        base_version=int(base) if base.isdecimal() and len(base) < 10 else None,
        variables=[row_from_post(data, found[1]) for found in map(_KEY.fullmatch, data) if found],
    )


def from_template(template: Any) -> EditorForm:
    """The form that would save the template as it is."""
    form = from_content(template.content, example=template.example)
    form.name, form.category, form.description = template.name, template.category, template.description
    form.tags, form.base_version = ", ".join(template.tags), template.version.number
    return form


def from_content(content: Content, *, example: Mapping[str, Any] | None = None) -> EditorForm:
    """The form of this content, without a name yet."""
    rest = {name: value for name, value in content.default_parameters.items() if name not in NUMBERS}
    given = {name: content.default_parameters.get(name) for name in NUMBERS}
    return EditorForm(
        engine=content.engine,
        system_prompt=content.system_prompt,
        prompt=content.prompt,
        parameters={name: "" if value is None else str(value) for name, value in given.items()},
        more=pretty(rest) if rest else "",
        variables=[
            row_of(each, str(index), (example or {}).get(each.name)) for index, each in enumerate(content.variables)
        ],
    )


def body_of(form: EditorForm) -> dict[str, Any]:
    """The API's body of this form; a Problem where a field cannot even be read."""
    body: dict[str, Any] = {
        "name": form.name,
        "category": form.category,
        "description": form.description,
        "tags": [tag for tag in map(str.strip, form.tags.split(",")) if tag],
        "engine": form.engine,
        "prompt": form.prompt,
        "system_prompt": form.system_prompt,
        "variables": [row.body() for row in form.variables],
        "default_parameters": {**_more(form), **_numbers(form)},
        "note": form.note,
    }
    return body if form.base_version is None else {**body, "base_version": form.base_version}


def _numbers(form: EditorForm) -> dict[str, Any]:
    return {name: read(text, VariableType.NUMBER) for name, text in form.parameters.items() if text}


def _more(form: EditorForm) -> dict[str, Any]:
    if not form.more.strip():
        return {}
    try:
        value = orjson.loads(form.more)
    except orjson.JSONDecodeError as error:
        raise invalid([FieldError("more", "invalid_json", f"No JSON: {error}.")]) from None
    if not isinstance(value, dict):
        raise invalid([FieldError("more", "invalid", 'A JSON object is expected, such as {"seed": 7}.')])
    return value


def errors_by_field(problem: Problem, form: EditorForm) -> dict[str, str]:
    """The refusal's sentences by the field that they stand at; under "" what belongs to none."""
    found: dict[str, str] = {}
    for error in problem.errors:
        place = _place(error["field"], form)
        found[place] = f"{found[place]} {error['message']}" if place in found else error["message"]
    return found


def _place(path: str, form: EditorForm) -> str:
    first, _, rest = path.partition(".")
    if first == "default_parameters":
        name = rest.partition(".")[0]
        return f"parameters.{name}" if name in NUMBERS else "more"
    if first != "variables":
        return first if first in FIELDS else ""
    position, _, part = rest.partition(".")
    if not position.isdecimal() or int(position) >= len(form.variables):
        return ""
    return place_of_part(form.variables[int(position)], part)


def with_errors(form: EditorForm, errors: Mapping[str, str]) -> EditorForm:
    """The form whose rows know what is wrong with them."""
    for row in form.variables:
        prefix = f"{row.key}."
        row.errors = {
            place.removeprefix(prefix): text for place, text in errors.items() if place.startswith(prefix) and text
        }
    return form


def places(form: EditorForm) -> list[str]:
    """Every field that can show a refusal."""
    return [*FIELDS, *(f"{row.key}.{part}" for row in form.variables for part in PARTS)]


def content_of(form: EditorForm) -> Content:
    """The content as far as it can be understood while one types: what is wrong with it is left out."""
    return Content(
        form.prompt,
        form.system_prompt,
        tuple(variable_of(row) for row in form.variables if row.name),
        _numbers(form),
        Engine(form.engine) if form.engine in set(Engine) else Engine.PLAIN,
    )


def completed(form: EditorForm) -> EditorForm:
    """The form with a row for every variable of its texts, as the page's script adds them while one types."""
    known = {row.name for row in form.variables}
    try:
        used = used_names(content_of(form))
    except Problem:
        return form  # no Jinja2 yet: saving says so
    last = max((int(row.index) for row in form.variables), default=-1)
    new = (name for name in used if name not in known)
    rows = [VariableRow(str(last + number), name) for number, name in enumerate(new, 1)]
    return replace(form, variables=[*form.variables, *rows])
