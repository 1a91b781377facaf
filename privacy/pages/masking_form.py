"""Rules as the page's form has them: a name a line, a pattern a line, behind its label."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from privacy.masking.rules import BUILT_IN, Rules

LABELS: Final = {
    "project_id": "Project",
    "names": "Names",
    "patterns": "Patterns",
    "files": "Pictures and files",
    "text": "Text to try",
}
"""Of the fields that may be faulty, as they stand in the form."""
FINDERS: Final = (
    ("email", "E-mail addresses", "ada@example.org"),
    ("phone", "Telephone numbers", "with a country's code, +49 30 901820"),
    ("iban", "Bank accounts", "IBAN with a right checksum"),
    ("card", "Payment cards", "with a right check digit"),
)
_LINE_ENDS: Final = re.compile(r"\r\n?|\n")
_PLACE: Final = re.compile(r"(names|patterns)\.(\d+)")


def body_of(given: Mapping[str, str]) -> dict[str, Any]:
    """What the form asks for, as the API takes it."""
    return {
        **{name: given.get(name) == "on" for name in BUILT_IN},
        "names": [line.strip() for _, line in _lines(given.get("names", ""))],
        "patterns": [_pattern(line) for _, line in _lines(given.get("patterns", ""))],
        "files": given.get("files", ""),
    }


def given_of(rules: Rules) -> dict[str, str]:
    """The form filled in with rules."""
    patterns = [f"{each.label} {_in_a_line(each.pattern)}" for each in rules.patterns]
    return {
        **{name: "on" for name in BUILT_IN if getattr(rules, name)},
        "names": "\n".join(" ".join(name.split()) for name in rules.names),
        "patterns": "\n".join(patterns),
        "files": rules.files,
    }


def errors_at_fields(errors: Sequence[Mapping[str, str]], given: Mapping[str, str]) -> dict[str, str]:
    """What is wrong, by the field of the form; in lists with the line as people count them."""
    found: dict[str, str] = {}
    for error in errors:
        field, message = error["field"], error["message"]
        if place := _PLACE.match(field):
            field = place.group(1)
            numbers = [number for number, _ in _lines(given.get(field, ""))]
            message = f"Line {numbers[int(place.group(2))]}: {message}"
        found.setdefault(field if field in LABELS else "", message)
    return found


def in_words(rules: Rules) -> str:
    """What is masked, for the list."""
    words = [title.lower() for name, title, _ in FINDERS if getattr(rules, name)]
    words += [f"{len(rules.names)} name{'s' * (len(rules.names) != 1)}"] if rules.names else []
    words += [each.label for each in rules.patterns]
    return ", ".join(words) or "nothing"


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with something in them, numbered from 1 as they stand."""
    return ((number, line) for number, line in enumerate(_LINE_ENDS.split(text), 1) if line.strip())


def _pattern(line: str) -> dict[str, str]:
    label, _, pattern = line.lstrip().partition(" ")
    return {"label": label, "pattern": pattern}


def _in_a_line(pattern: str) -> str:
    """The same pattern without ends of lines, which RE2 has signs for."""
    return pattern.replace("\r", r"\r").replace("\n", r"\n")
