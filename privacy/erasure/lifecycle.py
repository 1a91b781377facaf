"""The states of an erasure: requested → approved → exporting → erasing ⇄ held → done | refused.

Each write stands here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from accounts.models import Role, User
from foundation.problems import not_found
from foundation.sealing.encryption import keyring
from foundation.sealing.fields import Sealed
from privacy import holds
from privacy.erasure import errors
from privacy.models import OPEN, Erasure

LEASE: Final = timedelta(minutes=3)
Status = Erasure.Status
WORKED_ON: Final = (Status.APPROVED, Status.EXPORTING, Status.ERASING, Status.HELD)


def request(*, subject: User, by: User | None, with_export: bool) -> Erasure:
    """An erasure that an administrator has to decide; a Problem (409) where one is open."""
    try:
        with transaction.atomic():
            return Erasure.objects.create(
                subject=subject.id, organisation=subject.organisation, requested_by=by, with_export=with_export
            )
    except IntegrityError:
        raise errors.asked_already() from None


def approve(*, erasure_id: UUID, by: User | None, now: datetime) -> Erasure:
    """It may begin; a Problem (409) where a hold covers the person, or it is decided already."""
    erasure = get(erasure_id)
    subject = User.objects.filter(id=erasure.subject).first()
    if subject is None:
        raise not_found("The person")
    if is_covered(subject):
        raise errors.held()
    if _is_last_administrator(subject):
        raise errors.last_administrator()
    return _decided(erasure, Status.APPROVED, by=by, now=now)


def refuse(*, erasure_id: UUID, by: User | None, reason: str, now: datetime) -> Erasure:
    """It does not take place."""
    return _decided(get(erasure_id), Status.REFUSED, by=by, now=now, reason=reason, ended_at=now)


def get(erasure_id: UUID) -> Erasure:
    """The erasure; a 404 problem where there is none."""
    erasure = Erasure.objects.filter(id=erasure_id).first()
    if erasure is None:
        raise not_found("The erasure")
    return erasure


def open_of(subject: UUID) -> Erasure | None:
    """The erasure of this person that has no end yet."""
    return Erasure.objects.filter(subject=subject, status__in=OPEN).first()


def is_covered(subject: User) -> bool:
    """Whether a hold is on the person, their organisation, or anything of theirs."""
    return holds.is_held(subject) or holds.covers_something_of(subject)


def claim(erasure_id: UUID, *, now: datetime) -> Erasure | None:
    """The right to work on it for a while; None where somebody else has it, or there is nothing to do."""
    free = Q(lease_expires_at=None) | Q(lease_expires_at__lt=now)
    rows = Erasure.objects.filter(free, id=erasure_id, status__in=WORKED_ON)
    if not rows.update(lease_expires_at=now + LEASE):
        return None
    return get(erasure_id)


def release(erasure: Erasure, *, reason: str = "") -> None:
    """Somebody else may go on; `reason` is why it could not go on now."""
    _rows(erasure).update(lease_expires_at=None, reason=_sealed(erasure, "reason", reason) if reason else None)


def move(erasure: Erasure, to: Erasure.Status, **fields: Any) -> bool:
    """The next state, of one that is worked on."""
    moved = _rows(erasure).filter(status__in=WORKED_ON).update(status=to, **fields)
    return bool(moved)


def note(erasure: Erasure, *, step: str, rows: int, now: datetime) -> None:
    """What a turn has done, in its own transaction; prolongs the lease."""
    counts: Mapping[str, int] = Erasure.objects.values_list("counts", flat=True).get(id=erasure.id)
    told = {**counts, step: counts.get(step, 0) + rows} if rows else dict(counts)
    _rows(erasure).update(step=step, counts=told, lease_expires_at=now + LEASE)


def remember_words(erasure: Erasure, words: list[str]) -> None:
    """What the proof looks for, while it is worked on."""
    _rows(erasure).filter(words=None).update(words=_sealed(erasure, "words", words))


def search_done(erasure: Erasure, *, place: str, after: str | None, finds: Sequence[str], now: datetime) -> None:
    """How far the proof has come, and what it has found until there; prolongs the lease."""
    searched = _sealed(erasure, "searched", {"place": place, "after": after})
    rows = _rows(erasure).filter(status=Status.ERASING)
    rows.update(step=f"proof: {place}"[:60], searched=searched, finds=list(finds), lease_expires_at=now + LEASE)


def waiting(*, now: datetime) -> QuerySet[Erasure]:
    """Those that somebody should go on with."""
    free = Q(lease_expires_at=None) | Q(lease_expires_at__lt=now)
    return Erasure.objects.filter(free, status__in=WORKED_ON).order_by("requested_at")


def _decided(erasure: Erasure, to: Erasure.Status, *, by: User | None, now: datetime, **fields: Any) -> Erasure:
    reason = fields.pop("reason", "")
    if reason:
        fields["reason"] = _sealed(erasure, "reason", reason)
    rows = Erasure.objects.filter(id=erasure.id, status=Status.REQUESTED)
    if not rows.update(status=to, decided_by=by, decided_at=now, **fields):
        raise errors.decided_already(get(erasure.id).status)
    return get(erasure.id)


def _is_last_administrator(subject: User) -> bool:
    if not subject.has_role(Role.ADMIN):
        return False
    others = User.objects.filter(Q(roles__contains=[Role.ADMIN]) | Q(is_superuser=True), is_active=True)
    return not others.exclude(id=subject.id).exists()


def _rows(erasure: Erasure) -> QuerySet[Erasure]:
    return Erasure.objects.filter(id=erasure.id)


def _sealed(erasure: Erasure, column: str, value: Any) -> Sealed:
    field: Any = Erasure._meta.get_field(column)
    return Sealed(keyring().seal_json(value, place=field.place(erasure)))
