"""DADMS's LLM Service: `POST /llm/generate`, `GET /llm/models`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from providers.base import ListedModel, ProviderRequest, Timeouts
from providers.errors import ProviderFailure
from providers.parts.taking import Kind
from providers.wires.answer import Answer
from providers.wires.dadms.errors import failure_from
from providers.wires.dadms.mapping import body_of, listed
from providers.wires.dadms.reader import DADMSReader
from providers.wires.exchange import HTTPAdapter
from providers.wires.failures import malformed
from providers.wires.json_shapes import load_json


class DADMSAdapter(HTTPAdapter):
    """`base_url` is the service's root; `api_key` is this service's own token, sent to that address alone."""

    parts: frozenset[Kind] = frozenset()
    supported_parameters = frozenset(
        {
            "temperature",
            "max_tokens",
            "top_p",
            "frequency_penalty",
            "presence_penalty",
            "stop_sequences",
            "response_format",
        }
    )
    has_think_tags: ClassVar[bool] = True

    async def list_models(self, *, timeouts: Timeouts) -> list[ListedModel]:
        """The models that it offers."""
        call = self._transport.call(
            "GET",
            f"{self._base_url}/llm/models",
            headers=self._headers,
            body=None,
            timeouts=timeouts,
            body_bytes=self._limits.body_bytes,
        )
        async with call:
            await self._check(call)
            body = await call.read_all()
        try:
            return listed(load_json(body))
        except ValueError:
            raise malformed("Instead of JSON there is", body, secrets=self._secrets) from None

    def _chat_url(self) -> str:
        return f"{self._base_url}/llm/generate"

    def _body(self, request: ProviderRequest) -> dict[str, Any]:
        return body_of(request)

    def _reader(self, answer: Answer) -> DADMSReader:
        return DADMSReader(answer, self._secrets)

    def _failure(self, status: int, headers: Mapping[str, str], body: bytes) -> ProviderFailure:
        return failure_from(status, headers, body, secrets=self._secrets)
