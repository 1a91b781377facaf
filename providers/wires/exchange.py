"""What every HTTP provider has in common: send a request, check the answer's head, read the events."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping
from typing import Any, ClassVar

import orjson

from providers.base import Limits, ListedModel, ProviderEvent, ProviderRequest, Timeouts
from providers.errors import Code, ProviderFailure
from providers.http.framing import BodyDecoder
from providers.http.transport import Call, Transport
from providers.wires.answer import Answer
from providers.wires.failures import too_large
from providers.wires.json_shapes import load_object
from providers.wires.stream import Reader, Reading, read_whole

CHAT_PARAMETERS = frozenset(
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
"""What most wires know."""


class HTTPAdapter(ABC):
    """Base of the adapters: subclasses say where the wire is, how a request looks and who reads the answer.

    `headers` are sent beside the adapter's own. Keys travel in headers only and show up nowhere else.
    """

    supported_parameters: frozenset[str] = CHAT_PARAMETERS
    has_think_tags: ClassVar[bool] = False
    """Whether servers on this wire may leave a model's thoughts in its text, between `<think>` tags."""
    is_by_line: ClassVar[bool] = False
    """Whether a stream on this wire is JSON by the line, so that a line in it may be no longer than an event."""

    def __init__(
        self,
        transport: Transport,
        *,
        base_url: str,
        api_key: str | None = None,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._transport = transport
        self._base_url = base_url.rstrip("/")
        self._limits = limits or Limits()
        self._secrets = tuple(filter(None, [api_key, *(headers or {}).values()]))
        self._headers = {"Content-Type": "application/json", **self._authorization(api_key), **(headers or {})}

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def supported_by(self, model: str) -> frozenset[str]:
        """Parameters that can be said to `model` here; which of them it takes, its family tells."""
        return self.supported_parameters

    # What a wire decides.
    def _authorization(self, api_key: str | None) -> dict[str, str]:
        return {"Authorization": f"Bearer {api_key}"} if api_key else {}

    @abstractmethod
    def _chat_url(self) -> str: ...

    @abstractmethod
    def _body(self, request: ProviderRequest) -> dict[str, Any]: ...

    @abstractmethod
    def _reader(self, answer: Answer) -> Reader: ...

    def _reader_of(self, call: Call, answer: Answer) -> Reader:
        """Who reads this call's answer."""
        return self._reader(answer)

    def _failure_of(self, call: Call, body: bytes) -> ProviderFailure:
        """The failure that this call's error answer stands for."""
        return self._failure(call.status, call.headers, body)

    def _answer(self) -> Answer:
        return Answer(self._limits.output_characters, has_think_tags=self.has_think_tags)

    @abstractmethod
    def _failure(self, status: int, headers: Mapping[str, str], body: bytes) -> ProviderFailure: ...

    @abstractmethod
    async def list_models(self, *, timeouts: Timeouts) -> list[ListedModel]: ...

    # What all have in common.
    async def stream(self, request: ProviderRequest, *, timeouts: Timeouts) -> AsyncGenerator[ProviderEvent, None]:
        """The answer's events (base.Adapter); what one reading of the socket brought is one TextDelta."""
        answer = self._answer()
        cap = self._limits.stream_bytes if request.is_streamed else self._limits.body_bytes
        call = self._transport.call(
            "POST",
            self._chat_url(),
            headers=self._headers,
            body=_json(self._body(request)),
            timeouts=timeouts,
            body_bytes=cap,
        )
        async with call:
            await self._check(call)
            reader = self._reader_of(call, answer)
            decoder = self._decoder(call.content_type, is_streamed=request.is_streamed)
            failure: ProviderFailure | None = None
            if request.is_streamed:
                reading = Reading(call, decoder, reader, answer)
                while not reading.is_over:
                    for event in await reading.next():
                        yield event
                failure = reading.failure
                if failure is None and not answer.is_full:
                    reading.rest(await call.finish())
            else:
                body = await call.read_all()
                try:
                    read_whole(body, decoder, reader, answer)
                except ProviderFailure as raised:
                    failure = raised
                    answer.let_go()
            for event in answer.take():
                yield event
            if answer.is_full:
                raise too_large("It was stopped at the limit of characters.")
            if failure := failure or answer.failure:
                raise answer.placed(failure)
            for event in answer.close():
                yield event

    def _decoder(self, content_type: str, *, is_streamed: bool) -> BodyDecoder:
        """A whole answer's lines may be as long as it is."""
        limits = self._limits
        line_bytes = limits.line_bytes if is_streamed else limits.body_bytes
        return BodyDecoder(
            line_bytes=line_bytes,
            document_bytes=line_bytes if self.is_by_line else limits.body_bytes,
            content_type=content_type,
        )

    async def _check(self, call: Call) -> None:
        """Raises what the answer's status, and the beginning of its body, say."""
        if 200 <= call.status < 300:
            return
        said = await call.read_beginning()
        if 300 <= call.status < 400:
            raise ProviderFailure(Code.PROVIDER_ERROR, "It redirects elsewhere, and redirects are not followed.")
        raise self._failure_of(call, said)

    async def _get(
        self, url: str, *, timeouts: Timeouts, method: str = "GET", body: bytes | None = None
    ) -> dict[str, Any]:
        """A JSON object from one of the provider's other pages."""
        call = self._transport.call(
            method, url, headers=self._headers, body=body, timeouts=timeouts, body_bytes=self._limits.body_bytes
        )
        async with call:
            await self._check(call)
            return load_object(await call.read_all())


def _json(body: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError:  # Half a surrogate pair, or an integer beyond 64 bits.
        raise ProviderFailure(Code.PROVIDER_REFUSED, "The request cannot be written as JSON.") from None
