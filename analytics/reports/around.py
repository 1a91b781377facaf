"""What stands around the runs: budgets, anomalies, models that retire, labels that were moved."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Q

from analytics.anomalies.finding import anomalies_of
from analytics.anomalies.subjects import name_of
from analytics.models import Anomaly, SubjectKind
from analytics.reports.asking import Question
from analytics.reports.changes import Changes
from analytics.reports.section import Section
from analytics.usage.budgets import budgets_of
from foundation.words import counted, number
from providers.catalogue.listing import all_models
from providers.retiring.uses import uses_of
from templates_app.models import LabelMove, PromptTemplate

NAMED: Final = 4
RETIRES_WITHIN: Final = timedelta(days=90)


def budgets(asked: Question) -> Section | None:
    """Where the budgets of this month lead, as of today; None for weeks of long ago, and where there is none."""
    if not asked.is_latest:
        return None
    found = [f"{each.finding}." for each in budgets_of(asked.viewer, now=asked.now)]
    if not found:
        return Section("budgets", "Budgets", ["No budget of the month holds for you."])
    return Section("budgets", "Budgets of this month", found)


def anomalies(asked: Question) -> Section:
    """Hours that were unlike before, of those whose report it is."""
    week, people, whose = asked.week, asked.people, asked.whose
    found = anomalies_of(asked.viewer, since=week.begin, before=week.end, people=people, whose=whose)
    rows = list(found.order_by("first_hour", "id"))
    if not rows:
        return Section("anomalies", "Unlike before", ["Nothing was unlike before."])
    return Section("anomalies", "Unlike before", _first([_unlike(asked, each) for each in rows]))


def _unlike(asked: Question, each: Anomaly) -> str:
    whose = name_of(SubjectKind(each.subject_kind), each.subject_id)
    what = f"{each.metric.replace('_', ' ')} of {whose}"
    dismissed = " (dismissed)" if each.dismissed_at else ""
    if each.detail:
        return f"{_when(asked, each.first_hour)}: {what}: {each.detail}{dismissed}."
    shown = each.evidence
    hours = counted(shown.get("span") or 1, "hour")
    return (
        f"{_when(asked, each.first_hour)}: {what}: {shown.get('value')} in {hours}, usually {shown.get('median')}"
        f"{dismissed}."
    )


def retiring(asked: Question, changes: Changes) -> Section:
    """Models that retire within 90 days of the week's end, and ran in it or are asked by what the reader may see."""
    last = asked.week.sunday
    rows = {
        row["id"]: row
        for row in all_models()
        if row["retires_on"] and asked.week.monday <= row["retires_on"] <= last + RETIRES_WITHIN
    }
    ran = {each.key: each.runs[0] for each in changes.groups["model"] if each.runs[0]}
    used: dict[str, int] = {}
    for use in uses_of(rows.keys(), seen_by=asked.viewer):
        if asked.people is None or use.owner_id in asked.people:
            used[use.model_id] = used.get(use.model_id, 0) + 1
    named = sorted((row for key, row in rows.items() if key in ran or key in used), key=lambda row: row["retires_on"])
    found = []
    for row in named:
        day, uses = row["retires_on"], used.get(row["id"], 0)
        told = f"{row['id']} retires on {day.day} {day:%B %Y}; {counted(ran.get(row['id'], 0), 'run')} this week"
        if uses:
            told += f", asked by {counted(uses, 'template, label or suite', 'templates, labels and suites')}"
        found.append(f"{told}; move to {row['replacement']}." if row["replacement"] else f"{told}.")
    return Section(
        "retiring", "Models that retire soon",
        _first(found) if found else ["No model that ran, or that a template asks, retires within 90 days."],
    )  # fmt: skip


def labels(asked: Question) -> Section:
    """Labels that were moved in the week, of templates that the reader may see."""
    moves = LabelMove.objects.filter(
        moved_at__gte=asked.week.begin, moved_at__lt=asked.week.end,
        template__in=PromptTemplate.objects.visible_to(asked.viewer),
    )  # fmt: skip
    if asked.people is not None:
        moves = moves.filter(Q(template__owner_id__in=asked.people) | Q(moved_by_id__in=asked.people))
    rows = moves.select_related("template", "version", "previous").order_by("-moved_at", "-id")
    found = _first([_moved(asked, each) for each in rows])
    return Section("labels", "Labels moved", found or ["No label was moved."])


def _moved(asked: Question, move: LabelMove) -> str:
    what = f"{_when(asked, move.moved_at)}: {move.name} of “{move.template.name}”"
    if move.version is None:
        return f"{what} was taken away."
    since = f" from version {move.previous.number}" if move.previous else ""
    return f"{what} {'rolled back' if move.is_rollback else 'moved'}{since} to version {move.version.number}."


def _first(found: list[str]) -> list[str]:
    more = len(found) - NAMED
    return [*found[:NAMED], f"And {number(more)} more."] if more > 0 else found


def _when(asked: Question, moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(asked.week.zone)):%a %H:%M}"
