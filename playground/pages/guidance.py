"""`/help`: the keys, how prompts are written and proved, and where programs begin."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from foundation.presentation.interval import outwards, wilson

TRIED: Final = ((5, 5), (19, 20), (95, 100), (380, 400))
"""Successes of so many runs, as examples of how much they show."""


@require_GET
def guidance(request: HttpRequest) -> HttpResponse:
    """The page; the intervals that it tells are computed as those of tests are."""
    rows = [(passed, tried, *outwards(*wilson(passed, tried), of=tried)) for passed, tried in TRIED]
    return render(request, "playground/help.html", {"rates": rows})
