"""Which column of a table of prompts holds what: by the names that people give them, or by what somebody chose."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from foundation.problems import FieldError, Problem

PROMPT: Final = "prompt"
FIELDS: Final = ("name", PROMPT, "system_prompt", "category", "tags", "description")
_CALLED: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("act", "name", "title", "prompt name", "prompt title", "command", "cmd", "label", "persona", "role"),
    PROMPT: ("prompt", "prompt text", "prompt template", "user prompt", "template"),
    "system_prompt": ("system prompt", "system", "system message"),
    "category": ("category", "group", "section"),
    "tags": ("tags", "tag", "keywords"),
    "description": ("description", "desc", "summary", "comment", "notes", "note", "remark"),
}
_MAYBE: Final = ("text", "content", "instruction", "instructions")
"""What may be a prompt, or a text that one is tried on."""
_OF_DATA: Final = frozenset(
    {"output", "response", "completion", "answer", "expected", "target", "label", "sentiment", "input", "question"}
    | {"score", "result"}
)
"""Beside one of these, a text is an example rather than a prompt."""
_HEADER: Final = re.compile(r"\w*(?: \w+){0,3}")


def plain(name: str) -> str:
    """A column's name as it is compared."""
    return re.sub(r"[\s_\-]+", " ", name).strip().lower()


def knows(header: Sequence[str]) -> bool:
    """Whether a line of cells looks like the names of columns of prompts."""
    wanted = {*_CALLED[PROMPT], *_MAYBE}
    names = [plain(each) for each in header]
    return len(names) > 1 and any(each in wanted for each in names) and all(map(_HEADER.fullmatch, names))


def columns_of(header: Sequence[str], chosen: Mapping[str, str]) -> dict[str, int]:
    """The place of each field's column; 400 with the columns where it cannot be told which one holds the prompts."""
    if chosen:
        return _chosen(header, chosen)
    names = [plain(each) for each in header]
    found = {field: names.index(name) for field, called in _CALLED.items() if (name := _first(called, names))}
    if PROMPT not in found:
        maybe = [name for name in _MAYBE if name in names]
        is_data = _OF_DATA & set(names) or any(name.startswith("expected") for name in names)
        if len(maybe) != 1 or is_data:
            raise asked(header, "It cannot be told which column holds the prompts.")
        found[PROMPT] = names.index(maybe[0])
    if names.count(names[found[PROMPT]]) > 1:
        raise asked(header, f"The column {header[found[PROMPT]][:100]} is there twice.")
    return found


def _first(called: Sequence[str], names: Sequence[str]) -> str:
    return next((name for name in called if name in names), "")


def _chosen(header: Sequence[str], chosen: Mapping[str, str]) -> dict[str, int]:
    errors = []
    found = {}
    for field, name in chosen.items():
        if field not in FIELDS:
            errors.append(FieldError(f"columns.{field[:100]}", "unknown", f"One of {', '.join(FIELDS)} is expected."))
        elif name not in header:
            errors.append(FieldError(f"columns.{field}", "unknown", f"The table has no column {name[:100]!r}."))
        else:
            found[field] = header.index(name)
    if errors:
        raise _problem(errors, header)
    if PROMPT not in found:
        raise asked(header, "The column that holds the prompts is needed.")
    return found


def asked(header: Sequence[str], why: str) -> Problem:
    """400 `columns`: somebody has to say which column is what; the problem lists them."""
    listed = ", ".join(each[:100] for each in header[:50])
    return _problem([FieldError("columns", "required", f"{why} The columns are: {listed}.")], header)


def _problem(errors: list[FieldError], header: Sequence[str]) -> Problem:
    detail = " ".join(each.message for each in errors)
    return Problem(400, "columns", detail, errors=errors, columns=[each[:200] for each in header[:200]])
