"""A question about usage as a door or a page was asked it, and its answer, remembered for a while."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from analytics.usage.asking import FILTERS, USUAL, Asked, Odd, check, moment_of
from analytics.usage.people import people_of
from analytics.usage.reading import usage_of
from analytics.usage.representation import usage_json
from foundation.cache.lenient import remember, remembered
from foundation.problems import FieldError, invalid


def asked_by(viewer: User, given: Mapping[str, Any]) -> Asked:
    """The question, checked. Raises Problem (400, 403, 404)."""
    zone = ZoneInfo(given["time_zone"])
    moments = {name: _moment(name, given[name], zone) if name in given else None for name in ("from", "to")}
    before = moments["to"] or _end_of_minute()
    named = given.get("user_id")
    user_id = viewer.id if named == "me" else UUID(named) if named else None
    asked = Asked(
        since=moments["from"] or before - USUAL,
        before=before,
        zone=given["time_zone"],
        groups=tuple(given.get("group_by", ())),
        people=people_of(
            viewer,
            user_id=user_id,
            team_id=given.get("team_id"),
            organisation=given.get("organisation"),
        ),
        filters={name: given[name] for name in FILTERS if name in given},
        limit=given["limit"],
    )
    try:
        check(asked)
    except Odd as odd:
        raise _said(odd) from None
    return asked


def _end_of_minute() -> datetime:
    """Soon: what is asked within a minute is one question, and what has just begun is in its answer."""
    return timezone.now().replace(second=0, microsecond=0) + timedelta(minutes=1)


def answer(asked: Asked, *, viewer: User) -> dict[str, Any]:
    """The answer, remembered for `CACHE_ANALYTICS_TTL` seconds."""
    name = f"usage:{viewer.id}:{hashlib.sha256(repr(asked).encode()).hexdigest()[:32]}"
    known: dict[str, Any] | None = remembered(name)
    if known is None:
        try:
            known = usage_json(asked, usage_of(asked), viewer=viewer)
        except Odd as odd:
            raise _said(odd) from None
        remember(name, known, seconds=settings.ENV.cache_analytics_ttl)
    return known


def _moment(name: str, text: str, zone: ZoneInfo) -> Any:
    try:
        return moment_of(text, zone, is_end=name == "to")
    except (ValueError, OverflowError):
        message = "A moment (ISO 8601) or a date is expected, such as 2026-01-31."
        raise invalid([FieldError(name, "invalid", message)]) from None


def _said(odd: Odd) -> Exception:
    return invalid([FieldError(odd.name, odd.code, str(odd))])
