"""Ollama chat (https://github.com/ollama/ollama/blob/main/docs/api.md)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar

import orjson

from playground.errors import ProviderFailure
from playground.providers.answer import Answer
from playground.providers.base import ListedModel, ProviderRequest, Timeouts
from playground.providers.exchange import HTTPAdapter
from playground.providers.json_shapes import as_list
from playground.providers.ndjson import LineDecoder
from playground.providers.ollama.errors import failure_from
from playground.providers.ollama.mapping import body_of, details_of
from playground.providers.ollama.reader import OllamaReader

AT_A_TIME = 4
DESCRIBED = 100
"""So many models of a listing are asked about; the others are listed by name alone."""


class OllamaAdapter(HTTPAdapter):
    """`base_url` is the server's root: http://localhost:11434."""

    supported_parameters = frozenset(
        {
            "temperature",
            "max_tokens",
            "top_p",
            "frequency_penalty",
            "presence_penalty",
            "stop_sequences",
            "seed",
            "response_format",
            "reasoning_effort",
        }
    )
    stream_type: ClassVar[str] = "application/x-ndjson"

    async def list_models(self, *, timeouts: Timeouts) -> list[ListedModel]:
        """The pulled models; each is asked about its context window and capabilities."""
        page = await self._get(f"{self._base_url}/api/tags", timeouts=timeouts)
        rows = [row for row in as_list(page.get("models"), "models") if isinstance(row, dict)]
        names = [name for row in rows if isinstance(name := row.get("model") or row.get("name"), str)]
        turns = asyncio.Semaphore(AT_A_TIME)

        async def describe(name: str) -> ListedModel:
            async with turns:
                return await self._describe(name, timeouts)

        described = await asyncio.gather(*map(describe, names[:DESCRIBED]))
        return [*described, *map(ListedModel, names[DESCRIBED:])]

    async def _describe(self, name: str, timeouts: Timeouts) -> ListedModel:
        url, body = f"{self._base_url}/api/show", orjson.dumps({"model": name})
        try:
            return ListedModel(name, details_of(await self._get(url, timeouts=timeouts, method="POST", body=body)))
        except ProviderFailure:
            return ListedModel(name)  # One broken model does not hide the others.

    def _authorization(self, api_key: str | None) -> dict[str, str]:
        # The server itself knows no keys; Ollama's cloud and proxies do.
        return {"Authorization": f"Bearer {api_key}"} if api_key else {}

    def _chat_url(self) -> str:
        return f"{self._base_url}/api/chat"

    def _body(self, request: ProviderRequest) -> dict[str, Any]:
        return body_of(request)

    def _answer(self) -> Answer:
        return Answer(self._limits.output_characters, has_think_tags=True)

    def _decoder(self) -> LineDecoder:
        return LineDecoder(self._limits.line_bytes)

    def _reader(self, answer: Answer) -> OllamaReader:
        return OllamaReader(answer, self._secrets)

    def _failure(self, status: int, headers: Mapping[str, str], body: bytes) -> ProviderFailure:
        return failure_from(status, headers, body, secrets=self._secrets)
