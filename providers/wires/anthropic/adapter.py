"""Anthropic Messages (https://docs.anthropic.com/en/api/messages)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from providers.base import ListedModel, ProviderRequest, Timeouts
from providers.errors import ProviderFailure
from providers.parts.taking import Kind
from providers.wires.answer import Answer
from providers.wires.anthropic.batches import AnthropicBatches
from providers.wires.anthropic.errors import failure_from
from providers.wires.anthropic.mapping import body_of, listed
from providers.wires.anthropic.reader import AnthropicReader
from providers.wires.json_shapes import as_list

VERSION = "2023-06-01"
PAGES = 20
"""More pages of a listing than this are not asked for."""


class AnthropicAdapter(AnthropicBatches):
    """`base_url` is https://api.anthropic.com; one that ends with /v1 is understood as well."""

    parts = frozenset({Kind.IMAGE, Kind.IMAGE_URL, Kind.PDF, Kind.PDF_URL})
    supported_parameters = frozenset(
        {"temperature", "max_tokens", "top_p", "stop_sequences", "response_format", "reasoning_effort", "tool_choice"}
    )

    async def list_models(self, *, timeouts: Timeouts) -> list[ListedModel]:
        models: list[ListedModel] = []
        after = ""
        for _ in range(PAGES):
            page = await self._get(f"{self._root()}/models?limit=1000{after}", timeouts=timeouts)
            models.extend(model for row in as_list(page.get("data"), "data") if (model := listed(row)))
            last = page.get("last_id")
            if page.get("has_more") is not True or not isinstance(last, str):
                break
            after = f"&after_id={quote(last, safe='')}"
        return models

    def _root(self) -> str:
        return f"{self._base_url.removesuffix('/v1')}/v1"

    def _authorization(self, api_key: str | None) -> dict[str, str]:
        return {"anthropic-version": VERSION, **({"x-api-key": api_key} if api_key else {})}

    def _chat_url(self) -> str:
        return f"{self._root()}/messages"

    def _body(self, request: ProviderRequest) -> dict[str, Any]:
        return body_of(request)

    def _reader(self, answer: Answer) -> AnthropicReader:
        return AnthropicReader(answer, self._secrets)

    def _failure(self, status: int, headers: Mapping[str, str], body: bytes) -> ProviderFailure:
        return failure_from(status, headers, body, secrets=self._secrets)
