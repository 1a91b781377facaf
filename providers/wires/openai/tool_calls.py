"""Parallel tool calls told apart by id, index and order together: servers leave out, repeat and mix up each of them.

Known ways: index 0 on every call (ollama/ollama#7881), no index at all (openai/openai-python#2806), an id or a name
that comes late, an id at every part, arguments as an object.
"""

from __future__ import annotations

from typing import Any, Final

from providers.wires.answer import Answer, Calling
from providers.wires.json_shapes import as_id, as_json_text, as_object

BY_PROVIDER: Final = "srvtoolu_"
"""So begin Anthropic's ids of tools that it runs itself, which gateways pass on among the others."""

MARK: Final = "ran-by-provider-"
"""What our LiteLLM process puts before the id of such a tool."""


class ToolCalls:
    """The calls of one answer, from their parts."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._old: Calling | None = None

    def take_parts(self, calls: list[Any]) -> None:
        """The entries of one delta."""
        for position, value in enumerate(calls):
            if value is not None:
                self._part(position, len(calls), as_object(value, "tool_call"))

    def take_whole(self, calls: list[Any]) -> None:
        """The entries of a whole message: each is a call."""
        for value in calls:
            if value is not None:
                entry = as_object(value, "tool_call")
                self._fill(self._begin(as_id(entry.get("id")), None), *said_in(entry))

    def take_old(self, value: Any) -> None:
        """`function_call`, as it was before there were tools; some servers send both."""
        if self._old is None:
            if self._answer.calls:
                return
            self._old = self._begin("", None)
        self._fill(self._old, *said_in(as_object(value, "function_call")))

    def _part(self, position: int, width: int, entry: dict[str, Any]) -> None:
        id, index = as_id(entry.get("id")), _index(entry.get("index"))
        name, arguments = said_in(entry)
        call = self._known(id, index, name, arguments, position if width > 1 else None)
        if call is None:
            call = self._begin(id, index)
        call.id = call.id or id
        call.index = index if call.index is None else call.index
        self._fill(call, name, arguments)

    def _known(self, id: str, index: int | None, name: str, arguments: str, position: int | None) -> Calling | None:
        """The call that this is a part of; None: it begins one."""
        calls = self._answer.calls
        if not calls:
            return None
        if id and (same := next((call for call in reversed(calls) if call.id == id), None)):
            return same if index is None or same.index in (None, index) else None
        if index is not None:
            call = next((call for call in reversed(calls) if call.index == index), None)
            if call is None and not id and not name and calls[-1].index is None:
                return calls[-1]
        elif position is not None and not id and not name:
            call = calls[position - min(len(calls), 1 + position) if position >= len(calls) else position]
        else:
            call = calls[-1]
        return call if call is not None and self._continues(call, id, name, arguments) else None

    def _continues(self, call: Calling, id: str, name: str, arguments: str) -> bool:
        """Whether a part that may belong to the call, by its index or place, does."""
        is_other = bool(id and call.id and id != call.id)
        if is_other:
            return not name and not call.has_whole_arguments
        if not name:
            return True
        return not call.name or (not call.has_whole_arguments and (bool(id) or name == call.name or not arguments))

    def _begin(self, id: str, index: int | None) -> Calling:
        call = Calling(id=id, index=index)
        self._answer.calls.append(call)
        return call

    def _fill(self, call: Calling, name: str, arguments: str) -> None:
        if name and name != call.name:
            call.name = name if name.startswith(call.name) else call.name + name
        if arguments:
            call.parts.append(self._answer.fit(arguments))


def is_by_provider(entry: Any) -> bool:
    """Whether the entry is a tool that the provider ran itself."""
    if not isinstance(entry, dict):
        return False
    kind = str(entry.get("type") or "")
    is_named = kind.startswith(("server_tool", "mcp_")) or (
        kind.endswith("_call") and kind not in ("tool_call", "function_call", "custom_tool_call")
    )
    return is_named or as_id(entry.get("id")).startswith((BY_PROVIDER, MARK))


def said_in(entry: dict[str, Any]) -> tuple[str, str]:
    """(name, arguments) that an entry says."""
    function = entry.get("function") or entry.get("custom") or entry
    function = as_object(function, "function")
    arguments = function.get("arguments")
    if arguments is None:
        arguments = function.get("input", function.get("parameters"))
    return as_id(function.get("name")), as_json_text(arguments)


def _index(value: Any) -> int | None:
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer():
        return int(value)
    return int(value) if type(value) is str and value.isdecimal() and len(value) < 6 else None
