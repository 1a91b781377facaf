"""What becomes of a person's sessions when they are erased."""

from __future__ import annotations

from uuid import UUID

from django.core.cache import cache
from django.db.models import Q

from privacy.erasure.steps import SOME, Stage, kept_for_others, register, removed
from sessions_app.models import PlaygroundSession, SessionMember


def declare() -> None:
    """To be called when the app is ready."""
    register(Stage.PLACES, "sessions", _sessions)
    register(Stage.PLACES, "sessions that others go on with", _kept)
    register(Stage.PLACES, "memberships of sessions", _memberships)
    register(Stage.COPIES, "projects that are remembered", lambda user_id: int(cache.delete(f"projects:{user_id}")))


def _memberships(user_id: UUID) -> int:
    return removed(SessionMember.objects.filter(user_id=user_id))


def _sessions(user_id: UUID) -> int:
    theirs = PlaygroundSession.objects.filter(user_id=user_id)
    return removed(theirs.exclude(pk__in=list(kept_for_others(PlaygroundSession, user_id))), at_most=SOME)


def _kept(user_id: UUID) -> int:
    """They keep their names, by which others know them; what the person said of them goes."""
    said = Q(description__isnull=False) | Q(purpose__isnull=False) | Q(metadata__isnull=False)
    theirs = PlaygroundSession.objects.filter(said, user_id=user_id, is_hidden=False)
    return theirs.update(description=None, purpose=None, metadata=None)
