"""Acts that change no watched row: they are recorded by whoever does them."""

from __future__ import annotations

from uuid import UUID

from audit.acts import SERVICE, Act
from audit.models import AuditEntry
from foundation import context


def record(
    *,
    act: Act,
    kind: str,
    object_id: object = "",
    actor: UUID | None = None,
    organisation: str | None = None,
    by: str | None = None,
) -> None:
    """Writes an entry in the transaction at hand; who, from where and in which request come from the request.

    `actor`, `organisation` and `by` are given where the door does not know them yet: at a sign-in.
    """
    asker = context.asker.get()
    AuditEntry.objects.create(
        organisation=asker.organisation if organisation is None else organisation,
        actor=actor or asker.id,
        by=asker.by or SERVICE if by is None else by,
        act=act,
        kind=kind,
        object_id=str(object_id)[:255],
        address=context.address.get(),
        request_id=context.request_id.get(),
    )
