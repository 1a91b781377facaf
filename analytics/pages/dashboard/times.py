"""The units of time of a period, each once, as the API names them and as people do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from analytics.usage.asking import Asked

NAMES: Final = {"hour": "an hour", "day": "a day", "week": "a week", "month": "a month"}
HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Times:
    """The units of a period, from the first to the last; `labels` by the keys of the API."""

    unit: str
    zone: str
    labels: Mapping[str, str]

    @classmethod
    def of(cls, asked: Asked, unit: str) -> Times:
        """Every unit that the period touches, also those in which nothing ran."""
        zone, labels = ZoneInfo(asked.zone), dict[str, str]()
        if unit == "hour":
            moment = asked.since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
            while moment < asked.before:
                labels[_key(unit, moment, zone)] = f"{moment.astimezone(zone).replace(minute=0):%d %b %H:%M}"
                moment += HOUR
            return cls(unit, asked.zone, labels)
        day = _first_of(unit, asked.since.astimezone(zone).date())
        last = (asked.before - timedelta(microseconds=1)).astimezone(zone).date()
        year = "" if day.year == last.year else " %Y"
        while day <= last:
            labels[day.isoformat()] = f"{day:%B %Y}" if unit == "month" else f"{day.day} {day:%b{year}}"
            day = _next(unit, day)
        return cls(unit, asked.zone, labels)

    @property
    def told(self) -> str:
        """As a unit is told."""
        return f"{NAMES[self.unit]} ({self.zone})"

    def places(self, first: datetime, last: datetime) -> list[int]:
        """Of the units that hours from `first` to `last` lie in, as far as they are of the period."""
        zone, found, moment = ZoneInfo(self.zone), dict[int, None](), first
        while moment <= last:
            place = self._places.get(_key(self.unit, moment, zone))
            if place is not None:
                found[place] = None
            moment += HOUR
        return list(found)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {key: place for place, key in enumerate(self.labels)}


def _key(unit: str, moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    if unit == "hour":
        return local.replace(minute=0, second=0, microsecond=0).isoformat()
    return _first_of(unit, local.date()).isoformat()


def _first_of(unit: str, day: date) -> date:
    return day.replace(day=1) if unit == "month" else day - timedelta(days=day.weekday()) if unit == "week" else day


def _next(unit: str, day: date) -> date:
    if unit == "month":
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return day + timedelta(days=7 if unit == "week" else 1)
