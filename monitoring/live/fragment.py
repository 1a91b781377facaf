"""What the page shows of now, rendered once for everybody who looks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils import timezone

from foundation.cache.remembered import Remembered
from foundation.database.threads import in_database_thread
from foundation.words import counted
from monitoring.alerts.reading import alerts, is_muted
from monitoring.live.looking import EVERY, Look, look
from monitoring.live.tiles import tiles_of
from monitoring.live.troubles import troubles_of
from monitoring.models import AlertState, ErrorGroup, State

MOST_ERRORS: Final = 5
MOST_ALERTS: Final = 5
RECENT: Final = timedelta(hours=1)

_fragments: Remembered[str, str] = Remembered()


async def fragment() -> str:
    """The HTML of the newest figures."""
    return await _fragments.get("now", _find)


async def _find() -> tuple[str, float]:
    return await in_database_thread(_rendered, await look()), EVERY * 0.8


def _rendered(seen: Look) -> str:
    return render_to_string("monitoring/_now.html", context_of(seen))


def context_of(seen: Look) -> dict[str, Any]:
    """For the fragment's template."""
    now = timezone.now()
    firing = alerts(AlertState.FIRING)
    heard = sum(not is_muted(alert, now=now) for alert in firing)
    recent = ErrorGroup.objects.in_state(State.OPEN).filter(last_seen__gte=now - RECENT)
    return {
        "look": seen,
        "troubles": [*troubles_of(seen), *([f"{counted(heard, 'alert fires', 'alerts fire')}."] if heard else [])],
        "alerts": firing[:MOST_ALERTS],
        "tiles": tiles_of(seen),
        "errors": list(recent.order_by("-last_seen", "-id")[:MOST_ERRORS]),
    }
