"""What somebody is to a session that they see; told by the query that found it."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.sharing import reached
from sessions_app.models import PlaygroundSession, SessionMember


def seen_by(user: User) -> Any:
    """Sessions visible to `user`, each with `is_edited` (an editor's share) and `members_count`."""
    edited = reached(SessionMember, user, thing="session_id", editing=True).filter(session=OuterRef("pk"))
    rows = SessionMember.objects.filter(session=OuterRef("pk")).order_by().values("session")
    members = Subquery(rows.annotate(count=Count("id")).values("count"))
    return (
        PlaygroundSession.objects.visible_to(user)
        .annotate(is_edited=Exists(edited), members_count=Coalesce(members, 0, output_field=IntegerField()))
        .select_related("user")
    )


def role_in(session: Any, user: User) -> str:
    """owner, editor or viewer; of a session out of `seen_by`."""
    if session.user_id == user.id:
        return "owner"
    return "editor" if session.is_edited else "viewer"
