"""The pages of this app in the palette."""

from __future__ import annotations

from typing import Any

from accounts.models import Role
from foundation.presentation.palette import Page, has_pages


def declare() -> None:
    """To be called when the app is ready."""
    has_pages(
        Page("Monitoring", "monitoring", "health queue workers live", may=_may),
        Page("Objectives", "objectives", "slo availability", may=_may),
        Page("Slow calls", "slow-calls", "latency", may=_may),
        Page("Alerts", "alerts", "firing", may=_may),
        Page("Alert rules", "alert-rules", "thresholds", may=_may),
        Page("Errors", "errors", "exceptions", may=_may),
    )


def _may(user: Any) -> bool:
    return bool(user.has_role(Role.ADMIN))
