"""What real providers send that once was read wrongly: bytes, and what they must become (a row a kind)."""

# ruff: noqa: E501 - a row that is broken over lines is no row

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import Any

import orjson

from providers.base import Usage
from providers.errors import Code

JSON = "application/json"
SSE = "text/event-stream"


@dataclass(frozen=True)
class Kind:
    """Bytes of one wire, and what comes of them; None: not looked at."""

    wire: str
    name: str
    body: bytes
    text: str = ""
    reasoning: str = ""
    calls: tuple[tuple[str | None, str, Any], ...] = ()
    """(id or None, name, arguments) of the calls that are ours."""
    begun: tuple[tuple[str, str, str], ...] = ()
    """(id, name, text of the arguments) of calls in whose middle it ended."""
    ran: tuple[tuple[str, str, Any, Any], ...] = ()
    """(id, name, arguments, result) of what the provider ran."""
    usage: Usage | None = None
    finish: tuple[str, bool] | None = ("stop", True)
    """(reason, whether it was said); None: it failed."""
    code: Code | None = None
    said: str = ""
    """Words that the failure has."""
    late: str = ""
    """Words of what the provider said went wrong behind its answer's end."""
    is_streamed: bool = True
    content_type: str | None = SSE
    encoding: str | None = None
    is_cut: bool = False

    def __str__(self) -> str:
        return f"{self.wire}: {self.name}{'' if self.is_streamed else ', whole'}"


def data(value: object) -> bytes:
    return b"data: " + (value if isinstance(value, bytes) else orjson.dumps(value)) + b"\n\n"


def part(delta: object, finish: object = None, **beside: Any) -> bytes:
    return data({"id": "c1", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **beside})


def calls(*entries: object) -> bytes:
    return part({"tool_calls": list(entries)})


def function(name: str | None = None, arguments: Any = None, **beside: Any) -> dict[str, Any]:
    inner = {"name": name, "arguments": arguments}
    return beside | {"function": {key: value for key, value in inner.items() if value is not None}}


def whole(message: object, finish: object = "stop", **beside: Any) -> bytes:
    said = {"role": "assistant", **message} if isinstance(message, dict) else message
    head = {"id": "c1", "object": "chat.completion", "created": 1764000000, "model": "m"}
    return orjson.dumps(head | {"choices": [{"index": 0, "message": said, "finish_reason": finish}]} | beside)


def event(kind: str, **beside: Any) -> bytes:
    return f"event: {kind}\n".encode() + data({"type": kind} | beside)


def block(index: int | None, start: dict[str, Any], *deltas: dict[str, Any]) -> bytes:
    events = [event("content_block_start", index=index, content_block=start)]
    events += [event("content_block_delta", index=index, delta=delta) for delta in deltas]
    return b"".join([*events, event("content_block_stop", index=index)])


def begin(id: str = "m1", **usage: Any) -> bytes:
    message = {"id": id, "type": "message", "role": "assistant", "model": "m", "content": [], "usage": usage}
    return event("message_start", message=message)


def say(text: str, index: int | None = 0) -> bytes:
    return block(index, {"type": "text", "text": ""}, {"type": "text_delta", "text": text})


def stop(reason: object = "end_turn", **usage: Any) -> bytes:
    return event("message_delta", delta={"stop_reason": reason}, usage=usage) + event("message_stop")


def line(message: object = None, **beside: Any) -> bytes:
    said = message or {"role": "assistant", "content": ""}
    return orjson.dumps({"model": "m", "message": said, "done": False} | beside) + b"\n"


