"""One provider simulator for all tests of this folder, and a transport to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from providers.http.transport import Transport
from tests.servers.provider_simulator import ProviderSimulator
from tests.servers.raw_provider import RawProvider


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def simulator() -> AsyncIterator[ProviderSimulator]:
    async with ProviderSimulator() as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def raw() -> AsyncIterator[RawProvider]:
    async with RawProvider() as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def transport() -> AsyncIterator[Transport]:
    async with Transport() as open_transport:
        yield open_transport
