"""The pages of this app in the palette, and sessions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from foundation.presentation.palette import ACTS, MOST_OF_A_KIND, READ, Found, Page, found_by, has_pages, named
from sessions_app.lookup import sessions


def declare() -> None:
    """To be called when the app is ready."""
    has_pages(
        Page("Sessions", "sessions", "history runs", keys="g s"),
        Page("New session", "session-new", "create", kind=ACTS),
        Page("Import a session", "session-import", "file upload chatgpt conversations", kind=ACTS),
    )
    found_by(found)


def found(user: Any, words: str) -> Iterable[Found]:
    """Sessions by name, archived ones too where words are looked for."""
    wanted: dict[str, Any] = {"ordering": "-last_executed", **({} if words else {"archived": False})}
    rows = sessions(user, wanted).values_list("id", "name")[: READ if words else MOST_OF_A_KIND]
    return named("Sessions", rows, words, "session")
