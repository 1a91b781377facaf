"""What the tests of formats ask of a draft: its content, by the rules of every import, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from foundation.problems import FieldError, Problem
from templates_app.bodies import content_of
from templates_app.content import Content
from templates_app.exchange.entries import TemplateEntry
from templates_app.exchange.formats.format import Choices, Draft, Drafts, Format
from templates_app.exchange.source import Source
from templates_app.rendering.render import render

NO_CHOICES = Choices()


def drafts(of: Format, text: str | bytes, name: str = "", choices: Choices = NO_CHOICES) -> Drafts:
    """What a file with this text holds."""
    data = text.encode() if isinstance(text, str) else text
    return of.read(Source(data, name), choices)


def draft(of: Format, text: str | bytes, name: str = "", choices: Choices = NO_CHOICES) -> Draft:
    """The only template of a file."""
    [found] = drafts(of, text, name, choices).templates
    return found


def contents(of: Draft) -> list[Content]:
    """The contents of its versions, checked as an import checks them."""
    given = TemplateEntry(data={"name": "Unnamed", "category": "Imported", **of.entry})
    given.is_valid(raise_exception=True)
    return [content_of(version) for version in given.validated_data["versions"]]


def content(of: Draft) -> Content:
    """The content of its only version."""
    [found] = contents(of)
    return found


def said(of: Draft, **values: Any) -> list[tuple[str, Any]]:
    """Role and text of each message that the template sends with these values."""
    return [(message["role"], message["content"]) for message in render(content(of), values).messages]


def tried(read: Callable[..., Any], *given: Any) -> Any:
    """What reading gives, or the Problem that it refuses with."""
    try:
        return read(*given)
    except Problem as problem:
        return problem


def faults(of: Format, text: str | bytes, name: str = "") -> list[FieldError]:
    """What a file is refused for."""
    found = tried(drafts, of, text, name)
    assert isinstance(found, Problem)
    assert found.status == 400
    return [FieldError(**error) for error in found.errors]


def places(of: Format, text: str | bytes, name: str = "") -> list[str]:
    """Where a file is refused."""
    return [error.field for error in faults(of, text, name)]
