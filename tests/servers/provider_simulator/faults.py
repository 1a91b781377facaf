"""Models that misbehave: each fault by its name (README.md)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace

import orjson

from tests.servers.provider_simulator import errors
from tests.servers.provider_simulator.answers import script_of, tokens
from tests.servers.provider_simulator.question import Question
from tests.servers.provider_simulator.steps import END_OF_BODY, Cut, Hang, Pause, Reset, Script, chunk, head, whole
from tests.servers.provider_simulator.wires import WIRE, Answer, Pieces, Tool

Fault = Callable[[Question], Script]
FAULTS: dict[str, Fault] = {}
STATUS = re.compile(r"fault-(5\d\d|408)(?:-(once|twice|thrice|five-times))?(?:-after-(\d+))?$")
FLAKY = re.compile(r"fault-flaky-(\d+)-of-(\d+)$")
TIMES = {"once": 1, "twice": 2, "thrice": 3, "five-times": 5}


def fault(name: str) -> Callable[[Fault], Fault]:
    def register(function: Fault) -> Fault:
        FAULTS[f"fault-{name}"] = function
        return function

    return register


def fault_of(question: Question, times_asked: int, asked_with: bytes) -> Script | None:
    """The script of a model that misbehaves, None when it behaves (this time)."""
    if question.model == "fault-401":
        return _echoing_401(question.wire, asked_with)
    if match := STATUS.match(question.model):
        before = int(match[3] or 0)
        if times_asked <= before or (match[2] and times_asked > before + TIMES[match[2]]):
            return script_of(replace(question, model="tokens-8"))
        status = int(match[1])
        error = errors.OVERLOADED if status == 529 else errors.Error(status, "The server had an error.")
        return errors.refuse(question.wire, error)
    if match := FLAKY.match(question.model):
        return _flaky(question, times_asked - 1, int(match[1]), int(match[2]))
    make = FAULTS.get(question.model)
    if make is None:
        return errors.refuse(question.wire, errors.NO_MODEL) if question.model.startswith("fault-") else None
    return make(question)


def _echoing_401(wire: str, asked_with: bytes) -> Script:
    """Repeats the request's line and headers, key included, as careless gateways do."""
    said = asked_with.decode("latin-1")
    return errors.refuse(wire, replace(errors.KEY_REFUSED, message=f"Incorrect API key provided. Request was: {said}"))


def _flaky(question: Question, asked_before: int, right: int, of: int) -> Script:
    """Yes in the first `right` of each `of` calls, no in the others; every second time with a line's end after it."""
    said = "yes" if asked_before % of < right else "no"
    return _saying(question, Answer(question.name, (said + "\n" * (asked_before % 2),), usage=(5, 1)))


def _pieces(question: Question, count: int = 8) -> Pieces:
    return WIRE[question.wire].stream(tokens(count, question.name), question.wants_usage)


def _head(question: Question) -> bytes:
    return head(200, WIRE[question.wire].content_type)


def _saying(question: Question, answer: Answer) -> Script:
    """An answer that is regular in form."""
    wire = WIRE[question.wire]
    if not question.is_streamed:
        return whole(200, wire.body(answer))
    return [_head(question), *map(chunk, wire.stream(answer, question.wants_usage).all()), END_OF_BODY]


for _name, _error, _headers in (
    ("429-after-2", errors.LIMITED, {"retry_after": "2"}),
    ("429-absurd", errors.LIMITED, {"retry_after": "99999"}),
    ("429-negative", errors.LIMITED, {"retry_after": "-5"}),
    ("429-text", errors.LIMITED, {"retry_after": "soon"}),
    ("429-spend-cap", errors.SPENT, {}),
    ("404-model", errors.NO_MODEL, {}),
    ("400-context", errors.TOO_LONG, {}),
    ("400", errors.WRONG, {}),
):
    FAULTS[f"fault-{_name}"] = lambda question, error=_error, headers=_headers: errors.refuse(  # type: ignore[misc]
        question.wire, error, **headers
    )


@fault("429-date")
def limited_until(question: Question) -> Script:
    return errors.refuse(question.wire, errors.LIMITED, retry_after=errors.in_two_seconds())


@fault("error-in-200")
def error_in_200(question: Question) -> Script:
    body = errors.body_of(question.wire, errors.OVERLOADED)
    event = {"anthropic": b"event: error\ndata: ", "ollama": b""}.get(question.wire, b"data: ")
    return [_head(question), chunk(event + body + b"\n\n"), END_OF_BODY]


@fault("html")
def html(question: Question) -> Script:
    return whole(200, b"<!doctype html><html><body><h1>It works!</h1></body></html>", "text/html")


@fault("empty")
def empty(question: Question) -> Script:
    kind = WIRE[question.wire].content_type if question.is_streamed else "application/json"
    return whole(200, b"", kind)


