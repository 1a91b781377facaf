"""The anomalies of a period and of some people, as far as somebody may see them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import User
from analytics.anomalies.dismissing import visible_to
from analytics.models import Anomaly, SubjectKind


def anomalies_of(
    viewer: User, *, since: datetime, before: datetime, people: Collection[UUID] | None, whose: str
) -> QuerySet[Anomaly]:
    """Those whose hours touch the period, of these people; None: of everybody. Where `whose` is
    `organisation:<key>`, those of the organisation are among them.
    """
    found = visible_to(viewer).filter(last_hour__gte=since, first_hour__lt=before)
    if people is None:
        return found
    theirs = Q(subject_kind=SubjectKind.USER, subject_id__in=[str(each) for each in people])
    kind, _, key = whose.partition(":")
    if kind == "organisation":
        theirs |= Q(subject_kind=SubjectKind.ORGANISATION, subject_id=key)
    return found.filter(theirs)
