"""What a file holds beside templates, handed to the app that it belongs to.

A lower app knows no higher one: whoever wants what stands in a draft's `material` under a name registers for it when
its app is ready.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from accounts.models import User
from templates_app.models import PromptTemplate


@dataclass(frozen=True, slots=True)
class Handed:
    """What becomes of the material: a sentence, what of it cannot be carried over, and what undoing goes by."""

    sentence: str
    notes: tuple[str, ...] = ()
    reference: str = ""


class Receiver(Protocol):
    """One kind of material. Both verbs may raise Problem, whose places are below the material's own."""

    def foresee(self, material: Any, *, name: str, user: User) -> Handed:
        """What would come of it, for a template of this name; writes nothing."""
        ...

    def receive(self, material: Any, *, template: PromptTemplate, user: User) -> Handed:
        """Writes it, within the import's transaction."""
        ...

    def address(self, reference: str) -> str:
        """Where what `receive` has written is looked at."""
        ...

    def undo(self, reference: str, *, user: User) -> None:
        """Takes away what `receive` has written; harmless where it is gone."""
        ...


@dataclass(slots=True)
class _Registry:
    by_name: dict[str, Receiver] = field(default_factory=dict)


_registry = _Registry()


def register(name: str, receiver: Receiver) -> None:
    """Hands what drafts hold under `name` to `receiver`."""
    if _registry.by_name.setdefault(name, receiver) is not receiver:
        raise ValueError(f"{name!r} has a receiver already")


def receivers() -> Mapping[str, Receiver]:
    """Those that are there, by the name of their material."""
    return _registry.by_name