@fault("wrong-content-type")
def wrong_content_type(question: Question) -> Script:
    return whole(200, b"".join(_pieces(question).all()), "text/plain")


@fault("json-to-stream")
def json_to_stream(question: Question) -> Script:
    return whole(200, WIRE[question.wire].body(tokens(8, question.name)))


@fault("stream-to-plain")
def stream_to_plain(question: Question) -> Script:
    pieces = WIRE[question.wire].stream(tokens(8, question.name), True)
    return [head(200, "text/event-stream"), *map(chunk, pieces.all()), END_OF_BODY]


@fault("close")
def close(question: Question) -> Script:
    """Takes the request and leaves without a byte."""
    return [Cut()]


@fault("close-after")
def close_after(question: Question) -> Script:
    """A right answer, and then the connection is closed without a word, as llama.cpp does."""
    return [*script_of(replace(question, model="tokens-8")), Pause(0), Cut()]


@fault("cut-at-0")
def cut_at_0(question: Question) -> Script:
    return [_head(question), Pause(0.02), Cut()]


@fault("cut-at-5")
def cut_at_5(question: Question) -> Script:
    pieces = _pieces(question)
    return [_head(question), *map(chunk, pieces.opening + pieces.tokens[:5]), Pause(0.02), Cut()]


@fault("end-at-5")
def end_at_5(question: Question) -> Script:
    """The body ends regularly, the answer does not."""
    pieces = _pieces(question)
    return [_head(question), *map(chunk, pieces.opening + pieces.tokens[:5]), END_OF_BODY]


@fault("reset-at-5")
def reset_at_5(question: Question) -> Script:
    pieces = _pieces(question)
    return [_head(question), *map(chunk, pieces.opening + pieces.tokens[:5]), Pause(0.05), Reset()]


@fault("cut-after-finish")
def cut_after_finish(question: Question) -> Script:
    pieces = _pieces(question)
    return [_head(question), *map(chunk, pieces.opening + pieces.tokens + pieces.finish), Pause(0.02), Cut()]


@fault("silent-after-finish")
def silent_after_finish(question: Question) -> Script:
    pieces = _pieces(question)
    return [_head(question), *map(chunk, pieces.opening + pieces.tokens + pieces.finish), Hang()]


@fault("no-done")
def no_done(question: Question) -> Script:
    pieces = _pieces(question)
    pieces.done = []
    return [_head(question), *map(chunk, pieces.all()), END_OF_BODY]


@fault("garbage")
def garbage(question: Question) -> Script:
    pieces = _pieces(question)
    line = b'{"choices": [{"delta": \xff\xfe!!\n\n'
    line = line if question.wire == "ollama" else b"data: " + line
    return [_head(question), *map(chunk, pieces.opening + pieces.tokens[:3] + [line]), END_OF_BODY]


@fault("garbage-after-done")
def garbage_after_done(question: Question) -> Script:
    return [_head(question), *map(chunk, [*_pieces(question).all(), b"\x00\x01 nonsense\n\n"]), END_OF_BODY]


@fault("not-http")
def not_http(question: Question) -> Script:
    return [b"220 mail.example.org ESMTP ready\r\n", Cut()]


@fault("split-utf8")
def split_utf8(question: Question) -> Script:
    """Each byte in a write of its own, in the middle of characters too."""
    answer = Answer(question.name, ("Grüße ", "aus Zürich ", "🚀👍🏽", " 東京"), usage=(4, 4))
    whole_stream = b"".join(WIRE[question.wire].stream(answer, question.wants_usage).all())
    # orjson writes UTF-8 itself, so the bytes of a character are really apart.
    return [_head(question), *(chunk(whole_stream[at : at + 7]) for at in range(0, len(whole_stream), 7)), END_OF_BODY]


@fault("crlf")
def crlf(question: Question) -> Script:
    endings = (b"\r\n", b"\r", b"\n")
    events = [piece.replace(b"\n", endings[at % 3]) for at, piece in enumerate(_pieces(question).all())]
    if question.wire == "ollama":
        events = [piece.replace(b"\n", b"\r\n") for piece in _pieces(question).all()]
    return [_head(question), *map(chunk, events), END_OF_BODY]


@fault("comments")
def comments(question: Question) -> Script:
    noise = b"\n" if question.wire == "ollama" else b": keep-alive\n\nretry: 3000\nid: 7\nunknown\n\n"
    return [_head(question), *(chunk(noise + piece) for piece in _pieces(question).all()), END_OF_BODY]


@fault("multiline-data")
def multiline_data(question: Question) -> Script:
    """Every JSON object over several data lines, without the space after the colon."""
    if question.wire == "ollama":
        return _saying(question, tokens(8, question.name))
    events = [
        piece.replace(b"data: ", b"data:").replace(b',"', b',\ndata:"') if b"[DONE]" not in piece else piece
        for piece in _pieces(question).all()
    ]
    return [_head(question), *map(chunk, events), END_OF_BODY]


