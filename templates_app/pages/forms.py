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
from foundation.words import plain_number
from templates_app.content import Content, Engine, VariableType
from templates_app.pages import turns
from templates_app.pages.presentation.values import pretty, read, read_tags, shown_tags
from templates_app.pages.presentation.variable_row import (
    KEPT,
    PARTS,
    VariableRow,
    place_of_part,
    row_from_post,
    row_of,
    variable_of,
)
from templates_app.pages.turns import TurnRow
from templates_app.rendering.placeholders import name_of
from templates_app.rendering.render import used_variables
from templates_app.variables.finding import found_in, places_of

NUMBERS: Final = ("temperature", "max_tokens", "max_cost", "top_p")
"""Parameters with a field of their own; all others stand together as JSON."""
DETAILS: Final = ("name", "slug", "category", "description", "tags")
FIELDS: Final = (
    *DETAILS,
    "engine",
    "system_prompt",
    "prompt",
    *(f"parameters.{each}" for each in NUMBERS),
    "more",
    "messages",
    "tools",
    "response_format",
    "model_id",
    "note",
)
"""Every place of the page, beside those of the variables, that can show a refusal."""
_KEY: Final = re.compile(r"variables\.(\d{1,4})\.name")


@dataclass
class EditorForm:
    """What stands in the editor: as typed, or as the template has it."""

    name: str = ""
    slug: str = ""
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
    is_conversation: bool = False
    """Whether turns stand in the place of prompt and system prompt."""
    turns: list[TurnRow] = field(default_factory=list)
    tools: str = ""
    response_format: str = ""
    model_id: str = ""

    @property
    def has_call(self) -> bool:
        """Whether anything of the call is set beside its texts."""
        return bool(self.tools.strip() or self.response_format.strip() or self.model_id)

    @property
    def is_simple(self) -> bool:
        """Whether its turns are but a system prompt and a prompt."""
        return turns.as_simple(self.turns) is not None


def from_post(data: Mapping[str, str]) -> EditorForm:
    """The form as it was sent."""
    names = ("prompt", "system_prompt", "description", "more", *turns.JSON_FIELDS)
    text = {name: data.get(name, "").replace("\r\n", "\n") for name in names}
    base = data.get("base_version", "")
    return EditorForm(
        **text,
        name=data.get("name", "").strip(),
        slug=data.get("slug", "").strip(),
        category=data.get("category", "").strip(),
        tags=data.get("tags", ""),
        engine=data.get("engine", Engine.PLAIN),
        parameters={name: data.get(f"parameters.{name}", "").strip() for name in NUMBERS},
        note=data.get("note", "").strip(),
        base_version=int(base) if base.isdecimal() and len(base) < 10 else None,
        variables=[row_from_post(data, found[1]) for found in map(_KEY.fullmatch, data) if found],
        is_conversation="is_conversation" in data,
        turns=turns.rows_from_post(data),
        model_id=data.get("model_id", "").strip(),
    )


def from_template(template: Any, content: Content | None = None) -> EditorForm:
    """The form that would save the template as it is, or with another content of its own."""
    form = from_content(content or template.content, example=template.example)
    form.slug = template.slug or ""
    form.name, form.category, form.description = template.name, template.category, template.description
    form.tags, form.base_version = shown_tags(template.tags), template.version.number
    return form


def from_content(content: Content, *, example: Mapping[str, Any] | None = None) -> EditorForm:
    """The form of this content, without a name yet."""
    found = found_in(content)
    rows = [
        row_of(each, str(index), (example or {}).get(each.name), is_found=each.name in found)
        for index, each in enumerate(content.variables)
    ]
    if content.found is None:
        rows = [replace(row, found=row.found and row.found + KEPT) for row in rows]
    rest = {name: value for name, value in content.default_parameters.items() if name not in NUMBERS}
    given = {name: content.default_parameters.get(name) for name in NUMBERS}
    return EditorForm(
        engine=content.engine,
        system_prompt=content.system_prompt,
        prompt="" if content.messages else content.prompt,
        is_conversation=bool(content.messages),
        turns=turns.rows_of(content.messages),
        **turns.texts_of(content),
        parameters={name: "" if value is None else plain_number(value) for name, value in given.items()},
        more=pretty(rest) if rest else "",
        variables=rows,
    )


