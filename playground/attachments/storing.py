"""A file is taken in: recognised from its bytes, sealed into the object storage, kept once for each owner."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta
from typing import Final

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from accounts.models import User
from foundation.media.facts import LARGEST, Media, NotTaken
from foundation.media.recognise import recognise
from foundation.problems import FieldError, Problem, invalid, unavailable
from foundation.sealing.files.storing import sealed_file, store
from foundation.sealing.files.sweeping import is_removed
from playground.models import Attachment

logger = logging.getLogger(__name__)

KEPT_UNUSED: Final = timedelta(hours=24)
MOST_UNUSED: Final = 200
"""Files of one user that no execution was sent yet."""
LONGEST_NAME: Final = 120
PIECE: Final = 256 * 1024


def take(*, user: User, data: bytes, name: str, now: datetime, field: str = "file") -> Attachment:
    """The file, kept; that of the same bytes, where there is one. Raises Problem (400, 413, 429, 503)."""
    media = recognised(data, field)
    sha256 = hashlib.sha256(data)
    fingerprint = salted_hmac("playground.attachments", sha256.hexdigest(), algorithm="sha256").digest()
    if known := _kept_before(user, fingerprint, data, now):
        return known
    unused = Attachment.objects.unused().filter(user=user, expires_at__gt=now)
    if unused[:MOST_UNUSED].count() >= MOST_UNUSED:
        detail = f"{MOST_UNUSED} files of yours wait to be sent with a prompt. Unused ones go after a day."
        raise Problem(429, "too_many_artifacts", detail, headers={"Retry-After": "3600"})
    made = Attachment(
        user=user,
        fingerprint=fingerprint,
        media_type=media.media_type,
        size=len(data),
        facts=facts_of(media, sha256=sha256.hexdigest(), name=name),
        created_at=now,
        expires_at=now + KEPT_UNUSED,
    )
    _store(made, data)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        # The same file came twice at once: the other one was first.
        is_removed(made.storage_name)
        if known := _kept_before(user, fingerprint, data, now):
            return known
        raise
    return made


def recognised(data: bytes, field: str) -> Media:
    """What the bytes are; a Problem that names the field where they are none of what is taken."""
    if len(data) > LARGEST:
        message = f"A file is taken up to {LARGEST // 2**20} MB."
        raise Problem(413, "too_large", message, errors=[FieldError(field, "too_large", message)])
    try:
        return recognise(data)
    except NotTaken as error:
        raise invalid([FieldError(field, error.code, error.message)]) from None


def facts_of(media: Media, *, sha256: str, name: str) -> dict[str, object]:
    """What is kept of a file beside its type and size; what does not concern its kind is left out."""
    told = {"sha256": sha256, "name": name[-LONGEST_NAME:], "width": media.width, "height": media.height}
    return {key: value for key, value in {**told, "pages": media.pages}.items() if value}


def _kept_before(user: User, fingerprint: bytes, data: bytes, now: datetime) -> Attachment | None:
    """The same file, kept for another day; where the storage has lost it, it lies there again."""
    same = Attachment.objects.filter(user=user, fingerprint=fingerprint)
    if not same.update(expires_at=now + KEPT_UNUSED):
        return None
    found = same.first()
    if found is not None and not _is_there(found):
        _store(found, data)
        same.update(storage_name=found.storage_name, sealed_with=found.sealed_with)
    return found


def _is_there(attachment: Attachment) -> bool:
    try:
        return default_storage.exists(attachment.storage_name)
    except Exception as error:  # whatever a storage raises: its libraries share no class
        raise _away(attachment, error) from None


def _away(attachment: Attachment, error: Exception) -> Problem:
    logger.warning("storage_refused", extra={"artifact": str(attachment.id), "reason": type(error).__name__})
    return unavailable("The object store is away for a moment.")


def _store(attachment: Attachment, data: bytes) -> None:
    pieces = (data[start : start + PIECE] for start in range(0, len(data), PIECE))
    with sealed_file(attachment, pieces) as file:
        try:
            store(attachment, file)
        except Exception as error:  # whatever a storage raises: its libraries share no class
            raise _away(attachment, error) from None
