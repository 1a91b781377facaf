"""What a version of a template holds, as pure values; everything here is immutable."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

import orjson

from templates_app.call.turns import Message, Slot, Turn, last_user_text, messages_from_json, texts_of, with_texts


class VariableType(StrEnum):
    """What a variable's value is, in JSON's words; or a picture, a file, messages that were said before."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    ARRAY = "array"
    OBJECT = "object"
    IMAGE = "image"
    FILE = "file"
    MESSAGES = "messages"


VALUE_TYPES: Final = frozenset(VariableType) - {VariableType.IMAGE, VariableType.FILE, VariableType.MESSAGES}
"""Those whose values are written into a text."""
PART_TYPES: Final = frozenset({VariableType.IMAGE, VariableType.FILE})
"""Those whose place in a text becomes a part of the message."""


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
    """Everything of a template that decides what is sent: the whole call.

    The simple form is `prompt` and `system_prompt`. With `messages` those are not set: `prompt` then reads as the
    last user text.
    """

    prompt: str
    system_prompt: str = ""
    variables: tuple[Variable, ...] = ()
    default_parameters: Mapping[str, Any] = field(default_factory=dict)
    engine: Engine = Engine.PLAIN
    messages: tuple[Message, ...] = ()
    tools: tuple[Mapping[str, Any], ...] = ()
    response_format: Mapping[str, Any] | None = None
    model_id: str = ""
    found: frozenset[str] | None = field(default=None, compare=False)
    """The variables that nobody declared; None where that is not known. It decides nothing that is sent."""

    def __post_init__(self) -> None:
        if self.messages:
            object.__setattr__(self, "prompt", last_user_text(self.messages))
            object.__setattr__(self, "system_prompt", "")

    def as_json(self) -> dict[str, Any]:
        """What a version's hash is made of. What came later stands there only where it is used: the hash of what was
        there before stays the same."""
        return {
            "prompt": self.prompt,
            "system_prompt": self.system_prompt,
            "variables": [variable.as_json() for variable in self.variables],
            "default_parameters": dict(self.default_parameters),
            "engine": self.engine.value,
            **self.call_json(),
        }

    def sealed_json(self) -> dict[str, Any]:
        """What is sealed as a version's content: the whole of it, and which variables were found."""
        return self.as_json() if self.found is None else {**self.as_json(), "found": sorted(self.found)}

    def call_json(self) -> dict[str, Any]:
        """The parts of a whole call that are set, in the API's shape."""
        call: dict[str, Any] = {
            "messages": [message.as_json() for message in self.messages],
            "tools": [dict(tool) for tool in self.tools],
            "response_format": self.response_format and dict(self.response_format),
            "model_id": self.model_id,
        }
        return {name: value for name, value in call.items() if value}

    @classmethod
    def from_json(cls, shape: Mapping[str, Any]) -> Content:
        """The content behind `as_json` or `sealed_json`."""
        return cls(
            prompt=shape["prompt"],
            system_prompt=shape.get("system_prompt", ""),
            variables=tuple(map(Variable.from_json, shape.get("variables", ()))),
            default_parameters=shape.get("default_parameters", {}),
            engine=Engine(shape.get("engine", "plain")),
            messages=messages_from_json(shape.get("messages", ())),
            tools=tuple(shape.get("tools", ())),
            response_format=shape.get("response_format"),
            model_id=shape.get("model_id", ""),
            found=frozenset(shape["found"]) if "found" in shape else None,
        )

    @property
    def hash(self) -> str:
        """SHA-256 of the content in hexadecimal: equal for equal content, whoever saves it."""
        return hashlib.sha256(orjson.dumps(self.as_json(), option=orjson.OPT_SORT_KEYS)).hexdigest()

    @property
    def variable_names(self) -> list[str]:
        """Names, in their order."""
        return [variable.name for variable in self.variables]

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Every text of the call that may hold variables, with the field that it stands in."""
        if self.messages:
            return tuple(texts_of(self.messages))
        return (("prompt", self.prompt), ("system_prompt", self.system_prompt))

    def with_texts(self, texts: Mapping[str, str]) -> Content:
        """The same call with these texts, by their fields as `texts` names them."""
        if not self.messages:
            return replace(self, prompt=texts["prompt"], system_prompt=texts["system_prompt"])
        return replace(self, messages=with_texts(self.messages, texts))

    @property
    def turns(self) -> tuple[Message, ...]:
        """The messages, also those that the simple form stands for."""
        if self.messages:
            return self.messages
        system = (Turn("system", self.system_prompt),) if self.system_prompt else ()
        return (*system, Turn("user", self.prompt))

    def fields_of(self, role: str) -> frozenset[str]:
        """The fields of the texts that `role` says in the messages."""
        turns = ((position, turn) for position, turn in enumerate(self.messages) if isinstance(turn, Turn))
        said = (turn.texts(f"messages.{position}") for position, turn in turns if turn.role == role)
        return frozenset(field for each in said for field, _ in each)

    @property
    def slots(self) -> dict[str, str]:
        """The variables that fill placeholders, each with the field of its first one."""
        found: dict[str, str] = {}
        for position, message in enumerate(self.messages):
            if isinstance(message, Slot):
                found.setdefault(message.name, f"messages.{position}.placeholder")
        return found

    @property
    def parameters(self) -> dict[str, Any]:
        """The default parameters, with the format that the version itself asks for."""
        own = {"response_format": dict(self.response_format)} if self.response_format else {}
        return {**self.default_parameters, **own}
