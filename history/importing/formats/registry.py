"""The formats that are taken, and which one a file is."""

from __future__ import annotations

from typing import Any, Final

from foundation.problems import FieldError, Problem, invalid
from history.importing.formats.bundle import BUNDLE
from history.importing.formats.chatgpt import CHATGPT
from history.importing.formats.claude import CLAUDE
from history.importing.formats.format import Format
from history.importing.formats.openai_jsonl import OPENAI_JSONL

FORMATS: Final[dict[str, Format]] = {each.name: each for each in (BUNDLE, CHATGPT, CLAUDE, OPENAI_JSONL)}
AUTO: Final = "auto"
CHOICES: Final = (AUTO, *FORMATS)


def format_of(value: Any, name: str) -> Format:
    """The named format, or the one that the value looks like; a 400 problem that says what is taken."""
    if name != AUTO:
        return FORMATS[name]
    found = next((each for each in FORMATS.values() if each.recognise(value)), None)
    if found is None:
        raise _unknown(value)
    return found


def _unknown(value: Any) -> Problem:
    if isinstance(value, dict):
        place = "format"
        looks = (
            "an object with " + ", ".join(f"“{name[:40]}”" for name in list(value)[:5]) if value else "an empty object"
        )
    else:
        place = ""
        looks = f"a list of {len(value)}" if isinstance(value, list) else "a single JSON value"
    taken = ", ".join(f"{each.name} ({each.title})" for each in FORMATS.values())
    return invalid([FieldError(place, "unknown_format", f"This is {looks}, and none of what is taken: {taken}.")])
