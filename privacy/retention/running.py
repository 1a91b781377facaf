"""A run of retention: kind by kind, in batches of their own transactions, in an order that can be taken up again.

Rows are walked by their key, so that each is looked at once; what was removed before a kill is gone, and the next turn
finds the rest. Rows that somebody works on are left for the next night.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Max, Min, Model, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from privacy import holds
from privacy.models import RetentionRun
from privacy.retention import figures
from privacy.retention.figures import Tally, row_size, tallied
from privacy.retention.kinds import KINDS, Ids, Kind, PrunedKind, Swept
from privacy.retention.rules import Cut, cuts

logger = logging.getLogger(__name__)

BATCH: Final = 500
"""Rows of a transaction."""
NIGHT: Final = 2
"""The hour (UTC) from which a night's run begins; later where the service was down."""
FILES: Final = "files"
"""What figures of files are told as."""


def begin(*, is_dry: bool, kind: str = "", organisation: str | None = None, by: User | None = None) -> RetentionRun:
    """A run that nobody has worked on yet."""
    return RetentionRun.objects.create(is_dry=is_dry, kind=kind, organisation=organisation, asked_by=by)


def work(run: RetentionRun, *, is_over: Callable[[], bool] = lambda: False) -> bool:
    """Goes on with the run until it is done (True) or `is_over`."""
    for kind in KINDS.values():
        if run.kind in ("", kind.name) and not _kind_done(run, kind, is_over):
            return False
    RetentionRun.objects.filter(id=run.id, ended_at=None).update(ended_at=timezone.now())
    return True


def _kind_done(run: RetentionRun, kind: Kind | PrunedKind, is_over: Callable[[], bool]) -> bool:
    for cut in cuts(kind, now=run.started_at, organisation=run.organisation):
        if isinstance(kind, PrunedKind):
            _prune(run, kind, cut)
        elif run.is_dry:
            _count(run, kind, cut)
        elif not _removed(run, kind, cut, is_over):
            return False
    if isinstance(kind, Kind) and kind.files is not None and not run.is_dry:
        _sweep(run, kind.files)
    return True


def _sweep(run: RetentionRun, sweep: Callable[[datetime], Swept]) -> None:
    now = timezone.now()
    swept = sweep(now)
    if swept.files:
        tally = Tally(rows=swept.files, size=swept.size)
        figures.add(run, kind=FILES, before=now, tallies={"": tally})
    if swept.failed:
        figures.tell(run, kind=FILES, before=now, organisation="", failed_files=swept.failed)


def _prune(run: RetentionRun, kind: PrunedKind, cut: Cut) -> None:
    if not cut.all_but:
        return  # it is one log for all: rules of single organisations do not cut it
    pruned = kind.prune(cut.before, run.is_dry)
    tally = Tally(rows=pruned.rows, size=pruned.size)
    figures.add(run, kind=kind.name, before=cut.before, tallies={"": tally})


def _old(kind: Kind, cut: Cut) -> QuerySet[Any]:
    return kind.rows().filter(cut.chosen(kind.organisation), **{f"{kind.moment}__lt": cut.before})


def _going(kind: Kind, cut: Cut) -> QuerySet[Any]:
    rows = _old(kind, cut)
    return holds.free(rows).exclude(pk__in=_some(rows.model, kind.needed()))


def _some(model: type[Model], condition: Q) -> QuerySet[Any]:
    # As a subquery of keys: a condition over many-valued lookups, negated in place, would mean something else.
    return model._default_manager.filter(condition).order_by().values("pk")


def _count(run: RetentionRun, kind: Kind, cut: Cut) -> None:
    rows = _going(kind, cut).annotate(stored=row_size(kind.rows().model))
    by_organisation = rows.order_by().values(whose=F(kind.organisation))
    for each in by_organisation.annotate(
        count=Count("pk"), bytes=figures.total_size(), first=Min(kind.moment), last=Max(kind.moment)
    ):
        tally = Tally(each["count"], each["bytes"], each["first"], each["last"])
        figures.add(run, kind=kind.name, before=cut.before, tallies={each["whose"] or "": tally})
    _tell_what_stays(run, kind, cut)


