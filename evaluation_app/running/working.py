"""What a worker's engine does for a test."""

from __future__ import annotations

import asyncio
import logging
from typing import Final
from uuid import UUID

from evaluation_app.economy import enlisting
from evaluation_app.lifecycle import RUNNERS
from evaluation_app.running.material import Material
from evaluation_app.running.runner import TestRunner
from foundation.tasks import send_task
from playground.engine.host import engine

logger = logging.getLogger(__name__)

CONCURRENCY: Final = 32
"""Samples under way at once, where a test does not say."""


async def work(test_id: UUID) -> None:
    """This process's share of a test; nothing where it is gone, or does not run."""
    material = await Material.of(test_id)
    if material is None:
        return
    machine = await engine()
    if material.test.is_economy:
        await enlisting.enlist(material)
    wanted = int(material.test.policy.get("concurrency", CONCURRENCY))
    # An even share for each of the children that are rung for, and never none.
    share = -(-wanted // RUNNERS)
    while not await TestRunner(machine, material, concurrency=share).run():
        logger.warning("runner_anew", extra={"test_id": str(test_id)})
    if material.test.is_economy and material.test.max_cost is not None:
        await enlisting.enlist(material)  # with the money that came back
    # Figures take a processor's time, which the loop of an engine has not to give.
    await asyncio.to_thread(send_task, "evaluation_app.tasks.settle_test", test_id=str(test_id))
