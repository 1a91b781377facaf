"""Which of our models the provider means: by its name, the name in its answers, or a dated snapshot of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from analytics.bills.ledger import Group

_DATE: Final = re.compile(r"(?:[-@:](?:20\d{2}-?\d{2}-?\d{2}|\d{4}|latest|v\d+(?::\d+)?))+$")
"""-2024-08-06, -20250514, -0613, -latest, @20250514."""


@dataclass(frozen=True, slots=True)
class Match:
    """One of our models under the provider's name for it."""

    model: str
    """As the file calls it."""
    model_id: str
    by: str
    """name, answered_model, or snapshot."""


def bare(name: str) -> str:
    """A name as it is compared: “Claude Sonnet 4.5” is claude-sonnet-4-5."""
    return re.sub(r"(?<=\d)\.(?=\d)", "-", name.strip().lower().removeprefix("models/").replace(" ", "-"))


def undated(name: str) -> str:
    """The name without the day of its snapshot."""
    return _DATE.sub("", bare(name)) or bare(name)


class Names:
    """The names in a file."""

    def __init__(self, named: Collection[str]) -> None:
        self._by_bare: dict[str, str] = {}
        self._by_undated: dict[str, set[str]] = {}
        for name in sorted(named):
            self._by_bare.setdefault(bare(name), name)
            self._by_undated.setdefault(undated(name), set()).add(name)

    def of(self, group: Group) -> Match | None:
        """The name under which the file has these runs; None where it has none, or several that it may be."""
        own = group.model_id.partition("/")[2]
        asked = [("answered_model", group.answered)] if group.answered and group.answered != own else []
        asked.append(("name", own))
        for by, name in asked:
            if (found := self._by_bare.get(bare(name))) is not None:
                return Match(found, group.model_id, by)
        for _, name in asked:
            candidates = self._by_undated.get(undated(name), set())
            if len(candidates) == 1:
                return Match(next(iter(candidates)), group.model_id, "snapshot")
        return None


def known_among(model: str, model_ids: Iterable[str]) -> bool:
    """Whether a provider's model is one that we list, under this name or another snapshot's."""
    wanted = {bare(model), undated(model)}
    return any(wanted & {bare(own), undated(own)} for own in (each.partition("/")[2] for each in model_ids))
