"""Each kind of bytes that real providers send, through the real stack and cut anywhere (wire_kinds.py)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.base import (
    ProviderEvent,
    ProviderToolUse,
    ReasoningDelta,
    TextDelta,
    TextWasReasoning,
    ToolCall,
    ToolCallPart,
    Usage,
)
from providers.errors import ProviderFailure
from providers.http.framing import BodyDecoder
from providers.http.inflate import Inflate
from providers.http.transport import Transport
from providers.wires.answer import Answer
from providers.wires.bedrock.reader import BedrockReader
from providers.wires.cohere.reader import CohereReader
from providers.wires.gemini.reader import GeminiReader
from providers.wires.stream import Reader, accept_ended, read_whole
from providers.wires.surrogates import Halves, joined
from tests.providers import library_kinds
from tests.providers.questions import Outcome, ask
from tests.providers.test_contract import ADAPTERS
from tests.providers.test_sse import READERS
from tests.providers.wire_kinds import KINDS, Kind
from tests.servers.raw_provider import RawProvider

LIBRARY_READERS: dict[str, Callable[[Answer], Reader]] = {
    "gemini": GeminiReader,
    "cohere": CohereReader,
    "bedrock": BedrockReader,
}


def told(events: list[ProviderEvent]) -> dict[str, Any]:
    """What a run makes of the events."""
    text, thoughts, usage = "", "", None
    ran: dict[str, tuple[str, str, str, str | None]] = {}
    growing: dict[int, tuple[str, str, str]] = {}
    for event in events:
        if isinstance(event, TextDelta):
            text += event.text
        elif isinstance(event, ReasoningDelta):
            thoughts += event.text
        elif isinstance(event, TextWasReasoning):
            text, thoughts = "", thoughts + text.strip("\n")
        elif isinstance(event, ProviderToolUse):
            _, name, arguments, _ = ran.get(event.id, (event.id, event.name, event.arguments, None))
            ran[event.id] = (event.id, name, arguments, event.result)
        elif isinstance(event, ToolCallPart):
            _, _, before = growing.get(event.position, ("", "", ""))
            growing[event.position] = (event.id, event.name, before + event.arguments)
        elif isinstance(event, Usage):
            usage = event
    ended = [event for event in events if isinstance(event, ToolCall)]
    calls = [(call.id, call.name, orjson.loads(call.arguments)) for call in ended if call.is_whole]
    begun = [(call.id, call.name, call.arguments) for call in ended if not call.is_whole]
    begun += [] if ended else [(id, name, joined(arguments)) for id, name, arguments in growing.values()]
    used = [_loaded(use) for use in ran.values()]
    return {"text": text, "reasoning": thoughts, "calls": calls, "begun": begun, "ran": used, "usage": usage}


def _loaded(use: tuple[str, str, str, str | None]) -> tuple[str, str, Any, Any]:
    id, name, arguments, result = use
    told = arguments if arguments and not arguments.endswith("}") else orjson.loads(arguments or "{}")
    return id, name, told, orjson.loads(result) if result and result[0] in "[{" else result


def expected(kind: Kind, found: dict[str, Any]) -> dict[str, Any]:
    """Ids that the provider does not give are ours."""
    ids = [call[0] for call in found["calls"]]
    calls = [(id or ids[at : at + 1][0] if at < len(ids) else id, *rest) for at, (id, *rest) in enumerate(kind.calls)]
    return {
        "text": kind.text,
        "reasoning": kind.reasoning,
        "calls": calls,
        "begun": list(kind.begun),
        "ran": list(kind.ran),
        "usage": kind.usage,
    }


@pytest.mark.parametrize("every", [0, 7], ids=["at once", "in sevens"])
@pytest.mark.parametrize("kind", KINDS, ids=str)
async def test_a_kind_is_read_as_what_it_is(raw: RawProvider, transport: Transport, kind: Kind, every: int) -> None:
    raw.plays(kind.body, content_type=kind.content_type, encoding=kind.encoding, every=every, is_cut=kind.is_cut)
    base_url = f"{raw.url}/v1" if kind.wire == "openai" else raw.url
    adapter = ADAPTERS[kind.wire](transport, base_url=base_url)
    require_kind(kind, await ask(adapter, "m", is_streamed=kind.is_streamed))


def require_kind(kind: Kind, outcome: Outcome) -> None:
    """That what came is what the kind is."""
    found = told(outcome.events)
    assert found == expected(kind, found)
    assert outcome.code == kind.code
    assert kind.said in str(outcome.failure)
    assert (outcome.finish and (outcome.finish.reason, outcome.finish.is_said)) == kind.finish
    late = outcome.finish.error if outcome.finish else None
    assert kind.late in str(late)
    assert (late is not None) == bool(kind.late)
    assert len({call.id for call in outcome.tool_calls if call.is_whole}) == len(kind.calls)


def read(kind: Kind, chunks: list[bytes]) -> tuple[dict[str, Any], str]:
    """What the readers make of these bytes, and the failure."""
    answer = Answer(100_000, has_think_tags=kind.wire != "anthropic")
    reader = {**READERS, **LIBRARY_READERS}[kind.wire](answer)
    decoder = BodyDecoder(line_bytes=100_000, document_bytes=100_000, content_type=kind.content_type or "")
    events: list[ProviderEvent] = []
    failure = ""
    try:
        if not kind.is_streamed:
            read_whole(b"".join(chunks), decoder, reader, answer)
        for chunk in [*chunks, b""] if kind.is_streamed else ():
            for event in decoder.feed(chunk) if chunk else decoder.close():
                accept_ended(reader, event, answer)
                if reader.is_over:
                    break
            events += answer.take()
            if reader.is_over:
                break
    except ProviderFailure as raised:
        failure = str(raised)
        answer.let_go()
    events += answer.take() if failure or answer.failure or answer.reason is None else answer.close()
    return told(events), failure


STREAMS = [kind for kind in (*KINDS, *library_kinds.KINDS) if kind.encoding is None and kind.is_streamed]


@pytest.mark.parametrize("kind", STREAMS, ids=str)
@settings(max_examples=12)
@given(st.lists(st.integers(0, 3000), max_size=12))
def test_a_kind_may_be_cut_anywhere(kind: Kind, at: list[int]) -> None:
    body = kind.body
    edges = [0, *sorted(position % (len(body) + 1) for position in at), len(body)]
    chunks = [body[start:end] for start, end in itertools.pairwise(edges) if start < end]
    assert read(kind, chunks) == read(kind, [body])


@given(st.text(st.sampled_from("a😀\ud83d\ude00\ud800\ufffd")), st.lists(st.integers(0, 20), max_size=6))
def test_halves_of_characters_are_joined_or_replaced(text: str, at: list[int]) -> None:
    edges = [0, *sorted(position % (len(text) + 1) for position in at), len(text)]
    halves = Halves()
    found = "".join(halves.feed(text[start:end]) for start, end in itertools.pairwise(edges)) + halves.close()
    assert found == joined(text)
    found.encode()


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=4), st.integers(1, 50), st.binary(max_size=3))
def test_members_of_gzip_may_be_cut_anywhere(parts: list[bytes], step: int, padding: bytes) -> None:
    import gzip

    packed = b"".join(map(gzip.compress, parts)) + b"\0" * len(padding)
    inflate = Inflate("gzip")
    found = b""
    for at in range(0, len(packed), step):
        found += inflate.feed(packed[at : at + step])
        while inflate.has_more:
            found += inflate.feed(b"")
    assert found == b"".join(parts)


@pytest.mark.parametrize(
    ("pieces", "text", "thoughts"),
    [
        (["plan", "\n</thi", "nk>", "\n\nans"], "ans", "plan"),
        (["plan.", "</think>", "ans"], "ans", "plan."),
        (["plan\n</think>"], "", "plan"),
        (["</think>\n\n", "ans"], "ans", ""),
        (["The tag </think> ends it."], "The tag </think> ends it.", ""),
        (["```\nx\n", "</think>\n```\nend"], "```\nx\n</think>\n```\nend", ""),
        (["x\n<think>\ny\n</think>\nz"], "x\n<think>\ny\n</think>\nz", ""),
        (["a\n</think>\nb\n</think>\nc"], "b\n</think>\nc", "a"),
    ],
)
@pytest.mark.parametrize("is_shown", [True, False])
def test_a_closing_tag_without_an_opening(pieces: list[str], text: str, thoughts: str, is_shown: bool) -> None:
    answer = Answer(1000, has_think_tags=True)
    events: list[ProviderEvent] = []
    for piece in pieces:
        answer.add_text(piece)
        events += answer.take() if is_shown else []
    found = told([*events, *answer.close()])
    assert (found["text"], found["reasoning"]) == (text, thoughts)
