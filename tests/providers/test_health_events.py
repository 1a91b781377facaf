"""What `system.*` events say of a provider is shown and heeded: once each, and not where something newer was said."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from events.intake.incoming import Incoming
from events.intake.receiving import incoming_of, receive
from events.intake.working import do_waiting
from events.models import ConsumedEvent
from foundation.cache.client import client_of
from providers.line.breaker import State
from providers.line.health import KEPT, Report, report, standing_of
from providers.line.shared import OPEN, Shared
from providers.models import Provider
from providers.registry import BUILT_IN, ProviderEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("embedded_servers")]

NOW = datetime.now(UTC)
WELL, DOWN, TRIED = ("healthy", State.CLOSED), ("down", State.OPEN), ("degraded", State.HALF_OPEN)


@pytest.fixture
def slug() -> str:
    """A provider of an administrator's, of which nobody has said anything."""
    return Provider.objects.create(slug=f"h{uuid.uuid4().hex[:10]}", name="H", base_url="https://h.example.org").slug


def redis() -> Any:
    """The test's Valkey."""
    return client_of(settings.REDIS_URL, seconds=5, seconds_to_connect=5)


def standing(slug: str) -> tuple[str, State]:
    """Status and breaker, as `GET /api/providers/status` tells them."""

    async def look() -> dict[str, Any]:
        async with redis() as client:
            entry = ProviderEntry(slug, "H", object(), price_prefix=slug)  # type: ignore[arg-type]
            (status,) = (await standing_of(client, [entry])).statuses
            return status

    told = asyncio.run(look())
    return told["status"], State(told["breaker"])


def come(slug: str, status: str, *, type_: str = "system.provider_health", id_: str = "", **more: Any) -> str:
    """An event comes in over the intake's own reading of bodies, and is done; what became of it."""
    id_ = id_ or str(uuid.uuid4())
    body = {"id": id_, "type": type_, "payload": {"provider": slug, "status": status}, **more}
    receive(incoming_of(body), now=timezone.now())
    do_waiting(now=timezone.now())
    return ConsumedEvent.objects.get(event_id=id_).fate


def said(seconds_ago: float) -> str:
    """That moment, as an envelope says it."""
    return (NOW - timedelta(seconds=seconds_ago)).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("type_", ["system.provider_health", "system.outage"])
def test_down_opens_the_breaker_and_better_lets_one_call_try(slug: str, type_: str) -> None:
    assert standing(slug) == WELL
    assert come(slug, "down", type_=type_) == "done"
    assert standing(slug) == DOWN
    assert come(slug.upper(), "RECOVERING", type_=type_) == "done"
    assert standing(slug) == TRIED


@pytest.mark.parametrize("built_in", sorted(BUILT_IN))
def test_providers_of_the_environment_are_meant_too(built_in: str) -> None:
    async def forget() -> None:
        async with redis() as client:
            await client.hdel(OPEN, built_in)
            await client.delete(f"provider-health:{built_in}")

    try:
        come(built_in, "down")
        assert standing(built_in) == DOWN
    finally:
        asyncio.run(forget())


def test_a_word_that_all_is_well_opens_nothing(slug: str) -> None:
    come(slug, "healthy")
    assert standing(slug) == WELL


def test_it_is_shown_beside_what_our_own_calls_say_and_the_newest_counts(slug: str) -> None:
    async def ours(error: str) -> None:
        async with redis() as client:
            await report(client, slug, "a-runner", Report(12.0, error, datetime.now(UTC)))
            await Shared(client).worked(slug, looked_at=10, rest=15)

    come(slug, "down")
    asyncio.run(ours(""))
    assert standing(slug) == WELL
    come(slug, "down")
    assert standing(slug) == DOWN


@pytest.mark.parametrize(
    ("named", "status"), [("", "down"), ("nobody-here", "down"), (None, "down"), ("SLUG", "purple"), ("SLUG", "")]
)
def test_what_names_no_provider_of_ours_or_no_known_status_changes_nothing(slug: str, named: Any, status: str) -> None:
    assert come(slug if named == "SLUG" else named, status) == "done"
    assert standing(slug) == WELL


def test_one_id_is_heeded_once(slug: str) -> None:
    id_ = str(uuid.uuid4())
    come(slug, "down", id_=id_)
    come(slug, "up")
    come(slug, "down", id_=id_)
    assert standing(slug) == TRIED


def test_an_older_word_that_comes_later_says_nothing(slug: str) -> None:
    come(slug, "down", timestamp=said(30))
    come(slug, "healthy", timestamp=said(10))
    come(slug, "down", timestamp=said(20))
    assert standing(slug) == TRIED
    come(slug, "down", timestamp=said(5))
    assert standing(slug) == DOWN


@pytest.mark.parametrize("key", ["timestamp", "time"])
def test_a_word_of_long_ago_says_nothing(slug: str, key: str) -> None:
    come(slug, "down", **{key: said(KEPT + 60)})
    assert standing(slug) == WELL


@pytest.mark.parametrize("timestamp", ["soon", "", 7, "0001-01-01T00:00:00+23:59", "2999-01-01T00:00:00Z"])
def test_a_time_that_says_nothing_or_is_not_yet_means_now(slug: str, timestamp: Any) -> None:
    come(slug, "down", timestamp=timestamp)
    assert standing(slug) == DOWN
    come(slug, "up")
    assert standing(slug) == TRIED


def test_the_time_of_the_payload_goes_before_the_envelopes() -> None:
    payload = {"timestamp": "2026-01-02T03:04:05Z"}
    (event,) = incoming_of({"id": "a", "type": "t", "timestamp": "2020-01-01T00:00:00Z", "payload": payload})
    assert event.at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert Incoming("a", "t", {"timestamp": "2026-01-02T03:04:05"}).at == event.at


def test_a_valkey_that_is_away_leaves_the_event_for_later(slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(settings, "REDIS_URL", "redis://127.0.0.1:9")
        assert come(slug, "down", id_="kept") == "waiting"
    assert standing(slug) == WELL
    assert do_waiting(now=timezone.now() + timedelta(seconds=5)) == 1
    assert standing(slug) == DOWN
