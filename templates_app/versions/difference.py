"""What changed between two versions: words of the texts, variables, parameters, turns."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

import orjson

from templates_app.call.turns import Message, Slot, Turn
from templates_app.content import Content
from templates_app.versions.text_difference import words_changed


def changes(old: Content, new: Content) -> dict[str, Any]:
    """`changes` of GET /api/templates/{id}/diff."""
    return {
        "prompt": [piece._asdict() for piece in words_changed(old.prompt, new.prompt)],
        "system_prompt": [piece._asdict() for piece in words_changed(old.system_prompt, new.system_prompt)],
        "variables": _by_name(
            {each.name: each.as_json() for each in old.variables}, {each.name: each.as_json() for each in new.variables}
        ),
        "default_parameters": _by_name(dict(old.default_parameters), dict(new.default_parameters)),
        "engine": None if old.engine == new.engine else {"from": old.engine, "to": new.engine},
        "messages": turns_changed(old, new) if old.messages or new.messages else [],
        "tools": _by_name(
            {each["name"]: dict(each) for each in old.tools}, {each["name"]: dict(each) for each in new.tools}
        ),
        "response_format": _from_to(old.response_format, new.response_format),
        "model_id": _from_to(old.model_id or None, new.model_id or None),
    }


def turns_changed(old: Content, new: Content) -> list[dict[str, Any]]:
    """The way from one conversation to the other, a turn an entry: `op` is equal, insert, delete or change; `content`
    tells the words of its text, None for a placeholder. The simple form counts as the turns that it stands for."""
    before, after = old.turns, new.turns
    was, now = ([orjson.dumps(turn.as_json()) for turn in turns] for turns in (before, after))
    told: list[dict[str, Any]] = []
    for op, first, last, start, end in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if op == "equal":
            told += [_turn_told("equal", turn, turn) for turn in before[first:last]]
            continue
        told += _by_speaker(before[first:last], after[start:end])
    return told


def _by_speaker(old: Sequence[Message], new: Sequence[Message]) -> Iterator[dict[str, Any]]:
    """Turns that differ: of the same speaker they are one that changed."""
    spoke, speak = (list(map(_speaker, turns)) for turns in (old, new))
    for op, first, last, start, end in SequenceMatcher(None, spoke, speak, autojunk=False).get_opcodes():
        if op == "equal":
            for was, now in zip(old[first:last], new[start:end], strict=True):
                yield _turn_told("change", was, now)
            continue
        yield from (_turn_told("delete", turn, None) for turn in old[first:last])
        yield from (_turn_told("insert", None, turn) for turn in new[start:end])


def _turn_told(op: str, was: Message | None, now: Message | None) -> dict[str, Any]:
    turn = now or was
    assert turn is not None  # noqa: S101 - for the type checker
    if isinstance(turn, Slot):
        return {"op": op, "placeholder": turn.name, "content": None}
    pieces = words_changed(_shown(was), _shown(now))
    return {"op": op, "role": turn.role, "content": [piece._asdict() for piece in pieces]}


def _speaker(turn: Message) -> str:
    return turn.role if isinstance(turn, Turn) else f"{{{turn.name}}}"


def _shown(turn: Message | None) -> str:
    """The turn's text, with a line for each part that is none."""
    if not isinstance(turn, Turn):
        return ""
    if isinstance(turn.content, str):
        return turn.content
    return "\n".join(part["text"] if part["type"] == "text" else _named(part) for part in turn.content)


def _named(part: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(orjson.dumps(dict(part), option=orjson.OPT_SORT_KEYS)).hexdigest()
    return f"[{part['type']} {part.get('artifact_id') or digest[:12]}]"


def _from_to(old: Any, new: Any) -> dict[str, Any] | None:
    return None if old == new else {"from": old, "to": new}


def _by_name(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    both: Sequence[str] = [name for name in old if name in new]
    return {
        "added": {name: value for name, value in new.items() if name not in old},
        "removed": {name: value for name, value in old.items() if name not in new},
        "changed": {name: {"from": old[name], "to": new[name]} for name in both if old[name] != new[name]},
    }
