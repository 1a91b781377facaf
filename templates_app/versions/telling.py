"""What is told of a template as an event, in the transaction of its change; the template's row is locked there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Literal
from uuid import UUID

from accounts.sharing import people_of, teams_of
from events.models import Kind
from events.notifications.writing import notify
from events.outbox.publishing import publish
from templates_app.models import LabelRequest, PromptTemplate, RequestStatus, Visibility

Happening = Literal["created", "updated", "deleted", "label_moved", "split_started", "split_ended"]
_NOTIFIED: Final = {"label_moved": Kind.LABEL_MOVED, "split_ended": Kind.SPLIT_ENDED}
"""What those are notified of who see the template because it is theirs, or is shared with them."""


def tell(
    happening: Happening,
    template: PromptTemplate,
    *,
    by: UUID | None,
    version: int | None = None,
    label: str = "",
    **facts: Any,
) -> None:
    """`version`: the number of what was saved, or of where the label points now; none where it was taken away.

    Of a split it is the candidate's, and `facts` are its share or its outcome.
    """
    moved = {"label": label, "version": version} if label else {}
    saved = {"version": version} if version is not None else {}
    event_id = publish(
        f"template.{happening}",
        aggregate=f"template:{template.id}",
        payload={"template_id": str(template.id), "user_id": by and str(by), **saved, **moved, **facts},
        words={"template_name": template.name, "category": template.category},
        user_id=by,
        also_for=[template.owner_id, *_teams_of(template)],
    )
    if (kind := _NOTIFIED.get(happening)) is not None:
        people = [template.owner_id, *members_of(template)]
        _notify(kind, template, people=people, by=by, event_id=event_id, version=version, label=label, **facts)


def tell_request(asked: LabelRequest, *, by: UUID, people: Iterable[UUID | None]) -> None:
    """Notifies `people` of what is asked of a protected label, or of what was decided."""
    is_open = asked.status == RequestStatus.OPEN
    _notify(
        Kind.APPROVAL_ASKED if is_open else Kind.REQUEST_DECIDED,
        asked.template,
        people=people,
        by=by,
        label=asked.name,
        act=asked.act,
        version=asked.version.number if asked.version else None,
        status=asked.status,
    )


def tell_shared(template: PromptTemplate, *, by: UUID, people: Iterable[UUID]) -> None:
    """Notifies those with whom it was not shared before."""
    _notify(Kind.SHARED, template, people=people, by=by, thing="template", id=str(template.id))


def members_of(template: PromptTemplate) -> set[UUID]:
    """People whom it is shared with, by themselves or by a team."""
    return set() if template.visibility == Visibility.PRIVATE else people_of(template.members.all())


def _teams_of(template: PromptTemplate) -> set[UUID]:
    return set() if template.visibility == Visibility.PRIVATE else teams_of(template.members.all())


def _notify(
    kind: Kind,
    template: PromptTemplate,
    *,
    people: Iterable[UUID | None],
    by: UUID | None,
    event_id: UUID | None = None,
    **payload: Any,
) -> None:
    notify(
        kind,
        people=set(people),
        by=by,
        event_id=event_id,
        owner_id=template.owner_id,
        payload={"template_id": str(template.id), **payload},
        words={"name": template.name},
    )
