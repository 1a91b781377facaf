"""The pages of this app in the palette."""

from __future__ import annotations

from accounts.models import Role
from foundation.presentation.palette import Page, has_pages


def declare() -> None:
    """To be called when the app is ready."""
    has_pages(
        Page("Analytics", "analytics", "dashboard cost tokens latency usage", keys="g a"),
        Page("Estimate costs", "estimate", "price forecast savings"),
        Page("Weekly report", "report", "summary"),
        Page("Anomalies", "anomalies", "unusual spikes", about="Hours that were unlike those before", is_setting=True),
        Page(
            "Compare a bill", "bill", "invoice provider", may=lambda user: user.has_role(Role.ADMIN),
            about="A provider's bill beside what was counted here", is_setting=True,
        ),
    )  # fmt: skip
