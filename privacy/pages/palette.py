"""The pages of this app in the palette."""

from __future__ import annotations

from accounts.models import Role
from foundation.presentation.palette import Page, has_pages


def declare() -> None:
    """To be called when the app is ready."""
    has_pages(
        Page(
            "Your data", "your-data", "export download erase delete account",
            about="A file of all that you keep here, and your erasure", is_setting=True,
        ),
        Page(
            "Masking", "masking", "personal data placeholders", may=lambda user: user.has_role(Role.CURATOR),
            about="What of people is left out of what goes to models", is_setting=True,
        ),
        Page(
            "Retention and holds", "retention", "keep delete", may=lambda user: user.has_role(Role.ADMIN),
            about="How long everything is kept", is_setting=True,
        ),
    )  # fmt: skip
