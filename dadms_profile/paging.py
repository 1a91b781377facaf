"""`limit` and `offset` over doors that have numbered pages, or a cursor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from dadms_profile.errors import Refused
from dadms_profile.exchange import Answer, Doors
from foundation.words import number

LARGEST: Final = 200
"""Rows of one of our pages at most."""
MOST_CURSOR: Final = 1000
"""Rows that a cursor is followed over."""
DEFAULT: Final = 20


def window_of(query: dict[str, Any], *, limit: int = DEFAULT) -> tuple[int, int]:
    """`limit` and `offset`, taken out of the query."""
    return _number(query, "limit", limit, 1, LARGEST), _number(query, "offset", 0, 0, 10**9)


def page_around(limit: int, offset: int) -> tuple[int, int, int]:
    """The number and size of the smallest page that holds the window whole, and where in it the window begins."""
    last = offset + limit - 1
    for size in range(limit, LARGEST + 1):
        if offset // size == last // size:
            return offset // size + 1, size, offset % size
    raise Refused(400, "invalid", f"No page holds this window: let offset be a multiple of limit ({limit}).")


async def rows_of(doors: Doors, path: str, query: Mapping[str, Any], limit: int, offset: int) -> tuple[Answer, Any]:
    """The window's rows with the page that holds them; a page past the end has none."""
    number, size, begin = page_around(limit, offset)
    answer = await doors.get(path, **query, page=number, page_size=size)
    if answer.status == 404 and number > 1:
        first = await doors.get(path, **query, page_size=1)
        return first, []
    body = answer.body
    return answer, body["results"][begin : begin + limit] if answer.status == 200 else None


async def followed(doors: Doors, path: str, query: Mapping[str, Any], limit: int, offset: int) -> tuple[Answer, Any]:
    """The same of a list with a cursor, which is followed from its beginning."""
    if offset + limit > MOST_CURSOR:
        raise Refused(
            400, "invalid", f"offset and limit reach {number(MOST_CURSOR)} rows at most: narrow the list instead."
        )
    rows: list[Any] = []
    asked: dict[str, Any] = {**query, "page_size": min(LARGEST, offset + limit)}
    while True:
        answer = await doors.get(path, **asked)
        if answer.status != 200:
            return answer, None
        rows += answer.body["results"]
        if len(rows) >= offset + limit or not answer.body["next"]:
            return answer, rows[offset : offset + limit]
        asked = dict(parse_qsl(urlsplit(answer.body["next"]).query))


def _number(query: dict[str, Any], name: str, default: int, least: int, most: int) -> int:
    text = str(query.pop(name, default))
    if not text.isascii() or not text.isdecimal() or len(text) > 10 or not least <= int(text) <= most:
        raise Refused(400, "invalid", f"{name}: a whole number from {least} to {most} is expected.")
    return int(text)
