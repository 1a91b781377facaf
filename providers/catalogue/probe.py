"""The periodic probe: every provider is asked for its listing, which tells its health and its models."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime
from typing import Any

from django.db import DataError, IntegrityError
from redis.exceptions import RedisError

from foundation.cache.client import client_of
from providers.base import ListedModel, Timeouts
from providers.catalogue import facts
from providers.catalogue.catalogue import note_listing
from providers.errors import Code, ProviderFailure
from providers.line.health import PROBE, Report, report, standing_of
from providers.line.telling import tell_changes
from providers.registry import ProviderEntry, Registry

logger = logging.getLogger(__name__)

PATIENCE = Timeouts(connect=5, first_byte=10, idle=10, total=20)

Answer = tuple[ProviderEntry, Report, list[ListedModel] | None]


def probe_all(redis_url: str, *, only: str = "") -> None:
    """Asks every available provider, or `only` the one of this slug; keeps what they list and how they do."""
    registry = Registry()
    registry.reload()
    answers, statuses = asyncio.run(_ask_all(registry, redis_url, only))
    tell_changes(statuses)
    for provider, _, models in answers:
        if models is not None:
            _note(provider, models)


def _note(provider: ProviderEntry, models: list[ListedModel]) -> None:
    """Keeps one listing; the others are kept also when the database takes this one for wrong."""
    try:
        note_listing(provider, models)
    except (DataError, IntegrityError) as error:
        logger.warning("listing_not_kept", extra={"provider": provider.slug, "reason": type(error).__name__})


async def _ask_all(registry: Registry, redis_url: str, only: str) -> tuple[list[Answer], list[dict[str, Any]]]:
    asked = [entry for entry in registry.entries() if not only or entry.slug == only]
    providers = [entry for entry in asked if entry.is_probed and not entry.unavailable_reason]
    try:
        answers = await asyncio.gather(*(_ask(provider) for provider in providers))
    finally:
        await registry.close()
    async with client_of(redis_url, seconds=5, seconds_to_connect=2) as redis:
        try:
            for provider, said, _ in answers:
                await report(redis, provider.slug, PROBE, said)
        except RedisError:
            # The catalogue is kept all the same; health is asked again in a minute.
            return answers, []
        standing = await standing_of(redis, providers)
    return answers, standing.statuses


async def _ask(provider: ProviderEntry) -> Answer:
    """One provider's word, whatever its adapter does: no error of it is the others' business."""
    started = time.monotonic()
    models: list[ListedModel] | None = None
    error = ""
    try:
        async with asyncio.timeout(PATIENCE.total):
            models = facts.sound(await provider.adapter.list_models(timeouts=PATIENCE), slug=provider.slug)
    except ProviderFailure as failure:
        error = failure.code.value
    except TimeoutError:
        error = Code.TIMEOUT_TOTAL.value
    except Exception as unexpected:
        error = Code.MALFORMED_RESPONSE.value
        reason = type(unexpected).__name__
        logger.warning("listing_not_understood", extra={"provider": provider.slug, "reason": reason})
    milliseconds = None if error else round((time.monotonic() - started) * 1000, 1)
    count = None if models is None else len(models)
    return provider, Report(milliseconds, error, datetime.now(UTC), count), models
