"""Messages as other systems have them, and the fields of a content that they become."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from templates_app.call.parts import part_faults
from templates_app.exchange.formats.format import Draft, refused
from templates_app.exchange.mapping.braces import Names
from templates_app.rendering.placeholders import NAME

ROLES: Final[Mapping[str, str]] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "model": "assistant",
    "bot": "assistant",
}
_TEXTS: Final = frozenset({"text", "input_text", "output_text"})
_OF_TOOLS: Final = frozenset({"tool_calls", "function_call", "tool_call_id"})
_KNOWN: Final = frozenset({"role", "content", "type", "id", "status", *_OF_TOOLS})
Text = Callable[[str], str]
"""Puts the places of a text into our words."""


def turns_of(given: Any, draft: Draft, place: str, *, text: Text = str) -> list[dict[str, Any]]:
    """Our messages; a Problem names what is none. What ours cannot hold is left out, and noted."""
    if not isinstance(given, list):
        raise refused(place, "not_a_list", "A list of messages, each with role and content, is expected.")
    return [turn for at, each in enumerate(given) for turn in _turn(each, draft, f"{place}.{at}", text)]


def _turn(given: Any, draft: Draft, place: str, text: Text) -> Iterator[dict[str, Any]]:
    if isinstance(given, Mapping) and "placeholder" in given and "role" not in given:
        yield {"placeholder": _name(given["placeholder"], f"{place}.placeholder")}
        return
    if not isinstance(given, Mapping) or ("content" not in given and not _OF_TOOLS & given.keys()):
        raise refused(place, "invalid", "A message is an object with role and content.")
    role = given.get("role")
    if not isinstance(role, str):
        raise refused(f"{place}.role", "invalid", "A role, such as user, is expected.")
    if role.lower() not in ROLES or _OF_TOOLS & {name for name, value in given.items() if value}:
        draft.note(f"{place}: calls of tools and what they answered are left out of the messages.")
    if role.lower() not in ROLES:
        return
    if others := sorted(map(str, given.keys() - _KNOWN)):
        draft.note(f"{place}: not carried over: {', '.join(others)[:200]}.")
    found = said(ROLES[role.lower()], given.get("content"), draft, f"{place}.content", text=text)
    if not found and not _OF_TOOLS & given.keys():
        draft.note(f"{place}: a message without text is left out.")
    yield from found


def said(role: str, given: Any, draft: Draft, place: str, *, text: Text = str) -> list[dict[str, Any]]:
    """One message of `role` (one of ours) with this content; none where it is empty."""
    content = _content(given, draft, place, text)
    if role != "user" and isinstance(content, list):
        kept = [part for part in content if part["type"] == "text"]
        if len(kept) < len(content):
            draft.note(f"{place}: pictures and files stand in messages of the user only, so they are left out.")
        content = kept
    return [{"role": role, "content": content}] if content else []


def _name(given: Any, place: str) -> str:
    if not isinstance(given, str) or not re.fullmatch(NAME, given):
        raise refused(place, "invalid", "The name of a variable is expected.")
    return given


def _content(given: Any, draft: Draft, place: str, text: Text) -> str | list[dict[str, Any]]:
    """Text, or parts where something else than text is among them; empty for nothing."""
    if given is None:
        return ""
    if isinstance(given, str):
        return text(given) if given.strip() else ""
    if isinstance(given, Mapping):
        given = [given]
    if not isinstance(given, list):
        raise refused(place, "invalid", "Text, or a list of parts, is expected.")
    parts = [part for at, each in enumerate(given) if (part := _part(each, draft, f"{place}.{at}", text))]
    if len(parts) == 1 and parts[0]["type"] == "text":
        return str(parts[0]["text"])
    return parts


def _part(given: Any, draft: Draft, place: str, text: Text) -> dict[str, Any] | None:
    if isinstance(given, str):
        given = {"type": "text", "text": given}
    if not isinstance(given, Mapping) or not isinstance(given.get("type", "text"), str):
        raise refused(place, "invalid", "A part of a message is an object with a type.")
    kind = given.get("type", "text")
    if kind in _TEXTS:
        if not isinstance(given.get("text"), str):
            raise refused(f"{place}.text", "invalid", "Text is expected.")
        return {"type": "text", "text": text(given["text"])} if given["text"].strip() else None
    part = _image(given) if kind in ("image_url", "input_image", "image") else _file(given)
    if part is None or any(part_faults(part)):
        draft.note(f"{place}: the {kind[:60]} is not carried over: only pictures and files with their bytes are.")
        return None
    return part


def _image(given: Mapping[str, Any]) -> dict[str, Any] | None:
    """A picture by its bytes, as OpenAI, Anthropic or we have it."""
    match given:
        case {"image_url": {"url": str(url)}} | {"image_url": str(url)} | {"data_url": str(url)}:
            return {"type": "image", "data_url": url} if url.startswith("data:") else None
        case {"source": {"type": "base64", "media_type": str(kind), "data": str(data)}}:
            return {"type": "image", "data_url": f"data:{kind};base64,{data}"}
    return None


def _file(given: Mapping[str, Any]) -> dict[str, Any] | None:
    match given:
        case (
            {"file": {"file_data": str(url), **rest}} | {"file_data": str(url), **rest} | {"data_url": str(url), **rest}
        ):
            name = rest.get("filename", rest.get("name"))
            named = {"name": name} if isinstance(name, str) else {}
            return {"type": "file", "data_url": url, **named} if url.startswith("data:") else None
        case {"source": {"type": "base64", "media_type": str(kind), "data": str(data)}}:
            return {"type": "file", "data_url": f"data:{kind};base64,{data}"}
    return None


def texts_of(turns: list[dict[str, Any]]) -> list[str]:
    """Every text in them, from the first to the last."""
    return [part["text"] for turn in turns for part in _parts(turn) if part["type"] == "text"]


def with_texts(turns: list[dict[str, Any]], texts: Iterable[str]) -> list[dict[str, Any]]:
    """The same with other texts, in the order of `texts_of`."""
    rest = iter(texts)
    made = []
    for turn in turns:
        if isinstance(turn.get("content"), list):
            parts = [{**each, "text": next(rest)} if each["type"] == "text" else each for each in turn["content"]]
            made.append({**turn, "content": parts})
        else:
            made.append({**turn, "content": next(rest)} if "content" in turn else turn)
    return made


def _parts(turn: Mapping[str, Any]) -> list[dict[str, Any]]:
    content = turn.get("content", [])
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def content_of(turns: list[dict[str, Any]], draft: Draft, names: Names, place: str = "") -> dict[str, Any]:
    """The fields of a content: `prompt` and `system_prompt` where these say all, else `messages`.

    System turns come first, and somebody has to ask: where only the system speaks, `{{input}}` stands for what will be
    asked.
    """
    if not turns:
        raise refused(place, "empty", "There is no text in it.")
    systems = [turn for turn in turns if turn.get("role") == "system"]
    others = [turn for turn in turns if turn.get("role") != "system"]
    ordered = [*systems, *others]
    if ordered != turns:
        draft.note("A system message stands between others: here system messages stand before all others.")
    if not any("placeholder" in turn or turn["role"] == "user" for turn in others):
        asked = names.unused("input")
        draft.note(f"Nobody asks anything in it: {{{{{asked}}}}} stands at its end for what the user says.")
        ordered = [*ordered, {"role": "user", "content": f"{{{{{asked}}}}}"}]
    match ordered:
        case [{"role": "user", "content": str(prompt)}]:
            return {"prompt": prompt}
        case [{"role": "system", "content": str(system)}, {"role": "user", "content": str(prompt)}]:
            return {"prompt": prompt, "system_prompt": system}
    return {"messages": ordered}
