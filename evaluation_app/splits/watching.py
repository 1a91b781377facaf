"""Looks at what the calls of running splits came to, and ends those where the candidate was shown to be another.

Calls are taken in the order in which they began, up to the first that still runs: slow wrong answers are not left for
later. A key's calls hang together, so its first that says something counts, and the others do not.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import takewhile
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from evaluation_app.models import SplitUnit, SplitWatch
from evaluation_app.splits.outcomes import AT_ONCE, SETTLED_AFTER, outcomes_of
from evaluation_app.statistics.traffic import Race, race_of
from foundation.problems import Problem
from playground.models import PromptExecution, Status
from templates_app.models import Measure, SplitOutcome, TemplateSplit
from templates_app.splits.lifecycle import end_by_itself
from templates_app.versions import labels

logger = logging.getLogger(__name__)
LOOKS: Final = 20
"""Batches that one look takes of a split: the others get their turn."""


def watch_all(now: datetime) -> None:
    """Every running split; harmless when done twice, or by two at once."""
    for split in TemplateSplit.objects.filter(ended_at=None).select_related("candidate", "started_by"):
        try:
            _watch(split, now)
        except Exception:  # one split's fault is not another's
            logger.exception("split_not_watched", extra={"split_id": str(split.id)})


def _watch(split: TemplateSplit, now: datetime) -> None:
    SplitWatch.objects.get_or_create(split=split)
    for _ in range(LOOKS):
        verdict, has_more = _look(split, now)
        if verdict:
            _end(split, verdict)
        if verdict or not has_more:
            return


@transaction.atomic
def _look(split: TemplateSplit, now: datetime) -> tuple[str | None, bool]:
    """Takes the next calls; the verdict that they lead to, and whether there may be more."""
    watch = SplitWatch.objects.select_for_update(skip_locked=True).filter(split=split).first()
    if watch is None:
        return None, False
    found = _calls(split, watch, before=now - SETTLED_AFTER[Measure(split.measure)])
    ended = list(takewhile(lambda call: Status(call["status"]).is_final, found))
    race = _taken(watch, ended, outcomes_of(split, ended))
    if ended:
        watch.cursor_at, watch.cursor_id = ended[-1]["created_at"], ended[-1]["id"]
    watch.race, watch.looked_at = race.as_json, now
    watch.save()
    return race.verdict, len(ended) == AT_ONCE[Measure(split.measure)]


def _calls(split: TemplateSplit, watch: SplitWatch, *, before: datetime) -> list[Any]:
    """Those that began after the last one, the earliest first."""
    since = watch.cursor_at or split.started_at
    rows = PromptExecution.objects.filter(
        template_version__in=(split.control_id, split.candidate_id),
        created_at__gte=since,
        created_at__lt=before,
        metadata__traffic_split__id=str(split.id),
    )
    if watch.cursor_id:
        rows = rows.filter(Q(created_at__gt=since) | Q(id__gt=watch.cursor_id))
    return list(
        rows.order_by("created_at", "id").values("id", "created_at", "status", "metadata")[
            : AT_ONCE[Measure(split.measure)]
        ]
    )


def _taken(watch: SplitWatch, calls: Iterable[Any], outcomes: Mapping[UUID, float]) -> Race:
    race = race_of(watch.race)
    exposures = [(call["id"], call["metadata"]["traffic_split"]) for call in calls]
    units = {exposure["unit"] for _, exposure in exposures if "unit" in exposure}
    counted = set(SplitUnit.objects.filter(watch=watch, unit__in=units).values_list("unit", flat=True))
    fresh: set[str] = set()
    for execution_id, exposure in exposures:
        arm, unit = exposure["arm"], exposure.get("unit")
        watch.calls[arm] = watch.calls.get(arm, 0) + 1
        if execution_id not in outcomes or unit in counted | fresh:
            continue
        race = race.after(arm, outcomes[execution_id])
        if unit:
            fresh.add(unit)
    SplitUnit.objects.bulk_create(SplitUnit(watch=watch, unit=unit) for unit in sorted(fresh))
    return race


def _end(split: TemplateSplit, verdict: str) -> None:
    """Ends it, and moves the label where that was asked for and may be; else somebody has to."""
    if not end_by_itself(split, SplitOutcome(verdict)):
        return
    SplitUnit.objects.filter(watch=split.id).delete()
    if verdict == SplitOutcome.BETTER and split.promotes and split.started_by:
        try:
            labels.promote(split, by=split.started_by)
        except Problem as problem:
            logger.warning("split_not_promoted", extra={"split_id": str(split.id), "reason": problem.code})
