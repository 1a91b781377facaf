"""The opt-in engine: Jinja2's sandbox, in child processes that are killed when they take too long."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from threading import Lock
from typing import Any, Final, NamedTuple

from django.db import connections

from foundation.context import asker
from foundation.problems import Problem, unavailable
from templates_app.errors import cannot_render
from templates_app.rendering.sandbox.client import Ended, renderers
from templates_app.rendering.sandbox.limits import SECONDS

PATIENCE: Final = 30.0
"""Seconds that a caller waits for an answer, most of them for a turn."""
PATIENCE_IN_TRANSACTION: Final = 5.0
"""Rows may be locked, and a connection is held."""
SECONDS_FOR_NAMES: Final = 2 * SECONDS
CHARACTERS_AT_ONCE: Final = 100_000
"""Of texts whose names are asked for together."""
MOST_KNOWN: Final = 1_000
MOST_NAMES: Final = 200
FIELDS: Final = ("prompt", "system_prompt")
"""Where texts stand unless it is said."""

Source = tuple[tuple[str, str], ...]
"""The texts of a call, each with the field that it stands in."""
_Question = dict[str, Any]


class Use(NamedTuple):
    """What texts make of a name: the types that all its uses allow, the likeliest first; what else is `likely`."""

    name: str
    types: tuple[str, ...] = ()
    likely: str = ""
    required: bool = True

    @property
    def type(self) -> str:
        """The type that a value needs, as far as the texts tell; where they do not, a string."""
        if self.likely in self.types or not self.types:
            return self.likely or "string"
        return self.types[0]

    def beside(self, other: Use) -> Use:
        """What two texts together make of it."""
        is_required = self.required or other.required
        if self.types and other.types:
            both = tuple(kind for kind in self.types if kind in other.types)
            return Use(self.name, both, (self.likely or other.likely) if both else "string", is_required)
        # Whether it holds is asked of anything: only where nothing else is asked is it a boolean.
        hints = {self.likely, other.likely} - ({"boolean"} if self.likely != other.likely else set())
        return Use(self.name, self.types or other.types, max(hints, default=""), is_required)


def render(texts: Sequence[str], values: Mapping[str, Any], *, fields: Sequence[str] = FIELDS) -> list[str]:
    """The texts rendered with `values`, all of them at once; a Problem names the field of the one that fails."""
    return list(_answer(_waited(_rendering(texts, values), SECONDS), fields)["texts"])


async def render_soon(texts: Sequence[str], values: Mapping[str, Any], *, fields: Sequence[str] = FIELDS) -> list[str]:
    """As `render`, for asynchronous code: nothing waits but the caller."""
    try:
        async with asyncio.timeout(PATIENCE):
            asked = renderers().ask(_rendering(texts, values), owner=str(asker.get().id or ""), seconds=SECONDS)
            return list(_answer(await asyncio.wrap_future(asked), fields)["texts"])
    except (TimeoutError, Ended):
        raise _too_many() from None


def uses_in(texts: Sequence[str], *, fields: Sequence[str] = FIELDS) -> list[Use]:
    """The names that the texts use, in alphabetical order; a Problem when they are no Jinja2."""
    source = tuple(zip(fields, texts, strict=False))
    found = uses_of([source])[source]
    if isinstance(found, Problem):
        raise found
    return found


def uses_of(sources: Iterable[Source]) -> dict[Source, list[Use] | Problem]:
    """`uses_in` of many, each with its names or with what is wrong with it; asked for in few questions."""
    wanted = dict.fromkeys(sources)
    texts = dict.fromkeys(text for source in wanted for _, text in source if text)
    found: dict[str, Any] = {text: known for text in texts if (known := _known.uses_of(text)) is not None}
    for some in _batches(text for text in texts if text not in found):
        told = _answer(_waited({"names_of": some}, SECONDS_FOR_NAMES))["names"]
        for text, uses in zip(some, told, strict=True):
            found[text] = [_use(each) for each in uses] if isinstance(uses, list) else uses
            if isinstance(uses, list):
                _known.remember(text, found[text])
    return {source: _together(source, found) for source in wanted}


def _use(told: Mapping[str, Any]) -> Use:
    return Use(told["name"], tuple(told["types"]), told["likely"], told["required"])


def _together(source: Source, found: Mapping[str, Any]) -> list[Use] | Problem:
    uses: dict[str, Use] = {}
    for field, text in source:
        told = found[text] if text else ()
        if isinstance(told, dict):
            return cannot_render(told["error"]["message"], code=told["error"]["code"], field=field)
        for use in told:
            uses[use.name] = uses[use.name].beside(use) if use.name in uses else use
    return [uses[name] for name in sorted(uses)]


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for text in texts:
        if batch and sum(map(len, batch)) + len(text) > CHARACTERS_AT_ONCE:
            yield batch
            batch = []
        batch.append(text)
    if batch:
        yield batch


class KnownUses:
    """Uses found lately: a text that is judged, then saved under its template's lock, is asked for once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._uses: OrderedDict[bytes, list[Use]] = OrderedDict()

    def uses_of(self, text: str) -> list[Use] | None:
        """The uses, when they are remembered."""
        with self._lock:
            return self._uses.get(_key(text))

    def remember(self, text: str, uses: list[Use]) -> None:
        """Keeps them, unless they are too many; the oldest go."""
        if len(uses) > MOST_NAMES:
            return
        with self._lock:
            self._uses[_key(text)] = uses
            while len(self._uses) > MOST_KNOWN:
                self._uses.popitem(last=False)


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


_known = KnownUses()


def _rendering(texts: Sequence[str], values: Mapping[str, Any]) -> _Question:
    return {"texts": list(texts), "values": dict(values)}


def _waited(question: _Question, seconds: float) -> dict[str, Any]:
    patience = PATIENCE if _lends_connections_back() else PATIENCE_IN_TRANSACTION
    try:
        asked = renderers().ask(question, owner=str(asker.get().id or ""), seconds=seconds)
        try:
            return asked.result(patience)
        finally:
            asked.cancel()  # without effect on one that is answered
    except (TimeoutError, Ended):
        raise _too_many() from None


def _lends_connections_back() -> bool:
    """Whether this thread waits without a connection of the pool, of which there are few; not in a transaction."""
    open_ones = connections.all(initialized_only=True)
    if any(each.in_atomic_block for each in open_ones):
        return False
    for each in open_ones:
        each.close()
    return True


def _answer(told: dict[str, Any], fields: Sequence[str] = FIELDS) -> dict[str, Any]:
    if told.get("busy"):
        raise _too_many()
    if error := told.get("error"):
        raise cannot_render(error["message"], code=error["code"], field=fields[error["text"]])
    return told


def _too_many() -> Problem:
    return unavailable("Too many templates are being rendered.")
