"""The form's variables: a field for each `{{name}}` of the prompt, by its type where a template declares one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from playground.pages.compose.forms import ROW, VARIABLE, Compose
from playground.together import MOST_ROWS
from templates_app.content import Content, Variable, VariableType
from templates_app.partials.references import references_in
from templates_app.rendering.placeholders import names_in
from templates_app.rendering.plain import as_text


@dataclass(frozen=True)
class VariableField:
    """One variable as the form shows it."""

    variable: Variable
    value: str
    error: str = ""
    row: int | None = None
    """Its place among several rows."""

    @property
    def key(self) -> str:
        """The field's name in the form."""
        return f"{prefix_of(self.row)}{self.variable.name}"

    @property
    def number(self) -> int:
        """The row's number, as people count."""
        return (self.row or 0) + 1

    @property
    def slug(self) -> str:
        """What its element is called."""
        return f"variable-{self.variable.name}" if self.row is None else f"row-{self.row}-{self.variable.name}"

    @property
    def kind(self) -> str:
        """Which control it is: choice, number, text or json."""
        if self.choices:
            return "choice"
        kinds = {VariableType.NUMBER: "number", VariableType.STRING: "text"}
        return kinds.get(self.variable.type, "json")

    @property
    def choices(self) -> Sequence[str]:
        """What may be chosen, where that is a short list."""
        if self.variable.type == VariableType.BOOLEAN:
            return ("true", "false")
        listed: Any = next((rule.value for rule in self.variable.rules if rule.name == "enum"), ())
        return [as_text(choice) for choice in listed]

    @property
    def default(self) -> str:
        """What is sent when it is left empty."""
        return as_text(self.variable.default_value) if self.variable.has_default else ""

    @property
    def is_needed(self) -> bool:
        """Whether it may not be left empty."""
        return self.variable.required and not self.variable.has_default


def prefix_of(row: int | None) -> str:
    """What the names of a row's fields begin with; None: those of the plain form."""
    return VARIABLE if row is None else f"{ROW}{row}."


def table_of(compose: Compose, content: Content | None, errors: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What `_variables.html` shows of a form that may have several rows."""
    rows = [
        fields_of(replace(compose, variables=values), content, errors, row=number)
        for number, values in enumerate(compose.rows)
    ]
    may_grow = len(rows) < MOST_ROWS
    return {"variables": fields_of(compose, content, errors), "rows": rows, "may_have_rows": True, "may_grow": may_grow}


def fields_of(
    compose: Compose, content: Content | None, errors: Mapping[str, str] | None = None, *, row: int | None = None
) -> list[VariableField]:
    """A field for each variable, declared ones first in their order."""
    declared = {each.name: each for each in content.variables} if content else {}
    is_whole = content is not None and bool(content.messages)
    texts = [text for _, text in content.texts] if content and is_whole else [compose.prompt, compose.system_prompt]
    used = names_in(*texts)
    # What Jinja2, partials and placeholders use does not stand in the text as such.
    is_told = is_whole or (content is not None and content.engine == "jinja2") or bool(references_in(*texts))
    names = [name for name in declared if name in used or is_told] + [name for name in used if name not in declared]
    return [
        VariableField(
            declared.get(name, Variable(name)),
            compose.variables.get(name, ""),
            _error(errors or {}, prefix_of(row) + name),
            row,
        )
        for name in names
    ]


def _error(errors: Mapping[str, str], key: str) -> str:
    """What is wrong with the variable or with a place within its value."""
    return " ".join(message for place, message in errors.items() if place == key or place.startswith(f"{key}."))
