"""Definitions of variables, made of what other systems say of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

from foundation.words import number
from templates_app.bodies import LARGEST_DEFAULT, MOST_VARIABLES
from templates_app.content import PART_TYPES, Variable, VariableType
from templates_app.exchange.formats.format import Draft
from templates_app.exchange.mapping.braces import Names
from templates_app.variables.validation import definition_errors

Definition = dict[str, Any]
LONGEST_DESCRIPTION: Final = 1_000
NOTHING: Final = object()
"""No default at all, where null is one."""
_KINDS: Final[Mapping[str, VariableType]] = {
    "string": VariableType.STRING,
    "str": VariableType.STRING,
    "text": VariableType.STRING,
    "any": VariableType.STRING,
    "number": VariableType.NUMBER,
    "integer": VariableType.NUMBER,
    "int": VariableType.NUMBER,
    "float": VariableType.NUMBER,
    "double": VariableType.NUMBER,
    "boolean": VariableType.BOOLEAN,
    "bool": VariableType.BOOLEAN,
    "array": VariableType.ARRAY,
    "list": VariableType.ARRAY,
    "object": VariableType.OBJECT,
    "dict": VariableType.OBJECT,
    "dictionary": VariableType.OBJECT,
    "image": VariableType.IMAGE,
    "file": VariableType.FILE,
    "thread": VariableType.MESSAGES,
    "messages": VariableType.MESSAGES,
}


class Definitions:
    """The variables of one template, in their order, by the names that they have here."""

    def __init__(self, draft: Draft, names: Names) -> None:
        self._draft = draft
        self._names = names
        self._made: dict[str, Definition] = {}

    def add(
        self,
        name: str,
        *,
        kind: Any = "string",
        description: str = "",
        is_required: bool = True,
        default: Any = NOTHING,
        choices: Any = None,
        schema: Mapping[str, Any] | None = None,
    ) -> None:
        """Defines a variable; a default or a rule that does not hold here is left out, and noted."""
        ours = self._names.of(name)
        made: Definition = {"name": ours, "type": self._kind(name, kind), "required": is_required}
        if told := description.strip():
            made["description"] = told[:LONGEST_DESCRIPTION]
            if len(told) > LONGEST_DESCRIPTION:
                self._draft.note(f"{ours}: its description is cut to {number(LONGEST_DESCRIPTION)} characters.")
        if choices is not None:
            self._rule(made, "enum", choices)
        if schema and made["type"] in (VariableType.ARRAY, VariableType.OBJECT):
            self._rule(made, "schema", dict(schema))
        if default is not NOTHING:
            self._default(made, default)
        self._made[ours] = made

    def _kind(self, name: str, kind: Any) -> str:
        found = _KINDS.get(kind.lower()) if isinstance(kind, str) else None
        if found is None:
            self._draft.note(f"{name[:60]}: there is no type {str(kind)[:60]} here, so it is text.")
        return (found or VariableType.STRING).value

    def _rule(self, made: Definition, rule: str, value: Any) -> None:
        tried = {**made, "validation_rules": [*made.get("validation_rules", []), {"rule": rule, "value": value}]}
        if _is_too_large(value) or any(definition_errors(Variable.from_json(tried))):
            self._draft.note(f"{made['name']}: its rule {rule} does not hold here, and is left out.")
        else:
            made["validation_rules"] = tried["validation_rules"]

    def _default(self, made: Definition, value: Any) -> None:
        tried = {**made, "default_value": value}
        if _is_too_large(value) or any(definition_errors(Variable.from_json(tried))):
            self._draft.note(f"{made['name']}: its default is no value of its type here, and is left out.")
        else:
            made["default_value"] = value

    def retype(self, name: str, kind: VariableType) -> None:
        """Says that the text uses a variable as one of this type, whatever was said of it before."""
        made = self._made.setdefault(name, {"name": name, "required": True})
        if made.get("type") != kind:
            for lost in ("default_value", "validation_rules"):
                made.pop(lost, None)
        made["type"] = kind.value

    def complete(self, names: Iterable[str], *, optional: Iterable[str] = ()) -> list[Definition]:
        """The definitions with those that the texts use and nobody defined."""
        may_lack = set(optional)
        for name in names:
            self._made.setdefault(name, {"name": name, "required": name not in may_lack})
        made = list(self._made.values())
        if len(made) > MOST_VARIABLES:
            self._draft.note(f"Up to {MOST_VARIABLES} variables are taken: {len(made)} are here.")
        return made

    @property
    def parts(self) -> set[str]:
        """The variables that are pictures or files."""
        return {name for name, made in self._made.items() if made.get("type") in PART_TYPES}


def _is_too_large(value: Any) -> bool:
    try:
        return len(orjson.dumps(value)) > LARGEST_DEFAULT
    except TypeError:
        return True
