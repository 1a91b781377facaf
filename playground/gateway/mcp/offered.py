"""What the MCP server offers: each tool calls what a door of the API calls, and is opened by that door's scopes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from accounts.authentication import Caller
from accounts.bearer.scopes import openers
from accounts.models import User
from foundation.json_schema.validators import TooMuch, validator_of
from foundation.problems import FieldError, invalid
from playground.gateway.mcp.calls import Call

Run = Callable[[User, dict[str, Any], Call], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Offered:
    """One tool, or a prompt's like."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    """JSON Schema of the arguments: an object's."""
    door: tuple[str, str]
    """Method and address of the door whose rights it asks for; `-` stands for an id."""
    run: Run
    """What it gives, a JSON object, for a user and arguments that fit the schema; it may tell the call how far it is.
    Raises Problem."""
    is_read_only: bool = False
    asks_models: bool = False
    """Whether it goes out of the service, and costs money."""

    def is_open_to(self, caller: Caller) -> bool:
        """Whether the caller's token may use it at all."""
        return caller.scopes is None or bool(openers(*self.door) & caller.scopes)

    def check(self, arguments: dict[str, Any]) -> None:
        """A Problem that names the place where the arguments do not fit."""
        try:
            misfit = validator_of(dict(self.parameters)).misfit(arguments)
        except TooMuch as error:
            raise invalid([FieldError("arguments", "too_large", str(error))]) from None
        if misfit is not None:
            place = misfit.pointer.strip("/").replace("/", ".") or "arguments"
            raise invalid([FieldError(place, misfit.keyword, misfit.message)])

    def as_json(self) -> dict[str, Any]:
        """As `tools/list` tells it."""
        hints = {
            "readOnlyHint": self.is_read_only,
            "destructiveHint": False,
            "idempotentHint": self.is_read_only,
            "openWorldHint": self.asks_models,
        }
        told = {"name": self.name, "description": self.description, "inputSchema": dict(self.parameters)}
        return {**told, "annotations": hints}


_OFFERED: Final[dict[str, Offered]] = {}


def offer(*tools: Offered) -> None:
    """To be called when an app is ready."""
    for tool in tools:
        _OFFERED[tool.name] = tool


def offered_to(caller: Caller) -> list[Offered]:
    """The tools that the caller's token opens."""
    return [tool for tool in _OFFERED.values() if tool.is_open_to(caller)]


def offered(name: str) -> Offered | None:
    """The tool of this name, whoever asks."""
    return _OFFERED.get(name)


def arguments_schema(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    """The schema of an object with these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }
