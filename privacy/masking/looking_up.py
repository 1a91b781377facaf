"""The rules that hold for a project, remembered for seconds, since every call asks.

Where they cannot be read the call is refused: nothing is ever sent as if there were none.
"""

from __future__ import annotations

import logging
from typing import Final

from django import db

from foundation.cache.remembered import Remembered
from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from foundation.sealing.encryption import CannotDecrypt
from privacy.masking.finders.patterns import InvalidPattern
from privacy.masking.rules import Detector
from privacy.models import EVERY, MaskingRules

logger = logging.getLogger(__name__)

UNREADABLE: Final = (CannotDecrypt, InvalidPattern, KeyError, TypeError, AttributeError)
"""What rules that cannot be read raise; the last three where what was written is no list of patterns."""
BELIEVED_FOR: Final = 3.0
"""Seconds; rules that were set hold within this time, in every process."""

_detectors: Remembered[str, Detector | None] = Remembered()


async def detector_of(project_id: str) -> Detector | None:
    """What masks the calls of this project; None where nothing does. Raises a Problem (503) where that is unknown."""

    async def find() -> tuple[Detector | None, float]:
        return await in_database_thread(read, project_id), BELIEVED_FOR

    return await _detectors.get(project_id, find)


def read(project_id: str) -> Detector | None:
    """As the database has it now; raises a Problem (503)."""
    try:
        rows = {row.project_id: row for row in MaskingRules.objects.filter(project_id__in={project_id, EVERY})}
        row = rows.get(project_id) or rows.get(EVERY)
        return Detector(row.rules) if row else None
    except (db.Error, *UNREADABLE) as error:
        logger.warning("masking_unreadable", extra={"project": project_id, "reason": type(error).__name__})
        raise unreadable() from None


def unreadable() -> Problem:
    """Nothing is sent while nobody knows what to mask."""
    return Problem(
        503,
        "masking_unreadable",
        "What is to be masked in this project cannot be read, so nothing was sent. Whoever sets its rules can help.",
        headers={"Retry-After": "5"},
    )
