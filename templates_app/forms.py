"""The editor's form: what it sends, as the API's body, and what a template or a refusal puts back into it.

Values are not judged here: every door's body is judged by the same serializer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

import orjson

from foundation.problems import FieldError, Problem, invalid
from templates_app.content import RULES, Content, Engine, Rule, Variable, VariableType
from templates_app.presentation.values import pretty, read, read_choices, shown, shown_choices
from templates_app.rendering.render import used_names
from templates_app.variables import APPLIES

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
PARTS: Final = ("name", "type", "default_value", "description", *(f"rules.{rule}" for rule in RULES))
"""Every place of a variable that can show one."""
LABELS: Final = {
    "min": "At least",
    "max": "At most",
    "min_length": "Shortest",
    "max_length": "Longest",
    "pattern": "Pattern",
    "enum": "One of",
    "item_type": "Items are of type",
    "schema": "JSON Schema",
}
_KEY: Final = re.compile(r"variables\.(\d{1,4})\.name")


class RuleField(NamedTuple):
    """A rule of a variable as a field; `types` are those that it applies to."""

    name: str
    text: str
    types: str
    applies: bool

    @property
    def label(self) -> str:
        """What it is, for a person."""
        return LABELS[self.name]

    @property
    def word(self) -> str:
        """What it is, in a line of several."""
        return self.label if self.name in ("schema", "pattern") else self.label.lower()

    @property
    def hint(self) -> str:
        """How it is written."""
        return {"enum": "one a line", "pattern": "RE2, found anywhere"}.get(self.name, "")

    @property
    def is_long(self) -> bool:
        """Whether it takes several lines."""
        return self.name in ("enum", "schema")


@dataclass
class VariableRow:
    """One variable of the form; texts as they stand in its fields."""

    index: str
    name: str
    type: str = VariableType.STRING
    required: bool = True
    default_value: str = ""
    description: str = ""
    sample: str = ""
    rules: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def rule_error(self) -> str:
        """Whether something is wrong with a rule: then they are shown unfolded."""
        return next((message for part, message in self.errors.items() if part.startswith("rules.")), "")

    @property
    def key(self) -> str:
        """What the names of its fields begin with."""
        return f"variables.{self.index}"

    @property
    def types(self) -> list[tuple[str, bool]]:
        """What can be chosen as its type."""
        return [(kind.value, kind == self.type) for kind in VariableType]

    @property
    def rule_fields(self) -> list[RuleField]:
        """A field for each rule; those that do not apply to the type are not shown."""
        return [
            RuleField(name, self.rules.get(name, ""), " ".join(sorted(APPLIES[name])), self.type in APPLIES[name])
            for name in RULES
        ]

    @property
    def set_rules(self) -> str:
        """The rules that are set, in a line; static/js/variables.js says the same while one types."""
        told = [
            f"{each.word} {each.text}".replace("\n", ", ") for each in self.rule_fields if each.applies and each.text
        ]
        return " · ".join(told)[:200] or "none"

    def body(self) -> dict[str, Any]:
        """The variable as the API takes it."""
        shape: dict[str, Any] = {
            "name": self.name,
            "type": self.type,
            "description": self.description,
            "required": self.required,
            "validation_rules": [{"rule": name, "value": self._rule(name)} for name in self.applied_rules],
        }
        if self.default_value:
            shape["default_value"] = read(self.default_value, self.type)
        return shape

    @property
    def applied_rules(self) -> list[str]:
        """The rules that are set and apply to the type: fields of the others are not shown."""
        return [name for name, text in self.rules.items() if text.strip() and self.type in APPLIES[name]]

    def _rule(self, name: str) -> Any:
        text = self.rules[name]
        if name == "enum":
            return read_choices(text, self.type)
        return text if name in ("pattern", "item_type") else read(text.strip(), VariableType.NUMBER)


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
        variables=[_row(data, found[1]) for found in map(_KEY.fullmatch, data) if found],
    )


def _row(data: Mapping[str, str], index: str) -> VariableRow:
    given = {part: data.get(f"variables.{index}.{part}", "").replace("\r\n", "\n") for part in (*PARTS, "sample")}
    # Rules that were there before keep their order: the same rules are the same content.
    before = [name for name in data.get(f"variables.{index}.order", "").split() if name in RULES]
    order = list(dict.fromkeys((*before, *RULES)))
    return VariableRow(
        index,
        given["name"],
        given["type"] or VariableType.STRING,
        f"variables.{index}.required" in data,
        given["default_value"],
        given["description"].strip(),
        given["sample"],
        {name: given[f"rules.{name}"] for name in order},
    )


def from_template(template: Any) -> EditorForm:
    """The form that would save the template as it is."""
    content: Content = template.content
    rest = {name: value for name, value in content.default_parameters.items() if name not in NUMBERS}
    given = {name: content.default_parameters.get(name) for name in NUMBERS}
    return EditorForm(
        name=template.name,
        category=template.category,
        description=template.description,
        tags=", ".join(template.tags),
        engine=content.engine,
        system_prompt=content.system_prompt,
        prompt=content.prompt,
        parameters={name: "" if value is None else str(value) for name, value in given.items()},
        more=pretty(rest) if rest else "",
        base_version=template.version.number,
        variables=[
            row_of(each, str(index), template.example.get(each.name)) for index, each in enumerate(content.variables)
        ],
    )


def row_of(variable: Variable, index: str, sample: Any = None) -> VariableRow:
    """The row of a variable."""
    return VariableRow(
        index,
        variable.name,
        variable.type,
        variable.required,
        shown(variable.default_value, variable.type) if variable.has_default else "",
        variable.description,
        "" if sample is None else shown(sample, variable.type),
        {rule.name: _shown_rule(rule, variable.type) for rule in variable.rules},
    )


def _shown_rule(rule: Rule, kind: str) -> str:
    if rule.name == "enum":
        return shown_choices(rule.value, kind)
    if rule.name in ("pattern", "item_type"):
        return str(rule.value)
    return pretty(rule.value) if rule.name == "schema" else shown(rule.value, VariableType.NUMBER)


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


def place_of_part(row: VariableRow, part: str) -> str:
    """The field of a row that a part of its definition (`validation_rules.0.value`) is typed into."""
    name, _, which = part.partition(".")
    if name == "validation_rules":
        number = which.partition(".")[0]
        rules = row.applied_rules
        name = f"rules.{rules[int(number)]}" if number.isdecimal() and int(number) < len(rules) else "type"
    return f"{row.key}.{name if name in PARTS else 'name'}"


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
        tuple(_variable(row) for row in form.variables if row.name),
        _numbers(form),
        Engine(form.engine) if form.engine in set(Engine) else Engine.PLAIN,
    )


def _variable(row: VariableRow) -> Variable:
    return Variable.from_json({**row.body(), "type": row.type if row.type in set(VariableType) else "string"})


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
