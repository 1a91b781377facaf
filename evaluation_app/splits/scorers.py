"""Scorers of a suite that judge the calls of a split: those that need nothing expected, and ask nobody.

Calls are other people's: none is shown to a judge in the name of who compares them, and none is paid for.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts.models import User
from evaluation_app.models import Suite
from evaluation_app.running.judges import ask_outside
from evaluation_app.sampled.rules import checks_of_suite
from evaluation_app.scorers.errors import InvalidScorer
from foundation.problems import FieldError, invalid
from templates_app.splits import terms


def scorers_of(user: User, suite_id: UUID) -> list[dict[str, Any]]:
    """As `checks_of` reads them; a 400 problem where there is no such suite, or none of its scorers is left."""
    suite = Suite.objects.visible_to(user).filter(id=suite_id).first()
    if suite is None:
        raise invalid([FieldError("suite_id", "unknown", "There is no such suite that you may see.")])
    try:
        found = [asked for asked, check in checks_of_suite(suite) if not ask_outside([check])]
    except InvalidScorer as error:
        raise invalid([FieldError("suite_id", "invalid_scorer", str(error))]) from None
    if not found:
        sentence = "No scorer of the suite judges a call by itself: they ask a model, or need what was expected."
        raise invalid([FieldError("suite_id", "no_scorer", sentence)])
    return found


def register() -> None:
    """To be called when the app is ready."""
    terms.register(scorers_of)
