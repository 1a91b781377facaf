"""`GET /documents` of the Knowledge Service, as the one who asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from integrations.client.reading import Reader
from integrations.client.texts import LONGEST_DESCRIPTION, LONGEST_NAME, number, passages, text

NAME: Final = "Knowledge Service"
PATIENCE: Final = 5.0
"""Seconds; a hybrid search embeds its query first."""
MOST: Final = 20
LONGEST_QUERY: Final = 1_000
LEAST_SIMILAR: Final = 0.0
"""What matters is the order; the service's own threshold would hide all that is found by words alone."""
MOST_PASSAGES: Final = 5
LONGEST_PASSAGE: Final = 4_000


@dataclass(frozen=True, slots=True)
class Found:
    """One document; `highlights` and `chunks` are at most five passages each, of at most 4,000 characters."""

    id: str
    name: str
    description: str
    score: float | None
    """As the service says it, None where it says none."""
    highlights: list[str]
    chunks: list[str]


async def search(base_url: str, *, query: str, limit: int = 5, user_id: UUID, authorization: str = "") -> list[Found]:
    """Documents for `query`, the best first, at most `limit` (1 to 20).

    `authorization` is the caller's header; without one the service's own token is sent. Raises ServiceFailed
    (`integrations.knowledge_service.errors`); rows that name no document are left out.
    """
    if not 1 <= limit <= MOST:
        raise ValueError(f"limit is 1 to {MOST}, not {limit}")
    reader = Reader(NAME, base_url, user_id=user_id, authorization=authorization)
    asked: dict[str, str | int | float] = {
        "query": query[:LONGEST_QUERY],
        "search_type": "hybrid",
        "similarity_threshold": LEAST_SIMILAR,
        "limit": limit,
    }
    match await reader.get("/documents", asked, patience=PATIENCE):
        case {"results": list(rows)}:
            found = [document for row in rows[:limit] if (document := _found(row))]
            if rows and not found:
                raise reader.unreadable()
            return found
        case _:
            raise reader.unreadable()


def _found(row: Any) -> Found | None:
    match row:
        case {"document": {"id": identifier, **document}}:
            return Found(
                id=text(identifier, LONGEST_NAME),
                name=text(document.get("name"), LONGEST_NAME) or text(identifier, LONGEST_NAME),
                description=text(document.get("description"), LONGEST_DESCRIPTION),
                score=_score(row),
                highlights=passages(row.get("highlights"), most=MOST_PASSAGES, longest=LONGEST_PASSAGE),
                chunks=passages(row.get("chunks"), most=MOST_PASSAGES, longest=LONGEST_PASSAGE),
            )
    return None


def _score(row: Mapping[str, Any]) -> float | None:
    """`score`, else the first field whose name ends with it (`similarity_score`, `relevanceScore`)."""
    names = sorted((name for name in row if str(name).lower().endswith("score")), key=lambda name: name != "score")
    return next((value for name in names if (value := number(row[name])) is not None), None)