@fault("huge-line")
def huge_line(question: Question) -> Script:
    return _saying(question, Answer(question.name, ("x" * 5_000_000,), usage=(1, 1)))


@fault("bom")
def bom(question: Question) -> Script:
    pieces = _pieces(question).all()
    mark = b"" if question.wire == "ollama" else b"\xef\xbb\xbf"
    return [_head(question), chunk(mark + pieces[0]), *map(chunk, pieces[1:]), END_OF_BODY]


@fault("hang")
def hang(question: Question) -> Script:
    return [Hang()]


@fault("silent-at-0")
def silent_at_0(question: Question) -> Script:
    return [_head(question), Hang()]


@fault("silent-at-5")
def silent_at_5(question: Question) -> Script:
    pieces = _pieces(question)
    return [_head(question), *map(chunk, pieces.opening + pieces.tokens[:5]), Hang()]


@fault("drip")
def drip(question: Question) -> Iterator[bytes | Pause]:
    """A byte a second, for ever."""
    yield _head(question)
    while True:
        for byte in b"".join(_pieces(question).tokens):
            yield chunk(bytes([byte]))
            yield Pause(1.0)


@fault("flood")
def flood(question: Question) -> Iterator[bytes]:
    """Text without end, as fast as it is taken."""
    pieces = _pieces(question, 64)
    yield _head(question)
    yield from map(chunk, pieces.opening)
    flow = chunk(pieces.tokens[1] * 256)
    while True:
        yield flow


@fault("flood-comments")
def flood_comments(question: Question) -> Iterator[bytes]:
    """No answer, but bytes without end."""
    yield _head(question)
    flow = chunk((b" \n" if question.wire == "ollama" else b": wait\n\n") * 8192)
    while True:
        yield flow


def _blanks(mebibytes: int) -> bytes:
    """Squeezed blanks; each flushed block stands for itself, so one is made and repeated."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    blanks = b" " * 1_048_576
    first, again = (squeeze.compress(blanks) + squeeze.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + again * (mebibytes - 1)


@fault("gzip-bomb")
def gzip_bomb(question: Question) -> Script:
    """200 MB of blanks in 200 KB."""
    kind = WIRE[question.wire].content_type if question.is_streamed else "application/json"
    return whole(200, _blanks(200), kind, content_encoding="gzip")


@fault("gzip")
def gzip(question: Question) -> Script:
    """Compressed though nobody asked for it, but otherwise right."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    wire, answer = WIRE[question.wire], tokens(8, question.name)
    body = b"".join(wire.stream(answer, question.wants_usage).all()) if question.is_streamed else wire.body(answer)
    kind = wire.content_type if question.is_streamed else "application/json"
    return whole(200, squeeze.compress(body) + squeeze.flush(), kind, content_encoding="gzip")


@fault("redirect")
def redirect(question: Question) -> Script:
    return whole(307, b"", "text/plain", location="/v1/models")


@fault("usage-missing")
def usage_missing(question: Question) -> Script:
    return _saying(question, replace(tokens(8, question.name), usage=None))


@fault("usage-negative")
def usage_negative(question: Question) -> Script:
    return _saying(question, replace(tokens(8, question.name), usage=(-12, -8)))


@fault("usage-strings")
def usage_strings(question: Question) -> Script:
    return _saying(question, replace(tokens(8, question.name), usage=("12", "eight")))


@fault("usage-twice")
def usage_twice(question: Question) -> Script:
    pieces = _pieces(question)
    pieces.usage = pieces.usage * 2
    return [_head(question), *map(chunk, pieces.all()), END_OF_BODY]


@fault("other-model")
def other_model(question: Question) -> Script:
    return _saying(question, tokens(8, "another-model-2026"))


@fault("two-choices")
def two_choices(question: Question) -> Script:
    return _saying(question, replace(tokens(8, question.name), choices=2))


@fault("tool-bad-json")
def tool_bad_json(question: Question) -> Script:
    name = question.tools[0][0] if question.tools else "calculator"
    call = Tool("call_0", name, '{"expression": "6 * ')
    if not question.is_streamed and question.wire == "anthropic":
        call = replace(call, arguments='"not an object"')
    return _saying(question, Answer(question.name, tools=(call,), finish="tool_calls", usage=(9, 9)))


@fault("wrong-types")
def wrong_types(question: Question) -> Script:
    """JSON, but none that the wire knows."""
    value = {"choices": "none", "type": "content_block_delta", "delta": 5, "message": [], "content": 7}
    line = orjson.dumps(value) + b"\n\n"
    if not question.is_streamed:
        return whole(200, line)
    return [_head(question), chunk(line if question.wire == "ollama" else b"data: " + line), END_OF_BODY]
