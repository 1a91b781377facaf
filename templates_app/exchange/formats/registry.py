"""The formats that templates can come in as."""

from __future__ import annotations

from typing import Final

from templates_app.exchange.formats.format import Format

FORMATS: Final[dict[str, Format]] = {}
"""By name, in the order in which a file is tried."""
