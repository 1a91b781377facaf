"""`POST /v1/responses`, `GET /v1/responses/{id}` as the OpenAPI document describes them."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from foundation.rest.json_shapes import (
    ANY,
    NULL,
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
from playground.gateway.chat.openapi import CHOICE, PART, ROLES
from playground.gateway.described import EVENTS, JSON, KEY, OF_RUNS, RAN, OpenAIDoor, OpenAIError, asked, refusals
from playground.gateway.responses.request import IGNORED, LEFT_OUT

HELLO: Final = OpenApiExample(
    "A question",
    value={"model": "local/smollm2-135m", "input": "What is a prompt template?", "max_output_tokens": 128},
    request_only=True,
)
INPUT: Final = one_of(
    shaped("role content", type=maybe(word("message")), role=word(*ROLES), content=one_of(TEXT, listed(PART))),
    shaped("*", type=word("function_call"), call_id=TEXT, name=TEXT, arguments=TEXT),
    shaped("*", type=word("function_call_output"), call_id=TEXT, output=one_of(TEXT, listed(PART))),
    shaped("type", type=word(*LEFT_OUT)),
)
TOOL: Final = shaped("type name", type=word("function"), name=TEXT, description=maybe(TEXT), parameters=maybe(OBJECT))


class ResponseCreate(Shape):
    """A request. `model` is `provider/model`, or `template:<id or slug>@<label or vN>`; with `prompt` it may be left
    out, and `input` stands behind the template's own turns."""

    schema = asked(
        "",
        IGNORED,
        model=maybe(TEXT),
        input=maybe(one_of(TEXT, listed(INPUT))),
        instructions=maybe(TEXT),
        previous_response_id=maybe(TEXT),
        tools=maybe(listed(TOOL)),
        tool_choice=CHOICE,
        reasoning=maybe(OBJECT),
        text=maybe(OBJECT),
        max_output_tokens=maybe(WHOLE),
        stream=maybe(TRUTH),
        temperature=maybe(NUMBER),
        top_p=maybe(NUMBER),
    )


TEXT_PART: Final = shaped("*", type=word("output_text"), text=TEXT, annotations=listed(ANY), logprobs=listed(ANY))
REFUSAL_PART: Final = shaped("*", type=word("refusal"), refusal=TEXT)
STATUS: Final = word("in_progress", "completed", "incomplete")
ITEM: Final = one_of(
    shaped(
        "*",
        type=word("message"),
        id=TEXT,
        role=word("assistant"),
        status=STATUS,
        content=listed(one_of(TEXT_PART, REFUSAL_PART)),
    ),
    shaped(
        "*",
        type=word("reasoning"),
        id=TEXT,
        summary=listed(ANY),
        content=listed(shaped("*", type=word("reasoning_text"), text=TEXT)),
    ),
    shaped("*", type=word("function_call"), id=TEXT, call_id=TEXT, name=TEXT, arguments=TEXT, status=STATUS),
)
USAGE: Final = shaped(
    "*",
    input_tokens=WHOLE,
    input_tokens_details=shaped("*", cached_tokens=WHOLE),
    output_tokens=WHOLE,
    output_tokens_details=shaped("*", reasoning_tokens=WHOLE),
    total_tokens=WHOLE,
)


class Response(Shape):
    """An answer, also one that goes on or failed; `id` is the execution's behind `resp_`. A call that waits for a
    person's leave is an item of its own at the end, with a part of the type `refusal`."""

    schema = shaped(
        "*",
        id=TEXT,
        object=word("response"),
        created_at=WHOLE,
        status=word("queued", "in_progress", "completed", "incomplete", "failed", "cancelled"),
        error=maybe(shaped("*", code=TEXT, message=TEXT)),
        incomplete_details=maybe(shaped("*", reason=word("max_output_tokens", "content_filter"))),
        instructions=maybe(TEXT),
        max_output_tokens=maybe(WHOLE),
        metadata=ANY,
        model=TEXT,
        output=listed(ITEM),
        parallel_tool_calls=TRUTH,
        previous_response_id=maybe(TEXT),
        reasoning=shaped("*", effort=maybe(TEXT), summary=NULL),
        store=TRUTH,
        temperature=maybe(NUMBER),
        text=shaped("*", format=OBJECT),
        tool_choice=one_of(TEXT, OBJECT),
        tools=listed(OBJECT),
        top_p=maybe(NUMBER),
        truncation=word("disabled"),
        usage=maybe(USAGE),
    )


def _event(name: str, /, **data: Any) -> Schema:
    return event(shaped("*", type=word(name), sequence_number=WHOLE, **data), name)


def _of_an_item(name: str, /, **data: Any) -> Schema:
    return _event(name, item_id=TEXT, output_index=WHOLE, **data)


def _of_a_part(name: str, /, **data: Any) -> Schema:
    return _of_an_item(name, content_index=WHOLE, **data)


PARTS: Final = one_of(TEXT_PART, REFUSAL_PART)


class ResponseEvent(Shape):
    """An event of the stream."""

    schema = one_of(
        *(
            _event(f"response.{name}", response=Response)
            for name in ("created", "in_progress", "completed", "incomplete", "failed")
        ),
        _event("response.output_item.added", output_index=WHOLE, item=ITEM),
        _event("response.output_item.done", output_index=WHOLE, item=ITEM),
        _of_a_part("response.content_part.added", part=PARTS),
        _of_a_part("response.content_part.done", part=PARTS),
        _of_a_part("response.output_text.delta", delta=TEXT, logprobs=listed(ANY)),
        _of_a_part("response.output_text.done", text=TEXT, logprobs=listed(ANY)),
        _of_a_part("response.refusal.delta", delta=TEXT),
        _of_a_part("response.refusal.done", refusal=TEXT),
        _of_a_part("response.reasoning_text.delta", delta=TEXT),
        _of_a_part("response.reasoning_text.done", text=TEXT),
        _of_an_item("response.function_call_arguments.delta", delta=TEXT),
        _of_an_item("response.function_call_arguments.done", name=TEXT, arguments=TEXT),
    )


STREAM: Final = OpenApiResponse(
    ResponseEvent,
    description="Where `stream` is true: server-sent events, numbered from 0.",
)


class Responses(OpenAIDoor):
    """POST /v1/responses."""

    @extend_schema(
        operation_id="responses_create",
        summary="Run a prompt as OpenAI's clients ask for a response",
        auth=KEY,
        parameters=RAN,
        request=ResponseCreate,
        examples=[HELLO],
        responses={
            (200, JSON): Response,
            (200, EVENTS): STREAM,
            **refusals(OpenAIError, *OF_RUNS),
        },
    )
    def post(self) -> None:
        """A caller that leaves does not stop the run: it is read by its id. A run that breaks off in a stream is told
        by `response.failed`."""


class OneResponse(OpenAIDoor):
    """GET /v1/responses/{id}."""

    @extend_schema(
        operation_id="responses_retrieve",
        auth=KEY,
        parameters=[OpenApiParameter("response_id", str, OpenApiParameter.PATH)],
        responses={200: Response, **refusals(OpenAIError, 403)},
    )
    def get(self) -> None:
        """One of your responses, also one that still runs."""


documented = [
    path("v1/responses", Responses.as_view()),
    path("v1/responses/<str:response_id>", OneResponse.as_view()),
]
