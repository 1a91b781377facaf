"""Notifications as a person reads them: with the name of whoever did it, as it is now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import User
from events.models import Notification
from events.notifications.words import Words, words_of
from foundation.words import age


@dataclass(frozen=True, slots=True)
class Told:
    """One of them."""

    row: Notification
    words: Words

    @property
    def age(self) -> str:
        """Since it happened."""
        return age(self.row.created_at)


def told(rows: Iterable[Notification]) -> list[Told]:
    """Them in words."""
    found = list(rows)
    doers = User.objects.in_bulk({each.by_id for each in found if each.by_id})
    return [Told(each, words_of(each, by=str(doers.get(each.by_id) or "") if each.by_id else "")) for each in found]
