"""Which executions of a session are exported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Selection:
    """`since` ≤ begin of an execution < `before`, and its status; None leaves a side open."""

    since: datetime | None = None
    before: datetime | None = None
    status: str | None = None

    def of(self, executions: Any) -> Any:
        """The chosen ones of a queryset of executions."""
        conditions = {"created_at__gte": self.since, "created_at__lt": self.before, "status": self.status}
        return executions.filter(**{name: value for name, value in conditions.items() if value is not None})

    def as_json(self) -> dict[str, str]:
        """As `from_json` takes it."""
        times = {"since": self.since, "before": self.before}
        told = {name: moment.isoformat() for name, moment in times.items() if moment is not None}
        return told if self.status is None else {**told, "status": self.status}

    @classmethod
    def from_json(cls, told: dict[str, str]) -> Selection:
        """What `as_json` gave."""
        times = {name: datetime.fromisoformat(told[name]) for name in ("since", "before") if name in told}
        return cls(**times, status=told.get("status"))
