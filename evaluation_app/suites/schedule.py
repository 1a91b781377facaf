"""When a suite runs by itself: every so many seconds, or by the five fields of cron, in UTC."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice, pairwise
from typing import Any, Final

from foundation.problems import FieldError, invalid

LEAST_GAP: Final = timedelta(minutes=5)
LONGEST_GAP: Final = timedelta(days=366)
LOOKED_AHEAD: Final = timedelta(days=366 * 8 + 2)
"""For the next time: 29 February comes back after eight years where a century is no leap year."""
TIMES_COMPARED: Final = 300
FIELDS: Final = ((60, 0), (24, 0), (31, 1), (12, 1), (8, 0))
"""Of cron: minute, hour, day of the month, month, day of the week; how many values each has, from which on."""
HARMLESS: Final = frozenset("0123456789*/,- ")


def check(schedule: Mapping[str, Any]) -> None:
    """A 400 problem for what is no schedule, comes too often, or never."""
    if ("cron" in schedule) == ("every" in schedule):
        raise _refused("schedule", "One of `cron` and `every` is needed.")
    if "every" in schedule:
        if not LEAST_GAP.total_seconds() <= schedule["every"] <= LONGEST_GAP.total_seconds():
            raise _refused("schedule.every", f"{_least()}, and every {LONGEST_GAP.days} days at the least.")
        return
    # From a fixed time: what is taken today is taken tomorrow.
    times = list(islice(_times(schedule["cron"], datetime(2024, 1, 1)), TIMES_COMPARED))  # noqa: DTZ001 - compared only
    if not times:
        raise _refused("schedule.cron", "This time never comes.")
    if any(later - sooner < LEAST_GAP for sooner, later in pairwise(times)):
        raise _refused("schedule.cron", f"{_least()}.")


def next_after(schedule: Mapping[str, Any], now: datetime) -> datetime:
    """The first time after `now`; what was missed meanwhile is not made up for."""
    if "every" in schedule:
        return now + timedelta(seconds=schedule["every"])
    return next(_times(schedule["cron"], now))


def _least() -> str:
    return f"A suite runs every {LEAST_GAP.total_seconds() / 60:.0f} minutes at the most often"


def _times(cron: str, after: datetime) -> Iterator[datetime]:
    minutes, hours, days, months, weekdays = _read(cron)
    fields = cron.split()
    # As in cron: where both days are told, either of them will do.
    is_either = not fields[2].startswith("*") and not fields[4].startswith("*")
    clock = [(hour, minute) for hour in sorted(hours) for minute in sorted(minutes)]
    day = after.replace(hour=0, minute=0, second=0, microsecond=0)
    while day - after < LOOKED_AHEAD:
        of_month, of_week = day.day in days, day.isoweekday() % 7 in weekdays
        if day.month in months and (of_month or of_week if is_either else of_month and of_week):
            for hour, minute in clock:
                if (at := day.replace(hour=hour, minute=minute)) > after:
                    yield at
        day += timedelta(days=1)


def _read(cron: str) -> list[set[int]]:
    # Of all pages and doors only this needs Celery's hundred modules.
    from celery.schedules import ParseException, crontab_parser

    fields = cron.split()
    if len(fields) != len(FIELDS) or not set(cron) <= HARMLESS:
        message = "Five fields of cron are expected: minute, hour, day of month, month, day of week (0 or 7: Sunday)."
        raise _refused("schedule.cron", message)
    try:
        *times, weekdays = (
            crontab_parser(most, least).parse(field) for field, (most, least) in zip(fields, FIELDS, strict=True)
        )
        return [*times, {day % 7 for day in weekdays}]
    except (ParseException, ValueError) as error:
        raise _refused("schedule.cron", f"{cron[:60]!r} cannot be read: {error}.") from None


def _refused(field: str, message: str) -> Exception:
    return invalid([FieldError(field, "invalid", message)])
