"""A split as the API tells it."""

from __future__ import annotations

from typing import Any

from evaluation_app.models import SplitWatch
from evaluation_app.statistics.traffic import Race, race_of
from templates_app.models import TemplateSplit
from templates_app.representation import person_json


def split_json(split: TemplateSplit) -> dict[str, Any]:
    """What was asked for, what was seen, and what that shows."""
    watch = watch_of(split)
    race = race_of(watch.race)
    return {
        "id": split.id,
        "label": split.label,
        "status": "running" if split.ended_at is None else "ended",
        "share": split.share,
        "measure": split.measure,
        "promotes": split.promotes,
        "scorers": [each["scorer"] for each in split.scorers or ()],
        "control": {"version": split.control.number, **_arm(watch, race, "control")},
        "candidate": {"version": split.candidate.number, **_arm(watch, race, "candidate")},
        "difference": race.betting.estimate.as_json,
        "e_value": race.betting.e_value(0.0),
        "started_by": person_json(split.started_by),
        "approved_by": person_json(split.approved_by),
        "started_at": split.started_at,
        "ended_by": person_json(split.ended_by),
        "ended_at": split.ended_at,
        "outcome": split.outcome or None,
        "looked_at": watch.looked_at,
    }


def watch_of(split: TemplateSplit) -> SplitWatch:
    """What is known of it; of one that was not looked at yet, nothing."""
    return SplitWatch.objects.filter(split=split).first() or SplitWatch(split=split)


def _arm(watch: SplitWatch, race: Race, arm: Any) -> dict[str, Any]:
    counted, _ = race.seen.get(arm, (0, 0.0))
    return {"calls": watch.calls.get(arm, 0), "counted": counted, "mean": race.mean(arm)}
