"""Pictures that stand in every row of a list, drawn once: the template that knows them all is slow to ask."""

from __future__ import annotations

from functools import cache
from typing import Final

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

NAMES: Final = {"comment": "comment", "fork": "fork"}


@cache
def icons() -> dict[str, SafeString]:
    """The icons of a run's row, by what they stand for there."""
    drawn = {key: {"name": name, "class": ""} for key, name in NAMES.items()}
    return {key: render_to_string("components/icon.html", context) for key, context in drawn.items()}


@cache
def badge(status: str) -> SafeString:
    """A status with its icon."""
    return render_to_string("components/badge.html", {"status": status})
