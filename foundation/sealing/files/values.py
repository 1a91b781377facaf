"""Values that are too large for their row: one is a file of the object storage, and its cell says that it is."""

from __future__ import annotations

import logging
import time
from typing import Final

from foundation.sealing.encryption import CannotDecrypt, Lost, StoreAway
from foundation.sealing.files import opening
from foundation.sealing.files.row import SealedFile

logger = logging.getLogger(__name__)

REST: Final = 5.0
"""Seconds in which a store that did not answer is not asked: a page of many values waits for one of them alone."""

AWAY: Final = "(This text lies in the object store, which is away for a moment.)"
LOST: Final = "(This text lay in the object store, which has it no longer.)"


class _Rest:
    """Of this process."""

    until = 0.0


def fetched(row: SealedFile) -> bytes:
    """The whole value; raises StoreAway, Lost, and CannotDecrypt where no key opens it."""
    if time.monotonic() < _Rest.until:
        raise StoreAway(AWAY)
    try:
        found = b"".join(opening.begun(row))
    except FileNotFoundError:
        logger.warning("file_lost", extra={"file": row.place, "reason": "FileNotFoundError"})
        raise Lost(LOST) from None
    except CannotDecrypt:
        raise
    except Exception as error:  # whatever a storage raises: its libraries share no class
        _Rest.until = time.monotonic() + REST
        logger.warning("storage_refused", extra={"file": row.place, "reason": type(error).__name__})
        raise StoreAway(AWAY) from None
    _Rest.until = 0.0
    return found
