"""Runs that came too soon: told where their answers would stand."""

from __future__ import annotations

from playground.pages.compare import views as compare
from playground.pages.compose import views as compose
from quotas.rate_limits.pages import tell_at


def declare() -> None:
    """At each door of the pages that begins a run."""
    for name in ("executions", "repeats", "execution-resume"):
        tell_at(name, compose.refused)
    tell_at("comparisons", compare.too_soon)
