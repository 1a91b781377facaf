"""Values of attributes, which an instrumentation may write as text, as JSON text or as what they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

from playground.gateway.traces.call import Said
from playground.gateway.traces.span import kept

MOST_ITEMS: Final = 2_000
ROLES: Final = {"human": "user", "ai": "assistant", "model": "assistant", "developer": "system", "function": "tool"}


def first(attributes: Mapping[str, Any], *names: str) -> Any:
    """The first of these that is there."""
    return next((attributes[name] for name in names if attributes.get(name) not in (None, "")), None)


def loaded(value: Any) -> Any:
    """JSON that was written as text, read; all else as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return kept(orjson.loads(value))
        except orjson.JSONDecodeError:
            return value
    return value


def as_text(value: Any) -> str:
    """A text; what is none, as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def as_count(value: Any) -> int | None:
    """A number of tokens; None for what is none."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 13:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 <= value <= 10**10 else None


def as_number(value: Any) -> float | None:
    """A number; None for what is none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def role_of(value: Any, otherwise: str = "user") -> str:
    """One of system, user, assistant, tool."""
    word = value.lower() if isinstance(value, str) else otherwise
    word = ROLES.get(word, word)
    return word if word in ("system", "user", "assistant", "tool") else otherwise


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list, or one that stands alone."""
    listed = [value] if isinstance(value, Mapping) else value if isinstance(value, list) else []
    return [each for each in listed[:MOST_ITEMS] if isinstance(each, dict)]


def indexed(attributes: Mapping[str, Any], prefix: str) -> list[dict[str, Any]]:
    """`prefix.0.a`, `prefix.1.b.c` as a list of flat objects (`a`, `b.c`), in the order of their numbers."""
    pattern = re.compile(re.escape(prefix) + r"\.(\d{1,4})(?:\.(.+))?")
    found: dict[int, dict[str, Any]] = {}
    for name, value in attributes.items():
        if name.startswith(prefix) and (match := pattern.fullmatch(name)):
            found.setdefault(int(match[1]), {})[match[2] or ""] = value
    return [found[number] for number in sorted(found)[:MOST_ITEMS]]


def call_of(id: Any, name: Any, arguments: Any) -> dict[str, Any]:
    """A tool's call, as `Said.calls` has them."""
    return {"id": as_text(id), "name": as_text(name), "arguments": {} if arguments is None else loaded(arguments)}


def said_of(role: Any, content: Any, *, otherwise: str = "user") -> Said:
    """A message whose content is a text or a list of parts, in the shapes of the vendors and of the conventions."""
    said = Said(role_of(role, otherwise))
    content = loaded(content)
    parts: list[Any] = content if isinstance(content, list) else [content]
    said.left_out = max(len(parts) - MOST_ITEMS, 0)
    words, thoughts = list[str](), list[str]()
    for part in parts[:MOST_ITEMS]:
        _take(said, part, words, thoughts)
    said.text, said.reasoning = joined(words), joined(thoughts)
    return said


def joined(words: Iterable[str]) -> str:
    """Paragraphs."""
    return "\n\n".join(each for each in words if each)


def _take(said: Said, part: Any, words: list[str], thoughts: list[str]) -> None:
    if not isinstance(part, Mapping):
        words.append(as_text(part))
        return
    kind, inner = str(part.get("type") or ""), part.get("content")
    if kind in ("reasoning", "thinking"):
        thoughts.append(as_text(first(part, "content", "thinking", "text")))
    elif kind in ("tool_call", "tool_use", "function_call"):
        id_, arguments = first(part, "id", "call_id"), first(part, "arguments", "input")
        said.calls.append(call_of(id_, part.get("name"), arguments))
    elif kind in ("tool_call_response", "tool_result"):
        said.role, said.call_id = "tool", as_text(first(part, "id", "tool_use_id", "call_id"))
        words.append(as_text(first(part, "response", "result", "content")))
    elif kind in ("", "text", "input_text", "output_text", "refusal"):
        told = first(part, "text", "refusal") if inner is None else inner
        words.append(as_text(told if told is not None else (None if kind else dict(part))))
    else:
        said.left_out += 1
