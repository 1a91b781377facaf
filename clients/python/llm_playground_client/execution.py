"""A run of a prompt that has ended, or was last seen running."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Execution:
    """A run; `shape` is all of it in the API's words."""

    shape: Mapping[str, Any] = field(repr=False)

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.shape.get("id") or "")

    @property
    def status(self) -> str:
        """completed, failed, cancelled or running."""
        return str(self.shape.get("status") or "")

    @property
    def response(self) -> str:
        """The answer's text, as far as it came."""
        return str(self.shape.get("response") or "")

    @property
    def usage(self) -> Mapping[str, Any]:
        """Tokens and cost; empty when nobody told."""
        return dict(self.shape.get("usage") or {})

    @property
    def error(self) -> str:
        """Why it failed, in a sentence; empty when it did not."""
        told = self.shape.get("error")
        return str(told.get("message") or told.get("code") or "") if isinstance(told, dict) else ""

    def __str__(self) -> str:
        return self.response
