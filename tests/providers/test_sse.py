"""The decoders: the same bytes cut anywhere give the same events, and nothing but typed failures comes out."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.base import TextDelta
from providers.errors import Code, ProviderFailure
from providers.http.ndjson import LineDecoder
from providers.http.sse import Event, SSEDecoder
from providers.wires.answer import Answer
from providers.wires.anthropic.reader import AnthropicReader
from providers.wires.dadms.reader import DADMSReader
from providers.wires.ollama.reader import OllamaReader
from providers.wires.openai.reader import OpenAIReader
from providers.wires.stream import Decoder, Reader, accept_event
from tests.servers.provider_simulator.answers import tokens
from tests.servers.provider_simulator.wires import WIRE, Tool
from tests.servers.provider_simulator.wires import Answer as Said

LIMIT = 64
READERS: dict[str, Callable[[Answer], Reader]] = {
    "openai": OpenAIReader,
    "anthropic": AnthropicReader,
    "ollama": OllamaReader,
    "dadms": DADMSReader,
}
LINES = st.sampled_from(
    [
        b"data: a",
        b"data:b",
        b"data",
        b"data:",
        b"data:  c",
        b"event: e",
        b"event",
        b"id: 1",
        b"id",
        b"id: \x00",
        b": hm",
        b"retry: 9",
        b"unknown: x",
        "data: ü🚀".encode(),
        b"\xef\xbb\xbfdata: x",
        b"datax: 1",
        b"data: " + b"x" * 70,
        b"",
    ]
)
ENDINGS = st.sampled_from([b"\n", b"\n", b"\r\n", b"\r"])
STREAMS = st.lists(st.tuples(LINES, ENDINGS), max_size=30).map(lambda lines: b"".join(map(b"".join, lines)))


def cut(data: bytes, at: list[int]) -> list[bytes]:
    edges = [0, *sorted(position % (len(data) + 1) for position in at), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges) if start < end]


def decoded(decoder: Decoder, chunks: list[bytes]) -> tuple[list[Event], Code | None]:
    events: list[Event] = []
    try:
        for chunk in chunks:
            events += decoder.feed(chunk)
        events += decoder.close()
    except ProviderFailure as failure:
        return events, failure.code
    return events, None


def by_the_standard(data: bytes) -> list[Event]:
    """The standard's algorithm, line by line, for streams without a limit."""
    events: list[Event] = []
    kind, last_id, payload = b"", b"", b""
    lines = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")[:-1]
    for line in lines:
        name, _, value = line.partition(b":")
        value = value[1:] if value.startswith(b" ") else value
        if not line:
            if payload:
                events.append(Event(payload[:-1], kind or b"message", last_id))
            kind, payload = b"", b""
        elif name == b"data":
            payload += value + b"\n"
        elif name == b"event":
            kind = value
        elif name == b"id" and b"\0" not in value:
            last_id = value
    return events


@given(STREAMS, st.lists(st.integers(0, 5000), max_size=12))
def test_cuts_make_no_difference(data: bytes, at: list[int]) -> None:
    assert decoded(SSEDecoder(LIMIT), cut(data, at)) == decoded(SSEDecoder(LIMIT), [data] if data else [])


@given(STREAMS)
def test_byte_by_byte_is_the_same(data: bytes) -> None:
    single = [data[at : at + 1] for at in range(len(data))]
    assert decoded(SSEDecoder(LIMIT), single) == decoded(SSEDecoder(LIMIT), [data] if data else [])


@given(STREAMS, st.lists(st.integers(0, 5000), max_size=12))
def test_events_are_the_standards(data: bytes, at: list[int]) -> None:
    assert decoded(SSEDecoder(10_000), cut(data, at)) == (by_the_standard(data), None)


@given(
    st.lists(st.sampled_from([b"data: a\n\n", b"event: e\ndata: b\n\n", b"data: c\ndata: d\n\n", b"\n", b": x\n\n"]))
)
def test_whole_events_a_chunk_are_the_standards(chunks: list[bytes]) -> None:
    assert decoded(SSEDecoder(10_000), chunks) == (by_the_standard(b"".join(chunks)), None)


def test_an_event_that_the_end_cuts_off_is_dropped() -> None:
    assert decoded(SSEDecoder(LIMIT), [b"data: a\n\ndata: b\n"]) == ([Event(b"a")], None)


