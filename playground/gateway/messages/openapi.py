"""`POST /v1/messages`, `POST /v1/messages/count_tokens` as the OpenAPI document describes them."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema

from foundation.rest.json_shapes import (
    NUMBER,
    OBJECT,
    TEXT,
    TRUTH,
    WHOLE,
    Schema,
    Shape,
    event,
    listed,
    maybe,
    one_of,
    shaped,
    word,
)  # fmt: skip
from playground.gateway.described import (
    EVENTS,
    JSON,
    KEY,
    OF_RUNS,
    RAN,
    AnthropicDoor,
    AnthropicError,
    asked,
    refusals,
)  # fmt: skip
from playground.gateway.messages.request import IGNORED

HELLO: Final = OpenApiExample(
    "A question",
    value={
        "model": "local/smollm2-135m",
        "max_tokens": 128,
        "messages": [{"role": "user", "content": "What is a prompt template?"}],
    },
    request_only=True,
)
SOURCE: Final = one_of(
    shaped("*", type=word("base64"), media_type=TEXT, data=TEXT),
    shaped("type data", type=word("text"), data=TEXT),
    shaped("*", type=word("url"), url={**TEXT, "description": "data:, or https of a host that is allowed."}),
    shaped("*", type=word("file"), file_id={**TEXT, "description": "Of POST /api/artifacts."}),
)
BLOCK: Final = one_of(
    shaped("*", type=word("text"), text=TEXT),
    shaped("*", type=word("image"), source=SOURCE),
    shaped("type source", type=word("document"), source=SOURCE, title=maybe(TEXT)),
    shaped("*", type=word("tool_use"), id=TEXT, name=TEXT, input=OBJECT),
    shaped(
        "type tool_use_id",
        type=word("tool_result"),
        tool_use_id=TEXT,
        content=maybe(one_of(TEXT, listed(shaped("text", text=TEXT)))),
    ),
    shaped("type", type=word("thinking", "redacted_thinking")),
)
FIELDS: Final[dict[str, Any]] = {
    "model": maybe(TEXT),
    "messages": maybe(
        listed(shaped("*", role=word("user", "assistant", "system"), content=one_of(TEXT, listed(BLOCK))))
    ),
    "system": maybe(one_of(TEXT, listed(shaped("text", text=TEXT)))),
    "tools": maybe(
        listed(
            shaped(
                "name input_schema",
                type=maybe(word("custom")),
                name=TEXT,
                description=maybe(TEXT),
                input_schema=OBJECT,
            )
        )
    ),
    "tool_choice": maybe(OBJECT),
    "thinking": maybe(OBJECT),
    "output_config": maybe(OBJECT),
    "output_format": maybe(OBJECT),
    "stop_sequences": maybe(listed(TEXT)),
    "stream": maybe(TRUTH),
    "temperature": maybe(NUMBER),
    "top_p": maybe(NUMBER),
}


class AnthropicMessageCreate(Shape):
    """A request. `model` is `provider/model`, or `template:<id or slug>@<label or vN>`; with `prompt` it may be left
    out, and `messages` stand behind the template's own."""

    schema = asked("max_tokens", IGNORED, **FIELDS, max_tokens=WHOLE)


class AnthropicMessageCount(Shape):
    """A request of which the input is counted."""

    schema = asked("", IGNORED, **FIELDS, max_tokens=WHOLE)


USAGE: Final = shaped(
    "input_tokens output_tokens",
    input_tokens=WHOLE,
    output_tokens=WHOLE,
    cache_read_input_tokens=WHOLE,
    cache_creation_input_tokens=WHOLE,
)
DETAILS: Final = {
    **maybe(shaped("*", type=word("refusal"), category=maybe(TEXT), explanation=TEXT)),
    "description": "Which tool waits for a person's leave, and where it is given; the run goes on from there.",
}
STOP: Final = word("end_turn", "max_tokens", "stop_sequence", "tool_use", "refusal")
STOPPED: Final[dict[str, Any]] = {"stop_reason": maybe(STOP), "stop_sequence": maybe(TEXT), "stop_details": DETAILS}
SAID: Final = one_of(
    shaped("*", type=word("text"), text=TEXT),
    shaped("*", type=word("thinking"), thinking=TEXT, signature=TEXT),
    shaped("*", type=word("tool_use"), id=TEXT, name=TEXT, input=OBJECT),
)


def message(content: Schema) -> Schema:
    """A message with this content; it has no `stop_details` before its end."""
    head: dict[str, Any] = {"type": word("message"), "role": word("assistant"), "id": TEXT, "model": TEXT}
    always = "id type role model content stop_reason stop_sequence usage"
    return shaped(always, **head, content=content, **STOPPED, usage=USAGE)


class AnthropicMessage(Shape):
    """A whole answer; `id` is the execution's behind `msg_`."""

    schema = message(listed(SAID))


def _event(name: str, /, **data: Any) -> Schema:
    return event(shaped("*", type=word(name), **data), name)


class AnthropicMessageEvent(Shape):
    """An event of the stream."""

    schema = one_of(
        _event("message_start", message=message(listed(SAID))),
        _event("content_block_start", index=WHOLE, content_block=SAID),
        _event(
            "content_block_delta",
            index=WHOLE,
            delta=one_of(
                shaped("*", type=word("text_delta"), text=TEXT),
                shaped("*", type=word("thinking_delta"), thinking=TEXT),
                shaped("*", type=word("input_json_delta"), partial_json=TEXT),
            ),
        ),
        _event("content_block_stop", index=WHOLE),
        _event("message_delta", delta=shaped("*", **STOPPED), usage=USAGE),
        _event("message_stop"),
        _event("ping"),
        event(AnthropicError, "error"),
    )


STREAM: Final = OpenApiResponse(
    AnthropicMessageEvent,
    description="Where `stream` is true: server-sent events, one block after the other.",
)


class TokenCount(Shape):
    """About how many tokens the message would be as input: three bytes a token and 16 tokens a message."""

    schema = shaped("*", input_tokens=WHOLE)


class Messages(AnthropicDoor):
    """POST /v1/messages."""

    @extend_schema(
        operation_id="messages",
        summary="Run a prompt as Anthropic's clients ask it",
        auth=KEY,
        parameters=RAN,
        request=AnthropicMessageCreate,
        examples=[HELLO],
        responses={
            (200, JSON): AnthropicMessage,
            (200, EVENTS): STREAM,
            **refusals(AnthropicError, *OF_RUNS),
        },
    )
    def post(self) -> None:
        """A caller that leaves does not stop the run. What fails before the first word of a stream has a status."""


class CountTokens(AnthropicDoor):
    """POST /v1/messages/count_tokens."""

    @extend_schema(
        operation_id="messages_count_tokens",
        auth=KEY,
        request=AnthropicMessageCount,
        responses={200: TokenCount, **refusals(AnthropicError, 404)},
    )
    def post(self) -> None:
        """An estimate, rather too many than too few; no model is asked and nothing is kept."""


documented = [
    path("v1/messages", Messages.as_view()),
    path("v1/messages/count_tokens", CountTokens.as_view()),
]
