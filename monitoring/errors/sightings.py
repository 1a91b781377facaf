"""One error as it is seen in a log record, and the fingerprint by which errors of one cause are one group."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from foundation.context import request_id
from monitoring.errors.frames import Frame, Link, chain_of, file_of

MOST_PLACES: Final = 64
"""Places of one exception that count: those of a recursion are few."""
LAST_OF_OTHERS: Final = 3
"""Places that count of an exception which never was in code of ours."""
BETWEEN: Final = ("foundation/", "audit/origin.py")
"""What stands between everything and its database says little of what broke."""
_WORD: Final = re.compile(r"[a-z][a-z0-9_]{1,59}")
_LOGGER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,99}")


@dataclass(frozen=True, slots=True)
class Sighting:
    """An error without any text: types, places in the code, names of ours, ids."""

    fingerprint: str
    type: str
    place: str
    logger: str
    event: str
    """The name under which code of ours logged it; empty for what others log."""
    chain: tuple[Link, ...]
    at: datetime
    route: str
    """The pattern of the address, without what stood in its places."""
    request_id: str
    execution_id: UUID | None


def sighting_of(record: logging.LogRecord) -> Sighting | None:
    """None for a record without an exception."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return None
    chain = chain_of(error)
    logger = record.name if _LOGGER.fullmatch(record.name) else ""
    event = _event_of(record)
    return Sighting(
        fingerprint=fingerprint_of(chain, logger=logger, event=event),
        type=chain[0].type,
        place=_place_of(chain[0])[:300],
        logger=logger,
        event=event,
        chain=tuple(chain),
        at=datetime.fromtimestamp(record.created, UTC),
        route=_route_of(record)[:300],
        request_id=request_id.get()[:64],
        execution_id=_execution_of(record),
    )


def fingerprint_of(chain: Sequence[Link], *, logger: str, event: str) -> str:
    """Types and places in the project's own code, without lines: an edit above must not make a new group of it."""
    parts = [logger, event]
    for link in chain:
        parts.append(link.type)
        parts += _places(link)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _places(link: Link) -> list[str]:
    """Each once: how deep a recursion went says nothing of its cause."""
    ours = dict.fromkeys(frame.place for frame in link.frames if frame.is_ours)
    others = [frame.place for frame in link.frames[-LAST_OF_OTHERS:]]
    return list(ours)[:MOST_PLACES] or others


def _place_of(link: Link) -> str:
    """The last place in code of ours that is about something, else the last of ours, else the last."""
    ours = [each for each in link.frames if each.is_ours]
    telling = [each for each in ours if not each.file.startswith(BETWEEN)]
    places: Sequence[Frame] = telling or ours or link.frames
    return places[-1].place if places else ""


def _event_of(record: logging.LogRecord) -> str:
    message: Any = record.msg
    is_name = isinstance(message, str) and _WORD.fullmatch(message) and file_of(record.pathname)[1]
    return message if is_name else ""


def _route_of(record: logging.LogRecord) -> str:
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    return str(getattr(match, "route", None) or "")


def _execution_of(record: logging.LogRecord) -> UUID | None:
    try:
        return UUID(str(getattr(record, "execution_id", "")))
    except ValueError:
        return None
