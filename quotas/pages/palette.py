"""The pages of this app in the palette."""

from __future__ import annotations

from foundation.presentation.palette import Page, has_pages


def declare() -> None:
    """To be called when the app is ready."""
    has_pages(
        Page(
            "Usage and quotas", "usage", "budget limits money left",
            about="What is used up, and what is left", is_setting=True,
        )
    )  # fmt: skip
