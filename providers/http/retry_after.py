"""How long a provider asks to wait (RFC 9110, section 10.2.3, and OpenAI's `retry-after-ms`)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 30 * 24 * 3600.0
"""A month: what asks for more than that is a quota, or nonsense that no date could hold."""


def retry_after(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Seconds to wait, at most LONGEST; None when the headers do not say, or say what makes no sense.

    `headers` find names in any case. A date in the past is 0 seconds, a negative number is none.
    """
    milliseconds = _seconds(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return min(milliseconds / 1000, LONGEST)
    value = headers.get("retry-after")
    seconds = _seconds(value)
    if seconds is None and value is not None:
        seconds = _until(value, now)
    return None if seconds is None else min(seconds, LONGEST)


def _seconds(value: str | None) -> float | None:
    try:
        seconds = float(value or "")
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _until(value: str, now: datetime) -> float | None:
    try:
        at = parsedate_to_datetime(value)
        # A date without a zone ("-0000") is UTC by RFC 5322.
        return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds())
    except (ValueError, OverflowError, TypeError):
        return None
