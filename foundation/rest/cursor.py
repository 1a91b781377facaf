"""Cursor pages over rows ordered by (created_at, id), newest first: as quick on the last page as on the first.

A cursor names the row that it stands at and the direction; it is opaque to clients, and checked like any other input.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from foundation.problems import FieldError, invalid

LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two rows: the page goes on after (older) or before (newer) that row."""

    at: datetime
    id: UUID
    is_backwards: bool = False

    def __str__(self) -> str:
        text = f"{'<' if self.is_backwards else '>'}{self.at.astimezone(UTC).isoformat()}|{self.id}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> Cursor:
        """The cursor behind this text; a Problem when it is none."""
        try:
            if len(text) > LONGEST:
                raise ValueError(text)
            plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
            at, _, identifier = plain[1:].partition("|")
            when = datetime.fromisoformat(at)
            if plain[:1] not in "<>" or when.tzinfo is None:
                raise ValueError(text)
            return cls(when, UUID(identifier), plain.startswith("<"))
        except (ValueError, binascii.Error, OverflowError):
            raise invalid([FieldError("cursor", "invalid", "This is no cursor of this list.")]) from None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, newest first, and the cursors around them; None where nothing lies beyond."""

    rows: list[Any]
    next: Cursor | None
    previous: Cursor | None


def page_of(rows: QuerySet[Any], cursor: Cursor | None, size: int) -> Page:
    """The page of `rows` at `cursor`."""
    backwards = cursor is not None and cursor.is_backwards
    order = ("created_at", "id") if backwards else ("-created_at", "-id")
    # First the ids, which an index can tell, then the rows of this page.
    ids = list(beyond(rows, cursor).order_by(*order).values_list("id", flat=True)[: size + 1])
    found = list(rows.model._default_manager.filter(id__in=ids).order_by(*order))
    has_more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    if not found:
        return Page([], None, None)
    older = Cursor(found[-1].created_at, found[-1].id) if has_more or backwards else None
    newer = Cursor(found[0].created_at, found[0].id, is_backwards=True)
    return Page(found, older, newer if (has_more if backwards else cursor is not None) else None)


def beyond(rows: QuerySet[Any], cursor: Cursor | None) -> QuerySet[Any]:
    """The rows on the other side of the cursor. The first condition is there for the index."""
    if cursor is None:
        return rows
    if cursor.is_backwards:
        newer = Q(created_at__gt=cursor.at) | Q(created_at=cursor.at, id__gt=cursor.id)
        return rows.filter(newer, created_at__gte=cursor.at)
    older = Q(created_at__lt=cursor.at) | Q(created_at=cursor.at, id__lt=cursor.id)
    return rows.filter(older, created_at__lte=cursor.at)


def links(request: HttpRequest, page: Page) -> dict[str, str | None]:
    """`next` and `previous` as addresses."""

    def address(cursor: Cursor | None) -> str | None:
        if cursor is None:
            return None
        query = request.GET.copy()
        query["cursor"] = str(cursor)
        return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")

    return {"next": address(page.next), "previous": address(page.previous)}
