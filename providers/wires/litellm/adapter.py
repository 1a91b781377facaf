"""LiteLLM behind the adapter's interface: OpenAI's wire over a UNIX socket to a process of its own.

Reason: the library costs 5 s and 170 MB at its import, and about 0.7 ms a token.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from foundation.servers.addresses import socket_folder
from providers.base import Limits, ListedModel, ProviderEvent, ProviderRequest, Timeouts
from providers.errors import Code, ProviderFailure
from providers.families.table import family_of
from providers.http.transport import Call, Transport
from providers.on_demand.server import OnDemandServer
from providers.parts.taking import USUAL
from providers.wires.answer import Answer
from providers.wires.anthropic.errors import failure_from as anthropic_failure
from providers.wires.anthropic.reader import AnthropicReader
from providers.wires.bedrock.errors import failure_from as bedrock_failure
from providers.wires.bedrock.reader import BedrockReader
from providers.wires.cohere.reader import CohereReader
from providers.wires.gemini.errors import failure_from as gemini_failure
from providers.wires.gemini.reader import GeminiReader
from providers.wires.json_shapes import as_list
from providers.wires.litellm.headers import WIRE
from providers.wires.ollama.adapter import OllamaAdapter
from providers.wires.ollama.errors import failure_from as ollama_failure
from providers.wires.ollama.mapping import window_of
from providers.wires.ollama.reader import OllamaReader
from providers.wires.openai.adapter import OpenAIAdapter
from providers.wires.openai.errors import failure_from as openai_failure
from providers.wires.openai.mapping import listed
from providers.wires.openai.reader import OpenAIReader
from providers.wires.stream import Reader

IDLE_SECONDS = 600.0
BASE_DIR = Path(__file__).resolve().parents[3]
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "SSL_CERT_FILE")
CLOUD_LOGINS = ("AWS_", "GOOGLE_")
"""Bedrock and Vertex sign in by these; keys of other providers stay here, so that none goes to a wrong host."""
OLLAMA_CHAT = "ollama_chat"
OLLAMA = frozenset({"ollama", OLLAMA_CHAT})
"""The first is for an older API, which knows no turns and no tools: models are asked by the second alone."""
READERS: dict[str, Callable[[Answer, Iterable[str]], Reader]] = {
    "anthropic": AnthropicReader,
    "bedrock": BedrockReader,
    "cohere": CohereReader,
    "gemini": GeminiReader,
    "ollama": OllamaReader,
}
FAILURES = {
    "bedrock": bedrock_failure,
    "gemini": gemini_failure,
    "anthropic": anthropic_failure,
    "ollama": ollama_failure,
}


class LiteLLMAdapter:
    """A provider by LiteLLM's `prefix` ("mistral", "bedrock", "hosted_vllm", …).

    `folder` is where the process's address, lock and log are; all adapters of one folder share it. `base_url` and
    `api_key` None: the provider's own address, and no key.
    """

    supported_parameters = OpenAIAdapter.supported_parameters
    """LiteLLM drops those that a provider does not take (`drop_params`)."""

    def __init__(
        self,
        *,
        folder: Path,
        prefix: str,
        base_url: str | None = None,
        api_key: str | None = None,
        limits: Limits | None = None,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._prefix = prefix
        self.parts = OllamaAdapter.parts if prefix in OLLAMA else USUAL
        self.server = shared_server(folder, idle_seconds)
        headers = {"X-Api-Base": base_url} if base_url else {}
        self._transport = shared_transport(socket_folder(folder) / "litellm.sock")
        self._wire = _Wire(
            self._transport,
            base_url="http://litellm/v1",
            api_key=api_key,
            headers=headers,
            limits=limits,
            prefix=prefix,
        )

    def __repr__(self) -> str:
        return f"<LiteLLMAdapter {self._prefix}>"

    def supported_by(self, model: str) -> frozenset[str]:
        """Parameters that can be said to `model` here; which of them it takes, its family tells."""
        return self._wire.supported_by(model)

    async def stream(self, request: ProviderRequest, *, timeouts: Timeouts) -> AsyncGenerator[ProviderEvent, None]:
        """The answer's events (base.Adapter); the first call waits some seconds for the process's start."""
        await self._ensure(timeouts)
        async with self.server.use(), aclosing(self._wire.stream(request, timeouts=timeouts)) as events:
            async for event in events:
                yield event

    async def list_models(self, *, timeouts: Timeouts) -> list[ListedModel]:
        """The models that LiteLLM's table has for this prefix; the provider itself is not asked."""
        await self._ensure(timeouts)
        async with self.server.use():
            return await self._wire.list_models(timeouts=timeouts)

    async def close(self) -> None:
        """Closes the connections to the process, those of the folder's other adapters too."""
        await self._transport.close()

    async def _ensure(self, timeouts: Timeouts) -> None:
        try:
            async with asyncio.timeout(timeouts.total):
                await self.server.ensure()
        except TimeoutError:
            raise ProviderFailure(Code.TIMEOUT_TOTAL, "LiteLLM was still starting.") from None


class _Wire(OpenAIAdapter):
    """OpenAI's wire, with LiteLLM's names of models."""

    def __init__(self, transport: Transport, *, prefix: str, **given: Any) -> None:
        super().__init__(transport, **given)
        self._prefix = prefix

    def _reader_of(self, call: Call, answer: Answer) -> Reader:
        """An answer that LiteLLM has not read is its provider's own."""
        reader = READERS.get(call.headers.get(WIRE, ""), OpenAIReader)
        return reader(answer, self._secrets)

    def _failure_of(self, call: Call, body: bytes) -> ProviderFailure:
        read = FAILURES.get(call.headers.get(WIRE, ""), openai_failure)
        return read(call.status, call.headers, body, secrets=self._secrets)

    def _body(self, request: ProviderRequest) -> dict[str, Any]:
        family = request.family or family_of(request.model, "litellm")
        body = super()._body(replace(request, family=family))
        if self._prefix in OLLAMA:
            return body | {"model": f"{OLLAMA_CHAT}/{request.model}", "num_ctx": window_of(request)}
        return body | {"model": f"{self._prefix}/{request.model}"}

    async def list_models(self, *, timeouts: Timeouts) -> list[ListedModel]:
        page = await self._get(f"{self._base_url}/models/{self._prefix}", timeouts=timeouts)
        return [model for row in as_list(page.get("data"), "data") if (model := listed(row))]


@lru_cache(maxsize=64)
def shared_transport(socket: Path) -> Transport:
    return Transport(unix_socket=socket)


@lru_cache(maxsize=64)
def shared_server(folder: Path, idle_seconds: float) -> OnDemandServer:
    socket = socket_folder(folder) / "litellm.sock"
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "providers.wires.litellm.server",
        folder,
        socket,
        str(idle_seconds),
    ]
    passed = {name: value for name, value in os.environ.items() if name in PASSED_ON or name.startswith(CLOUD_LOGINS)}
    # Without the first, importing the library asks GitHub for its price table.
    extra = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False", "LITELLM_LOG": "CRITICAL"}
    environment = passed | extra | {"PYTHONPATH": str(BASE_DIR)}
    return OnDemandServer("LiteLLM", command, folder, idle_seconds, environment=environment)
