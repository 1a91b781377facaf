"""The pages of this app in the palette, and templates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from foundation.presentation.palette import ACTS, MOST_OF_A_KIND, Found, Page, found_by, has_pages
from templates_app.library.filters import Matches


def declare() -> None:
    """To be called when the app is ready."""
    has_pages(
        Page("Templates", "templates", "library prompts", keys="g t"),
        Page("New template", "template-new", "create prompt write", kind=ACTS),
        Page("Import templates", "template-import", "file upload promptfoo", kind=ACTS),
    )
    found_by(templates)


def templates(user: Any, words: str) -> Iterator[Found]:
    """As the library finds them."""
    wanted = {"search": words} if words else {}
    for each in Matches(user, wanted)[:MOST_OF_A_KIND]:
        yield Found("Templates", each.name, reverse("template", args=[each.id]), each.category)
