"""A file's bytes, out of the storage and out of their seal."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import chain

from django.core.files.storage import default_storage

from foundation.problems import Problem, unavailable
from foundation.sealing.encryption import CannotDecrypt
from foundation.sealing.files.row import SealedFile
from foundation.sealing.frames import opened

logger = logging.getLogger(__name__)


def contents(row: SealedFile) -> Iterator[bytes]:
    """The plain bytes in pieces; a problem (410, 503) when there are none, known before the first."""
    try:
        return begun(row)
    except (FileNotFoundError, CannotDecrypt) as error:
        logger.warning("file_lost", extra={"file": row.place, "reason": type(error).__name__})
        raise Problem(410, "lost", f"The file can no longer be opened. {row.again}") from None
    except Exception as error:  # whatever a storage raises: its libraries share no class
        logger.warning("storage_refused", extra={"file": row.place, "reason": type(error).__name__})
        raise unavailable("The object store is away for a moment.") from None


def pieces(row: SealedFile) -> Iterator[bytes]:
    """The plain bytes; raises FileNotFoundError, CannotDecrypt, and whatever the storage raises."""
    with default_storage.open(row.storage_name) as file:
        yield from opened(file, place=row.place)


def begun(row: SealedFile) -> Iterator[bytes]:
    """The same with the first of them read already, also where the file was sealed anew a moment ago."""
    found = pieces(row)
    try:
        return chain([next(found)], found)
    except FileNotFoundError:
        looked_at = row.storage_name
        row.refresh_from_db(fields=["storage_name"])
        if row.storage_name in ("", looked_at):
            raise
        # It was sealed anew with another key between the look at the row and this one.
        found = pieces(row)
        return chain([next(found)], found)
