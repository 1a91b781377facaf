"""The local model behind the adapter's interface: OpenAI's wire to a server that is started on first use."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from providers.base import Limits, ListedModel, ProviderEvent, ProviderRequest, Timeouts
from providers.errors import Code, ProviderFailure
from providers.http.transport import Transport
from providers.on_demand.announcement import Announced
from providers.on_demand.server import OnDemandServer
from providers.parts.taking import Kind
from providers.wires.local import model
from providers.wires.openai.adapter import OpenAIAdapter

IDLE_SECONDS = 600.0
BASE_DIR = Path(__file__).resolve().parents[3]
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV")


class LocalAdapter:
    """`folder` is where the server's address, lock and log are; shared by all processes of the data folder."""

    parts = frozenset[Kind]()
    supported_parameters = OpenAIAdapter.supported_parameters - {"tool_choice", "reasoning_effort"}

    def __init__(
        self,
        transport: Transport,
        *,
        folder: Path,
        limits: Limits | None = None,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._transport = transport
        self._limits = limits
        self.server = OnDemandServer(
            "The local model",
            [sys.executable, "-m", "providers.wires.local.server", folder, str(idle_seconds)],
            folder,
            idle_seconds,
            environment=_environment(),
        )

    def __repr__(self) -> str:
        return "<LocalAdapter>"

    def unavailable_reason(self) -> str:
        """Why it cannot run, as a sentence; empty when it can."""
        return model.unavailable_reason()

    def is_available(self) -> bool:
        return not self.unavailable_reason()

    def supported_by(self, model: str) -> frozenset[str]:
        """All that the server takes."""
        return self.supported_parameters

    async def stream(self, request: ProviderRequest, *, timeouts: Timeouts) -> AsyncGenerator[ProviderEvent, None]:
        """The answer's events (base.Adapter); the first call waits for the server's start."""
        self._require()
        if request.model != model.MODEL:
            raise ProviderFailure(Code.MODEL_NOT_FOUND, f"The local model is called {model.MODEL}.")
        try:
            async with asyncio.timeout(timeouts.total):
                await self.server.ensure()
        except TimeoutError:
            raise ProviderFailure(Code.TIMEOUT_TOTAL, "The local model was still starting.") from None
        async with (
            self.server.use() as running,
            aclosing(self._through(running).stream(request, timeouts=timeouts)) as events,
        ):
            async for event in events:
                yield event

    async def list_models(self, *, timeouts: Timeouts) -> list[ListedModel]:
        """The one model; known without starting the server."""
        self._require()
        return self.known_models()

    def known_models(self) -> list[ListedModel]:
        """The one model; none where it cannot run."""
        if self.unavailable_reason():
            return []
        details = {
            "name": "SmolLM2 135M Instruct",
            "context_window": model.CONTEXT_WINDOW,
            "max_output_tokens": model.CONTEXT_WINDOW,
            "capabilities": ["json_schema"],
            "note": "Small and often wrong: for trying the tool, not for judging answers.",
        }
        return [ListedModel(model.MODEL, details)]

    def _require(self) -> None:
        if reason := self.unavailable_reason():
            raise ProviderFailure(Code.PROVIDER_UNAVAILABLE, reason)

    def _through(self, running: Announced) -> OpenAIAdapter:
        # llama.cpp closes after every answer without saying so; a call that took such a connection would fail.
        return OpenAIAdapter(
            self._transport,
            base_url=f"{running.address}/v1",
            api_key=running.key,
            headers={"Connection": "close"},
            limits=self._limits,
        )


def _environment() -> dict[str, str]:
    """Nothing of our secrets; a key of its own, which only processes that may read the folder learn."""
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return passed | {"LOCAL_MODEL_KEY": secrets.token_urlsafe(32), "PYTHONPATH": str(BASE_DIR)}
