"""OpenAI chat completions (https://platform.openai.com/docs/api-reference/chat), and whoever speaks them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground.errors import ProviderFailure
from playground.providers.answer import Answer
from playground.providers.base import ListedModel, ProviderRequest, Timeouts
from playground.providers.exchange import HTTPAdapter
from playground.providers.json_shapes import as_list
from playground.providers.openai.errors import failure_from
from playground.providers.openai.mapping import body_of, listed, unsupported_by
from playground.providers.openai.reader import OpenAIReader
from playground.providers.sse import SSEDecoder


class OpenAIAdapter(HTTPAdapter):
    """`base_url` ends where the API's version does: https://api.openai.com/v1."""

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
            "tool_choice",
        }
    )

    def supported_by(self, model: str) -> frozenset[str]:
        """Parameters that `model` takes: reasoning models refuse some."""
        return self.supported_parameters - unsupported_by(model)

    async def list_models(self, *, timeouts: Timeouts) -> list[ListedModel]:
        page = await self._get(f"{self._base_url}/models", timeouts=timeouts)
        return [model for row in as_list(page.get("data"), "data") if (model := listed(row))]

    def _authorization(self, api_key: str | None) -> dict[str, str]:
        return {"Authorization": f"Bearer {api_key}"} if api_key else {}

    def _chat_url(self) -> str:
        return f"{self._base_url}/chat/completions"

    def _body(self, request: ProviderRequest) -> dict[str, Any]:
        return body_of(request)

    def _answer(self) -> Answer:
        # Servers without a parser for thoughts leave them in the text.
        return Answer(self._limits.output_characters, has_think_tags=True)

    def _decoder(self) -> SSEDecoder:
        return SSEDecoder(self._limits.line_bytes)

    def _reader(self, answer: Answer) -> OpenAIReader:
        return OpenAIReader(answer, self._secrets)

    def _failure(self, status: int, headers: Mapping[str, str], body: bytes) -> ProviderFailure:
        return failure_from(status, headers, body, secrets=self._secrets)
