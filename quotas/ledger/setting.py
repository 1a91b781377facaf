"""Limits set and taken away, by whoever may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import ApiToken, Organisation, Team, User
from foundation.problems import not_found
from foundation.tasks import send_task
from quotas.ledger.forgetting import forget
from quotas.ledger.standing import standings_at
from quotas.models import EVERY, Period, QuotaLimit, QuotaUsage, SubjectKind

MEASURES: Final = ("executions", "tokens", "cost")
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtext('quota limits'), hashtext(%s))"
UPKEEP: Final = "playground.tasks.keep_quotas"
"""The task that counts what was run before a limit was set."""
_BY_ID: Final = {SubjectKind.USER: User, SubjectKind.TEAM: Team, SubjectKind.TOKEN: ApiToken}


def check_subject(kind: SubjectKind, subject_id: str) -> None:
    """A Problem (404) where there is nobody of this id. Projects are whatever sessions name; so are organisations."""
    model = _BY_ID.get(kind)
    if subject_id == EVERY or model is None:
        return
    try:
        identifier = UUID(subject_id)
    except ValueError:
        raise not_found(f"The {kind.label.lower()}") from None
    if str(identifier) != subject_id or not model._default_manager.filter(id=identifier).exists():
        raise not_found(f"The {kind.label.lower()}")


@transaction.atomic
def set_limits(*, kind: SubjectKind, subject_id: str, limits: Sequence[Mapping[str, Any]], by: User | None) -> None:
    """Has exactly these limits for the subject: {period, executions?, tokens?, cost?, is_hard?}, one a period.

    A period that is not among them, or has no number, is without a limit. What was run in the period before counts; it
    is added within seconds.
    """
    check_subject(kind, subject_id)
    with connection.cursor() as cursor:
        # Of two at once each would find rows that the other makes or takes away.
        cursor.execute(_LOCK, [f"{kind}/{subject_id}"])
    numbered = [limit for limit in limits if any(limit.get(name) is not None for name in MEASURES)]
    given = {Period(limit["period"]): limit for limit in numbered}
    mine = QuotaLimit.objects.filter(subject_kind=kind, subject_id=subject_id)
    gone = [period for period in Period if period not in given]
    mine.filter(period__in=gone).delete()
    if subject_id != EVERY:
        # Use is counted while a limit is met only: what was counted until now would be too little for the next one.
        defaults = QuotaLimit.objects.filter(subject_kind=kind, subject_id=EVERY).values_list("period", flat=True)
        forgotten = set(gone) - set(defaults)
        forget(QuotaUsage.objects.filter(subject_kind=kind, subject_id=subject_id, period__in=forgotten))
    for period, limit in given.items():
        fields = {name: limit.get(name) for name in MEASURES}
        cost = fields["cost"]
        mine.update_or_create(
            subject_kind=kind,
            subject_id=subject_id,
            period=period,
            defaults={
                **fields,
                "cost": None if cost is None else Decimal(str(cost)),
                "is_hard": limit.get("is_hard", True),
                "is_from_environment": False,
                "set_by": by,
                "updated_at": timezone.now(),
            },
        )
    if subject_id != EVERY:
        _begin_counting(kind, subject_id)
    transaction.on_commit(lambda: send_task(UPKEEP))


def _begin_counting(kind: SubjectKind, subject_id: str) -> None:
    """Makes the usages of the periods at hand, so that what was run before is counted though nobody runs anything."""
    for standing in standings_at(kind=kind, subject_id=subject_id):
        QuotaUsage.objects.get_or_create(
            subject_kind=kind,
            subject_id=subject_id,
            period=standing.period,
            starts_on=standing.starts_on,
            defaults={"time_zone": standing.time_zone, "counted_from": timezone.now()},
        )


def name_of(kind: SubjectKind, subject_id: str) -> str:
    """What people call the subject; its id where nobody is there any more."""
    if subject_id == EVERY:
        return f"every {kind.label.lower()}"
    if kind == SubjectKind.ORGANISATION:
        found: object = Organisation.objects.filter(key=subject_id).first()
    elif (model := _BY_ID.get(kind)) is not None:
        found = model._default_manager.filter(id=subject_id).first()
    else:
        found = None
    return str(found) if found is not None else subject_id
