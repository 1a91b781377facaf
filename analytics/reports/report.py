"""The report of a week: everything in it, once asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analytics.reports import around, using
from analytics.reports.asking import Question, name_of
from analytics.reports.changes import Change, Changes, changes_of
from analytics.reports.section import Section


@dataclass(frozen=True, slots=True)
class Report:
    """Of one week and some people."""

    asked: Question
    changes: Changes
    sections: Sequence[Section]

    @property
    def is_empty(self) -> bool:
        """Whether nothing of this week has ended."""
        return not self.changes.total.runs[0]

    @property
    def whose(self) -> str:
        """In words."""
        return name_of(self.asked)

    @property
    def period(self) -> str:
        """Such as `16 to 22 November 2026`."""
        first, last = self.asked.week.monday, self.asked.week.sunday
        begin = f"{first.day}" if first.month == last.month else f"{first.day} {first:%B}"
        if first.year != last.year:
            begin = f"{first.day} {first:%B %Y}"
        return f"{begin} to {last.day} {last:%B %Y}"


def report_of(asked: Question) -> Report:
    """Everything; of a week without runs there are no sections."""
    changes = changes_of(asked)
    if not changes.total.runs[0]:
        return Report(asked, changes, ())
    sections = (
        using.spending(changes),
        using.most_changed(changes),
        using.success(asked, changes),
        using.errors(changes),
        using.slowest(changes),
        around.budgets(asked),
        around.anomalies(asked),
        around.retiring(asked, changes),
        around.labels(asked),
    )
    return Report(asked, changes, [each for each in sections if each is not None])


def report_json(report: Report) -> dict[str, Any]:
    """As the API tells it: sentences, and the figures that they rest on."""
    asked, week = report.asked, report.asked.week
    return {
        "week": str(week),
        "from": week.begin,
        "to": week.end,
        "time_zone": week.zone,
        "whose": asked.whose,
        "is_over": asked.is_over,
        "total": _change_json(report.changes.total),
        "sections": [{"id": each.id, "title": each.title, "findings": list(each.findings)} for each in report.sections],
        "changes": {group: [_change_json(each) for each in rows] for group, rows in report.changes.groups.items()},
    }


def _change_json(change: Change) -> dict[str, Any]:
    return {"key": change.key, "name": change.name, "this_week": change.now, "week_before": change.before}
