"""`POST /v1/chat/completions` as the OpenAPI document describes it."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema

from foundation.rest.json_shapes import (
    ANY,
    NULL,
    NUMBER,
    OBJECT,
    TEXT,
    TRUTH,
    WHOLE,
    Shape,
    event,
    listed,
    maybe,
    one_of,
    shaped,
    word,
)  # fmt: skip
from playground.gateway.chat.request import IGNORED
from playground.gateway.described import EVENTS, JSON, KEY, OF_RUNS, RAN, OpenAIDoor, OpenAIError, asked, refusals

HELLO: Final = OpenApiExample(
    "A question",
    value={
        "model": "local/smollm2-135m",
        "messages": [{"role": "user", "content": "What is a prompt template?"}],
        "max_tokens": 128,
    },
    request_only=True,
)
ROLES: Final = ("system", "developer", "user", "assistant", "tool")
FILE: Final[dict[str, Any]] = {
    "file_data": maybe({**TEXT, "description": "base64, or a data: URL; this, file_id or file_url."}),
    "file_id": maybe({**TEXT, "description": "Of POST /api/artifacts."}),
    "file_url": maybe({**TEXT, "description": "https, of a host that is allowed (PART_URL_HOSTS)."}),
    "filename": maybe(TEXT),
}
PART: Final = one_of(
    shaped("*", type=word("text", "input_text", "output_text"), text=TEXT),
    shaped("*", type=word("refusal"), refusal=TEXT),
    shaped("*", type=word("image_url"), image_url={**shaped("url", url=TEXT), "description": "A data: URL."}),
    shaped("type", type=word("input_image"), image_url=maybe(TEXT), file_id=maybe(TEXT)),
    shaped("*", type=word("file"), file=shaped(**FILE)),
    shaped("type", type=word("input_file"), **FILE),
)
FUNCTION: Final = shaped("*", name=TEXT, arguments={**TEXT, "description": "JSON."})
MESSAGE: Final = shaped(
    "role",
    role=word(*ROLES),
    content=maybe(one_of(TEXT, listed(PART))),
    name=maybe(TEXT),
    tool_call_id=maybe(TEXT),
    tool_calls=maybe(listed(shaped("id function", id=TEXT, type=maybe(word("function")), function=FUNCTION))),
    refusal=maybe(TEXT),
)
TOOL: Final = shaped(
    "*",
    type=word("function"),
    function=shaped("name", name=TEXT, description=maybe(TEXT), parameters=maybe(OBJECT), strict=ANY),
)
CHOICE: Final = one_of(word("auto", "none", "required"), OBJECT, NULL)


class ChatCompletionCreate(Shape):
    """A request. `model` is `provider/model`, or `template:<id or slug>@<label or vN>`; with `prompt` it may be left
    out, and `messages` stand behind the template's own."""

    schema = asked(
        "",
        IGNORED,
        model=maybe(TEXT),
        messages=maybe(listed(MESSAGE)),
        tools=maybe(listed(TOOL)),
        tool_choice=CHOICE,
        stream=maybe(TRUTH),
        stream_options=maybe(shaped(include_usage=maybe(TRUTH))),
        max_completion_tokens=maybe(WHOLE),
        max_tokens=maybe(WHOLE),
        stop=one_of(TEXT, listed(TEXT), NULL),
        response_format=one_of(word("text", "json_object"), OBJECT, NULL),
        reasoning_effort=maybe(TEXT),
        seed=maybe(WHOLE),
        n={"type": ["integer", "null"], "minimum": 1, "maximum": 1},
        modalities=maybe(listed(word("text"))),
        **dict.fromkeys(("temperature", "top_p", "frequency_penalty", "presence_penalty"), maybe(NUMBER)),
    )


CALL: Final = shaped("*", id=TEXT, type=word("function"), function=FUNCTION)
USAGE: Final = shaped(
    "*",
    prompt_tokens=WHOLE,
    completion_tokens=WHOLE,
    total_tokens=WHOLE,
    prompt_tokens_details=shaped("*", cached_tokens=WHOLE, audio_tokens=WHOLE),
    completion_tokens_details=shaped("*", reasoning_tokens=WHOLE),
    cost={**NUMBER, "description": "USD"},
)
FINISH: Final = word("stop", "length", "tool_calls", "content_filter")
REFUSAL: Final = {
    **maybe(TEXT),
    "description": "Which tool waits for a person's leave, and where it is given; the run goes on from there.",
}


class ChatCompletion(Shape):
    """A whole answer; `id` is the execution's behind `chatcmpl-`."""

    schema = shaped(
        "*",
        id=TEXT,
        object=word("chat.completion"),
        created=WHOLE,
        model=TEXT,
        choices=listed(
            shaped(
                "*",
                index=WHOLE,
                finish_reason=FINISH,
                logprobs=NULL,
                message=shaped(
                    "role content refusal",
                    role=word("assistant"),
                    content=maybe(TEXT),
                    refusal=REFUSAL,
                    tool_calls=listed(CALL),
                    reasoning_content=TEXT,
                ),
            )
        ),
        usage=USAGE,
    )


class ChatCompletionChunk(Shape):
    """A piece of an answer: the role first, then text, thought and calls as they come, then why it ended, and at last
    the usage where `stream_options` asks for it. An answer that breaks off ends with an error."""

    schema = one_of(
        shaped(
            "id object created model choices",
            id=TEXT,
            object=word("chat.completion.chunk"),
            created=WHOLE,
            model=TEXT,
            choices=listed(
                shaped(
                    "*",
                    index=WHOLE,
                    finish_reason=maybe(FINISH),
                    logprobs=NULL,
                    delta=shaped(
                        role=word("assistant"),
                        content=TEXT,
                        refusal=REFUSAL,
                        reasoning_content=TEXT,
                        tool_calls=listed(
                            shaped(
                                "index function",
                                index=WHOLE,
                                id=TEXT,
                                type=word("function"),
                                function=shaped("arguments", name=TEXT, arguments=TEXT),
                            )
                        ),
                    ),
                )
            ),
            usage=maybe(USAGE),
            dropped_parameters=listed(TEXT),
        ),
        OpenAIError,
    )


class ChatCompletionEvent(Shape):
    """An event of the stream."""

    schema = event(ChatCompletionChunk)


STREAM: Final = OpenApiResponse(
    ChatCompletionEvent,
    description="Where `stream` is true: server-sent events, the last of which has `[DONE]` as its data.",
)


class ChatCompletions(OpenAIDoor):
    """POST /v1/chat/completions."""

    @extend_schema(
        operation_id="chat_completions",
        summary="Run a prompt as OpenAI's clients ask it",
        auth=KEY,
        parameters=RAN,
        request=ChatCompletionCreate,
        examples=[HELLO],
        responses={
            (200, JSON): ChatCompletion,
            (200, EVENTS): STREAM,
            **refusals(OpenAIError, *OF_RUNS),
        },
    )
    def post(self) -> None:
        """A caller that leaves does not stop the run. What fails before the first word of a stream has a status."""


documented = [path("v1/chat/completions", ChatCompletions.as_view())]
