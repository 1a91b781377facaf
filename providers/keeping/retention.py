"""What providers keep: nothing that people or models wrote."""

from __future__ import annotations

from privacy.keeping import ByItsClock, NoContent, decide


def declare() -> None:
    """To be called when the app is ready."""
    decide(NoContent("settings of the installation"), "providers", "catalogue_models")
    decide(ByItsClock("90 days; of each breaker the last one stays"), "breaker_transitions")
