"""An author, a stranger, and providers of their own, so that one test's faults are not another's."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from providers.models import Provider
from tests.cast import Person, new_user
from tests.servers.service import Service

MakeProvider = Callable[..., str]


@pytest.fixture
def author(service: Service) -> Person:
    """Somebody who runs prompts."""
    return Person(service.url, new_user(name="Author"))


@pytest.fixture
def stranger(service: Service) -> Person:
    """Somebody who has nothing to do with the author."""
    return Person(service.url, new_user(name="Stranger"))


@pytest.fixture
def anonymous(service: Service) -> Person:
    """Nobody."""
    return Person(service.url, None)


@pytest.fixture
def make_provider(service: Service) -> MakeProvider:
    """Makes a provider that leads to the simulator, with its own breaker and gate; gives its slug."""

    def make(wire: str = "openai", **fields: Any) -> str:
        slug = f"p{uuid.uuid4().hex[:10]}"
        base = service.simulator.url + ("/v1" if wire == "openai" else "")
        defaults = {"base_url": base, "allow_private_address": True, "credentials": {"api_key": "sk-canary-1234"}}
        Provider.objects.create(slug=slug, name=slug, wire=wire, **{**defaults, **fields})
        return slug

    return make


@pytest.fixture
def provider(make_provider: MakeProvider) -> str:
    """A provider of this test alone."""
    return make_provider()


class Ledger:
    """What the provider itself counted."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def calls(self, model: str, *, is_open: bool = False) -> list[dict[str, Any]]:
        """Calls for a model; only those still open."""
        query = "?open=1" if is_open else ""
        async with aiohttp.ClientSession() as session, session.get(f"{self._url}/ledger{query}") as response:
            return [call for call in await response.json() if call["model"] == model]


@pytest.fixture
def ledger(service: Service) -> Ledger:
    """The simulator's ledger."""
    return Ledger(service.simulator.url)
