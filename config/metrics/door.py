"""`/metrics`: what all processes have counted, and how the installation stands, for Prometheus and OpenMetrics."""

from __future__ import annotations

import asyncio
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from foundation.metrics import standing
from foundation.metrics.families import counted
from foundation.problems import only

_writing: Final = asyncio.Lock()


@only("GET", "HEAD")
async def metrics(request: HttpRequest) -> HttpResponseBase:
    """One scrape; the door is closed by `accounts.bearer.scrapers`."""
    installation = await standing.standing()
    async with _writing:
        content_type, body = await asyncio.to_thread(_written, installation, request.headers.get("Accept", ""))
    return HttpResponse(body, content_type=content_type)


def _written(installation: standing.Standing, accept: str) -> tuple[str, bytes]:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(counted())
    registry.register(installation)
    encode, content_type = choose_encoder(accept)
    return content_type, encode(registry)
