"""What a format of an import is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Read:
    """What was read of a file."""

    bundles: list[dict[str, Any]]
    """Bodies in the shape of our own bundle, not checked yet."""
    notes: list[str] = field(default_factory=list)
    """What cannot be carried over, a sentence each."""


@dataclass(frozen=True, slots=True)
class Format:
    """One format; `name` is what `?format=` says."""

    name: str
    title: str
    recognise: Callable[[Any], bool]
    """Whether a parsed JSON value, or the list of a JSON Lines file's values, is of this format."""
    read: Callable[[Any], Read]
    """Raises Problem (400) where it is none, with the place."""
