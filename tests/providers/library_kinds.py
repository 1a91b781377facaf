"""What providers send whose requests LiteLLM writes: as in wire_kinds.py, by the providers' own documentation."""

# ruff: noqa: E501 - a row that is broken over lines is no row

from __future__ import annotations

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
    import json

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

REFUSALS: list[tuple[str, str, bytes, Code]] = [
    ("gemini", "400 Bad Request", orjson.dumps(status(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", {"reason": "API_KEY_INVALID"})), Code.PROVIDER_AUTHENTICATION),
    ("gemini", "400 Bad Request", orjson.dumps(status(400, "INVALID_ARGUMENT", "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).")), Code.CONTEXT_WINDOW_EXCEEDED),
    ("gemini", "404 Not Found", orjson.dumps(status(404, "NOT_FOUND", "models/x is not found for API version v1beta, or is not supported for generateContent.")), Code.MODEL_NOT_FOUND),
    ("gemini", "429 Too Many Requests", orjson.dumps([status(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", {"retryDelay": "17s"})]), Code.RATE_LIMITED),
    ("gemini", "429 Too Many Requests", orjson.dumps(status(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan and billing details.")), Code.PROVIDER_QUOTA),
    ("gemini", "503 Unavailable", orjson.dumps(OVERLOADED), ERROR),
    ("gemini", "504 Gateway Timeout", orjson.dumps(status(504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete.")), Code.TIMEOUT_FIRST_BYTE),
]  # fmt: skip

MODELS = {"gemini": ("gemini", "gemini-2.5-flash")}
"""The library's prefix of each, and a model."""
KINDS = [*GEMINI]
