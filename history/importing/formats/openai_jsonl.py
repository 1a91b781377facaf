"""OpenAI's JSON Lines: examples for fine-tuning, and requests and results of batches; the file is one session.

https://platform.openai.com/docs/guides/supervised-fine-tuning and /docs/guides/batch. Lines that begin with the same
messages are branches of one conversation, so that what our own export writes comes back as it was.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from foundation.problems import FieldError, Problem, invalid
from history.importing.formats.conversation import (
    Conversation,
    Turn,
    a_bundle,
    executions_of,
    mappings,
    model_of,
    moment,
    text,
)
from history.importing.formats.format import Format, Read
from playground.bodies.parts import checked

ROLES: Final = {"developer": "system", "function": "tool", "system": "system", "user": "user", "tool": "tool"}
KNOWN: Final = frozenset({
    "messages", "input", "preferred_output", "non_preferred_output", "tools", "functions", "parallel_tool_calls",
    "custom_id", "method", "url", "body", "response", "error", "id", "model",
})  # fmt: skip


def recognise(value: Any) -> bool:
    """By the shape of a line."""
    return any(_is_line(each) for each in _lines(value)[:20])


def read(value: Any) -> Read:
    """One session; what of its lines has no place here is counted in the notes."""
    file = _File()
    lines = _lines(value)
    asked = {str(line["custom_id"]): line["body"] for line in lines if "custom_id" in line and _is_request(line)}
    answered = {str(line["custom_id"]) for line in lines if "custom_id" in line and _is_result(line)}
    for number, line in enumerate(lines, start=1):
        if _is_request(line) and str(line.get("custom_id")) in answered:
            continue  # it comes with its result
        file.take(line, number, asked)
    if not file.turns:
        raise invalid([FieldError("line 1", "unknown_format", "No line has messages, or a batch's body or response.")])
    file.lost["lines name no model: theirs is called openai/unknown"] += sum(
        turn.role == "assistant" and not turn.model for turn in file.turns.values()
    )
    conversation = Conversation(
        turns=list(file.turns.values()),
        model=model_of("openai", None),
        begun=datetime.now(UTC),
        seed=file.fingerprint.hexdigest(),
    )
    executions, unanswered = executions_of(conversation)
    for execution in executions:
        execution["metadata"].pop("on_current_path", None)
    if unanswered:
        file.lost["questions without an answer are kept as cancelled runs"] += unanswered
    notes = [f"{what[0].upper()}{what[1:]} ({number})." for what, number in file.lost.items() if number]
    notes.append("The file does not say when it was: what names no time is dated now.")
    session = {"name": "OpenAI JSON lines", "metadata": {"source": "openai-jsonl"}}
    return Read([a_bundle(session, executions)], notes)


@dataclass(slots=True)
class _File:
    turns: dict[str, Turn] = field(default_factory=dict)
    ends: set[str] = field(default_factory=set)
    lost: Counter[str] = field(default_factory=Counter)
    fingerprint: Any = field(default_factory=hashlib.sha256)

    def take(self, line: dict[str, Any], number: int, asked: dict[str, Any]) -> None:
        """The line's messages behind those that the file has had already."""
        body, result = line, line.get("response") if isinstance(line.get("response"), dict) else {}
        answer = result.get("body") if result and isinstance(result.get("body"), dict) else {}
        if isinstance(line.get("body"), dict):
            body = line["body"]
        elif answer or line.get("custom_id") is not None:
            body = asked.get(str(line.get("custom_id")), {})
            if not body:
                self.lost["results have no question in the file"] += 1
        messages = self._messages(body, line)
        choices = mappings((answer or {}).get("choices"))
        messages += [each["message"] for each in choices[:1] if isinstance(each.get("message"), dict)]
        if len(choices) > 1:
            self.lost["further choices of results are left out"] += len(choices) - 1
        if line.get("error"):
            self.lost["results are errors, and kept without an answer"] += 1
        if not messages:
            self.lost["lines have no messages and are left out"] += 1
            return
        model = text((answer or {}).get("model")) or text(body.get("model")) or text(line.get("model"))
        for name in sorted(line.keys() - KNOWN):
            self.lost[f"values of “{name[:40]}” are left out"] += 1
        last = self._add(messages, number)
        last.tools = _tools(body)
        if model:
            last.model, last.at = model_of("openai", model), moment((answer or {}).get("created"))

    def _messages(self, body: dict[str, Any], line: dict[str, Any]) -> list[dict[str, Any]]:
        inner = body.get("input")
        given = body.get("messages") or (inner.get("messages") if isinstance(inner, dict) else None)
        messages = mappings(given)
        if preferred := mappings(line.get("preferred_output")):
            messages += preferred
            self.lost["answers that were not preferred are left out"] += bool(line.get("non_preferred_output"))
        return messages

    def _add(self, messages: list[dict[str, Any]], number: int) -> Turn:
        parent: str | None = None
        for place, message in enumerate(messages):
            self.fingerprint.update(shape := orjson.dumps(message, option=orjson.OPT_SORT_KEYS))
            key = hashlib.sha256(f"{parent}/".encode() + shape).hexdigest()
            is_last = place == len(messages) - 1
            if is_last and key in self.ends:
                key = f"{key}#{number}"  # the same line again
            if is_last:
                self.ends.add(key)
            if key not in self.turns:
                self.turns[key] = self._turn(key, parent, message)
            parent = key
        return self.turns[str(parent)]

    def _turn(self, key: str, parent: str | None, message: dict[str, Any]) -> Turn:
        role = ROLES.get(text(message.get("role")), "assistant")
        turn = Turn(key, parent, role, reasoning=text(message.get("reasoning_content")))
        content = message.get("content")
        words = (
            content if isinstance(content, str) else "\n\n".join(text(each.get("text")) for each in mappings(content))
        )
        if role == "tool":
            turn.calls = [{"tool_name": text(message.get("name")) or "tool", "result": words}]
            return turn
        turn.text = words or text(message.get("refusal"))
        if any(each.get("type") != "text" for each in mappings(content)):
            self._parts(turn, content)
        calls = [each.get("function") for each in mappings(message.get("tool_calls"))]
        calls += [message["function_call"]] if isinstance(message.get("function_call"), dict) else []
        for call in calls:
            if isinstance(call, dict):
                name, arguments = text(call.get("name")) or "tool", call.get("arguments")
                turn.calls.append({"tool_name": name, "arguments": _arguments(arguments)})
        return turn

    def _parts(self, turn: Turn, content: Any) -> None:
        try:
            turn.parts = checked(content) if turn.role == "user" else None
        except Exception as error:
            if not isinstance(error, (Problem, ValueError)) and not hasattr(error, "detail"):
                raise
            turn.parts = None
        if turn.parts is None:
            self.lost["parts that are no text are left out"] += 1


