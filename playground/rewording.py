"""What was asked, asked in other words: a new prompt or system prompt in the place of the old one.

The last user turn is what a prompt replaces, wherever it stands. Its pictures and files stay, unless the new one has
parts of its own. What followed it answered the old words and goes, but for a last turn of the assistant that calls no
tool: that is the beginning of the answer. A conversation without a user turn gets one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from providers.parts.shapes import OURS, text_of

Body = dict[str, Any]


def reworded(body: Mapping[str, Any], changes: Mapping[str, Any]) -> Body:
    """The body with `changes` (of model_id, parameters, prompt, system_prompt) in their places."""
    made: Body = {**body, **{name: value for name, value in changes.items() if name not in _PLACES}}
    for name, put in _PLACES.items():
        if name in changes:
            made = put(made, changes[name])
    return made


def only_prompts(messages: Sequence[Mapping[str, Any]]) -> tuple[str, str, list[dict[str, Any]]] | None:
    """System prompt, prompt, and its pictures and files, where the turns are nothing else; None where they are more."""
    *before, last = messages or [{"role": ""}]
    is_plain = all(turn["role"] == "system" and isinstance(turn.get("content"), str) for turn in before)
    if last["role"] != "user" or not is_plain:
        return None
    content = last["content"]
    files = [dict(part) for part in content if part.get("type") in OURS] if isinstance(content, list) else []
    return "\n\n".join(turn["content"] for turn in before), text_of(content), files


def _asked(body: Body, prompt: Any) -> Body:
    if "prompt" in body:
        return {**body, "prompt": _in_place_of(body["prompt"], prompt)}
    turns = list(body.get("messages", ()))
    last = next((at for at in reversed(range(len(turns))) if turns[at]["role"] == "user"), None)
    if last is None:
        return {**body, "prompt": prompt}
    turn, after = turns[last], turns[last + 1 :]
    is_beginning = len(after) == 1 and after[0]["role"] == "assistant" and not after[0].get("tool_calls")
    turns[last:] = [{**turn, "content": _in_place_of(turn.get("content"), prompt)}, *(after if is_beginning else ())]
    return {**body, "messages": turns}


def _in_place_of(old: Any, new: Any) -> Any:
    """The new content; text keeps the place of the first text beside the old pictures and files."""
    if not isinstance(new, str) or not isinstance(old, list):
        return new
    texts = [at for at, part in enumerate(old) if part.get("type") == "text"]
    place = texts[0] if texts else len(old)
    others = [part for part in old[place:] if part.get("type") != "text"]
    return [*old[:place], {"type": "text", "text": new}, *others]


def _told(body: Body, system_prompt: str) -> Body:
    turns = list(body.get("messages", ()))
    while turns and turns[0]["role"] == "system":
        turns.pop(0)
    rest = {name: value for name, value in body.items() if name != "messages"}
    return {**rest, **({"messages": turns} if turns else {}), "system_prompt": system_prompt}


_PLACES = {"prompt": _asked, "system_prompt": _told}
