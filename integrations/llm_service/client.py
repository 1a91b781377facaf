"""`GET /llm/personas` of the LLM Service, as the one who asks."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from integrations.client.personas import Persona, personas_of
from integrations.client.reading import Reader

NAME: Final = "LLM Service"


async def list_personas(base_url: str, *, user_id: UUID, authorization: str = "") -> list[Persona]:
    """Its personas, bare or below `personas` or `data`; raises ServiceFailed."""
    reader = Reader(NAME, base_url, user_id=user_id, authorization=authorization)
    match await reader.get("/llm/personas"):
        case list(rows) | {"personas": list(rows)} | {"data": list(rows)} | {"data": {"personas": list(rows)}}:
            return personas_of(rows)
        case _:
            raise reader.unreadable()
