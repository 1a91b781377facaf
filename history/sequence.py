"""The order of a history in a file: as it stands, with parents before their children."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import TypeVar
from uuid import UUID, uuid4

Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)


def parents_first(items: Iterable[Item], *, key: Callable[[Item], Key], parents: Mapping[Key, Key]) -> Iterator[Item]:
    """The items in their order, but that one which stands before its parent follows it instead.

    `parents` has to name those at least, and only parents that are among the items. Only what waits is held in memory;
    what waits in a circle comes last.
    """
    awaited = set(parents.values())
    given: set[Key] = set()
    waiting: dict[Key, list[Item]] = {}
    for item in items:
        parent = parents.get(key(item))
        if parent is not None and parent not in given:
            waiting.setdefault(parent, []).append(item)
            continue
        released = [item]
        while released:
            each = released.pop()
            yield each
            if key(each) in awaited:
                given.add(key(each))
                released += reversed(waiting.pop(key(each), []))
    for left in waiting.values():
        yield from left


def in_a_circle(parents: Mapping[Key, Key]) -> list[Key]:
    """One of each circle of parents."""
    found: list[Key] = []
    seen: set[Key] = set()
    for start in parents:
        way: set[Key] = set()
        here: Key | None = start
        while here is not None and here not in seen:
            seen.add(here)
            way.add(here)
            here = parents.get(here)
            if here in way:
                found.append(here)
                break
    return found


def ascending_ids(count: int) -> list[UUID]:
    """So many new ids, each greater than the one before: what decides where executions began in the same moment."""
    return sorted(uuid4() for _ in range(count))
