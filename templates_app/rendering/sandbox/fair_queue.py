"""Who is next when several people wait for few places."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Full(Exception):
    """Nobody else may wait."""


class FairQueue(Generic[Thing]):
    """Everybody's things in their order, everybody in turn; nobody holds more than `share` of the `places` at once."""

    def __init__(self, *, places: int, share: int, longest: int, longest_of_one: int) -> None:
        self._free = places
        self._share = share
        self._longest = longest
        self._longest_of_one = longest_of_one
        self._waiting: OrderedDict[str, deque[Thing]] = OrderedDict()
        self._held: Counter[str] = Counter()

    def put(self, owner: str, thing: Thing, *, is_urgent: bool = False) -> None:
        """Has it wait, before the owner's other things when it is urgent; `Full` when too many do."""
        own = self._waiting.get(owner, ())
        if len(own) >= self._longest_of_one or sum(map(len, self._waiting.values())) >= self._longest:
            raise Full
        waiting = self._waiting.setdefault(owner, deque())
        if is_urgent:
            waiting.appendleft(thing)
        else:
            waiting.append(thing)

    def take(self) -> tuple[str, Thing] | None:
        """Whose turn it is, and what they wait for: it holds a place until `free`. None when nobody may have one."""
        owner = next((each for each in self._waiting if self._held[each] < self._share), None) if self._free else None
        if owner is None:
            return None
        thing = self._waiting[owner].popleft()
        self._waiting.move_to_end(owner)
        if not self._waiting[owner]:
            del self._waiting[owner]
        self._free -= 1
        self._held[owner] += 1
        return owner, thing

    def free(self, owner: str) -> None:
        """Gives a place back."""
        self._free += 1
        self._held[owner] -= 1
        if not self._held[owner]:
            del self._held[owner]

    def drop(self, owner: str, thing: Thing) -> None:
        """Nobody waits for it any more; harmless when its turn has come."""
        own = self._waiting.get(owner)
        if own is not None and thing in own:
            own.remove(thing)
            if not own:
                del self._waiting[owner]
