"""Who does something about which events: apps above register themselves when they are ready."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Final

from events.intake.incoming import Incoming

Handler = Callable[[Incoming], None]
"""Does what an event asks for, within the transaction that marks it as done. It may raise Unusable; anything else that
it raises undoes what it did, and the event is tried again."""

_consumers: Final[list[tuple[str, Handler]]] = []


def consumes(pattern: str, handler: Handler) -> None:
    """Has `handler` called for events of these types: `project.created`, or `system.*`."""
    if (pattern, handler) not in _consumers:
        _consumers.append((pattern, handler))


def handlers_of(type_: str) -> list[Handler]:
    """In the order in which they registered; none for a type that nobody knows."""
    return [handler for pattern, handler in _consumers if fnmatchcase(type_, pattern)]
