"""What providers keep: nothing that people or models wrote."""

from __future__ import annotations

from privacy.keeping import NoContent, decide


def declare() -> None:
    """To be called when the app is ready."""
    decide(NoContent("settings of the installation"), "providers", "catalogue_models")
