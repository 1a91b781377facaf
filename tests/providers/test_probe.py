"""The probe: whatever one provider's listing does, the others' listings and the reports are kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from redis.asyncio import Redis

from foundation.database.threads import in_database_thread
from providers.base import Timeouts
from providers.catalogue import probe
from providers.catalogue.listing import all_models
from providers.line.health import key_of, standing_of
from providers.models import CatalogueModel
from providers.registry import Registry
from tests.playground.conftest import MakeProvider, make_provider
from tests.providers.provider_rows import CLASSES, classes_allowed, row_of_class
from tests.servers.provider_classes import KEY_IN_A_MESSAGE

__all__ = ["classes_allowed", "make_provider"]


async def probed(name: str, make_provider: MakeProvider) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """The status of a provider of this class and of one beside it, and the names that were kept of it."""
    odd = (await in_database_thread(row_of_class, f"{CLASSES}.{name}")).slug
    well = await in_database_thread(make_provider)
    await asyncio.to_thread(probe.probe_all, settings.REDIS_URL)
    registry = Registry()
    await in_database_thread(registry.reload)
    async with Redis.from_url(settings.REDIS_URL) as redis:
        asked = [entry for slug in (odd, well) if (entry := registry.get(slug))]
        statuses = (await standing_of(redis, asked)).statuses
    assert statuses[1]["models"] == 5
    assert await in_database_thread(CatalogueModel.objects.filter(provider=well, listed_at__isnull=False).count) == 5
    names = await in_database_thread(
        lambda: list(CatalogueModel.objects.filter(provider=odd).values_list("id", flat=True))
    )
    return statuses[0], statuses[1], [name.partition("/")[2] for name in names]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("ListingRaises", "provider_error"),
        ("ListingExits", "provider_error"),
        ("ListingIsNone", "provider_error"),
        ("ListingHangs", "timeout_total"),
    ],
)
async def test_a_listing_that_breaks_is_its_own_providers_alone(
    classes_allowed: None, make_provider: MakeProvider, monkeypatch: pytest.MonkeyPatch, name: str, error: str
) -> None:
    monkeypatch.setattr(probe, "PATIENCE", replace(Timeouts(), total=3.0))
    odd, well, names = await probed(name, make_provider)
    assert (odd["status"], odd["last_error"], odd["models"], names) == ("down", error, None, [])
    assert (well["status"], well["last_error"]) == ("healthy", None)
    assert KEY_IN_A_MESSAGE not in str(odd)


async def test_of_an_odd_listing_what_holds_is_kept(classes_allowed: None, make_provider: MakeProvider) -> None:
    odd, _, names = await probed("ListsOddly", make_provider)
    assert sorted(names) == ["good", "no-details", "twice"]
    assert (odd["status"], odd["models"]) == ("healthy", 3)
    shown = {row["id"].partition("/")[2]: row for row in await in_database_thread(all_models)}
    assert (shown["good"]["available"], shown["good"]["note"]) == (True, "kept")
    assert (shown["good"]["context_window"], shown["good"]["capabilities"]) == (None, ["text"])
    assert shown["twice"]["name"] == "First"


async def test_ten_thousand_models_are_kept(classes_allowed: None, make_provider: MakeProvider) -> None:
    odd, _, names = await probed("ListsTenThousand", make_provider)
    assert (odd["models"], len(names)) == (10_000, 10_000)


async def test_what_is_no_hash_hides_no_other_provider(make_provider: MakeProvider) -> None:
    odd, well = [await in_database_thread(make_provider) for _ in range(2)]
    await asyncio.to_thread(probe.probe_all, settings.REDIS_URL)
    registry = Registry()
    await in_database_thread(registry.reload)
    asked = [entry for slug in (odd, well) if (entry := registry.get(slug))]
    async with Redis.from_url(settings.REDIS_URL) as redis:
        await redis.set(key_of(odd), "another version's")
        standing = await standing_of(redis, asked)
        await redis.delete(key_of(odd))
    assert [status["models"] for status in standing.statuses] == [None, 5]


@pytest.mark.parametrize(
    "odd",
    [
        b"no JSON",
        b"[]",
        b"{}",
        b'{"checked_at": "yesterday", "latency_ms": 1, "last_error": "", "models": 1}',
        b'{"checked_at": "2999-01-01T00:00:00", "latency_ms": [], "last_error": "", "models": 1}',
    ],
)
async def test_a_report_that_does_not_hold_hides_no_other(make_provider: MakeProvider, odd: bytes) -> None:
    slug = await in_database_thread(make_provider)
    await asyncio.to_thread(probe.probe_all, settings.REDIS_URL)
    registry = Registry()
    await in_database_thread(registry.reload)
    entry = registry.get(slug)
    assert entry is not None
    async with Redis.from_url(settings.REDIS_URL) as redis:
        await redis.hset(key_of(slug), "another-version", odd)
        (status,) = (await standing_of(redis, [entry])).statuses
    assert (status["status"], status["models"]) == ("healthy", 5)
