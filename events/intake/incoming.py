"""What a consumer gets of an event that came in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

_WORD_BEGINS: Final = re.compile(r"_([a-z])")
LONGEST: Final = 255
TIMESTAMP: Final = "timestamp"
"""Where the payload says when it happened; what its envelope says is put there."""


class Unusable(Exception):
    """The event can never be done; the sentence says why, and repeats nothing of what it holds."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event. Keys are read as they stand in the contract (`project_id`) and in camelCase (`projectId`)."""

    id: str
    type: str
    payload: Mapping[str, Any]

    def value(self, name: str) -> Any:
        """What the payload holds under this key; None where it has none."""
        found = self.payload.get(name)
        return self.payload.get(in_camel_case(name)) if found is None else found

    def text(self, name: str) -> str:
        """A text or a number as text, of at most 255 signs; empty where there is none."""
        value = self.value(name)
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            return ""
        return str(value).replace("\x00", "")[:LONGEST]

    @property
    def at(self) -> datetime | None:
        """When it happened, in UTC; None where it does not say, or not as ISO 8601 does."""
        try:
            said = datetime.fromisoformat(self.text(TIMESTAMP))
            return said.replace(tzinfo=UTC) if said.tzinfo is None else said.astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    def needed(self, name: str) -> str:
        """As `text`; Unusable where there is none."""
        if not (found := self.text(name)):
            raise Unusable(f"It has no {name}.")
        return found


def in_camel_case(name: str) -> str:
    """`project_id` as `projectId`."""
    return _WORD_BEGINS.sub(lambda found: found.group(1).upper(), name)
