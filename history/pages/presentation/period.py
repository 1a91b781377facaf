"""The period that the analytics tab shows, as its address says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from foundation.problems import field_errors
from history.period import PeriodQuery

SPANS: Final = ((7, "7 days"), (30, "30 days"), (90, "90 days"))


@dataclass(frozen=True)
class Period:
    """`?from=&to=`, or `?days=`; empty is everything."""

    given: dict[str, str]
    since: datetime | None = None
    before: datetime | None = None
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, query: Mapping[str, str], *, today: date) -> Period:
        """The period of an address; one that cannot be understood is everything, and is told."""
        days = query.get("days", "")
        if days in {str(span) for span, _ in SPANS}:
            first = today - timedelta(days=int(days) - 1)
            return cls({"days": days}, datetime(first.year, first.month, first.day, tzinfo=UTC))
        given = {name: query.get(name, "").replace("\0", "").strip() for name in ("from", "to")}
        given = {name: value for name, value in given.items() if value}
        rules = PeriodQuery(data=given)
        if not rules.is_valid():
            return cls(given, errors={each.field: each.message for each in field_errors(rules.errors)})
        return cls(given, rules.validated_data.get("from"), rules.validated_data.get("to"))

    @property
    def spans(self) -> list[tuple[str, str, bool]]:
        """Addresses, names, and which is shown."""
        chosen = self.given.get("days", "")
        named = [(f"?days={span}", name, str(span) == chosen) for span, name in SPANS]
        return [*named, ("?", "All", not self.given)]

    @property
    def api_query(self) -> str:
        """Itself as the query of GET /api/sessions/{id}/analytics."""
        moments = {"from": self.since, "to": self.before}
        told = {name: moment.isoformat() for name, moment in moments.items() if moment}
        return f"?{urlencode(told)}" if told else ""
