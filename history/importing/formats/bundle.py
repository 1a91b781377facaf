"""Our own bundle, as the export writes it."""

from __future__ import annotations

from typing import Any, Final

from history.export.bundle import FORMAT_NAME
from history.importing.formats.format import Format, Read


def recognise(value: Any) -> bool:
    """By its own word."""
    return isinstance(value, dict) and value.get("format") == FORMAT_NAME


def read(value: Any) -> Read:
    """As it is: it is checked as every other one is."""
    return Read([value])


BUNDLE: Final = Format("llm-playground", "this service's own JSON export", recognise, read)
