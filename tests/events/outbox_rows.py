"""Many events in the outbox at once, by COPY: starts and ends of executions, as they come from the engine."""

from __future__ import annotations

import uuid
from typing import Final

import orjson
from django.db import connection

NAMES: Final = ("started", "completed")


def fill(count: int, *, destination: str) -> None:
    """So many events of half as many executions, in order."""
    with connection.cursor() as cursor:
        rows = []
        for number in range(count // 2):
            execution = uuid.UUID(int=number + 1, version=4)
            payload = {"execution_id": str(execution), "user_id": str(execution), "model_id": "local/echo"}
            rows += [(uuid.uuid4(), name, f"execution:{execution}", orjson.dumps(payload).decode()) for name in NAMES]
        # Starts and ends of many stand among each other.
        rows.sort(key=lambda row: (hash(row[2]) % 50, row[2]))
        with cursor.copy("COPY events (id, type, aggregate, payload) FROM STDIN") as copy:
            for id_, name, aggregate, payload_json in rows:
                copy.write_row((id_, f"llm_playground.execution.{name}", aggregate, payload_json))
        with cursor.copy("COPY event_deliveries (event_id, aggregate, destination_id) FROM STDIN") as copy:
            for id_, _, aggregate, _ in rows:
                copy.write_row((id_, aggregate, destination))


def is_in_order(events: list[dict[str, object]]) -> bool:
    """Whether of each execution the start came first, each once."""
    seen: dict[object, list[object]] = {}
    for event in events:
        seen.setdefault(event["payload"]["execution_id"], []).append(event["type"])  # type: ignore[index]
    wanted = [f"llm_playground.execution.{name}" for name in NAMES]
    return all(types == wanted for types in seen.values())
