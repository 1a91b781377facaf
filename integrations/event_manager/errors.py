"""What can be wrong with the EventManager; each message is for an administrator."""

from __future__ import annotations


class EventManagerAway(Exception):
    """It could not be reached, or gave no answer in time."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The EventManager gave no answer ({reason}).")
