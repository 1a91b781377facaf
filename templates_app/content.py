"""What a version of a template holds, as pure values; everything here is immutable."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import orjson


class VariableType(StrEnum):
    """What a variable's value is, in JSON's words."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    ARRAY = "array"
    OBJECT = "object"


class Engine(StrEnum):
    """How a template's text becomes a prompt."""

    PLAIN = "plain"
    JINJA2 = "jinja2"


RULES: Final = ("min", "max", "min_length", "max_length", "pattern", "enum", "item_type", "schema")


@dataclass(frozen=True, slots=True)
class Rule:
    """One validation rule of a variable; `name` is one of `RULES`."""

    name: str
    value: Any

    def as_json(self) -> dict[str, Any]:
        """The API's shape."""
        return {"rule": self.name, "value": self.value}


@dataclass(frozen=True, slots=True)
class Variable:
    """A typed place in the text; `has_default` tells a default of null from none."""

    name: str
    type: VariableType = VariableType.STRING
    description: str = ""
    required: bool = True
    default_value: Any = None
    has_default: bool = False
    rules: tuple[Rule, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """TemplateVariable of the specification; `default_value` only where there is one."""
        shape = {
            "name": self.name,
            "type": self.type.value,
            "description": self.description,
            "required": self.required,
            "validation_rules": [rule.as_json() for rule in self.rules],
        }
        return {**shape, "default_value": self.default_value} if self.has_default else shape

    @classmethod
    def from_json(cls, shape: Mapping[str, Any]) -> Variable:
        """The variable behind `as_json`, which has been checked before."""
        return cls(
            name=shape["name"],
            type=VariableType(shape.get("type", "string")),
            description=shape.get("description", ""),
            required=shape.get("required", True),
            default_value=shape.get("default_value"),
            has_default="default_value" in shape,
            rules=tuple(Rule(each["rule"], each["value"]) for each in shape.get("validation_rules", ())),
        )


@dataclass(frozen=True, slots=True)
class Content:
    """The text of a template with everything that decides what is sent."""

    prompt: str
    system_prompt: str = ""
    variables: tuple[Variable, ...] = ()
    default_parameters: Mapping[str, Any] = field(default_factory=dict)
    engine: Engine = Engine.PLAIN

    def as_json(self) -> dict[str, Any]:
        """What is sealed as a version's content."""
        return {
            "prompt": self.prompt,
            "system_prompt": self.system_prompt,
            "variables": [variable.as_json() for variable in self.variables],
            "default_parameters": dict(self.default_parameters),
            "engine": self.engine.value,
        }

    @classmethod
    def from_json(cls, shape: Mapping[str, Any]) -> Content:
        """The content behind `as_json`."""
        return cls(
            prompt=shape["prompt"],
            system_prompt=shape.get("system_prompt", ""),
            variables=tuple(map(Variable.from_json, shape.get("variables", ()))),
            default_parameters=shape.get("default_parameters", {}),
            engine=Engine(shape.get("engine", "plain")),
        )

    @property
    def hash(self) -> str:
        """SHA-256 of the content in hexadecimal: equal for equal content, whoever saves it."""
        return hashlib.sha256(orjson.dumps(self.as_json(), option=orjson.OPT_SORT_KEYS)).hexdigest()

    @property
    def variable_names(self) -> list[str]:
        """Names, in their order."""
        return [variable.name for variable in self.variables]
