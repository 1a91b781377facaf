"""How long sessions are kept, and how holds find them."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from privacy.holds import reaches
from privacy.keeping import OfKind, With, decide
from privacy.models import Covers
from privacy.retention.kinds import Kind, register
from sessions_app.models import PlaygroundSession

SESSIONS = "sessions"


def declare() -> None:
    """To be called when the app is ready."""
    register(
        Kind(
            SESSIONS,
            "Sessions in which nothing is left",
            days=lambda: 0,
            rows=_listed,
            moment="last_touched",
        )
    )
    decide(OfKind(SESSIONS), "playground_sessions")
    decide(With("playground_sessions"), "session_members")
    reaches(PlaygroundSession, Covers.SESSION, "id")
    reaches(PlaygroundSession, Covers.USER, "user_id")
    reaches(PlaygroundSession, Covers.PROJECT, "project_id")
    reaches(PlaygroundSession, Covers.ORGANISATION, "user__organisation")


def _listed() -> QuerySet[Any]:
    """Those that people see; hidden ones go with what they were made for, deleted ones after 30 days.

    For ever, unless an organisation's rule says otherwise: they hold the totals of what has been run in them.
    """
    touched = Coalesce("last_executed", "created_at")
    return PlaygroundSession.objects.filter(Q(is_hidden=False, deleted_at=None)).annotate(last_touched=touched)
