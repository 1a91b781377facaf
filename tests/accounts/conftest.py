"""An OpenID Connect provider, a web process that it is configured for, and a browser in front of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.accounts.oidc_provider import Provider, Window
from tests.servers.service import Service, Web


@pytest.fixture(scope="package")
async def shared_provider() -> AsyncIterator[Provider]:
    """One provider for these tests."""
    provider = Provider()
    runner = await provider.start()
    yield provider
    await runner.cleanup()


@pytest.fixture(scope="package")
async def shared_web(running_service: Service, shared_provider: Provider) -> AsyncIterator[Web]:
    """A web process that it is configured for; programs' tokens come from it too."""
    url = shared_provider.url
    bearer = {"JWT_JWKS_URL": f"{url}/keys", "JWT_ISSUER": url, "JWT_AUDIENCE": "api"}
    web = await asyncio.to_thread(Web, {**running_service.environment, **shared_provider.environment, **bearer})
    yield web
    await asyncio.to_thread(web.stop)


@pytest.fixture
def provider(shared_provider: Provider) -> Provider:
    """The provider, well."""
    shared_provider.reset()
    return shared_provider


@pytest.fixture
async def window(service: Service, shared_web: Web) -> Window:
    """A browser in front of the process."""
    return Window(shared_web.url)