def _tools(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Tools as we keep them, of either way to name them."""
    given = [each.get("function", each) for each in mappings(body.get("tools"))] + mappings(body.get("functions"))
    names = ("name", "description", "parameters")
    found = [{name: each[name] for name in names if name in each} for each in mappings(given) if text(each.get("name"))]
    return found[:64]


def _arguments(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return {"text": value}
    return value if isinstance(value, dict) else {"value": value}


def _lines(value: Any) -> list[dict[str, Any]]:
    return [value] if isinstance(value, dict) and _is_line(value) else mappings(value)


def _is_line(each: Any) -> bool:
    if not isinstance(each, dict) or "mapping" in each or "chat_messages" in each:
        return False
    inner = each.get("input")
    has_input = isinstance(inner, dict) and isinstance(inner.get("messages"), list)
    return isinstance(each.get("messages"), list) or has_input or _is_request(each) or _is_result(each)


def _is_request(line: dict[str, Any]) -> bool:
    body = line.get("body")
    return isinstance(body, dict) and isinstance(body.get("messages"), list)


def _is_result(line: dict[str, Any]) -> bool:
    return "custom_id" in line and "response" in line and "body" not in line


OPENAI_JSONL: Final = Format("openai-jsonl", "OpenAI's JSON lines of chats or batches", recognise, read)
