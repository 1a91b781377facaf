"""A variable as a row of the editor: its fields, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from templates_app.content import RULES, Rule, Variable, VariableType
from templates_app.pages.presentation.values import pretty, read, read_choices, shown, shown_choices
from templates_app.variables.validation import APPLIES

PARTS: Final = ("name", "type", "default_value", "description", *(f"rules.{rule}" for rule in RULES))
"""Every place of a variable that can show one."""
KEPT: Final = " kept"
"""Of a variable that was found before its text was asked for more than names: callers go by the type that it has."""
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
        return {"enum": "one a line", "pattern": "RE2"}.get(self.name, "")

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
    found: str = ""
    """What the row said when it was made of a place in the texts; empty for one that somebody made theirs."""

    @property
    def is_found(self) -> bool:
        """Whether nobody has said more of the variable than the texts do."""
        is_bare = not (self.default_value or self.description or any(map(str.strip, self.rules.values())))
        return bool(self.found) and is_bare and self.found.removesuffix(KEPT) == self.said

    @property
    def said(self) -> str:
        """Its type and need, as static/js/variables.js reads them too."""
        return f"{self.type} {'required' if self.required else 'optional'}"

    def following(self, used: Variable | None) -> VariableRow:
        """The row as the texts use it now, where nobody has said anything else."""
        if used is None or not self.is_found or self.found.endswith(KEPT):
            return self
        row = replace(self, type=used.type, required=used.required)
        return replace(row, found=row.said)

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


def row_from_post(data: Mapping[str, str], index: str) -> VariableRow:
    """The row as it was sent."""
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
        found=data.get(f"variables.{index}.found", ""),
    )


def row_of(variable: Variable, index: str, sample: Any = None, *, is_found: bool = False) -> VariableRow:
    """The row of a variable; `is_found`: of one that nobody declared."""
    row = VariableRow(
        index,
        variable.name,
        variable.type,
        variable.required,
        shown(variable.default_value, variable.type) if variable.has_default else "",
        variable.description,
        "" if sample is None else shown(sample, variable.type),
        {rule.name: _shown_rule(rule, variable.type) for rule in variable.rules},
    )
    return replace(row, found=row.said) if is_found else row


def _shown_rule(rule: Rule, kind: str) -> str:
    if rule.name == "enum":
        return shown_choices(rule.value, kind)
    if rule.name in ("pattern", "item_type"):
        return str(rule.value)
    return pretty(rule.value) if rule.name == "schema" else shown(rule.value, VariableType.NUMBER)


def variable_of(row: VariableRow) -> Variable:
    """The variable as far as it can be understood while one types."""
    return Variable.from_json({**row.body(), "type": row.type if row.type in set(VariableType) else "string"})


def place_of_part(row: VariableRow, part: str) -> str:
    """The field of a row that a part of its definition (`validation_rules.0.value`) is typed into."""
    name, _, which = part.partition(".")
    if name == "validation_rules":
        number = which.partition(".")[0]
        rules = row.applied_rules
        name = f"rules.{rules[int(number)]}" if number.isdecimal() and int(number) < len(rules) else "type"
    return f"{row.key}.{name if name in PARTS else 'name'}"
