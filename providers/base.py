"""The one interface between the engine and every provider: a request in, typed events out."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from providers.errors import ProviderFailure
from providers.families.family import Family

Message = dict[str, Any]
"""`{"role": "system"|"user"|"assistant"|"tool", "content": str | list of parts}`; parts are OpenAI's
(`{"type": "text", "text"}`, `{"type": "image_url", "image_url": {"url"}}`,
`{"type": "file", "file": {"filename", "file_data": a data URL, or an https address of a PDF}}`); assistant messages may
carry `tool_calls`, tool messages `tool_call_id`, both in OpenAI's shape."""


@dataclass(frozen=True, slots=True)
class ProviderRequest:
    """What one model is asked; the parameters are checked and in the API's own names."""

    model: str
    """The provider's own name of the model, without our provider prefix."""
    messages: Sequence[Message]
    """The system prompt, when there is one, is the first message."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """temperature, max_tokens, top_p, frequency_penalty, presence_penalty, stop_sequences, seed,
    response_format ({"type": "text"|"json_object"} or {"type": "json_schema", "json_schema": {...}}),
    reasoning_effort ("minimal"|"low"|"medium"|"high"), tool_choice ("auto"|"none"|"required"|{"name"})."""
    tools: Sequence[Mapping[str, Any]] = ()
    """`{"name", "description", "parameters": JSON Schema}`."""
    is_streamed: bool = True
    """False: one answer in one piece is enough, and cheaper on the wire."""
    family: Family | None = None
    """What this model takes, where more is known than its name tells."""
    max_output_tokens: int | None = None
    """What the model writes at most, and what fits into it in all, where that is known."""
    context_window: int | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    """Text of the answer, as it came."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """Text that the model thought aloud."""

    text: str


@dataclass(frozen=True, slots=True)
class TextWasReasoning:
    """All text up to here was thought: a `</think>` without an opening came behind it."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A whole call of a tool; `arguments` is the JSON text as the model wrote it."""

    id: str
    name: str
    arguments: str
    is_whole: bool = True
    """False: the answer ended in the middle of it, and nobody may run it."""


@dataclass(frozen=True, slots=True)
class ToolCallPart:
    """How a call has grown whose ToolCall is still to come; should none come, this is all there is of it.

    `id` and `name` as they are by now, `arguments` what was added to them; `position` tells an answer's calls apart.
    """

    position: int
    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ProviderToolUse:
    """A tool that the provider itself ran for the model (a web search, its own MCP client): nobody calls it again.

    `name` and `arguments` come with the call, `result` with what it brought; both name the call by `id`.
    """

    id: str
    name: str = ""
    arguments: str = ""
    result: str | None = None
    """JSON text, as the provider sent it."""


@dataclass(frozen=True, slots=True)
class Usage:
    """The provider's own count so far; a later one replaces it, and None is what it does not say.

    A count that makes no sense (negative, no number) is not reported.
    """

    prompt_tokens: int | None = None
    """All input: what was read from and written to the provider's prompt cache included."""
    completion_tokens: int | None = None
    """All output: reasoning included."""
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    cache_write_1h_tokens: int | None = None
    """Those of `cache_write_tokens` that are kept for an hour, which costs more (Anthropic)."""
    reasoning_tokens: int | None = None
    input_image_tokens: int | None = None
    input_audio_tokens: int | None = None
    service_tier: str | None = None
    """The tier that the call was served in ("flex", "priority", "batch", …), which may have prices of its own."""


FINISH_REASONS = ("stop", "length", "tool_calls", "content_filter", "refusal", "error")


@dataclass(frozen=True, slots=True)
class Finish:
    """The answer's regular end; without one, a stream that ends was cut (`Code.STREAM_CUT`)."""

    reason: str
    """One of FINISH_REASONS."""
    model: str | None = None
    """The model that answered, by the provider's own name, when it says so."""
    provider_reason: str | None = None
    """The reason in the provider's own words, where it gave one."""
    is_said: bool = True
    """False: the provider closed its answer without a reason, so that nobody knows whether it is whole."""
    error: ProviderFailure | None = None
    """What the provider said went wrong after it had said why the answer ended."""


ProviderEvent = (
    TextDelta | ReasoningDelta | TextWasReasoning | ToolCallPart | ToolCall | ProviderToolUse | Usage | Finish
)


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model in a provider's own listing; `details` holds what it tells in the catalogue's field names:
    name, context_window, max_output_tokens, capabilities."""

    name: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """The clocks of one call, in seconds: to connect, to the first byte, between two chunks, in all.

    A model that thinks says nothing for minutes: by itself, only the last one limits how long that may take.
    """

    connect: float = 10.0
    first_byte: float = math.inf
    idle: float = 120.0
    total: float = 300.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may bring."""

    output_characters: int = 1_000_000
    body_bytes: int = 16 * 1024 * 1024
    """Of an answer in one piece, which is held in memory whole."""
    line_bytes: int = 1024 * 1024
    stream_bytes: int = 64 * 1024 * 1024
    """Of a stream, which is not held: 128,000 tokens in OpenAI's envelopes are 32 MB."""


class Adapter(Protocol):
    """A provider. Every implementation passes tests/providers/contract.py."""

    supported_parameters: frozenset[str]
    """Parameters that the wire can carry."""

    def supported_by(self, model: str) -> frozenset[str]:
        """Those that this model takes, as far as its name tells."""
        ...

    def stream(self, request: ProviderRequest, *, timeouts: Timeouts) -> AsyncIterator[ProviderEvent]:
        """The answer's events in order: deltas and tool calls, Usage as soon as some of it is known, Finish.

        Raises ProviderFailure for whatever goes wrong on the way, STREAM_CUT included; the usage that the provider
        told up to there is given out before. Closing the
        iterator early closes the provider's connection.
        """
        ...

    async def list_models(self, *, timeouts: Timeouts) -> list[ListedModel]:
        """The provider's own listing; raises ProviderFailure."""
        ...
