"""Which addresses are for programs: they are answered in JSON, whatever goes wrong, and never with a page."""

from __future__ import annotations

from typing import Final

FOR_PROGRAMS: Final = ("/api/", "/v1/", "/mcp")
"""Our own API, and the doors that speak other protocols (playground.gateway)."""


def is_for_programs(path: str) -> bool:
    """Whether programs ask at this address."""
    return path.startswith(FOR_PROGRAMS)
