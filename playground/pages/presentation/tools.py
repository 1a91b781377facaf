"""Tools and their calls as the pages show them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from asgiref.sync import async_to_sync

from foundation.words import seconds
from playground.tools import registry
from playground.tools.calling import ANSWERED, AWAITING_APPROVAL, COMPLETED, INCOMPLETE
from playground.tools.tool import Tool


@dataclass(frozen=True)
class ToolCallView:
    """A call of a tool: arguments and what it came to as readable JSON, or as the text that it was."""

    id: str
    name: str
    arguments: str
    status: str
    outcome: str = ""
    """Its result or its error."""
    result_json: str = "null"
    """The result, to be changed."""
    is_failed: bool = False
    is_edited: bool = False
    time: str = ""

    @classmethod
    def of(cls, call: Mapping[str, Any]) -> ToolCallView:
        """One of the answer's `tool_executions`."""
        is_failed = "error" in call
        outcome = call["error"] if is_failed else call.get("result")
        taken = call.get("execution_time")
        return cls(
            id=str(call.get("id") or ""),
            name=str(call.get("tool_name") or "unnamed"),
            arguments=readable(call.get("arguments")),
            status=str(call.get("status") or ""),
            outcome=readable(outcome) if call.get("status") in ANSWERED else "",
            result_json=orjson.dumps(call.get("result"), option=orjson.OPT_INDENT_2).decode(),
            is_failed=is_failed,
            is_edited=bool(call.get("edited")),
            time="" if taken is None else seconds(taken),
        )

    @property
    def is_incomplete(self) -> bool:
        """Whether the answer ended in the middle of it."""
        return self.status == INCOMPLETE

    @property
    def is_awaiting(self) -> bool:
        """Whether a person has to allow it."""
        return self.status == AWAITING_APPROVAL

    @property
    def is_answered(self) -> bool:
        """Whether it came to a result or an error."""
        return self.status in ANSWERED


@dataclass(frozen=True)
class RoundView:
    """What the model said, and the tools that it called with it."""

    text: str
    calls: list[ToolCallView]


def rounds_of(answer: Mapping[str, Any]) -> list[RoundView]:
    """The rounds before the answer itself."""
    calls = answer.get("tool_executions") or ()
    return [
        RoundView(said.get("response", ""), [ToolCallView.of(call) for call in calls if call.get("round") == number])
        for number, said in enumerate(answer.get("rounds") or (), start=1)
    ]


def calls_before(messages: Sequence[Mapping[str, Any]]) -> list[ToolCallView]:
    """The calls, with what they came to, that a conversation ends with."""
    results: dict[str, str] = {}
    for message in reversed(messages):
        if message["role"] != "tool":
            return [_as_called(call, results) for call in message.get("tool_calls") or ()]
        results[message["tool_call_id"]] = message["content"]
    return []


def _as_called(call: Mapping[str, Any], results: Mapping[str, str]) -> ToolCallView:
    function = call["function"]
    told = {"tool_name": function["name"], "arguments": _loaded(function["arguments"])}
    return ToolCallView.of({**told, "status": COMPLETED, "result": _loaded(results.get(call["id"], ""))})


def _loaded(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def readable(value: Any) -> str:
    """JSON on lines of its own; a text as it is."""
    return value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


@dataclass(frozen=True)
class ToolView:
    """A tool, to be chosen or tried."""

    tool: Tool
    is_chosen: bool = False

    @property
    def schema(self) -> str:
        """That of its arguments."""
        return readable(dict(self.tool.parameters))

    @property
    def example(self) -> str:
        """Arguments to begin with."""
        return readable(dict(self.tool.examples[0])) if self.tool.examples else "{}"


def tool_choices(chosen: Collection[str] = ()) -> list[ToolView]:
    """Every tool there is, by name."""
    found = async_to_sync(registry.tools)()
    return [ToolView(tool, name in chosen) for name, tool in sorted(found.items())]
