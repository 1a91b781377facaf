"""A conversation of any format, as turns in a tree, becomes executions: a user's turn with its answer is one.

Earlier turns stand in `messages`, and `parent_id` names the execution before; where an answer was made anew or a
question changed, both branches are there. Of each branch's executions those on the way to the current turn say so in
their metadata (`on_current_path`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

MOST_CARRIED: Final = 200
"""Earlier turns that an execution has as messages; older ones are reached by its links."""
MOST_CARRIED_TEXT: Final = 200_000
"""Characters of these."""
LONGEST_NAME: Final = 255


@dataclass(slots=True)
class Turn:
    """What somebody said."""

    id: str
    parent: str | None
    role: str
    """user, assistant, tool or system."""
    text: str = ""
    parts: list[dict[str, Any]] | None = None
    """Text and pictures of a user, where it is more than text."""
    reasoning: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)
    """Tools that were called, or what they gave."""
    tools: list[dict[str, Any]] = field(default_factory=list)
    """Tools that could be called."""
    at: datetime | None = None
    model: str = ""


@dataclass(slots=True)
class Conversation:
    """Turns with what is told of all of them."""

    turns: list[Turn]
    """Of siblings the later ones stand behind."""
    model: str
    """The model where a turn names none, as `provider/model`."""
    begun: datetime
    """When, where a turn does not say."""
    current: str | None = None
    """The last turn of the branch that was open."""
    seed: str = ""
    """What makes ids out of those that are no UUIDs."""


@dataclass(slots=True)
class _Exchange:
    """Turns from a user's on, until the next user's."""

    parent: str | None
    """The last turn of the exchange before."""
    system: str
    turns: list[Turn]

    @property
    def key(self) -> str:
        return self.turns[-1].id


def executions_of(conversation: Conversation) -> tuple[list[dict[str, Any]], int]:
    """Bodies of a bundle's `executions`, in the order of their last turns; and how many had no answer."""
    path = _path(conversation)
    found: dict[str, _Exchange] = {}
    for exchange in _exchanges(conversation.turns):
        found.setdefault(exchange.key, exchange)
    places = {turn.id: place for place, turn in enumerate(conversation.turns)}
    ordered = sorted(found.values(), key=lambda exchange: places[exchange.key])
    made = [_execution(conversation, exchange, found, path) for exchange in ordered]
    return made, sum(each["status"] == "cancelled" for each in made)


def _exchanges(turns: list[Turn]) -> Iterator[_Exchange]:
    """Each exchange of each branch, those before first; one that branches into several questions comes again."""
    children: dict[str | None, list[Turn]] = {}
    known = {turn.id for turn in turns}
    for turn in turns:
        children.setdefault(turn.parent if turn.parent in known else None, []).append(turn)
    seen: set[str] = set()
    # Turns that no root leads to, being in a circle, are roots themselves.
    for root in (*children.get(None, []), *turns):
        if root.id not in seen:
            yield from _below(root, children, seen)


def _below(root: Turn, children: Mapping[str | None, list[Turn]], seen: set[str]) -> Iterator[_Exchange]:
    waiting = [(root, _Exchange(None, "", []))]
    while waiting:
        turn, before = waiting.pop()
        if turn.id in seen:
            continue
        seen.add(turn.id)
        here = before
        if turn.role == "system":
            system = "\n\n".join(filter(None, (before.system, turn.text)))
            here = _Exchange(before.parent, system, before.turns)
        elif turn.role == "user" and any(each.role != "user" for each in before.turns):
            yield before
            here = _Exchange(before.key, before.system, [turn])
        else:
            here = _Exchange(before.parent, before.system, [*before.turns, turn])
        below = [each for each in children.get(turn.id, []) if each.id not in seen]
        if not below and here.turns:
            yield here
        waiting += [(each, here) for each in reversed(below)]


def _path(conversation: Conversation) -> set[str]:
    """Turns on the way to the current one."""
    by_id = {turn.id: turn for turn in conversation.turns}
    here, path = conversation.current, set[str]()
    if here is None and conversation.turns:
        here = conversation.turns[-1].id
    while here in by_id and here not in path:
        path.add(here)
        here = by_id[here].parent or ""
    return path


