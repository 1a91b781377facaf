"""What providers send whose requests LiteLLM writes: as in wire_kinds.py, by the providers' own documentation."""

# ruff: noqa: E501 - a row that is broken over lines is no row

from __future__ import annotations

import json
import struct
import zlib
from typing import Any

import orjson

from providers.base import Usage
from providers.errors import Code
from tests.providers.wire_kinds import BOTH, ERROR, JSON, Kind, data

Q = {"expression": "6*7"}


def gemini(*parts: object, finish: str | None = None, usage: object = None, **beside: Any) -> dict[str, Any]:
    candidate = {"content": {"role": "model", "parts": list(parts)}, "index": 0} | (
        {"finishReason": finish} if finish else {}
    )
    return (
        {"candidates": [candidate], "modelVersion": "gemini-2.5-flash"}
        | ({"usageMetadata": usage} if usage else {})
        | beside
    )


def text(said: str, **beside: Any) -> dict[str, Any]:
    return {"text": said} | beside


def status(code: int, name: str, message: str, *details: object) -> dict[str, Any]:
    return {"error": {"code": code, "status": name, "message": message, "details": list(details)}}


COUNTED = {"promptTokenCount": 11, "candidatesTokenCount": 7, "totalTokenCount": 18}
THOUGHT = {"promptTokenCount": 100, "candidatesTokenCount": 7, "thoughtsTokenCount": 50, "cachedContentTokenCount": 80, "totalTokenCount": 157,
           "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 60}, {"modality": "IMAGE", "tokenCount": 40}]}  # fmt: skip
CALLED = {"functionCall": {"name": "calculator", "args": Q}}
TIMED = {"functionCall": {"name": "clock"}}
SECOND = {"content": {"parts": [text("no")]}, "index": 1, "finishReason": "MAX_TOKENS"}
CODE = {"language": "PYTHON", "code": "print(1)"}
RESULT = {"outcome": "OUTCOME_OK", "output": "1\n"}
BLOCKED = {
    "promptFeedback": {"blockReason": "PROHIBITED_CONTENT"},
    "usageMetadata": {"promptTokenCount": 11, "totalTokenCount": 11},
}
OVERLOADED = status(503, "UNAVAILABLE", "it broke")


def dumped(value: object) -> bytes:
    """JSON as servers write it that escape everything, halves of characters too."""
    return json.dumps(value).encode()


def ways(name: str, *frames: dict[str, Any], **expected: Any) -> list[Kind]:
    """The same answer streamed, as a list without server-sent events, and whole, where it is one frame."""
    streamed = b"".join(data(dumped(frame)) for frame in frames)
    kinds = [
        Kind("gemini", name, streamed, **expected),
        Kind("gemini", f"{name}, as a list", dumped(list(frames)), **expected, content_type=JSON),
    ]
    if len(frames) == 1:
        kinds.append(Kind("gemini", name, dumped(frames[0]), **expected, is_streamed=False, content_type=JSON))
    return kinds


HI = gemini(text("hi"))
END = gemini(text("hi"), finish="STOP", usage=COUNTED)

GEMINI = [
    *ways("an answer", END, text="hi", usage=BOTH),
    *ways("text in parts", gemini(text("h")), gemini(text("i"), text("!"), finish="STOP", usage=COUNTED), text="hi!", usage=BOTH),
    *ways("thoughts", gemini(text("plan", thought=True), text("hi"), finish="STOP", usage=THOUGHT), text="hi", reasoning="plan",
          usage=Usage(100, 57, cache_read_tokens=80, reasoning_tokens=50, input_image_tokens=40)),
    *ways("two calls", gemini(text("ok"), CALLED, TIMED, finish="STOP", usage=COUNTED), text="ok", usage=BOTH,
          calls=(("call_0", "calculator", Q), ("call_1", "clock", {})), finish=("tool_calls", True)),
    *ways("the same call twice", gemini(CALLED), gemini(CALLED, finish="STOP"), calls=(("call_0", "calculator", Q), ("call_1", "calculator", Q)), finish=("tool_calls", True)),
    *ways("a call with its signature", gemini({"thoughtSignature": "c2ln", "functionCall": {"id": "x", "name": "clock", "args": {}}}, finish="STOP"),
          calls=(("x__thought__c2ln", "clock", {}),), finish=("tool_calls", True)),
    *ways("two candidates", {"candidates": [{"content": {"parts": [text("hi")]}, "finishReason": "STOP"}, SECOND]}, text="hi"),
    *(kind for said, ours in [("SAFETY", "content_filter"), ("RECITATION", "content_filter"), ("PROHIBITED_CONTENT", "content_filter"), ("OTHER", "content_filter"), ("MAX_TOKENS", "length"), ("SPII", "content_filter")]
      for kind in ways(said, gemini(text("par"), finish=said, usage=COUNTED), text="par", usage=BOTH, finish=(ours, True))),
    *ways("a filter and no content", {"candidates": [{"finishReason": "SAFETY", "index": 0}], "usageMetadata": {"promptTokenCount": 11, "totalTokenCount": 11}}, usage=Usage(11, 0), finish=("content_filter", True)),
    *ways("a blocked prompt", BLOCKED, usage=Usage(11, 0), finish=("content_filter", True)),
    *(kind for said in ("MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MISSING_THOUGHT_SIGNATURE")
      for kind in ways(said, gemini(text("par"), finish=said, usage=COUNTED, ), text="par", usage=BOTH, finish=None, code=ERROR, said=said)),
    *ways("code that Gemini ran", gemini({"executableCode": CODE}, {"codeExecutionResult": RESULT}, text("one"), finish="STOP"), text="one", ran=(("code_1", "code_execution", CODE, RESULT),)),
    Kind("gemini", "a cut", data(HI), "hi", finish=None, code=Code.STREAM_CUT, is_cut=True),
    Kind("gemini", "an end without a reason", data(gemini(text("hi"), usage={"promptTokenCount": 11, "totalTokenCount": 11})), "hi", usage=Usage(11, 0), finish=None, code=Code.STREAM_CUT),
    Kind("gemini", "an unspecified reason", data(gemini(text("hi"), finish="FINISH_REASON_UNSPECIFIED")) + data(END), "hihi", usage=BOTH),
    Kind("gemini", "an answer without a reason", orjson.dumps(HI), "hi", finish=("stop", False), is_streamed=False, content_type=JSON),
    Kind("gemini", "a cut after a call", data(gemini(CALLED)), begun=(("call_0", "calculator", '{"expression":"6*7"}'),), finish=None, code=Code.STREAM_CUT, is_cut=True),
    Kind("gemini", "an error in the stream", data(gemini(text("hi"), usage={"promptTokenCount": 11, "candidatesTokenCount": 1, "totalTokenCount": 12})) + data(OVERLOADED), "hi", usage=Usage(11, 1), finish=None, code=ERROR, said="it broke"),
    Kind("gemini", "an error behind the end", data(END) + data(OVERLOADED), "hi", usage=BOTH, late="it broke"),
    *ways("an error alone", status(429, "RESOURCE_EXHAUSTED", "Resource exhausted"), finish=None, code=Code.RATE_LIMITED, said="Resource exhausted"),
    *ways("a time-out", status(504, "DEADLINE_EXCEEDED", "Deadline expired"), finish=None, code=Code.TIMEOUT_FIRST_BYTE, said="Deadline expired"),
    *ways("a lone surrogate", gemini(text("a\ud83d"), finish="STOP"), text="a\ufffd"),
    *ways("surrogates over chunks", gemini(text("\ud83d")), gemini(text("\ude00"), finish="STOP"), text="😀"),
    Kind("gemini", "no JSON", b"<html>oops</html>", finish=None, code=Code.MALFORMED_RESPONSE, content_type="text/html"),
    Kind("gemini", "no answer", b'{"usageMetadata": {}}', finish=None, code=Code.MALFORMED_RESPONSE, is_streamed=False, content_type=JSON),
]  # fmt: skip


def cohere(*events: dict[str, Any]) -> bytes:
    return b"".join(f"event: {event['type']}\n".encode() + data(dumped(event)) for event in events)


def adds(kind: str, index: int | None = None, **message: Any) -> dict[str, Any]:
    return {"type": kind, "index": index, "delta": {"message": message}}


def says(said: str, name: str = "text", index: int = 0) -> list[dict[str, Any]]:
    begun = adds("content-start", index, content={"type": name, name: ""})
    return [begun, adds("content-delta", index, content={name: said}), {"type": "content-end", "index": index}]


def calls(index: int, id: str, name: str, *parts: str) -> list[dict[str, Any]]:
    begun = adds(
        "tool-call-start", index, tool_calls={"id": id, "type": "function", "function": {"name": name, "arguments": ""}}
    )
    return [begun, *(adds("tool-call-delta", index, tool_calls={"function": {"arguments": part}}) for part in parts)]


def ends(finish: str, **beside: Any) -> dict[str, Any]:
    return {"type": "message-end", "delta": {"finish_reason": finish, "usage": UNITS} | beside}


def complete(*content: dict[str, Any], finish: str = "COMPLETE", **message: Any) -> bytes:
    return dumped(
        {
            "id": "r",
            "finish_reason": finish,
            "message": {"role": "assistant", "content": list(content)} | message,
            "usage": UNITS,
        }
    )


UNITS = {
    "billed_units": {"input_tokens": 5, "output_tokens": 7},
    "tokens": {"input_tokens": 11, "output_tokens": 7},
    "cached_tokens": 4,
}
READ = Usage(11, 7, cache_read_tokens=4)
BEGUN = {
    "id": "r",
    "type": "message-start",
    "delta": {"message": {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}},
}
SAID: dict[str, Any] = {"type": "text", "text": "hi"}
CALL = {"id": "a", "type": "function", "function": {"name": "calculator", "arguments": '{"expression":"6*7"}'}}
ENDS = [
    ("MAX_TOKENS", "length"),
    ("STOP_SEQUENCE", "stop"),
    ("ERROR_TOXIC", "content_filter"),
    ("ERROR_LIMIT", "length"),
]

COHERE = [
    Kind("cohere", "an answer", cohere(BEGUN, *says("hi"), ends("COMPLETE")) + b"data: [DONE]\n\n", "hi", usage=READ),
    Kind("cohere", "an answer", complete(SAID), "hi", usage=READ, is_streamed=False, content_type=JSON),
    Kind("cohere", "a whole answer to a stream", complete(SAID), "hi", usage=READ, content_type=JSON),
    Kind("cohere", "a stream to a whole call", cohere(BEGUN, *says("hi"), ends("COMPLETE")), "hi", usage=READ, is_streamed=False),
    Kind("cohere", "without names of events", b"".join(map(data, (BEGUN, *says("hi"), ends("COMPLETE")))), "hi", usage=READ),
    Kind("cohere", "thoughts", cohere(BEGUN, *says("plan", "thinking"), *says("hi", index=1), ends("COMPLETE")), "hi", "plan", usage=READ),
    Kind("cohere", "thoughts", complete({"type": "thinking", "thinking": "plan"}, SAID), "hi", "plan", usage=READ, is_streamed=False, content_type=JSON),
    Kind("cohere", "two calls", cohere(BEGUN, adds("tool-plan-delta", tool_plan="I will."), *calls(0, "a", "calculator", '{"expression":', '"6*7"}'), *calls(1, "b", "clock", "{}"), ends("TOOL_CALL")),
         reasoning="I will.", calls=(("a", "calculator", Q), ("b", "clock", {})), usage=READ, finish=("tool_calls", True)),
    Kind("cohere", "two calls", complete(finish="TOOL_CALL", tool_plan="I will.", tool_calls=[CALL, CALL | {"id": "b"}]),
         reasoning="I will.", calls=(("a", "calculator", Q), ("b", "calculator", Q)), usage=READ, finish=("tool_calls", True), is_streamed=False, content_type=JSON),
    *(Kind("cohere", said, cohere(BEGUN, *says("par"), ends(said)), "par", usage=READ, finish=(ours, True)) for said, ours in ENDS),
    *(Kind("cohere", said, complete({"type": "text", "text": "par"}, finish=said), "par", usage=READ, finish=(ours, True), is_streamed=False, content_type=JSON) for said, ours in ENDS),
    Kind("cohere", "an error as reason", cohere(BEGUN, *says("par"), ends("ERROR", error="it broke")), "par", usage=READ, finish=None, code=ERROR, said="it broke"),
    Kind("cohere", "an error as reason", complete({"type": "text", "text": "par"}, finish="ERROR"), "par", usage=READ, finish=None, code=ERROR, is_streamed=False, content_type=JSON),
    Kind("cohere", "a time-out as reason", cohere(BEGUN, *says("par"), ends("TIMEOUT")), "par", usage=READ, finish=None, code=Code.TIMEOUT_IDLE, said="TIMEOUT"),
    Kind("cohere", "an error alone", data({"message": "it broke", "id": "r"}), finish=None, code=ERROR, said="it broke"),
    Kind("cohere", "a cut", cohere(BEGUN, *says("par")), "par", finish=None, code=Code.STREAM_CUT, is_cut=True),
    Kind("cohere", "an end without an end", cohere(BEGUN, *says("par")), "par", finish=None, code=Code.STREAM_CUT),
    Kind("cohere", "a cut in a call", cohere(BEGUN, *calls(0, "a", "calculator", '{"expr')), begun=(("a", "calculator", '{"expr'),), finish=None, code=Code.STREAM_CUT, is_cut=True),
    Kind("cohere", "surrogates over events", cohere(BEGUN, *says("\ud83d"), *says("\ude00"), ends("COMPLETE")), "😀", usage=READ),
    Kind("cohere", "a lone surrogate", complete({"type": "text", "text": "a\ud83d"}), "a\ufffd", usage=READ, is_streamed=False, content_type=JSON),
    Kind("cohere", "no JSON", b"<html>oops</html>", finish=None, code=Code.MALFORMED_RESPONSE, content_type="text/html"),
]  # fmt: skip


def message(kind: str, payload: object, *, of: str = "event") -> bytes:
    """One of Amazon's messages, with its checksums."""
    headers = {":message-type": of, f":{of}-type": kind, ":content-type": JSON}
    told = b"".join(
        struct.pack(f">B{len(name)}sBH{len(value)}s", len(name), name.encode(), 7, len(value), value.encode())
        for name, value in headers.items()
    )
    body = dumped(payload)
    head = struct.pack(">II", 16 + len(told) + len(body), len(told))
    head += struct.pack(">I", zlib.crc32(head))
    return head + told + body + struct.pack(">I", zlib.crc32(head + told + body))


def delta(index: int = 0, **said: Any) -> bytes:
    return message("contentBlockDelta", {"delta": said, "contentBlockIndex": index})


def use(index: int, id: str, name: str, *parts: str) -> bytes:
    begun = message(
        "contentBlockStart", {"start": {"toolUse": {"toolUseId": id, "name": name}}, "contentBlockIndex": index}
    )
    return begun + b"".join(delta(index, toolUse={"input": part}) for part in parts)


def stopped(reason: str = "end_turn", **usage: Any) -> bytes:
    counted = {"inputTokens": 11, "outputTokens": 7, "totalTokens": 18} | usage
    return (
        message("contentBlockStop", {"contentBlockIndex": 0})
        + message("messageStop", {"stopReason": reason})
        + message("metadata", {"usage": counted})
    )


def conversed(*content: dict[str, Any], reason: str = "end_turn", **usage: Any) -> bytes:
    counted = {"inputTokens": 11, "outputTokens": 7, "totalTokens": 18} | usage
    return dumped(
        {"output": {"message": {"role": "assistant", "content": list(content)}}, "stopReason": reason, "usage": counted}
    )


AMAZON = "application/vnd.amazon.eventstream"
START = message("messageStart", {"role": "assistant"})
BROKE = message("internalServerException", {"message": "it broke"}, of="exception")
CACHED: dict[str, Any] = {"cacheReadInputTokens": 800, "cacheWriteInputTokens": 100}
USED = Usage(911, 7, 800, 100)
THOUGHTS = {"reasoningContent": {"reasoningText": {"text": "plan", "signature": "s"}}}
USES: list[dict[str, Any]] = [
    {"toolUse": {"toolUseId": "a", "name": "calculator", "input": Q}},
    {"toolUse": {"toolUseId": "b", "name": "clock", "input": {}}},
]
STOPS = [
    ("max_tokens", "length"),
    ("stop_sequence", "stop"),
    ("guardrail_intervened", "content_filter"),
    ("content_filtered", "content_filter"),
    ("model_context_window_exceeded", "length"),
]

BEDROCK = [
    Kind("bedrock", "an answer", START + delta(text="h") + delta(text="i") + stopped(), "hi", usage=BOTH, content_type=AMAZON),
    Kind("bedrock", "an answer", conversed(text("hi")), "hi", usage=BOTH, is_streamed=False, content_type=JSON),
    Kind("bedrock", "a whole answer to a stream", conversed(text("hi")), "hi", usage=BOTH, content_type=JSON),
    Kind("bedrock", "a stream to a whole call", START + delta(text="hi") + stopped(), "hi", usage=BOTH, is_streamed=False, content_type=AMAZON),
    Kind("bedrock", "thoughts and a cache", START + delta(reasoningContent={"text": "plan"}) + delta(reasoningContent={"signature": "s"}) + delta(1, text="hi") + stopped(**CACHED), "hi", "plan", usage=USED, content_type=AMAZON),
    Kind("bedrock", "thoughts and a cache", conversed(THOUGHTS, text("hi"), **CACHED), "hi", "plan", usage=USED, is_streamed=False, content_type=JSON),
    Kind("bedrock", "two calls", START + delta(text="ok") + use(1, "a", "calculator", '{"expression":', '"6*7"}') + use(2, "b", "clock") + stopped("tool_use"), "ok", usage=BOTH,
         calls=(("a", "calculator", Q), ("b", "clock", {})), finish=("tool_calls", True), content_type=AMAZON),
    Kind("bedrock", "two calls", conversed(text("ok"), *USES, reason="tool_use"), "ok", usage=BOTH, calls=(("a", "calculator", Q), ("b", "clock", {})), finish=("tool_calls", True), is_streamed=False, content_type=JSON),
    *(Kind("bedrock", said, START + delta(text="par") + stopped(said), "par", usage=BOTH, finish=(ours, True), content_type=AMAZON) for said, ours in STOPS),
    *(Kind("bedrock", said, conversed(text("par"), reason=said), "par", usage=BOTH, finish=(ours, True), is_streamed=False, content_type=JSON) for said, ours in STOPS),
    *(Kind("bedrock", said, START + delta(text="par") + stopped(said), "par", usage=BOTH, finish=None, code=ERROR, said=said, content_type=AMAZON) for said in ("malformed_model_output", "malformed_tool_use")),
    Kind("bedrock", "an error as reason", conversed(text("par"), reason="malformed_model_output"), "par", usage=BOTH, finish=None, code=ERROR, is_streamed=False, content_type=JSON),
    Kind("bedrock", "a cut", START + delta(text="par"), "par", finish=None, code=Code.STREAM_CUT, is_cut=True, content_type=AMAZON),
    Kind("bedrock", "an end without a reason", START + delta(text="par"), "par", finish=None, code=Code.STREAM_CUT, content_type=AMAZON),
    Kind("bedrock", "an end in a message", (START + delta(text="par") + delta(text="x"))[:-9], "par", finish=None, code=Code.STREAM_CUT, content_type=AMAZON),
    Kind("bedrock", "a cut in a call", START + use(0, "a", "calculator", '{"expr'), begun=(("a", "calculator", '{"expr'),), finish=None, code=Code.STREAM_CUT, is_cut=True, content_type=AMAZON),
    Kind("bedrock", "a broken message", START + delta(text="par") + delta(text="x")[:-1] + b"!", "par", finish=None, code=Code.MALFORMED_RESPONSE, content_type=AMAZON),
    Kind("bedrock", "an exception", START + delta(text="par") + BROKE, "par", finish=None, code=ERROR, said="it broke", content_type=AMAZON),
    Kind("bedrock", "an exception alone", message("throttlingException", {"message": "slow down"}, of="exception"), finish=None, code=Code.RATE_LIMITED, said="slow down", content_type=AMAZON),
    Kind("bedrock", "a time-out", message("modelTimeoutException", {"message": "Model has timed out"}, of="exception"), finish=None, code=Code.TIMEOUT_FIRST_BYTE, said="timed out", content_type=AMAZON),
    Kind("bedrock", "an exception behind the end", START + delta(text="hi") + stopped() + BROKE, "hi", usage=BOTH, late="it broke", content_type=AMAZON),
    Kind("bedrock", "surrogates over events", START + delta(text="\ud83d") + delta(text="\ude00") + stopped(), "😀", usage=BOTH, content_type=AMAZON),
    Kind("bedrock", "a lone surrogate", conversed(text("a\ud83d")), "a\ufffd", usage=BOTH, is_streamed=False, content_type=JSON),
    Kind("bedrock", "no JSON", b"<html>oops</html>", finish=None, code=Code.MALFORMED_RESPONSE, is_streamed=False, content_type="text/html"),
]  # fmt: skip

REFUSALS: list[tuple[str, str, bytes, Code]] = [
    ("gemini", "400 Bad Request", orjson.dumps(status(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", {"reason": "API_KEY_INVALID"})), Code.PROVIDER_AUTHENTICATION),
    ("gemini", "400 Bad Request", orjson.dumps(status(400, "INVALID_ARGUMENT", "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).")), Code.CONTEXT_WINDOW_EXCEEDED),
    ("gemini", "404 Not Found", orjson.dumps(status(404, "NOT_FOUND", "models/x is not found for API version v1beta, or is not supported for generateContent.")), Code.MODEL_NOT_FOUND),
    ("gemini", "429 Too Many Requests", orjson.dumps([status(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", {"retryDelay": "17s"})]), Code.RATE_LIMITED),
    ("gemini", "429 Too Many Requests", orjson.dumps(status(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan and billing details.")), Code.PROVIDER_QUOTA),
    ("gemini", "503 Unavailable", orjson.dumps(OVERLOADED), ERROR),
    ("bedrock", "403 Forbidden", b'{"message":"The security token included in the request is expired"}', Code.PROVIDER_AUTHENTICATION),
    ("bedrock", "403 Forbidden", b'{"Message":"User is not authorized to perform: bedrock:InvokeModel"}', Code.PROVIDER_AUTHENTICATION),
    ("bedrock", "400 Bad Request", b'{"message":"The provided model identifier is invalid."}', Code.MODEL_NOT_FOUND),
    ("bedrock", "400 Bad Request", b'{"message":"Input is too long for requested model."}', Code.CONTEXT_WINDOW_EXCEEDED),
    ("bedrock", "408 Request Timeout", b'{"message":"The model took too long"}', Code.TIMEOUT_FIRST_BYTE),
    ("bedrock", "424 Failed Dependency", b'{"message":"The model failed"}', ERROR),
    ("bedrock", "429 Too Many Requests", b'{"message":"Too many requests, please wait before trying again."}', Code.RATE_LIMITED),
    ("bedrock", "503 Unavailable", b'{"message":"Bedrock is unable to process your request."}', ERROR),
    ("cohere", "401 Unauthorized", b'{"message":"invalid api token"}', Code.PROVIDER_AUTHENTICATION),
    ("cohere", "404 Not Found", b'{"message":"model \'x\' not found"}', Code.MODEL_NOT_FOUND),
    ("cohere", "429 Too Many Requests", b'{"message":"You are using a Trial key, which is limited to 10 calls a minute"}', Code.RATE_LIMITED),
    ("cohere", "400 Bad Request", b'{"message":"too many tokens: total number of tokens in the prompt cannot exceed 4081"}', Code.CONTEXT_WINDOW_EXCEEDED),
    ("gemini", "504 Gateway Timeout", orjson.dumps(status(504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete.")), Code.TIMEOUT_FIRST_BYTE),
]  # fmt: skip

MODELS = {
    "bedrock": ("bedrock", "us.amazon.nova-pro-v1:0"),
    "cohere": ("cohere_chat", "command-a-03-2025"),
    "gemini": ("gemini", "gemini-2.5-flash"),
}
"""The library's prefix of each, and a model."""
KINDS = [*GEMINI, *COHERE, *BEDROCK]
