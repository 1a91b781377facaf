"""Calls of tools and their results as the turns of a conversation, in OpenAI's shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from playground.tools.calling import ANSWERED, REQUESTED
from providers.base import Message


def turns_of(text: str, entries: Sequence[Mapping[str, Any]], *, with_requested: bool = False) -> list[Message]:
    """One round: what the model said with its calls, and what each came to. Calls without a result are left out, since
    no provider takes them; `with_requested`, those stay that the caller runs, whose results are to follow."""
    answered = [each for each in entries if each["status"] in ANSWERED]
    kept = [each for each in entries if each in answered or (with_requested and each["status"] == REQUESTED)]
    if not kept:
        return [{"role": "assistant", "content": text}] if text else []
    calls = [_call(each) for each in kept]
    return [{"role": "assistant", "content": text or None, "tool_calls": calls}, *map(_result, answered)]


def turns_of_answer(answer: Mapping[str, Any], *, with_requested: bool = False) -> list[Message]:
    """All that an execution's model has said and called: rounds of tools first, its answer last."""
    entries = answer.get("tool_executions", ())
    turns: list[Message] = []
    for number, said in enumerate(answer.get("rounds", ()), start=1):
        turns += turns_of(said.get("response", ""), [each for each in entries if each.get("round") == number])
    last = len(answer.get("rounds", ())) + 1
    rest = [each for each in entries if each.get("round", last) == last]
    return turns + turns_of(answer.get("response", ""), rest, with_requested=with_requested)


def _call(entry: Mapping[str, Any]) -> dict[str, Any]:
    arguments = entry["arguments"]
    written = arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode()
    return {"id": entry["id"], "type": "function", "function": {"name": entry["tool_name"], "arguments": written}}


def _result(entry: Mapping[str, Any]) -> Message:
    told = entry.get("result") if "error" not in entry else {"error": entry["error"]}
    content = told if isinstance(told, str) else orjson.dumps(told).decode()
    return {"role": "tool", "tool_call_id": entry["id"], "content": content}
