"""A version of a template, as the service or a pulled file tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Source = Literal["service", "cache", "stale", "file"]
"""Where it came from: `stale` is a cached one past its time, while a new one is fetched."""


@dataclass(frozen=True, slots=True)
class Template:
    """One version; `shape` is all of it in the API's words."""

    shape: Mapping[str, Any] = field(repr=False)
    source: Source = "service"
    etag: str = field(default="", repr=False)

    @property
    def id(self) -> str:
        """Its id; empty in a file that tells none."""
        return str(self.shape.get("id") or "")

    @property
    def slug(self) -> str:
        """What it is called."""
        return str(self.shape.get("slug") or "")

    @property
    def version(self) -> int:
        """The version's number."""
        return int(self.shape["version"])

    @property
    def engine(self) -> str:
        """plain or jinja2."""
        return str(self.shape.get("engine") or "plain")

    @property
    def prompt(self) -> str:
        """The text of the user's turn, with its places."""
        return str(self.shape.get("prompt") or "")

    @property
    def system_prompt(self) -> str:
        """The text before it, with its places; empty when there is none."""
        return str(self.shape.get("system_prompt") or "")

    @property
    def messages(self) -> list[Mapping[str, Any]]:
        """The turns where prompt and system_prompt are not the call."""
        return list(self.shape.get("messages") or ())

    @property
    def variables(self) -> list[Mapping[str, Any]]:
        """Definitions: name, type, required, default_value, validation_rules."""
        return list(self.shape.get("variable_definitions") or ())
