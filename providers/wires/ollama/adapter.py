"""Ollama chat (https://github.com/ollama/ollama/blob/main/docs/api.md)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar

import orjson

from providers.base import ListedModel, ProviderRequest, Timeouts
from providers.errors import ProviderFailure
from providers.parts.taking import Kind
from providers.wires.answer import Answer
from providers.wires.exchange import HTTPAdapter
from providers.wires.json_shapes import as_list
from providers.wires.ollama.errors import failure_from
from providers.wires.ollama.mapping import body_of, details_of
from providers.wires.ollama.reader import OllamaReader

AT_A_TIME = 4
DESCRIBED = 100
"""So many models of a listing are asked about; the others are listed by name alone."""


class OllamaAdapter(HTTPAdapter):
    """`base_url` is the server's root: http://localhost:11434."""

    parts = frozenset({Kind.IMAGE})
    has_think_tags: ClassVar[bool] = True
    is_by_line: ClassVar[bool] = True

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

    def _chat_url(self) -> str:
        return f"{self._base_url}/api/chat"

    def _body(self, request: ProviderRequest) -> dict[str, Any]:
        return body_of(request)

    def _reader(self, answer: Answer) -> OllamaReader:
        return OllamaReader(answer, self._secrets)

    def _failure(self, status: int, headers: Mapping[str, str], body: bytes) -> ProviderFailure:
        return failure_from(status, headers, body, secrets=self._secrets)
