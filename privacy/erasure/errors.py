"""Why an erasure cannot be asked for, decided, or gone on with."""

from __future__ import annotations

from foundation.problems import Problem


def asked_already() -> Problem:
    """409: one is open."""
    return Problem(409, "asked_already", "An erasure of this person has been asked for already.")


def decided_already(status: str) -> Problem:
    """409: it waits for no decision."""
    return Problem(409, "decided_already", f"This erasure is {status}.")


def held() -> Problem:
    """409: a legal hold covers something of theirs."""
    return Problem(409, "held", "A legal hold covers this person, or something of theirs. Lift it first.")


def last_administrator() -> Problem:
    """409: nobody could decide anything afterwards."""
    return Problem(409, "last_administrator", "This is the last administrator. Make another one first.")
