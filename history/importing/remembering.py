"""What was imported before: the same file, or the same session out of another one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from django.db.models import Q
from django.utils.crypto import salted_hmac

from accounts.models import User
from history.models import SessionImport
from sessions_app.models import PlaygroundSession

MOST_TOLD: Final = 5


@dataclass(frozen=True, slots=True)
class Before:
    """An earlier import."""

    session_id: UUID | None
    """None when the session has been deleted since."""
    name: str
    imported_at: datetime
    is_same: bool
    """Whether the file says the very same, and not only comes from the same session."""

    @property
    def sentence(self) -> str:
        """For people."""
        what = "The very same" if self.is_same else "This session, with other contents,"
        since = "" if self.session_id else ", and deleted since"
        return f"{what} was imported before, on {self.imported_at:%Y-%m-%d %H:%M} UTC, as “{self.name[:80]}”{since}."

    @property
    def as_json(self) -> dict[str, Any]:
        """As the API tells it."""
        return {
            "session_id": self.session_id,
            "name": self.name,
            "imported_at": self.imported_at,
            "is_same": self.is_same,
        }


class Fingerprint:
    """A keyed hash of what a bundle says, taken value by value; the order of members does not count."""

    def __init__(self) -> None:
        self._hash = salted_hmac("history.importing", b"", algorithm="sha256")

    def add(self, value: Any) -> None:
        """The next value of the file."""
        self._hash.update(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))
        self._hash.update(b"\0")

    def digest(self) -> bytes:
        """The hash of all until here."""
        return self._hash.digest()


def imported_before(*, user: User, origin: UUID | None, fingerprint: bytes) -> list[Before]:
    """`user`'s own earlier imports of it, the newest first."""
    same = Q(fingerprint=fingerprint) | (Q(origin=origin) if origin else Q())
    found = SessionImport.objects.filter(same, user=user).select_related("session").order_by("-imported_at", "-id")
    return [
        Before(
            session_id=None if each.session.deleted_at else each.session_id,
            name=each.session.name,
            imported_at=each.imported_at,
            is_same=bytes(each.fingerprint) == fingerprint,
        )
        for each in found[:MOST_TOLD]
    ]


def remember(*, user: User, session: PlaygroundSession, origin: UUID | None, fingerprint: bytes) -> None:
    """Notes that the session came out of this file."""
    SessionImport.objects.create(user=user, session=session, origin=origin, fingerprint=fingerprint)
