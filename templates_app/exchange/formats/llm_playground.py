"""Our own document (`exchange.document`): every version and label of each template, as JSON or YAML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from foundation.problems import FieldError, invalid
from foundation.words import number
from templates_app.exchange.document import FORMAT, SCHEMA_VERSION
from templates_app.exchange.formats.format import MOST_TEMPLATES, Choices, Draft, Drafts, Format
from templates_app.exchange.source import Source

_FIELDS: Final = frozenset({"format", "version", "templates", "notes"})


def recognises(source: Source) -> bool:
    """Whether the document says that it is one of ours, of whatever version."""
    return source.mapping.get("format") == FORMAT


def read(source: Source, choices: Choices) -> Drafts:
    """The entries as they are; what the document itself tells of what it does not carry is told again."""
    return drafts_of(source.value)


def drafts_of(document: Any) -> Drafts:
    """The entries of a document that has been parsed; raises Problem."""
    if not isinstance(document, Mapping):
        raise invalid([FieldError("", "invalid", "A document with `format`, `version` and `templates` is expected.")])
    if errors := list(_envelope_errors(document)):
        raise invalid(errors)
    found = Drafts()
    for index, entry in enumerate(document["templates"]):
        key = entry.get("id")
        found.templates.append(Draft(dict(entry), f"templates.{index}", key if isinstance(key, str) else ""))
    notes = document.get("notes") or []
    found.notes += [note[:1_000] for note in notes if isinstance(note, str)] if isinstance(notes, list) else []
    return found


def _envelope_errors(document: Mapping[str, Any]) -> Iterator[FieldError]:
    if document.get("format") != FORMAT:
        yield FieldError("format", "foreign", f"{FORMAT!r} is expected.")
    elif document.get("version") != SCHEMA_VERSION:
        yield FieldError("version", "foreign", f"Schema version {SCHEMA_VERSION} is read here.")
    for name in sorted(document.keys() - _FIELDS):
        yield FieldError(name, "unknown", "There is no such field.")
    templates = document.get("templates")
    if not isinstance(templates, list) or not 1 <= len(templates) <= MOST_TEMPLATES:
        yield FieldError("templates", "invalid", f"A list of 1 to {number(MOST_TEMPLATES)} templates is expected.")
        return
    for index, entry in enumerate(templates):
        if not isinstance(entry, Mapping):
            yield FieldError(f"templates.{index}", "invalid", "A template is an object.")


LLM_PLAYGROUND: Final = Format("llm-playground", "LLM Playground document (JSON or YAML)", recognises, read)
