"""Tasks of the tests' own: an engine as any Celery task may drive it. Loaded by a worker with `-I`."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any
from uuid import UUID

from celery import shared_task

from accounts.models import User
from foundation.database.threads import in_database_thread
from playground import executing
from playground.engine import thread
from playground.engine.ask import Ask
from playground.models import Origin


@shared_task(acks_late=True)
def run_all(*, user_id: str, model_id: str, execution_ids: list[str], told: str = "", **kwargs: Any) -> None:
    """Runs executions of these ids and waits for their ends; harmless when done twice."""
    if told:
        with Path(told).open("a") as file:
            file.write(f"{os.getpid()}\n")
    thread.run(_all(user_id, model_id, execution_ids))


async def _all(user_id: str, model_id: str, execution_ids: list[str]) -> None:
    user = await in_database_thread(User.objects.get, id=user_id)
    await asyncio.gather(*(_one(user, model_id, UUID(each)) for each in execution_ids))


async def _one(user: User, model_id: str, execution_id: UUID) -> None:
    request = {"prompt": f"sample {execution_id}"}
    ask = Ask(user=user, origin=Origin.EVALUATION, model_id=model_id, request=request, execution_id=execution_id)
    await executing.begin(ask, is_streamed=False)
    await executing.ended(execution_id)
