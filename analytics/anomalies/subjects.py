"""The past of everybody who is watched, one after the other: memory holds that of one, however many there are.

Users are read in the order of their ids, so many at once; what organisations and the installation used is summed by
the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db.models import Min, QuerySet, Sum

from accounts.models import User
from analytics.anomalies.baseline import NONE, Figures, Metric
from analytics.anomalies.rolling_up import HOUR
from analytics.models import SubjectKind, UsageHour
from quotas.ledger import setting as limits
from quotas.models import SubjectKind as QuotaSubject

AT_ONCE: Final = 200
"""Users of one question; of organisations a tenth."""
NAMED: Final = 5
"""Contributors that an anomaly tells of."""
CHUNK: Final = 2_000
"""Rows that are held of what the database answers."""
_SUMS: Final = (Sum("calls"), Sum("errors"), Sum("cost"))

Subject = tuple[SubjectKind, str]


class Past(NamedTuple):
    """What one subject used by hour, until the hour that is not over."""

    subject: Subject
    series: dict[int, Figures]
    """By hours since 1970."""
    first: int
    models: dict[str, int]
    """The first hour of each model; empty of the installation, where a new one is no news."""


def pasts(*, until: datetime, at_once: int = AT_ONCE) -> Iterator[Past]:
    """Of each user, organisation and the installation that used something."""
    hours = UsageHour.objects.filter(hour__lt=until)
    yield from _of_users(hours, at_once)
    yield from _of_organisations(hours, max(1, at_once // 10))
    rows = hours.order_by("hour").values_list("hour").annotate(*_SUMS).iterator(chunk_size=CHUNK)
    series = {number_of(hour): Figures(calls, errors, float(cost)) for hour, calls, errors, cost in rows}
    if series:
        yield Past((SubjectKind.INSTALLATION, ""), series, min(series), {})


def _of_users(hours: QuerySet[UsageHour], at_once: int) -> Iterator[Past]:
    last: UUID | None = None
    while True:
        left = hours if last is None else hours.filter(user_id__gt=last)
        ids = list(left.order_by("user_id").values_list("user_id", flat=True).distinct()[:at_once])
        if not ids:
            return
        rows = left.filter(user_id__lte=ids[-1]).order_by("user_id", "hour")
        columns = rows.values_list("user_id", "hour", "model_id", *Figures._fields)
        for user_id, found in groupby(columns.iterator(chunk_size=CHUNK), key=itemgetter(0)):
            yield _past_of_user(user_id, found)
        last = ids[-1]


def _past_of_user(user_id: UUID, rows: Iterator[tuple[Any, ...]]) -> Past:
    series: dict[int, Figures] = {}
    models: dict[str, int] = {}
    for _, hour, model_id, calls, errors, cost in rows:
        at, before = number_of(hour), series.get(number_of(hour), NONE)
        series[at] = Figures(before.calls + calls, before.errors + errors, before.cost + float(cost))
        models.setdefault(model_id, at)
    return Past((SubjectKind.USER, str(user_id)), series, min(series), models)


def _of_organisations(hours: QuerySet[UsageHour], at_once: int) -> Iterator[Past]:
    last = ""
    while True:
        keys = User.objects.filter(organisation__gt=last).order_by("organisation")
        some = list(keys.values_list("organisation", flat=True).distinct()[:at_once])
        if not some:
            return
        theirs = hours.filter(user__organisation__in=some)
        models: dict[str, dict[str, int]] = {}
        begun = theirs.order_by().values_list("user__organisation", "model_id").annotate(Min("hour"))
        for key, model_id, hour in begun:
            models.setdefault(key, {})[model_id] = number_of(hour)
        rows = theirs.order_by("user__organisation", "hour").values_list("user__organisation", "hour")
        for key, found in groupby(rows.annotate(*_SUMS).iterator(chunk_size=CHUNK), key=itemgetter(0)):
            series = {number_of(hour): Figures(calls, errors, float(cost)) for _, hour, calls, errors, cost in found}
            yield Past((SubjectKind.ORGANISATION, key), series, min(series), models[key])
        last = some[-1]


def contributors(subject: Subject, metric: Metric, *, hour: datetime, span: int) -> list[dict[str, Any]]:
    """Who made most of it in the `span` hours up to this one: {id, value}; of a user's own use, which models."""
    kind, subject_id = subject
    rows = UsageHour.objects.filter(hour__gt=hour - span * HOUR, hour__lte=hour)
    part = "model_id" if kind == SubjectKind.USER else "user_id"
    if kind == SubjectKind.USER:
        rows = rows.filter(user_id=subject_id)
    elif kind == SubjectKind.ORGANISATION:
        rows = rows.filter(user__organisation=subject_id)
    column = {Metric.COST: "cost", Metric.VOLUME: "calls"}.get(metric, "errors")
    found = rows.order_by().values_list(part).annotate(value=Sum(column)).order_by("-value", part)
    return [{"id": str(each), "value": round(float(value), 6)} for each, value in found[:NAMED] if value]


def number_of(hour: datetime) -> int:
    """Hours since 1970."""
    return int(hour.timestamp()) // 3600


def name_of(kind: SubjectKind, subject_id: str) -> str:
    """What people call the subject."""
    if kind == SubjectKind.INSTALLATION:
        return "everybody together"
    return limits.name_of(QuotaSubject(kind), subject_id)
