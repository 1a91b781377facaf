"""Whose runs a hidden session holds: asked here, answered by who made it (`register`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sessions_app.models import PlaygroundSession


@dataclass(frozen=True, slots=True)
class Holder:
    """What the runs were made for: its name, and the address of its page."""

    name: str
    address: str


Source = Callable[[UUID], Holder | None]

_SOURCES: Final[list[Source]] = []


def register(source: Source) -> None:
    """Makes a source known; to be called when an app is ready."""
    _SOURCES.append(source)


def holder_of(session: PlaygroundSession) -> Holder | None:
    """What a hidden session was made for; None where nothing has a page of its own for it."""
    return next((found for source in _SOURCES if (found := source(session.id))), None)