FIN = part({}, "stop")
USE = data({"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}})
DONE = b"data: [DONE]\n\n"
HI = part({"content": "hi"})
END = line(done=True, done_reason="stop", prompt_eval_count=11, eval_count=7)
BOTH = Usage(11, 7)
ERROR = Code.PROVIDER_ERROR
Q = {"q": "x"}
BROKE = {"error": {"message": "it broke"}}
RAW_ERROR = {
    "code": 502,
    "message": "Provider returned error",
    "metadata": {"raw": "GPU fell off", "provider_name": "P"},
}
SEARCH = {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {}}
FOUND = {"type": "web_search_tool_result", "tool_use_id": "s1", "content": [{"url": "https://example.org"}]}
GZIPPED = [gzip.compress(HI), gzip.compress(FIN + USE), gzip.compress(DONE)]

FINISHES = [
    ("STOP", "stop"), ("MAX_TOKENS", "length"), ("end_turn", "stop"), ("eos_token", "stop"), ("max_output_tokens", "length"),
    ("model_length", "length"), ("SAFETY", "content_filter"), ("guardrail_intervened", "content_filter"),
    ("COMPLETE", "stop"), ("TOOL_CALL", "tool_calls"), ("FINISH_REASON_MAX_TOKENS", "length"), ("unheard_of", "stop"),
    ("refusal", "refusal"),
]  # fmt: skip

OPENAI = [
    Kind("openai", "an empty finish reason is none", part({"content": "one "}, "") + part({"content": "two"}, "null") + FIN, "one two"),
    Kind("openai", "a cut after empty reasons", part({"content": "a"}, "") * 2, "aa", finish=None, code=Code.STREAM_CUT, is_cut=True),
    Kind("openai", "an end after empty reasons", part({"content": "a"}, ""), "a", finish=None, code=Code.STREAM_CUT),
    Kind("openai", "[DONE] without a reason", HI + b"data: [DONE] \n\n", "hi", finish=("stop", False)),
    Kind("openai", "no index", data({"choices": [{"index": None, "delta": {"content": "hi"}}]}) + FIN, "hi"),
    *(Kind("openai", f"{said} is {ours}", HI + part({}, said) + DONE, "hi", finish=(ours, True)) for said, ours in FINISHES),
    *(Kind("openai", f"{said} is {ours}", whole({"content": "hi"}, said), "hi", finish=(ours, True), is_streamed=False, content_type=JSON)
      for said, ours in FINISHES),
    *(Kind("openai", f"{said} is a failure", HI + part({}, said) + USE + DONE, "hi", usage=BOTH, finish=None, code=ERROR, said=said)
      for said in ("error", "abort", "ERROR", "insufficient_system_resource")),
    Kind("openai", "error as reason", whole({"content": "hi"}, "error"), "hi", finish=None, code=ERROR, is_streamed=False, content_type=JSON),
    # Tool calls.
    Kind("openai", "index 0 on every call", calls(function("f", '{"q":"x"}', index=0, id="a")) + calls(function("f", '{"q":"y"}', index=0, id="b")) + FIN,
         calls=(("a", "f", Q), ("b", "f", {"q": "y"})), finish=("tool_calls", True)),
    Kind("openai", "index 0 on every call, in one delta", calls(function("f", '{"q":"x"}', index=0, id="a"), function("g", "{}", index=0, id="b")) + FIN,
         calls=(("a", "f", Q), ("b", "g", {})), finish=("tool_calls", True)),
    Kind("openai", "index 0 and no ids", calls(function("f", '{"q":"x"}', index=0)) + calls(function("f", '{"q":"y"}', index=0)) + FIN,
         calls=((None, "f", Q), (None, "f", {"q": "y"})), finish=("tool_calls", True)),
    Kind("openai", "fragments without index", calls(function("f", "", id="a")) + calls(function(None, '{"q":')) + calls(function(None, '"x"}')) + FIN,
         calls=(("a", "f", Q),), finish=("tool_calls", True)),
    Kind("openai", "two calls without index", calls(function("f", "", id="a")) + calls(function(None, '{"q":"x"}')) + calls(function("g", "", id="b")) + calls(function(None, "{}")) + FIN,
         calls=(("a", "f", Q), ("b", "g", {})), finish=("tool_calls", True)),
    Kind("openai", "interleaved by index", calls(function("f", "", id="a", index=0), function("g", "", id="b", index=1)) + calls(function(None, '{"q":', index=0)) + calls(function(None, "{}", index=1)) + calls(function(None, '"x"}', index=0)) + FIN,
         calls=(("a", "f", Q), ("b", "g", {})), finish=("tool_calls", True)),
    Kind("openai", "an id at every part", calls(function("f", "", id="a", index=0)) + calls(function(None, '{"q":', id="z1", index=0)) + calls(function(None, '"x"}', id="z2", index=0)) + FIN,
         calls=(("a", "f", Q),), finish=("tool_calls", True)),
    Kind("openai", "a late name and id", calls({"index": 0}) + calls(function(None, '{"q":"x"}', index=0)) + calls(function("f", None, index=0, id="a")) + FIN,
         calls=(("a", "f", Q),), finish=("tool_calls", True)),
    Kind("openai", "a name at every part", calls(function("f", '{"q":', id="a", index=0)) + calls(function("f", '"x"}', id="a", index=0)) + FIN,
         calls=(("a", "f", Q),), finish=("tool_calls", True)),
    Kind("openai", "arguments as an object", calls(function("f", Q, index=0, id="a")) + FIN, calls=(("a", "f", Q),), finish=("tool_calls", True)),
    Kind("openai", "arguments as an object", whole({"content": None, "tool_calls": [function("f", Q, id="a"), function("f", Q, id="b")]}, "tool_calls"),
         calls=(("a", "f", Q), ("b", "f", Q)), finish=("tool_calls", True), is_streamed=False, content_type=JSON),
    Kind("openai", "function_call", part({"function_call": {"name": "f", "arguments": '{"q":'}}) + part({"function_call": {"arguments": '"x"}'}}, "function_call") + DONE,
         calls=((None, "f", Q),), finish=("tool_calls", True)),
    Kind("openai", "function_call", whole({"content": None, "function_call": {"name": "f", "arguments": '{"q":"x"}'}}, "function_call"),
         calls=((None, "f", Q),), finish=("tool_calls", True), is_streamed=False, content_type=JSON),
    Kind("openai", "a tool that Groq ran", part({"executed_tools": [{"index": 0, "type": "search", "arguments": '{"q":"x"}', "output": "found"}]}) + HI + FIN,
         "hi", ran=(("executed_0", "search", Q, "found"),)),
    # Calls in whose middle it ended.
    Kind("openai", "a cut in a call", calls(function("f", '{"q":"x"}', index=0, id="a")) + calls(function("g", '{"q":"ha', index=1, id="b")),
         begun=(("a", "f", '{"q":"x"}'), ("b", "g", '{"q":"ha')), finish=None, code=Code.STREAM_CUT, is_cut=True),
    Kind("openai", "a cut before a call's name", HI + calls({"index": 0, "id": "a"}), "hi", begun=(("a", "", ""),), finish=None, code=Code.STREAM_CUT, is_cut=True),
    Kind("openai", "a cut in a character of a call", calls(function("f", '{"q":"', index=0, id="a")) + data(rb'{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\ud83d"}}]}}]}'),
         begun=(("a", "f", '{"q":"\ufffd'),), finish=None, code=Code.STREAM_CUT, is_cut=True),
    Kind("openai", "an error in a call", calls(function("f", '{"q":', index=0, id="a")) + data({"error": {"message": "it broke"}}), begun=(("a", "f", '{"q":'),), finish=None, code=ERROR, said="it broke"),
    Kind("openai", "a cut in a tool that the provider runs", calls(function("web_search", '{"q":', index=0, id="srvtoolu_a")), ran=(("srvtoolu_a", "web_search", '{"q":', None),), finish=None, code=Code.STREAM_CUT, is_cut=True),
    Kind("openai", "an error in an old call", part({"function_call": {"name": "f", "arguments": '{"q"'}}) + data({"error": {"message": "it broke"}}), begun=(("", "f", '{"q"'),), finish=None, code=ERROR),
    Kind("openai", "error as reason, in a call", calls(function("f", '{"q":', index=0, id="a")) + part({}, "error"), begun=(("a", "f", '{"q":'),), finish=None, code=ERROR),
    Kind("openai", "garbage in a call", calls(function("f", '{"q":', index=0, id="a")) + data(b"{broken"), begun=(("a", "f", '{"q":'),), finish=None, code=Code.MALFORMED_RESPONSE),
    Kind("openai", "a call at the limit", calls(function("f", "{}", index=0, id="a"), function("g", '{"q":"ha', index=1, id="b")) + part({}, "length"), calls=(("a", "f", {}),), begun=(("b", "g", '{"q":"ha'),), finish=("length", True)),
    Kind("openai", "a call without arguments at the limit", calls(function("f", None, index=0, id="a"), function("g", None, index=1, id="b")) + part({}, "length"), calls=(("a", "f", {}),), begun=(("b", "g", ""),), finish=("length", True)),
    Kind("openai", "a call at the limit", whole({"content": None, "tool_calls": [function("g", '{"q":"ha', id="b")]}, "length"), begun=(("b", "g", '{"q":"ha'),), finish=("length", True), is_streamed=False, content_type=JSON),
    Kind("openai", "half a call, and [DONE]", calls(function("f", '{"q":', index=0, id="a")) + DONE, begun=(("a", "f", '{"q":'),), finish=("stop", False)),
    Kind("openai", "a cut in a call to a whole call", calls(function("f", '{"q":', index=0, id="a")), begun=(("a", "f", '{"q":'),), finish=None, code=Code.STREAM_CUT, is_streamed=False),
    # Usage.
    *(Kind("openai", f"usage {number}", HI + FIN + data({"choices": [], "usage": usage}) + DONE, "hi", usage=told) for number, (usage, told) in enumerate([
        ({"prompt_tokens": 12, "completion_tokens": 2, "total_tokens": 334, "completion_tokens_details": {"reasoning_tokens": 320}}, Usage(12, 322, reasoning_tokens=320)),
        ({"prompt_tokens": 12, "completion_tokens": 322, "total_tokens": 334, "completion_tokens_details": {"reasoning_tokens": 320}}, Usage(12, 322, reasoning_tokens=320)),
        ({"prompt_tokens": 8, "completion_tokens": 9, "total_tokens": 522}, Usage(8, 514)),
        ({"prompt_tokens": 12.0, "completion_tokens": 7.0}, Usage(12, 7)),
        ({"prompt_tokens": 12, "completion_tokens": None}, Usage(12, None)),
        ({"prompt_tokens": 10000, "completion_tokens": 100, "prompt_tokens_details": {"cached_tokens": 9000, "audio_tokens": 3, "image_tokens": 4}},
         Usage(10000, 100, cache_read_tokens=9000, input_audio_tokens=3, input_image_tokens=4)),
        ({"prompt_tokens": 100, "completion_tokens": 1, "prompt_cache_hit_tokens": 60, "prompt_cache_miss_tokens": 40}, Usage(100, 1, cache_read_tokens=60)),
        ({"prompt_tokens": 100, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 5, "cache_write_tokens": 50}}, Usage(100, 1, cache_read_tokens=5, cache_write_tokens=50)),
        ({"prompt_tokens": 5, "completion_tokens": 1, "cache_read_input_tokens": 1000}, Usage(1005, 1, cache_read_tokens=1000)),
        ({"prompt_tokens": 5, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 1000}}, Usage(5, 1)),
    ])),
    Kind("openai", "x_groq", HI + part({}, "stop", x_groq={"id": "r", "usage": {"prompt_tokens": 11, "completion_tokens": 7}}) + DONE, "hi", usage=BOTH),
    Kind("openai", "usage in the choice", HI + data({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "usage": {"prompt_tokens": 11, "completion_tokens": 7}}]}) + DONE, "hi", usage=BOTH),
    Kind("openai", "a service tier", part({"content": "hi"}, service_tier="flex") + FIN + USE + DONE, "hi", usage=Usage(11, 7, service_tier="flex")),
    Kind("openai", "usage before a cut", part({"content": "par"}, usage={"prompt_tokens": 11, "completion_tokens": 7}), "par", usage=BOTH, finish=None, code=Code.STREAM_CUT, is_cut=True),
    # Errors.
    Kind("openai", "an error line", part({"content": "par"}) + b'error: {"code":400,"message":"exceeds the available context size"}\n\n' + DONE, "par",
         finish=None, code=Code.CONTEXT_WINDOW_EXCEEDED, said="exceeds the available context size"),
    Kind("openai", "an error line, and the end", part({"content": "par"}) + b"error: it broke\n\n", "par", finish=None, code=ERROR, said="it broke"),
    Kind("openai", "a bare error", b'{"error":{"message":"it broke"}}', finish=None, code=ERROR, said="it broke"),
    Kind("openai", "a bare error over lines", b'{\n  "error": {\n    "message": "it broke"\n  }\n}\n', finish=None, code=ERROR, said="it broke"),
    Kind("openai", "a bare error between events", HI + b'{"error": {"message": "it broke"}}\n', "hi", finish=None, code=ERROR, said="it broke"),
    Kind("openai", "an event called error", HI + b"event: error\ndata: it broke\n\n", "hi", finish=None, code=ERROR, said="it broke"),
    Kind("openai", "an error beside choices and usage", part({"content": "par"}) + part({"content": "t"}, None, error=RAW_ERROR, usage={"prompt_tokens": 43, "completion_tokens": 10}),
         "part", usage=Usage(43, 10), finish=None, code=ERROR, said="GPU fell off"),
    Kind("openai", "an error in a choice", HI + data({"choices": [{"index": 0, "delta": {}, "finish_reason": "error", "error": RAW_ERROR}]}), "hi", finish=None, code=ERROR, said="GPU fell off"),
    Kind("openai", "an error beside choices", whole({"content": "par"}, "stop", error=RAW_ERROR, usage={"prompt_tokens": 43, "completion_tokens": 10}),
         "par", usage=Usage(43, 10), finish=None, code=ERROR, said="GPU fell off", is_streamed=False, content_type=JSON),
    *(Kind("openai", f"error dress {number}", body, finish=None, code=code, said=said, is_streamed=is_streamed, content_type=JSON)
      for is_streamed in (True, False)
      for number, (body, code, said) in enumerate([
        (b'[{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}}]', Code.RATE_LIMITED, "slow down"),
        (b'{"object":"error","message":"slow","code":400}', Code.PROVIDER_REFUSED, "slow"),
        (b'{"detail":[{"loc":["body","x"],"msg":"field required"}]}', ERROR, "body.x: field required"),
        (b'{"errors":[{"message":"it broke"}],"success":false}', ERROR, "it broke"),
        (b'{"error":"{\\"error\\":{\\"message\\":\\"it broke\\"}}"}', ERROR, "it broke"),
        (b'{"error":{"message":"upstream","metadata":{"raw":"{\\"error\\":{\\"message\\":\\"it broke\\"}}"}}}', ERROR, "it broke"),
        (b'{"choices":null,"base_resp":{"status_code":1004,"status_msg":"it broke"}}', ERROR, "it broke"),
      ])),
    Kind("openai", "a time-out on the way, after text", HI + data({"error": {"code": 504, "message": "upstream timed out"}}), "hi", finish=None, code=Code.TIMEOUT_IDLE, said="upstream timed out"),
    # Errors behind the answer's end.
    *(Kind("openai", f"an error behind the end {number}", HI + FIN + error + USE + DONE, "hi", usage=BOTH, late="it broke", is_streamed=is_streamed)
      for is_streamed in (True, False) for number, error in enumerate([data(BROKE), b"error: it broke\n\n", b"event: error\ndata: it broke\n\n", part({}, None, error=BROKE["error"]),
                                                                       part({}, None, x_groq=BROKE), data({"choices": [{"index": 0, "delta": {}, "error": BROKE["error"]}]})])),
    Kind("openai", "an error behind the end, beside usage", HI + FIN + data({"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": 7}} | BROKE), "hi", usage=BOTH, late="it broke"),
    Kind("openai", "an error behind the last word", HI + FIN + USE + DONE + data(BROKE), "hi", usage=BOTH, late="it broke"),
    Kind("openai", "an error behind a call", calls(function("f", Q, index=0, id="a")) + FIN + data(BROKE), calls=(("a", "f", Q),), finish=("tool_calls", True), late="it broke"),
    Kind("openai", "an error as second reason", HI + FIN + part({}, "abort") + USE, "hi", usage=BOTH, late="abort"),
    Kind("openai", "garbage behind the end", HI + FIN + data(b"{broken") + USE, "hi", usage=BOTH),
    Kind("openai", "an error beside the end", HI + part({}, "stop", error=BROKE["error"]) + USE, "hi", finish=None, code=ERROR, said="it broke"),
    Kind("openai", "an error behind an unsaid end", HI + DONE + data(BROKE), "hi", finish=None, code=ERROR, said="it broke"),
    Kind("openai", "words behind an error as reason", HI + part({}, "error") + data(BROKE) + USE, "hi", usage=BOTH, finish=None, code=ERROR, said="it broke"),
    # Thoughts and text.
    Kind("openai", "a lone closing tag", part({"content": "plan\n</think>\n\nans"}) + FIN, "ans", "plan"),
    Kind("openai", "a lone closing tag", whole({"content": "plan\n</think>\n\nans"}), "ans", "plan", is_streamed=False, content_type=JSON),
    Kind("openai", "a tag that is spoken of", part({"content": "Use `</think>`.\n```\n</think>\n```\n"}) + FIN, "Use `</think>`.\n```\n</think>\n```\n"),
    Kind("openai", "reasoning_details", part({"reasoning_details": [{"type": "reasoning.text", "text": "plan"}]}) + HI + FIN, "hi", "plan"),
    Kind("openai", "a refusal", part({"refusal": "I will not"}) + FIN, "I will not", finish=("refusal", True)),
    Kind("openai", "surrogates over chunks", data(rb'{"choices":[{"delta":{"content":"\ud83d"}}]}') + data(rb'{"choices":[{"delta":{"content":"\ude00"}}]}') + FIN, "😀"),
    Kind("openai", "a lone surrogate", data(rb'{"choices":[{"delta":{"content":"a\ud83d"}}]}') + HI + FIN, "a\ufffdhi"),
    Kind("openai", "a lone surrogate", rb'{"choices":[{"message":{"content":"a\ude00b"},"finish_reason":"stop"}]}', "a\ufffdb", is_streamed=False, content_type=JSON),
    Kind("openai", "surrogates in thoughts and arguments",
         data(rb'{"choices":[{"delta":{"reasoning":"\ud83d"}}]}') + data(rb'{"choices":[{"delta":{"reasoning":"\ude00","tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"q\":\"\ud83d"}}]}}]}')
         + data(rb'{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\ude00\"}"}}]}}]}') + FIN,
         "", "😀", calls=(("a", "f", {"q": "😀"}),), finish=("tool_calls", True)),
    # Frames and bodies.
    Kind("openai", "keep-alives", b"data:\n\n" + HI + b"event: ping\ndata: {}\n\n" + b'data: {"type":"ping"}\n\ndata: null\n\ndata: ping\n\n: x\n\n' + FIN + DONE, "hi"),
    *(Kind("openai", f"a stream as {kind}", HI + FIN + USE + DONE, "hi", usage=BOTH, content_type=kind) for kind in ("text/plain", None, "application/octet-stream", JSON)),
    Kind("openai", "JSON to a stream", whole({"content": "hi"}, usage={"prompt_tokens": 11, "completion_tokens": 7}), "hi", usage=BOTH, content_type=JSON),
    Kind("openai", "JSON over lines to a stream", orjson.dumps(orjson.loads(whole({"content": "hi"})), option=orjson.OPT_INDENT_2), "hi", content_type=JSON),
    Kind("openai", "a stream to a whole call", HI + FIN + USE + DONE, "hi", usage=BOTH, is_streamed=False),
    Kind("openai", "lines to a whole call", HI[6:-1] + FIN[6:-1], "hi", is_streamed=False, content_type=JSON),
    Kind("openai", "a cut stream to a whole call", HI, "hi", finish=None, code=Code.STREAM_CUT, is_streamed=False),
    Kind("openai", "gzip in members", b"".join(GZIPPED), "hi", usage=BOTH, encoding="gzip"),
    Kind("openai", "gzip unsaid", b"".join(GZIPPED), "hi", usage=BOTH),
    Kind("openai", "gzip that is none", HI + FIN + USE, "hi", usage=BOTH, encoding="gzip"),
]  # fmt: skip

