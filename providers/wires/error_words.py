"""What a provider says went wrong, wherever in its error it stands: gateways put a general phrase before the words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from providers.wires.failures import Refusal
from providers.wires.json_shapes import load_json

DEEPEST: Final = 6
MOST: Final = 4
"""Entries of a list of errors that are told."""
PHRASE: Final = (
    *("message", "msg", "detail", "error", "error_message", "errorMessage", "error_msg", "error_description"),
    *("description", "status_msg", "title", "reason"),
)
BEHIND: Final = ("metadata", "details", "errors", "innererror", "inner_error", "cause", "causes", "raw", "upstream")
RAW: Final = ("raw", "upstream_error", "error", "message", "reasons", "reason", "detail", "description")
"""Of what stands behind a phrase, in an object without a message of its own."""
JSON_INSIDE: Final = re.compile(r"[{\[].*[}\]]", re.DOTALL)
LONGEST_READ: Final = 16 * 1024


def load_error(body: bytes) -> Any:
    """An error's body as JSON; its text where it is none."""
    try:
        return load_json(body)
    except ValueError:
        return body.decode("utf-8", "replace")


def error_in(frame: Mapping[str, Any]) -> Any:
    """What a frame that brings no answer says went wrong; None when it says nothing of the kind."""
    error = frame.get("error")
    if error:
        return error
    status = frame.get("base_resp")  # MiniMax
    if isinstance(status, dict) and status.get("status_code"):
        return status
    if frame.get("errors") or frame.get("detail") or frame.get("error_msg") or frame.get("error_message"):
        return dict(frame)
    is_named = "error" in (frame.get("object"), frame.get("type")) or str(frame.get("type")).endswith("_error")
    is_coded = isinstance(frame.get("message"), str) and any(name in frame for name in ("code", "status", "statusCode"))
    return dict(frame) if is_named or is_coded else None


def refusal_of(status: int, value: Any, status_of: Mapping[str, int]) -> Refusal:
    """The refusal that an error stands for; `status` 0: it came inside a 200, and its own code tells more."""
    if isinstance(value, list) and value:
        value = next((each for each in value if isinstance(each, dict)), value[0])
    error = value.get("error") or value if isinstance(value, dict) else value
    if isinstance(error, str) and isinstance(inner := _inside(error), dict):
        error = inner.get("error") or inner
    message = words_of(value)
    if not isinstance(error, dict):
        return Refusal(status, message, is_inside_200=not status)
    within = error.get("error")
    deeper: dict[str, Any] = within if isinstance(within, dict) else {}
    kind = _name(error, deeper, ("type",))
    code = _name(error, deeper, ("code", "status", "error_code", "status_code", "statusCode"))
    is_inside_200 = not status
    if is_inside_200:
        numbers = (_name(error, deeper, (name,)) for name in ("code", "status", "status_code", "statusCode"))
        status = next((int(each) for each in numbers if each.isdecimal() and 400 <= int(each) < 600), 0)
        status = status or status_of.get(code) or status_of.get(kind, 0)
    return Refusal(status, message or kind, kind, code, is_inside_200)


def words_of(value: Any, depth: int = 0) -> str:
    """The words for a person in an error of any shape: its phrase, and what the phrase hides."""
    if depth > DEEPEST or value is None or isinstance(value, bool):
        return ""
    if isinstance(value, str):
        return _words_of_text(value, depth)
    if isinstance(value, list):
        return "; ".join(dict.fromkeys(filter(None, (words_of(each, depth + 1) for each in value[:MOST]))))
    if isinstance(value, dict):
        return _words_of_object(value, depth)
    return str(value) if depth else ""


def _words_of_object(value: dict[str, Any], depth: int) -> str:
    phrase = next(filter(None, (words_of(value[name], depth + 1) for name in PHRASE if name in value)), "")
    if isinstance(place := value.get("loc"), list) and phrase:  # FastAPI's
        phrase = f"{'.'.join(map(str, place))}: {phrase}"
    said = [phrase] if phrase else []
    for name in BEHIND:
        held = value.get(name)
        words = _raw(held, depth + 1) if name in ("metadata", "details") else words_of(held, depth + 1)
        if words and not any(words in earlier for earlier in said):
            said.append(words)
    return ": ".join(said)


def _raw(value: Any, depth: int) -> str:
    """The words in an object whose other values are no words (a name of a provider, flags, numbers)."""
    if isinstance(value, dict):
        return next(filter(None, (words_of(value[name], depth) for name in RAW if name in value)), "")
    if isinstance(value, list):
        return "; ".join(dict.fromkeys(filter(None, (_raw(each, depth + 1) for each in value[:MOST]))))
    return words_of(value, depth)


def _words_of_text(text: str, depth: int) -> str:
    inner = _inside(text)
    if isinstance(inner, dict | list) and (words := words_of(inner, depth + 1)):
        found = JSON_INSIDE.search(text)
        before = text[: found.start()].strip(" \t\r\n:-'\"b") if found else ""
        return f"{before}: {words}" if before and words not in before else words
    return text.strip()


def _inside(text: str) -> Any:
    """The JSON that a text is, or ends in; None where there is none."""
    found = JSON_INSIDE.search(text[:LONGEST_READ])
    if found is None:
        return None
    try:
        return load_json(found[0])
    except ValueError:
        return None


def _name(error: Mapping[str, Any], deeper: Mapping[str, Any], names: Iterable[str]) -> str:
    """The first of these that is a word or a number."""
    for holder in (error, deeper):
        for name in names:
            value = holder.get(name)
            if isinstance(value, str | int | float) and not isinstance(value, bool) and value:
                return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return ""
