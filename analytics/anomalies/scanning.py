"""Finished hours are looked at: whose cost, volume or errors are unlike before, who uses a new model, and who comes
from a new network."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from analytics.anomalies.addresses import tell_of_addresses
from analytics.anomalies.baseline import MOST_WEEKS
from analytics.anomalies.rolling_up import HOUR, forget, hour_of, roll_up, roll_up_again
from analytics.anomalies.runs import Runs, all_opened, close
from analytics.anomalies.subjects import AT_ONCE, pasts
from analytics.models import UsageRollup

MOST_HOURS: Final = 24
"""In one go; after a longer pause the next go does the next ones."""
REACH: Final = timedelta(weeks=MOST_WEEKS, days=2)
LATE: Final = timedelta(minutes=15)
"""A run counts in the hour in which it began; most have ended by then, and the others are added later."""


@transaction.atomic
def scan(*, now: datetime, at_once: int = AT_ONCE) -> int:
    """Rolls up and looks at the hours that are over and were not looked at; how many. Harmless when run twice.

    Users are read `at_once`; what is found does not hang on it.
    """
    UsageRollup.objects.get_or_create(id=1)
    state = UsageRollup.objects.select_for_update(skip_locked=True).first()
    if state is None:
        return 0  # somebody else is at it
    until = hour_of(now - LATE)
    if state.done_until is None:
        roll_up(since=until - REACH, until=until)
        state.done_until, state.looked_at = until - HOUR, now
    since = state.done_until
    until = min(until, since + MOST_HOURS * HOUR)
    if since >= until:
        return 0
    again = roll_up_again(before=since, looked_at=state.looked_at)
    roll_up(since=since, until=until)
    forget(before=until - REACH)
    hours = [since + step * HOUR for step in range(int((until - since) / HOUR))]
    opened = all_opened()
    for past in pasts(until=until, at_once=at_once):
        runs = Runs(past, opened.pop(past.subject, {}))
        for hour in again:
            runs.look_again(hour)
        for hour in hours:
            runs.look_at(hour)
    for left in opened.values():
        close(left, at=until)
    tell_of_addresses(since=since, until=until)
    state.done_until, state.looked_at = until, now
    state.save(update_fields=["done_until", "looked_at"])
    return len(hours)
