"""The ASGI application: static files, sockets, Django, and the engine's start and stop with the server's."""

from __future__ import annotations

import gc
import os
from typing import Any

import django

# Thousands of modules are about to come, nothing of which is garbage: looking for it took a sixth of the start.
gc.set_threshold(20_000, 20, 50)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - Django must be set up first
from django.conf import settings  # noqa: E402
from servestatic import ServeStaticASGI  # noqa: E402

from config.lifespan import Lifespan  # noqa: E402
from config.linking import Linking  # noqa: E402
from config.sockets import everywhere  # noqa: E402
from dadms_profile.adapter import DadmsProfile  # noqa: E402
from evaluation_app.running.sweeping import Sweeping  # noqa: E402
from foundation.http.body_limit import BodyLimit, most_bytes  # noqa: E402
from foundation.http.closing_handler import ClosingHandler  # noqa: E402
from foundation.http.forwarded import ForwardedFor  # noqa: E402
from foundation.http.interruption import AnswersInterruption  # noqa: E402
from foundation.http.lean_handler import LeanHandler  # noqa: E402
from foundation.http.same_origin import SameOrigin  # noqa: E402
from foundation.metrics.requests import Counted  # noqa: E402
from history.news import SessionNews  # noqa: E402
from monitoring.errors.recording import RECORDER  # noqa: E402
from monitoring.samples.taking import Sampling  # noqa: E402
from playground.api.streams import OpenStreams  # noqa: E402
from playground.engine.host import Role, accompany  # noqa: E402

ASYNC_ONLY = ("/api/prompts/", "/api/executions/", "/api/comparisons", "/v1/", "/mcp", "/health", "/metrics")
FRAMEWORK_VIEWS = ("/comments", "/rating")
"""Below an execution, these are ordinary views of REST framework."""
django_application = ClosingHandler()
lean_application = LeanHandler()
gc.collect()
gc.freeze()
accompany(Role.WEB, OpenStreams)
accompany(Role.WEB, SessionNews)
accompany(Role.WEB, Sweeping)
accompany(Role.WEB, Linking)
accompany(Role.WEB, Sampling)
RECORDER.begin(Role.WEB)


async def http(scope: Any, receive: Any, send: Any) -> None:
    """Sends a request to the handler that fits its view."""
    path = scope["path"]
    is_lean = path.startswith(ASYNC_ONLY) and not path.endswith(FRAMEWORK_VIEWS)
    handler = lean_application if is_lean else django_application
    await handler(scope, receive, send)


application = ServeStaticASGI(
    ForwardedFor(
        ProtocolTypeRouter(
            {
                "http": Counted(AnswersInterruption(BodyLimit(DadmsProfile(http), most_bytes=most_bytes))),
                "websocket": Counted(SameOrigin(URLRouter(everywhere))),
                "lifespan": Lifespan(),
            }
        ),
        proxies=settings.ENV.trusted_proxies,
    ),
    root=settings.STATIC_ROOT,
    prefix=settings.STATIC_URL,
    immutable_file_test=lambda path, url: bool(settings.HASHED_NAME.search(url)),
)