def _tell_what_stays(run: RetentionRun, kind: Kind, cut: Cut) -> None:
    rows = _old(kind, cut)
    for name, condition in (("held", holds.held(rows.model)), ("needed", kind.needed())):
        kept = rows.filter(pk__in=_some(rows.model, condition)).order_by().values(whose=F(kind.organisation))
        for each in kept.annotate(count=Count("pk")):
            told = {name: each["count"]}
            figures.tell(run, kind=kind.name, before=cut.before, organisation=each["whose"] or "", **told)


def _removed(run: RetentionRun, kind: Kind, cut: Cut, is_over: Callable[[], bool]) -> bool:
    last: Any = None
    while not is_over():
        last = _batch(run, kind, cut, last) if not kind.parts else _whole(run, kind, cut, last)
        if last is None:
            _tell_what_stays(run, kind, cut)
            return True
    return False


def _next(kind: Kind, cut: Cut, last: Any, *, at_most: int) -> list[tuple[Any, datetime, str | None, int]]:
    """The next rows by their key, locked for this transaction; those that somebody else has locked are left out."""
    rows = _going(kind, cut).order_by("pk")
    if last is not None:
        rows = rows.filter(pk__gt=last)
    locked = rows.select_for_update(of=("self",), skip_locked=True)
    size = row_size(rows.model)
    return list(locked.annotate(stored=size).values_list("pk", kind.moment, kind.organisation, "stored")[:at_most])


@transaction.atomic
def _batch(run: RetentionRun, kind: Kind, cut: Cut, last: Any) -> Any:
    """Removes the next rows; the last key, None when there are none."""
    found = _next(kind, cut, last, at_most=BATCH)
    if not found:
        return None
    ids = [row[0] for row in found]
    _delete(kind, ids)
    figures.add(run, kind=kind.name, before=cut.before, tallies=tallied(found))
    return ids[-1]


def _whole(run: RetentionRun, kind: Kind, cut: Cut, last: Any) -> Any:
    """Removes the next row with its parts, which go first: whoever is killed in between leaves a smaller row."""
    with transaction.atomic():
        found = _next(kind, cut, last, at_most=1)
    if not found:
        return None
    size = sum(_drained(kind, cut, found[0][0]))
    with transaction.atomic():
        # Somebody may have put a hold on it, or taken it up, meanwhile.
        again = _next(kind, cut, last, at_most=1)
        if again and again[0][0] == found[0][0]:
            _delete(kind, [again[0][0]])
            tallies = tallied([(*again[0][:3], again[0][3] + size)])
            figures.add(run, kind=kind.name, before=cut.before, tallies=tallies)
    return found[0][0]


def _drained(kind: Kind, cut: Cut, key: Any) -> Iterator[int]:
    for part in kind.parts:
        while size := _drained_some(kind, cut, key, part):
            yield size


@transaction.atomic
def _drained_some(kind: Kind, cut: Cut, key: Any, part: Callable[[Ids], QuerySet[Any]]) -> int:
    """Asks each time whether the row may still go: it may have very many parts, and a hold comes when it comes."""
    return _drain(part([key])) if _going(kind, cut).filter(pk=key).exists() else 0


def _drain(rows: QuerySet[Any]) -> int:
    """Removes some of these rows; their bytes, 0 when there are none."""
    some = list(rows.order_by("pk").annotate(stored=row_size(rows.model)).values_list("pk", "stored")[:BATCH])
    if some:
        rows.model._default_manager.filter(pk__in=[pk for pk, _ in some]).only("pk").delete()
    return sum(size for _, size in some)


def _delete(kind: Kind, ids: list[Any]) -> None:
    if kind.remove is not None:
        return kind.remove(ids)
    kind.rows().model._default_manager.filter(pk__in=ids).only("pk").delete()
    return None


def is_due(*, now: datetime) -> bool:
    """Whether the clock has begun no run on this day, and it is night (UTC)."""
    begun = RetentionRun.objects.filter(is_dry=False, asked_by=None, kind="", organisation=None)
    return now.hour >= NIGHT and not begun.filter(started_at__date=now.date()).exists()


def unfinished(run_id: UUID) -> RetentionRun | None:
    """The run, while it has no end."""
    return RetentionRun.objects.filter(id=run_id, ended_at=None).first()