ANTHROPIC = [
    Kind("anthropic", "a tool that Anthropic ran", begin(input_tokens=11, output_tokens=1) + block(0, SEARCH, {"type": "input_json_delta", "partial_json": '{"q":'}, {"type": "input_json_delta", "partial_json": '"x"}'})
         + block(1, FOUND) + say("found", 2) + stop(output_tokens=7), "found", ran=(("s1", "web_search", Q, FOUND["content"]),), usage=BOTH),
    Kind("anthropic", "a tool of an MCP server", begin() + block(0, {"type": "mcp_tool_use", "id": "x", "name": "n", "server_name": "s", "input": Q}) + block(1, {"type": "mcp_tool_result", "tool_use_id": "x", "content": []}) + say("hi", 2) + stop(),
         "hi", ran=(("x", "n", Q, []),)),
    Kind("anthropic", "a tool that Anthropic ran", orjson.dumps({"type": "message", "content": [SEARCH | {"input": Q}, FOUND, {"type": "text", "text": "found"}], "stop_reason": "end_turn"}),
         "found", ran=(("s1", "web_search", Q, FOUND["content"]),), is_streamed=False, content_type=JSON),
    Kind("anthropic", "input in the opening", begin() + block(0, {"type": "tool_use", "id": "a", "name": "f", "input": Q}) + stop("tool_use"), calls=(("a", "f", Q),), finish=("tool_calls", True)),
    Kind("anthropic", "a cut in a call", begin() + say("hi") + event("content_block_start", index=1, content_block={"type": "tool_use", "id": "a", "name": "f", "input": {}})
         + event("content_block_delta", index=1, delta={"type": "input_json_delta", "partial_json": '{"q":'}), "hi", begun=(("a", "f", '{"q":'),), finish=None, code=Code.STREAM_CUT, is_cut=True),
    Kind("anthropic", "a cut in a tool that Anthropic runs", begin() + event("content_block_start", index=0, content_block=SEARCH) + event("content_block_delta", index=0, delta={"type": "input_json_delta", "partial_json": '{"q":'}),
         ran=(("s1", "web_search", '{"q":', None),), finish=None, code=Code.STREAM_CUT, is_cut=True),
    Kind("anthropic", "an error after a call", begin() + block(0, {"type": "tool_use", "id": "a", "name": "f", "input": Q}) + event("error", error={"type": "overloaded_error", "message": "Overloaded"}),
         begun=(("a", "f", '{"q":"x"}'),), finish=None, code=ERROR, said="Overloaded"),
    Kind("anthropic", "a call at the limit", begin() + block(0, {"type": "tool_use", "id": "a", "name": "f", "input": {}}, {"type": "input_json_delta", "partial_json": '{"q":'}) + stop("max_tokens"),
         begun=(("a", "f", '{"q":'),), finish=("length", True)),
    Kind("anthropic", "two messages", begin("m1") + say("The cap") + begin("m2") + say("The capital") + stop(), "The cap", finish=None, code=Code.MALFORMED_RESPONSE),
    Kind("anthropic", "usage before a cut", begin(input_tokens=1500, cache_read_input_tokens=500, output_tokens=1) + say("par"), "par",
         usage=Usage(2000, None, cache_read_tokens=500), finish=None, code=Code.STREAM_CUT, is_cut=True),
    Kind("anthropic", "usage before an error", begin(input_tokens=1500) + say("par") + event("error", error={"type": "overloaded_error", "message": "Overloaded"}), "par",
         usage=Usage(1500), finish=None, code=ERROR, said="Overloaded"),
    Kind("anthropic", "a time-out on the way", event("error", error={"type": "timeout_error", "message": "Timed out"}), finish=None, code=Code.TIMEOUT_FIRST_BYTE, said="Timed out"),
    Kind("anthropic", "a time-out on the way, after text", begin() + say("hi") + event("error", error={"type": "timeout_error", "message": "Timed out"}), "hi", finish=None, code=Code.TIMEOUT_IDLE, said="Timed out"),
    Kind("anthropic", "an error behind the reason", begin(input_tokens=11) + say("hi") + event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 7}) + event("error", error={"type": "api_error", "message": "it broke"}),
         "hi", usage=BOTH, late="it broke"),
    Kind("anthropic", "an error behind the last word", begin() + say("hi") + stop() + event("error", error={"type": "api_error", "message": "it broke"}), "hi", late="it broke"),
    Kind("anthropic", "an error behind the last word", begin() + say("hi") + stop() + event("error", error={"type": "api_error", "message": "it broke"}), "hi", late="it broke", is_streamed=False),
    Kind("anthropic", "an error beside the reason", begin() + say("hi") + event("message_delta", delta={"stop_reason": "end_turn"}, **BROKE), "hi", finish=None, code=ERROR, said="it broke"),
    Kind("anthropic", "usage in two places", begin(input_tokens=5, cache_read_input_tokens=1000, output_tokens=1) + say("hi") + stop(input_tokens=5, output_tokens=9), "hi", usage=Usage(1005, 9, cache_read_tokens=1000)),
    Kind("anthropic", "what was written to the cache", begin(input_tokens=100, cache_read_input_tokens=9000, cache_creation_input_tokens=900, cache_creation={"ephemeral_5m_input_tokens": 400, "ephemeral_1h_input_tokens": 500}, service_tier="standard")
         + say("hi") + stop(output_tokens=100), "hi", usage=Usage(10000, 100, 9000, 900, 500, service_tier="standard")),
    Kind("anthropic", "counts as 12.0", begin(input_tokens=12.0) + say("hi") + stop(output_tokens=7.0), "hi", usage=Usage(12, 7)),
    Kind("anthropic", "an empty stop reason", begin() + say("hi") + event("message_delta", delta={"stop_reason": ""}), "hi", finish=None, code=Code.STREAM_CUT),
    Kind("anthropic", "an end without a reason", begin() + say("hi") + stop(None), "hi", finish=("stop", False)),
    *(Kind("anthropic", f"{said} is {ours}", begin() + say("hi") + stop(said), "hi", finish=(ours, True)) for said, ours in [("max_tokens", "length"), ("refusal", "refusal"), ("pause_turn", "stop"), ("model_context_window_exceeded", "length")]),
    Kind("anthropic", "error as reason", begin() + say("hi") + stop("error"), "hi", finish=None, code=ERROR),
    Kind("anthropic", "a bare error", b'{"type":"error","error":{"type":"api_error","message":"it broke"}}', finish=None, code=ERROR, said="it broke"),
    Kind("anthropic", "a bare error", b'{"type":"error","error":{"type":"api_error","message":"it broke"}}', finish=None, code=ERROR, said="it broke", is_streamed=False, content_type=JSON),
    Kind("anthropic", "an error line", begin(input_tokens=9) + b'error: {"message":"it broke"}\n\n', usage=Usage(9), finish=None, code=ERROR, said="it broke"),
    Kind("anthropic", "keep-alives", b"data:\n\n" + begin() + b"event: ping\ndata: {}\n\ndata: {}\n\n" + say("hi") + stop(), "hi"),
    Kind("anthropic", "no index", begin() + say("hi", None) + stop(), "hi"),
    Kind("anthropic", "surrogates over chunks", begin() + event("content_block_start", index=0, content_block={"type": "text", "text": ""})
         + data(rb'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\ud83d"}}') + data(rb'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\ude00"}}') + stop(), "😀"),
    *(Kind("anthropic", f"a stream as {kind}", begin() + say("hi") + stop(), "hi", content_type=kind) for kind in ("text/plain", None, JSON)),
    Kind("anthropic", "JSON to a stream", orjson.dumps({"type": "message", "content": [{"type": "text", "text": "hi"}], "stop_reason": "end_turn", "usage": {"input_tokens": 11, "output_tokens": 7}}), "hi", usage=BOTH, content_type=JSON),
    Kind("anthropic", "a stream to a whole call", begin() + say("hi") + stop(), "hi", is_streamed=False),
    Kind("anthropic", "gzip in members", gzip.compress(begin()) + gzip.compress(say("hi") + stop()), "hi", encoding="gzip"),
]  # fmt: skip

