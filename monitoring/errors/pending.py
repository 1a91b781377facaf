"""What was seen since it was last written: a count a group, so that memory is bounded by groups and not by errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from monitoring.errors.sightings import Sighting

MOST_GROUPS: Final = 200


class Pending:
    """One group: its first sighting of this while, and how often it came."""

    __slots__ = ("by_hour", "first", "last_seen", "latest_execution", "latest_request", "untold")

    def __init__(self, first: Sighting) -> None:
        self.first = first
        self.last_seen = first.at
        self.latest_request, self.latest_execution = first.request_id, first.execution_id
        self.by_hour: Counter[datetime] = Counter()
        self.untold = 0
        """How often it came since Sentry was told."""
        self.add(first)

    @property
    def count(self) -> int:
        """How often it came."""
        return self.by_hour.total()

    def add(self, sighting: Sighting) -> None:
        """It came again."""
        self.by_hour[sighting.at.replace(minute=0, second=0, microsecond=0)] += 1
        self.untold += 1
        self.last_seen = max(self.last_seen, sighting.at)
        self.latest_request = sighting.request_id or self.latest_request
        self.latest_execution = sighting.execution_id or self.latest_execution

    def take_in(self, later: Pending) -> None:
        """What came while this one could not be written."""
        self.by_hour += later.by_hour
        self.untold += later.untold
        self.last_seen = max(self.last_seen, later.last_seen)
        self.latest_request = later.latest_request or self.latest_request
        self.latest_execution = later.latest_execution or self.latest_execution


class Batch:
    """Groups that wait to be written, up to a bound; `dropped` counts what was beyond it."""

    def __init__(self) -> None:
        self.groups: dict[str, Pending] = {}
        self.dropped: Counter[datetime] = Counter()

    def __bool__(self) -> bool:
        return bool(self.groups or self.dropped)

    def add(self, sighting: Sighting) -> None:
        """Counts it with its group; of a group beyond the bound, as dropped."""
        if known := self.groups.get(sighting.fingerprint):
            known.add(sighting)
        elif len(self.groups) < MOST_GROUPS:
            self.groups[sighting.fingerprint] = Pending(sighting)
        else:
            self.drop([sighting.at])

    def drop(self, times: Iterable[datetime]) -> None:
        """Counts errors that are not kept."""
        self.dropped.update(at.replace(minute=0, second=0, microsecond=0) for at in times)

    def take_in(self, later: Batch) -> None:
        """What came meanwhile, within the same bound."""
        self.dropped += later.dropped
        for fingerprint, group in later.groups.items():
            if known := self.groups.get(fingerprint):
                known.take_in(group)
            elif len(self.groups) < MOST_GROUPS:
                self.groups[fingerprint] = group
            else:
                self.dropped += group.by_hour
