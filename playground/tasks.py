"""Background work of the execution engine; each task is harmless when run twice."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from accounts.models import IdempotentCall
from playground.attachments.sweeping import sweep
from playground.engine import quota_upkeep, reaper
from playground.keeping import large_answers
from playground.models import IdempotencyKey
from providers.catalogue.probe import probe_all

logger = logging.getLogger(__name__)

KEYS_KEPT = timedelta(hours=24)


@shared_task
def reap_orphans(**kwargs: Any) -> None:
    """Ends executions whose process died."""
    if ended := reaper.reap(settings.REDIS_URL):
        logger.warning("orphans_ended", extra={"executions": ended})


@shared_task
def probe_providers(**kwargs: Any) -> None:
    """Asks every provider for its listing: health and catalogue in one call."""
    probe_all(settings.REDIS_URL)


@shared_task
def list_mcp_servers(**kwargs: Any) -> None:
    """Reads which tools the MCP servers have now."""
    # The SDK is large, and loaded where there are servers only.
    from playground.tools.mcp.listing import list_all

    asyncio.run(list_all())


@shared_task
def prune_idempotency_keys(**kwargs: Any) -> None:
    """Forgets idempotency keys older than 24 hours."""
    for kept in (IdempotencyKey, IdempotentCall):
        kept._default_manager.filter(created_at__lt=timezone.now() - KEYS_KEPT).delete()


@shared_task
def sweep_attachments(**kwargs: Any) -> None:
    """Removes uploaded files that nobody sent, and those and large answers of executions that are gone."""
    now = timezone.now()
    if removed := sweep(now=now):
        logger.info("attachments_removed", extra={"files": removed})
    if removed := large_answers.sweep(now=now):
        logger.info("large_answers_removed", extra={"files": removed})


@shared_task
def move_large_answers(**kwargs: Any) -> None:
    """Takes answers of over 64 KB out of their rows, to the object storage."""
    if moved := large_answers.move(now=timezone.now()):
        logger.info("large_answers_moved", extra={"answers": moved})


@shared_task
def keep_quotas(**kwargs: Any) -> None:
    """Has the ledger of quotas count what was run before a limit was set, and hold nothing for what is no more."""
    quota_upkeep.make_whole()
    if settled := quota_upkeep.settle_left_behind():
        logger.warning("quota_holds_left_behind", extra={"usages": settled})
