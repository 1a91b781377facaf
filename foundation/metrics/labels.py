"""Values of labels: few, and names of things, however many and whatever strings come in."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

OTHER: Final = "other"
MOST_MODELS: Final = 200
MOST_PROVIDERS: Final = 50
A_NAME: Final = re.compile(r"[\w.:/@+-]{1,120}", re.ASCII)

Figure = TypeVar("Figure")


class Names:
    """The first so many names, each as it is; all further ones, and what is no name, are one other."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[str, str] = {}

    def of(self, name: str) -> str:
        """The label."""
        known = self._known.get(name)
        if known is not None:
            return known
        if len(self._known) >= self._most or not A_NAME.fullmatch(name):
            return OTHER
        return self._known.setdefault(name, name)


class Children(Generic[Figure]):
    """What is counted under each combination of labels, found by one look into a dictionary."""

    def __init__(self, make: Callable[..., Figure]) -> None:
        self._make = make
        self._made: dict[Any, Figure] = {}

    def of(self, *key: str) -> Figure:
        """Made when it is first asked for; keys must be few (`Names`)."""
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._make(*key)
        return made