OLLAMA = [
    Kind("ollama", "one count", line({"content": "hi"}) + line(done=True, done_reason="stop", eval_count=7), "hi", usage=Usage(None, 7)),
    Kind("ollama", "counts as 12.0", line({"content": "hi"}) + line(done=True, done_reason="stop", prompt_eval_count=12.0, eval_count=7.0), "hi", usage=Usage(12, 7)),
    Kind("ollama", "a lone closing tag", line({"content": "plan\n</think>\n\nans"}) + END, "ans", "plan", usage=BOTH),
    Kind("ollama", "two tool calls with index 0", line({"tool_calls": [function("f", Q, index=0)]}) + line({"tool_calls": [function("f", '{"q":"y"}', index=0)]}) + END,
         calls=((None, "f", Q), (None, "f", {"q": "y"})), usage=BOTH, finish=("tool_calls", True)),
    Kind("ollama", "a cut after a call", line({"tool_calls": [function("f", Q, index=0)]}), begun=(("", "f", '{"q":"x"}'),), finish=None, code=Code.STREAM_CUT),
    Kind("ollama", "surrogates over lines", b'{"message":{"content":"\\ud83d"},"done":false}\n{"message":{"content":"\\ude00"},"done":false}\n' + END, "😀", usage=BOTH),
    Kind("ollama", "an error beside usage", line({"content": "par"}, prompt_eval_count=11, error="it broke"), "par", usage=Usage(11), finish=None, code=ERROR, said="it broke"),
    Kind("ollama", "a time-out on the way", b'{"error":"timed out waiting for llama runner"}\n', finish=None, code=Code.TIMEOUT_FIRST_BYTE, said="timed out"),
    Kind("ollama", "an error behind the end", line({"content": "hi"}) + END + b'{"error":"it broke"}\n', "hi", usage=BOTH, late="it broke"),
    Kind("ollama", "an error behind the end", line({"content": "hi"}) + END + b'{"error":"it broke"}\n', "hi", usage=BOTH, late="it broke", is_streamed=False),
    Kind("ollama", "an error beside the end", line({"content": "hi"}) + line(done=True, done_reason="stop", error="it broke"), "hi", finish=None, code=ERROR, said="it broke"),
    Kind("ollama", "an error with JSON inside", b'{"error":"{\\"error\\":{\\"message\\":\\"it broke\\"}}"}\n', finish=None, code=ERROR, said="it broke"),
    Kind("ollama", "an error", b'{"error":"it broke"}', finish=None, code=ERROR, said="it broke", is_streamed=False, content_type=JSON),
    Kind("ollama", "error as reason", line({"content": "hi"}) + line(done=True, done_reason="error"), "hi", finish=None, code=ERROR),
    Kind("ollama", "a reason in capitals", line({"content": "hi"}) + line(done=True, done_reason="LENGTH"), "hi", finish=("length", True)),
    Kind("ollama", "server-sent events", data(line({"content": "hi"}).strip()) + data(END.strip()), "hi", usage=BOTH),
    *(Kind("ollama", f"lines as {kind}", line({"content": "hi"}) + END, "hi", usage=BOTH, content_type=kind) for kind in (JSON, "text/plain", None, SSE)),
    Kind("ollama", "keep-alives", b"{}\n\n" + line({"content": "hi"}) + b"\n{}\n" + END, "hi", usage=BOTH),
    Kind("ollama", "lines to a whole call", line({"content": "h"}) + line({"content": "i"}) + END, "hi", usage=BOTH, is_streamed=False, content_type=JSON),
    Kind("ollama", "a cut", line({"content": "par"}), "par", finish=None, code=Code.STREAM_CUT),
]  # fmt: skip

