"""Groups of errors as the tests need them."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from monitoring.models import AlertRule, ErrorGroup

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


@transaction.atomic
def no_rules() -> None:
    """Those that the service comes with are gone, though a web process may judge them at the moment."""
    list(AlertRule.objects.select_for_update().order_by("id"))
    AlertRule.objects.all().delete()


def a_rule(name: str, **values: Any) -> AlertRule:
    """One over the queue's oldest message, at once."""
    told = {"figure": "queue_oldest", "comparison": "above", "threshold": 60, "minutes": 0, "severity": "warning"}
    return AlertRule.objects.create(name=name, **{**told, **values})
