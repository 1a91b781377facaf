"""Two texts of which only one can be next: the one that was saved meanwhile, and one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from templates_app.content import Content
from templates_app.pages.presentation.difference import DifferenceView


@dataclass(frozen=True)
class Conflict:
    """What somebody saved meanwhile beside what one wants to save."""

    current: Content
    yours: Content
    current_number: int
    base_number: int

    @classmethod
    def of(cls, current: Mapping[str, Any], yours: Mapping[str, Any]) -> Conflict:
        """Out of the refusal of a save."""
        return cls(Content.from_json(current), Content.from_json(yours), current["version"], yours["version"])

    @property
    def difference(self) -> DifferenceView:
        """From what is saved to one's own."""
        return DifferenceView(self.current, self.yours)

    @property
    def next_number(self) -> int:
        """The version that one's own would become."""
        return self.current_number + 1
