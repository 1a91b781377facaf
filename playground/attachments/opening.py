"""A file's bytes, out of the storage and out of their seal."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import chain

from django.core.files.storage import default_storage

from foundation.problems import Problem, unavailable
from foundation.sealing.encryption import CannotDecrypt
from foundation.sealing.frames import opened
from playground.models import Attachment

logger = logging.getLogger(__name__)


def contents(attachment: Attachment) -> Iterator[bytes]:
    """The plain bytes in pieces; a problem (410, 503) when there are none, known before the first."""
    pieces = _pieces(attachment)
    try:
        return chain([next(pieces)], pieces)
    except (FileNotFoundError, CannotDecrypt) as error:
        logger.warning("artifact_lost", extra={"artifact": str(attachment.id), "reason": type(error).__name__})
        raise Problem(410, "lost", "The file can no longer be opened. Upload it again.") from None
    except Exception as error:  # whatever a storage raises: its libraries share no class
        logger.warning("storage_refused", extra={"artifact": str(attachment.id), "reason": type(error).__name__})
        raise unavailable("The object store is away for a moment.") from None


def _pieces(attachment: Attachment) -> Iterator[bytes]:
    with default_storage.open(attachment.storage_name) as file:
        yield from opened(file, place=attachment.place)
