"""Answers of over 64 KB: from their rows to the object storage, some minutes after their end.

An answer is written with its usage and its cost, in its row: a store that is away loses none, and none waits for it.
The clock moves it: the object is stored and read back, then the row tells that it is elsewhere, in the transaction that
tells where. Whoever dies in between leaves a stray, and an answer where it was.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from foundation.sealing.encryption import CannotDecrypt, keyring
from foundation.sealing.fields import ELSEWHERE, place_of
from foundation.sealing.files.opening import pieces
from foundation.sealing.files.storing import sealed_file, store
from foundation.sealing.files.sweeping import is_removed, remove_strays
from playground.models import LargeAnswer, PromptExecution
from playground.models.execution import LARGE
from privacy.erasure.steps import NotYet

logger = logging.getLogger(__name__)

AFTER: Final = timedelta(minutes=10)
"""Whoever waits for an answer, or goes on from it at once, finds it in its row."""
AT_ONCE: Final = 200
ERASED_AT_ONCE: Final = 50
LONGEST: Final = 40.0
"""Seconds that one call of the clock moves for: the next goes on."""
PIECE: Final = 256 * 1024

_TO_BE_MOVED = """
SELECT id FROM prompt_executions
WHERE octet_length(answer) > %s AND status NOT IN ('pending', 'running') AND (ended_at IS NULL OR ended_at < %s)
ORDER BY ended_at LIMIT %s
"""
_CELL = "SELECT answer FROM prompt_executions WHERE id = %s AND octet_length(answer) > %s"
_TELL = "UPDATE prompt_executions SET answer = %s WHERE id = %s AND answer = %s"


class NotStored(Exception):
    """The storage does not take answers, or does not give back what it took."""


def move(*, now: datetime) -> int:
    """Moves those that ended a while ago; how many. Those that the store does not take stay, and are tried again."""
    until, moved = time.monotonic() + LONGEST, 0
    try:
        for key in _waiting(now):
            if time.monotonic() > until:
                break
            moved += _is_moved(key)
    except NotStored as error:
        logger.warning("large_answers_wait", extra={"reason": str(error), "moved": moved})
    return moved


def erase(executions: QuerySet[PromptExecution]) -> int:
    """Removes objects of these executions, and tells nowhere any more where they lay: some at a time, how many.

    Raises NotYet where the storage does not let one go.
    """
    some = list(LargeAnswer.objects.filter(execution__in=executions.order_by().values("pk"))[:ERASED_AT_ONCE])
    for row in some:
        if not is_removed(row.storage_name):
            raise NotYet("The object store does not let an answer go.")
        row.delete()
    return len(some)


def sweep(*, now: datetime) -> int:
    """Removes objects whose executions are gone, and those of whoever died while moving; how many went."""
    return remove_strays(LargeAnswer, now=now)


def _waiting(now: datetime) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(_TO_BE_MOVED, [LARGE, now - AFTER, AT_ONCE])
        return [row[0] for row in cursor.fetchall()]


def _is_moved(key: UUID) -> bool:
    place = place_of("prompt_executions", key, "answer")
    cell = _cell(key)
    if cell is None:
        return False  # gone, or moved by somebody else meanwhile
    try:
        plain = keyring().open(cell, place=place)
    except CannotDecrypt:
        # It stays as it is: a key that comes back opens it here.
        logger.warning("large_answer_unreadable", extra={"execution": str(key)})
        return False
    row = _stored(key, plain)
    told = keyring().seal_json(ELSEWHERE, place=place)
    is_told, old = _tell(row, cell, told)
    if (gone := old if is_told else row.storage_name) and not is_removed(gone):
        logger.info("large_answer_stray", extra={"file": gone})
    return is_told


def _cell(key: UUID) -> bytes | None:
    with connection.cursor() as cursor:
        cursor.execute(_CELL, [key, LARGE])
        found = cursor.fetchone()
    return bytes(found[0]) if found else None


def _stored(key: UUID, plain: bytes) -> LargeAnswer:
    """Where it lies now, having been read back; raises NotStored."""
    row = LargeAnswer(execution_id=key, size=len(plain))
    try:
        with sealed_file(row, (plain[at : at + PIECE] for at in range(0, len(plain), PIECE))) as file:
            store(row, file)
        is_there = b"".join(pieces(row)) == plain
    except Exception as error:  # whatever a storage raises: its libraries share no class
        raise NotStored(type(error).__name__) from error
    if not is_there:
        raise NotStored("what was read back is not what was stored")
    return row


@transaction.atomic
def _tell(row: LargeAnswer, cell: bytes, told: bytes) -> tuple[bool, str]:
    """Whether the cell was still that one, and says now where its answer is; and the object that it had before."""
    with connection.cursor() as cursor:
        cursor.execute(_TELL, [told, row.pk, cell])
        if not cursor.rowcount:
            return False, ""
    old = LargeAnswer.objects.filter(pk=row.pk).values_list("storage_name", flat=True).first() or ""
    facts = {"storage_name": row.storage_name, "sealed_with": row.sealed_with, "size": row.size}
    LargeAnswer.objects.update_or_create(pk=row.pk, defaults=facts)
    return True, old