@pytest.mark.parametrize("make", [SSEDecoder, LineDecoder])
def test_what_came_before_a_line_without_end_is_given_out(make: Callable[[int], Decoder]) -> None:
    stream = b"data: 1\n\n" + b"x" * 100
    for chunks in (
        [stream],
        [stream[:9], stream[9:40], stream[40:]],
        [stream[at : at + 1] for at in range(len(stream))],
    ):
        events, code = decoded(make(LIMIT), chunks)
        assert (len(events), code) == (1, Code.OUTPUT_TOO_LARGE)


def test_a_huge_line_that_drips_costs_no_copying() -> None:
    decoder = SSEDecoder(10_000_000)
    for _ in range(200_000):
        decoder.feed(b"xxxxxxxxxx")
    assert decoder.feed(b"\n\n") == []


@given(st.lists(st.sampled_from([b'{"a":1}', b"", b" ", b"x" * 70, "ü".encode()])), st.lists(st.integers(0, 500)))
def test_lines_may_be_cut_anywhere(lines: list[bytes], at: list[int]) -> None:
    data = b"\n".join(lines)
    assert decoded(LineDecoder(LIMIT), cut(data, at)) == decoded(LineDecoder(LIMIT), [data] if data else [])


def read(wire: str, chunks: list[bytes]) -> tuple[str, Code | None, str | None]:
    """(text and thoughts, failure, reason) of a stream, as Reading reads it."""
    answer = Answer(100_000, has_think_tags=True)
    reader = READERS[wire](answer)
    decoder: Decoder = LineDecoder(100_000) if wire == "ollama" else SSEDecoder(100_000)
    said: list[object] = []
    code = None
    try:
        for chunk in [*chunks, b""]:
            for event in decoder.feed(chunk) if chunk else decoder.close():
                accept_event(reader, event)
                if reader.is_over:
                    break
            said += answer.take()
            if reader.is_over:
                break
    except ProviderFailure as failure:
        code = failure.code
    said += answer.close()
    return "".join(getattr(event, "text", "") for event in said), code, answer.reason


def stream_of(wire: str) -> bytes:
    said = Said("m", ("Grüße ", "🚀", " an alle"), ("hm", " so"), (Tool("c", "t", '{"a": 1}'),), "stop", (1, 2))
    return b"".join(WIRE[wire].stream(said, True).all())


@pytest.mark.parametrize("wire", READERS)
@given(st.lists(st.integers(0, 5000), max_size=20))
def test_an_answer_may_be_cut_anywhere(wire: str, at: list[int]) -> None:
    data = stream_of(wire)
    assert read(wire, cut(data, at)) == read(wire, [data])
    assert read(wire, [data])[0] == "hm soGrüße 🚀 an alle"


@pytest.mark.parametrize("wire", READERS)
@settings(max_examples=300)
@given(st.data())
def test_a_mutated_stream_is_an_answer_or_a_typed_failure(wire: str, data: st.DataObject) -> None:
    stream = bytearray(stream_of(wire))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(stream) - 1))
        end = start + data.draw(st.integers(0, 12))
        pieces = [b"null", b"[]", b"{}", b"-1", b"1e999", b'"\\ud800"', b"\n\n", b"\xff", b'"', b"5", b"true", b""]
        stream[start:end] = data.draw(st.sampled_from(pieces) | st.binary(max_size=5))
    read(wire, cut(bytes(stream), data.draw(st.lists(st.integers(0, 5000), max_size=5))))


NAMES = (
    "choices delta message content type index usage error tool_calls function arguments text finish_reason done "
    "thinking content_block prompt_tokens"
)
SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES.split()), inner, max_size=5),
)


@pytest.mark.parametrize("wire", READERS)
@given(SHAPES)
def test_json_of_any_shape_is_an_answer_or_a_typed_failure(wire: str, value: object) -> None:
    line = orjson.dumps(value)
    read(wire, [(b"" if wire == "ollama" else b"data: ") + line + b"\n\n"])
    with contextlib.suppress(ProviderFailure):
        READERS[wire](Answer(100)).accept_whole(line)


def test_several_tokens_of_one_reading_are_one_delta() -> None:
    answer = Answer(1000)
    reader = OpenAIReader(answer)
    for event in SSEDecoder(10_000).feed(b"".join(WIRE["openai"].stream(tokens(5), True).all())):
        reader.accept(event.data)
    assert len([event for event in answer.take() if isinstance(event, TextDelta)]) == 1
