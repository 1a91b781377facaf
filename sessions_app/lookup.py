"""Which sessions somebody means, of those that they see, and what they are to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.sharing import reached
from foundation.problems import Problem, not_found
from foundation.search.matching import Sought
from foundation.search.ordering import by_name
from sessions_app.models import PlaygroundSession, SessionMember

SEARCHED_AT_ONCE: Final = 5_000
"""Sessions, the latest made, whose descriptions and purposes one request looks through."""
READ_ONLY: Final = "You may read this session, not run in it or change it."
OF_A_TEST: Final = (
    "This session holds the runs of a test or another evaluation: "
    "it can be read, not run in, changed, shared or forked."
)
ORDERS: dict[str, Any] = {
    "-last_executed": (F("last_executed").desc(nulls_last=True),),
    "-created_at": (F("created_at").desc(),),
    "name": by_name(),
    "-total_cost": (F("total_cost").desc(),),
    "-execution_count": (F("execution_count").desc(),),
}


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


def visible(user: User, session_id: UUID) -> Any:
    """The session out of `seen_by`; a 404 problem for strangers."""
    found = seen_by(user).filter(id=session_id).first()
    if found is None:
        raise not_found("The session")
    return found


def copyable(user: User, session_id: UUID) -> Any:
    """The same for its owner and editors: to export or copy it a viewer may not (403)."""
    found = visible(user, session_id)
    if role_in(found, user) == "viewer":
        raise Problem(403, "forbidden", "You may read this session, not export or copy it.")
    return found


def forkable(user: User, session_id: UUID) -> Any:
    """The same for who may go on from a copy of it; the runs of a test are no conversation (403)."""
    found = copyable(user, session_id)
    if found.is_hidden:
        raise Problem(403, "forbidden", OF_A_TEST)
    return found


def sessions(user: User, wanted: dict[str, Any]) -> Any:
    """The sessions that `user` sees and `wanted` asks for, in its order; pages list them alike."""
    found = seen_by(user).filter(is_hidden=False)
    if "project_id" in wanted:
        found = found.filter(project_id=wanted["project_id"])
    sought = Sought(wanted.get("search", ""))
    opened = _opened(user) if sought or "purpose" in wanted else []
    if "purpose" in wanted:
        found = found.filter(id__in=[each.id for each in opened if each.purpose == wanted["purpose"]])
    if "tag" in wanted:
        found = found.filter(tags__contains=[wanted["tag"]])
    if sought:
        found = found.filter(id__in=_holding(user, sought, {each.id: each.description for each in opened}))
    if wanted.get("archived") is not None:
        found = found.filter(archived_at__isnull=not wanted["archived"])
    if role := wanted.get("role"):
        mine = Q(user=user)
        found = found.filter(mine) if role == "owner" else found.filter(~mine, is_edited=role == "editor")
    return found.order_by(*ORDERS[wanted["ordering"]], "-created_at", "id")


def _holding(user: User, sought: Sought, descriptions: Mapping[UUID, str]) -> list[UUID]:
    """Sessions whose name, tags and description hold what is searched for; names are read here to be folded alike."""
    named = PlaygroundSession.objects.visible_to(user).listed().values_list("id", "name", "tags")
    return [id_ for id_, name, tags in named if sought.is_in([name, *tags, descriptions.get(id_)])]


def _opened(user: User) -> list[PlaygroundSession]:
    """What is sealed of a session cannot be asked for in SQL: these are looked through here."""
    visible_sessions = PlaygroundSession.objects.visible_to(user).listed().only("id", "description", "purpose")
    return list(visible_sessions.order_by("-created_at", "id")[:SEARCHED_AT_ONCE])


def purposes(user: User) -> set[str]:
    """The purposes of the sessions that `user` sees."""
    return {each.purpose for each in _opened(user)}


def refusal(user: User, session_id: UUID) -> Problem:
    """Why `user` may not change the session: 403 for a reader and for runs of a test, 404 for everybody else."""
    found = PlaygroundSession.objects.visible_to(user).filter(id=session_id).only("is_hidden").first()
    if found is None:
        return not_found("The session")
    return Problem(403, "forbidden", OF_A_TEST if found.is_hidden else READ_ONLY)
