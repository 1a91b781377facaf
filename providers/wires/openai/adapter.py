"""OpenAI chat completions (https://platform.openai.com/docs/api-reference/chat), and whoever speaks them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from providers.base import ListedModel, ProviderRequest, Timeouts
from providers.errors import ProviderFailure
from providers.parts.taking import USUAL
from providers.wires.answer import Answer
from providers.wires.exchange import CHAT_PARAMETERS
from providers.wires.json_shapes import as_list
from providers.wires.openai.batches import OpenAIBatches
from providers.wires.openai.errors import failure_from
from providers.wires.openai.mapping import body_of, listed
from providers.wires.openai.reader import OpenAIReader


class OpenAIAdapter(OpenAIBatches):
    """`base_url` ends where the API's version does: https://api.openai.com/v1."""

    parts = USUAL
    supported_parameters = CHAT_PARAMETERS | {"tool_choice"}
    has_think_tags: ClassVar[bool] = True

    async def list_models(self, *, timeouts: Timeouts) -> list[ListedModel]:
        page = await self._get(f"{self._base_url}/models", timeouts=timeouts)
        return [model for row in as_list(page.get("data"), "data") if (model := listed(row))]

    def _chat_url(self) -> str:
        return f"{self._base_url}/chat/completions"

    def _body(self, request: ProviderRequest) -> dict[str, Any]:
        return body_of(request)

    def _reader(self, answer: Answer) -> OpenAIReader:
        return OpenAIReader(answer, self._secrets)

    def _failure(self, status: int, headers: Mapping[str, str], body: bytes) -> ProviderFailure:
        return failure_from(status, headers, body, secrets=self._secrets)
