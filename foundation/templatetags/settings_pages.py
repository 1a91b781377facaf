"""The pages on which somebody sets something, for the menu of the account."""

from __future__ import annotations

from typing import Any

from django import template

from foundation.presentation.palette import Page, settings_for

register = template.Library()


@register.simple_tag
def settings_pages(user: Any) -> list[Page]:
    """As `/settings` lists them."""
    return settings_for(user)
