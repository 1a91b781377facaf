"""Legal holds: placed, lifted, and asked by whatever removes rows.

Who removes rows removes what is `free` of them, in the transaction that asks: a hold that is placed waits until such
transactions have ended, and whoever begins one afterwards sees it. So nothing that it covers goes once it is there. How
a hold finds the rows of a table is told by the app that owns the table, and by apps above it for what they alone know
(`reaches`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar
from uuid import UUID

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Q
from django.db.models.signals import pre_delete
from django.utils import timezone

from accounts.models import User
from foundation.problems import Problem, not_found
from privacy.models import Covers, LegalHold

Rows = TypeVar("Rows", bound=models.QuerySet[Any])
Reach = Callable[[list[Any]], Q]
"""The condition that finds rows by the ids that holds of one sort are on."""

_reaches: Final[dict[str, list[tuple[Covers, Reach]]]] = defaultdict(list)
_LOCK: Final = "hashtext('legal holds')"
TEXTS: Final = (Covers.PROJECT, Covers.ORGANISATION)
"""What is known by what it is called, not by an id."""


def reaches(model: type[models.Model], covers: Covers, *lookups: str | Reach) -> None:
    """Holds of this sort cover rows of `model` whose `lookups` lead to what they are on."""
    for lookup in lookups:
        _reaches[model._meta.db_table].append((covers, _by(lookup) if isinstance(lookup, str) else lookup))


def _by(lookup: str) -> Reach:
    return lambda ids: Q(**{f"{lookup}__in": ids})


def held(model: type[models.Model], *, sort: Covers | None = None) -> Q:
    """The condition that some standing hold (of one sort) covers a row; nothing fulfils it where there is none."""
    standing = _standing()
    found = Q(pk__in=())
    for covers, reach in _reaches[model._meta.db_table]:
        if covers in standing and sort in (None, covers):
            found |= reach(standing[covers])
    return found


def held_keys(model: type[models.Model]) -> models.QuerySet[Any]:
    """Keys of held rows."""
    return model._default_manager.filter(held(model)).order_by().values("pk")


def free(rows: Rows) -> Rows:
    """Those of `rows` that may go in the caller's transaction: no hold covers them, and none will before it ends."""
    keep_off()
    return rows.exclude(pk__in=held_keys(rows.model))


def keep_off() -> None:
    """No hold is placed until the caller's transaction ends: it may rely on those that it sees from here on."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock_shared({_LOCK})")


def _standing() -> Mapping[Covers, list[Any]]:
    found: dict[Covers, list[Any]] = defaultdict(list)
    for covers, object_id in LegalHold.objects.filter(lifted_at=None).values_list("covers", "object_id"):
        found[Covers(covers)].append(object_id if covers in TEXTS else UUID(object_id))
    return found


def is_held(user: User) -> bool:
    """Whether a hold is on the person, or on their organisation."""
    on_it = Q(covers=Covers.USER, object_id=str(user.id)) | Q(covers=Covers.ORGANISATION, object_id=user.organisation)
    return LegalHold.objects.filter(on_it, lifted_at=None).exists()


def covers_something_of(user: User) -> bool:
    """Whether a hold on something else (a session, a template, a test, a project) covers rows of theirs."""
    if not LegalHold.objects.filter(lifted_at=None).exists():
        return False
    for table, reaches_of_it in _reaches.items():
        model = next(model for model in apps.get_models() if model._meta.db_table == table)
        theirs = [reach([user.id]) for covers, reach in reaches_of_it if covers == Covers.USER]
        for condition in theirs:
            if model._default_manager.filter(condition).filter(pk__in=held_keys(model)).exists():
                return True
    return False


def place(*, by: User | None, covers: Covers, object_id: str, reason: str) -> LegalHold:
    """A new hold, once those who are removing rows have ended; a Problem (409) where one stands on the same thing."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
            return LegalHold.objects.create(covers=covers, object_id=object_id, reason=reason, placed_by=by)
    except IntegrityError:
        raise Problem(409, "held_already", f"A hold on this {covers} stands already.") from None


def lift(*, by: User | None, hold_id: UUID) -> LegalHold:
    """Ends a hold; harmless when it has ended."""
    LegalHold.objects.filter(id=hold_id, lifted_at=None).update(lifted_by=by, lifted_at=timezone.now())
    hold = LegalHold.objects.filter(id=hold_id).first()
    if hold is None:
        raise not_found("The hold")
    return hold


def connect() -> None:
    """Has no door remove a person whom a hold is on."""
    pre_delete.connect(_refuse, sender=User, dispatch_uid="privacy.holds")


def _refuse(*, instance: User, **kwargs: Any) -> None:
    if is_held(instance):
        raise PermissionDenied("A legal hold is on this person or their organisation.")
