"""Our request as Ollama's body, and Ollama's description of a model as ours."""

from __future__ import annotations

from typing import Any

import orjson

from providers.base import Message, ProviderRequest
from providers.errors import Code, ProviderFailure
from providers.families.table import family_of
from providers.tokens import tokens_of_input
from providers.wires.images import split_data_url
from providers.wires.json_shapes import count
from providers.wires.openai.mapping import json_schema_of
from providers.wires.parts import texts_inlined
from providers.wires.tools import function_of

OPTIONS = {
    "temperature": "temperature",
    "max_tokens": "num_predict",
    "top_p": "top_p",
    "frequency_penalty": "frequency_penalty",
    "presence_penalty": "presence_penalty",
    "stop_sequences": "stop",
    "seed": "seed",
}
SMALLEST_WINDOW = 4096
ROOM_TO_ANSWER = 4096
ROOM_TO_THINK = 16384
"""Tokens that the window has for an answer without a limit, and for one that is thought over."""
CAPABILITIES = {"completion": "chat", "tools": "tools", "vision": "vision", "thinking": "reasoning"}


def body_of(request: ProviderRequest) -> dict[str, Any]:
    """The JSON body of POST /api/chat; raises ProviderFailure(PROVIDER_REFUSED) for an image by URL."""
    given, family = request.parameters, request.family or family_of(request.model, "ollama")
    body: dict[str, Any] = {"model": request.model, "stream": request.is_streamed}
    body["messages"] = [_message(message, _tool_names(request)) for message in request.messages]
    options = {name: given[ours] for ours, name in OPTIONS.items() if given.get(ours) is not None}
    body["options"] = options | {"num_ctx": window_of(request)}
    response_format = given.get("response_format") or {}
    if response_format.get("type") == "json_object":
        body["format"] = "json"
    elif schema := json_schema_of(response_format):
        body["format"] = schema
    if (effort := given.get("reasoning_effort")) is not None:
        # Only gpt-oss knows levels; the others think or do not.
        levelled = "low" if effort == "minimal" else effort
        body["think"] = levelled if family.thinking == "effort" else effort != "minimal"
    if request.tools:
        body["tools"] = [function_of(tool) for tool in request.tools]
    return body


def window_of(request: ProviderRequest) -> int:
    """`num_ctx` for the prompt and the answer: what does not fit, Ollama cuts off without a word.

    A power of two, since another window has the model loaded anew; no larger than the model's own.
    """
    room = ROOM_TO_THINK if request.parameters.get("reasoning_effort") else ROOM_TO_ANSWER
    needed = tokens_of_input(request.messages, request.tools) + (request.parameters.get("max_tokens") or room)
    window = max(SMALLEST_WINDOW, 1 << (needed - 1).bit_length())
    return min(window, request.context_window) if request.context_window else window


def _tool_names(request: ProviderRequest) -> dict[str, str]:
    """Ollama matches results to calls by the tool's name, not by the call's id."""
    calls = [call for message in request.messages for call in message.get("tool_calls") or []]
    return {call["id"]: call["function"]["name"] for call in calls}


def _message(message: Message, tool_names: dict[str, str]) -> dict[str, Any]:
    content = texts_inlined(message).get("content") or ""
    sent: dict[str, Any] = {"role": message["role"], "content": content}
    if not isinstance(content, str):
        sent["content"] = "".join(part["text"] for part in content if part.get("type") == "text")
        images = [_image(part) for part in content if part.get("type") != "text"]
        sent |= {"images": images} if images else {}
    if message.get("tool_calls"):
        sent["tool_calls"] = [_call(call) for call in message["tool_calls"]]
    if message["role"] == "tool" and message.get("tool_call_id") in tool_names:
        sent["tool_name"] = tool_names[message["tool_call_id"]]
    return sent


def _image(part: dict[str, Any]) -> str:
    data = split_data_url(part["image_url"]["url"]) if part.get("type") == "image_url" else None
    if data is None:
        raise ProviderFailure(Code.PROVIDER_REFUSED, "Ollama takes images only with their data (data:image/…;base64).")
    return data.base64


def _call(call: dict[str, Any]) -> dict[str, Any]:
    written = call["function"]["arguments"]
    try:
        arguments = orjson.loads(written or "{}")
    except orjson.JSONDecodeError:
        arguments = None
    if not isinstance(arguments, dict):
        arguments = {"arguments": written}
    return {"function": {"name": call["function"]["name"], "arguments": arguments}}


def details_of(shown: dict[str, Any]) -> dict[str, Any]:
    """The catalogue's fields from POST /api/show."""
    details: dict[str, Any] = {}
    info, able = shown.get("model_info"), shown.get("capabilities")
    for name, value in info.items() if isinstance(info, dict) else ():
        if name.endswith(".context_length") and count(value):
            details["context_window"] = value
    if isinstance(able, list):
        details["capabilities"] = [CAPABILITIES[name] for name in able if name in CAPABILITIES]
    return details