COST = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18, "cost": 0.0003}
WHOLE = {"completion": "hi", "model": "m", "persona": "Analyst", "usage": COST}
DADMS = [
    Kind("dadms", "the contract's answer", orjson.dumps(WHOLE), "hi", usage=BOTH, finish=("stop", False), is_streamed=False, content_type=JSON),
    Kind("dadms", "JSON to a stream", orjson.dumps(WHOLE), "hi", usage=BOTH, finish=("stop", False), content_type=JSON),
    *(Kind("dadms", f"pieces, then the whole, as {kind}", frame({"completion": "h"}) + frame({"completion": "i"}) + frame(WHOLE | {"done": True}), "hi", usage=BOTH, finish=("stop", False), content_type=kind)
      for kind, frame in ((SSE, data), ("application/x-ndjson", lambda value: orjson.dumps(value) + b"\n"), (JSON, lambda value: orjson.dumps(value) + b"\n"))),
    Kind("dadms", "equal pieces", data({"completion": "ha"}) + data({"completion": "ha"}) + data({"finish_reason": "stop", "usage": COST}), "haha", usage=BOTH),
    Kind("dadms", "a profile's frames", data({"type": "start"}) + data({"type": "content", "content": "hi"}) + data({"type": "tool_call", "tool_call": {"id": "a", "name": "f", "arguments": Q}}) + data({"type": "end", "usage": COST}),
         "hi", calls=(("a", "f", Q),), usage=BOTH, finish=("tool_calls", False)),
    Kind("dadms", "below data", data({"data": {"completion": "hi"}}) + data({"data": {"usage": COST}}), "hi", usage=BOTH, finish=("stop", False)),
    Kind("dadms", "success that is none", orjson.dumps({"success": False, "error": "it broke", "message": "it broke"}), finish=None, code=ERROR, said="it broke", is_streamed=False, content_type=JSON),
    Kind("dadms", "an error in the stream", data({"completion": "par"}) + data({"type": "error", "message": "it broke"}), "par", finish=None, code=ERROR, said="it broke"),
    Kind("dadms", "a cut", data({"completion": "par"}), "par", finish=None, code=Code.STREAM_CUT),
    Kind("dadms", "somebody else's answer", orjson.dumps({"results": []}), finish=None, code=Code.MALFORMED_RESPONSE, is_streamed=False, content_type=JSON),
    Kind("dadms", "counts that make no sense", orjson.dumps(WHOLE | {"usage": {"prompt_tokens": "many", "completion_tokens": -1}}), "hi", finish=("stop", False), is_streamed=False, content_type=JSON),
]  # fmt: skip

KINDS = [*OPENAI, *ANTHROPIC, *OLLAMA, *DADMS]