def body_of(form: EditorForm) -> dict[str, Any]:
    """The API's body of this form; a Problem where a field cannot even be read."""
    body: dict[str, Any] = {
        "name": form.name,
        "category": form.category,
        "description": form.description,
        "tags": read_tags(form.tags),
        "engine": form.engine,
        **_said(form),
        **{name: turns.json_of(name, getattr(form, name)) for name in turns.JSON_FIELDS},
        "model_id": form.model_id,
        "variables": [row.body() for row in form.variables],
        "default_parameters": parameters_of(form),
        "note": form.note,
    }
    body |= {"slug": form.slug} if form.slug else {}
    return body if form.base_version is None else {**body, "base_version": form.base_version}


def _said(form: EditorForm) -> dict[str, Any]:
    if form.is_conversation:
        return {"messages": [row.body() for row in form.turns]}
    return {"prompt": form.prompt, "system_prompt": form.system_prompt}


def parameters_of(form: EditorForm) -> dict[str, Any]:
    """The default parameters as they are written; a Problem where they cannot be read."""
    return {**_more(form), **_numbers(form)}


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
    if first == "messages":
        number = rest.partition(".")[0]
        return f"turns.{number}" if number.isdecimal() and int(number) < len(form.turns) else first
    if first == "prompt" and form.is_conversation:
        return "messages"
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
    said = [f"turns.{number}" for number in range(len(form.turns))]
    fields = [name for name in FIELDS if not form.is_conversation or name not in ("prompt", "system_prompt")]
    return [*fields, *said, *(f"{row.key}.{part}" for row in form.variables for part in PARTS)]


def content_of(form: EditorForm) -> Content:
    """The content as far as it can be understood while one types: what is wrong with it is left out."""
    rows = form.turns if form.is_conversation else []
    return Content(
        form.prompt,
        form.system_prompt,
        tuple(variable_of(row) for row in form.variables if row.name),
        _numbers(form),
        Engine(form.engine) if form.engine in set(Engine) else Engine.PLAIN,
        model_id=form.model_id,
        **turns.understood(rows, {name: getattr(form, name) for name in turns.JSON_FIELDS}),
    )


def with_act(form: EditorForm, act: str) -> EditorForm:
    """The form after a button of its turns; nothing that was typed goes but what the button removes."""
    if act == "as-conversation" and not form.is_conversation:
        rows = turns.as_conversation(form.system_prompt, form.prompt)
        return replace(form, is_conversation=True, turns=rows, prompt="", system_prompt="")
    if act == "as-simple" and (simple := turns.as_simple(form.turns)):
        return replace(form, is_conversation=False, turns=[], system_prompt=simple[0], prompt=simple[1])
    return replace(form, turns=turns.acted(form.turns, act))


def completed(form: EditorForm) -> EditorForm:
    """The form with a row for every variable of its texts, as the page's script adds them while one types.

    Rows that nobody touched go with their places, and are of the types that the texts tell.
    """
    content = content_of(form)
    try:
        used = places_of(content, used_variables(content))
    except Problem:
        return form  # no Jinja2 yet: saving says so
    used = {name: each for name, each in used.items() if name_of(name)}
    rows = [row for row in form.variables if row.name in used or not row.is_found]
    known = {row.name for row in rows}
    last = max((int(row.index) for row in form.variables), default=-1)
    new = [each for name, each in used.items() if name not in known]
    found = [row_of(each, str(last + number), is_found=True) for number, each in enumerate(new, 1)]
    return replace(form, variables=[*(row.following(used.get(row.name)) for row in rows), *found])


def found_of(form: EditorForm) -> list[str]:
    """The variables that were found in the texts, of which nobody said more."""
    return [row.name for row in form.variables if row.is_found]