def _execution(
    conversation: Conversation, exchange: _Exchange, found: Mapping[str, _Exchange], path: set[str]
) -> dict[str, Any]:
    asked = [turn for turn in exchange.turns if turn.role == "user"]
    replies = [turn for turn in exchange.turns if turn.role != "user"]
    response = _joined(turn.text for turn in replies if turn.role == "assistant")
    calls = [call for turn in replies for call in turn.calls]
    is_answered = bool(response or calls or any(turn.reasoning for turn in replies))
    model = next((turn.model for turn in reversed(replies) if turn.model), conversation.model)
    at = next((turn.at for turn in (*asked, *replies) if turn.at), conversation.begun)
    return {
        "id": str(as_id(exchange.key, conversation.seed)),
        "parent_id": str(as_id(exchange.parent, conversation.seed)) if exchange.parent else None,
        "model_id": model,
        "prompt": _prompt(asked),
        "system_prompt": exchange.system or None,
        "messages": _earlier(exchange, found),
        "tools": next((turn.tools for turn in reversed(exchange.turns) if turn.tools), []),
        "response": response,
        "reasoning": _joined(turn.reasoning for turn in replies) or None,
        "tool_executions": calls[:1_000],
        "usage": {"prompt_tokens": 0, "completion_tokens": 0, "estimated_cost": 0},
        "timestamp": at.isoformat(),
        "status": "completed" if is_answered else "cancelled",
        "metadata": {"price_known": False, "on_current_path": exchange.key in path},
    }


def _prompt(asked: list[Turn]) -> Any:
    if any(turn.parts for turn in asked):
        return [part for turn in asked for part in turn.parts or [{"type": "text", "text": turn.text}]]
    return _joined(turn.text for turn in asked)


def _earlier(exchange: _Exchange, found: Mapping[str, _Exchange]) -> list[dict[str, Any]]:
    """The latest of the turns before, as messages, oldest first."""
    turns: list[dict[str, Any]] = []
    size, here = 0, exchange.parent
    while here is not None and (before := found.get(here)) is not None:
        asked = _joined(turn.text for turn in before.turns if turn.role == "user")
        said = _joined(turn.text for turn in before.turns if turn.role == "assistant")
        size += len(asked) + len(said)
        if size > MOST_CARRIED_TEXT or len(turns) + 2 > MOST_CARRIED:
            break
        turns += [{"role": role, "content": text} for role, text in (("assistant", said), ("user", asked)) if text]
        here = before.parent
    return turns[::-1]


def _joined(texts: Any) -> str:
    return "\n\n".join(text for text in texts if text)


def as_id(text: Any, seed: str) -> UUID:
    """The id, or one that is always made of the same text."""
    try:
        return UUID(text)
    except (ValueError, TypeError, AttributeError):
        return uuid5(NAMESPACE_URL, f"{seed}/{text}")


def moment(value: Any) -> datetime | None:
    """A time as seconds since 1970 or as ISO 8601; None for what is none, or lies before 1970 or ahead."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            found = datetime.fromtimestamp(value, UTC)
        else:
            found = datetime.fromisoformat(value)
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        return None
    return found if datetime(1970, 1, 1, tzinfo=UTC) <= found <= datetime.now(UTC) else None


def model_of(provider: str, name: Any) -> str:
    """`provider/name`, or `provider/unknown`."""
    cleaned = re.sub(r"\s+", "-", name.strip())[:200] if isinstance(name, str) else ""
    return f"{provider}/{cleaned or 'unknown'}"


def name_of(value: Any, otherwise: str) -> str:
    """A session's name."""
    cleaned = " ".join(value.split()) if isinstance(value, str) else ""
    return (cleaned or otherwise)[:LONGEST_NAME]


def a_bundle(session: dict[str, Any], executions: list[dict[str, Any]]) -> dict[str, Any]:
    """A body in the shape of our own."""
    return {"format": "llm-playground-session", "version": 1, "session": session, "executions": executions}


def text(value: Any) -> str:
    """What is a text, as one; of anything else nothing."""
    return value if isinstance(value, str) else ""


def mappings(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; of anything else none."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def an_object(value: Any) -> dict[str, Any]:
    """What is an object, as one; anything else as an empty one."""
    return value if isinstance(value, dict) else {}


def a_list(value: Any) -> list[Any]:
    """What is a list, as one; anything else as an empty one."""
    return value if isinstance(value, list) else []
