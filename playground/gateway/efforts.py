"""How hard a model shall think, in the vendors' words and in ours."""

from __future__ import annotations

from typing import Any, Final

OURS: Final = {"none": "minimal", "xhigh": "high", "max": "high"}
"""What a vendor's newest models know beside our own levels, as the nearest of ours."""


def effort_of(told: Any) -> Any:
    """The level; what is none of any vendor's stays as it is, to be refused by its name."""
    return OURS.get(told, told) if isinstance(told, str) else told
