"""What uses a model, as the apps above tell it: each registers a finder, so that none of them is named here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from accounts.models import User


@dataclass(frozen=True, slots=True)
class Use:
    """A thing that asks a model by its id."""

    model_id: str
    kind: str
    """`template` or `suite`"""
    id: UUID
    name: str
    detail: str
    """Which part of it: a label; empty for the whole."""
    owner_id: UUID

    def as_json(self) -> dict[str, Any]:
        """For whoever may see the thing."""
        return {"kind": self.kind, "id": str(self.id), "name": self.name, "detail": self.detail}


Finder = Callable[[Collection[str], User | None], Iterable[Use]]
"""Uses of these models; of things that the user may see, of all where there is none."""
_finders: Final[list[Finder]] = []


def register(finder: Finder) -> None:
    """To be called when an app is ready."""
    if finder not in _finders:
        _finders.append(finder)


def uses_of(models: Collection[str], *, seen_by: User | None) -> list[Use]:
    """Every use, by kind and name."""
    found = [use for finder in _finders for use in finder(models, seen_by)] if models else []
    return sorted(found, key=lambda use: (use.kind, use.name.casefold(), str(use.id), use.detail))
