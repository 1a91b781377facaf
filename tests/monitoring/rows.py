"""Groups of errors as the tests need them."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from monitoring.models import ErrorGroup

FRAME = {"file": "playground/engine/run.py", "function": "Run.go", "line": 7, "is_ours": True}


def an_error(fingerprint: str, **values: Any) -> ErrorGroup:
    """One that is open."""
    now = timezone.now()
    told = {
        "type": "KeyError", "place": "playground.engine.run:Run.go", "logger": "playground.engine.runner",
        "event": "run_broke", "chain": [{"type": "KeyError", "frames": [FRAME]}], "count": 3, "first_seen": now,
        "last_seen": now, "first_version": "1.0.0", "last_version": "1.0.0", "role": "web", "route": "",
        "last_request_id": "a-request", "regressions": 0,
    }  # fmt: skip
    group = ErrorGroup.objects.create(fingerprint=fingerprint, **{**told, **values})
    group.hours.create(hour=group.last_seen.replace(minute=0, second=0, microsecond=0), count=group.count)
    return group
