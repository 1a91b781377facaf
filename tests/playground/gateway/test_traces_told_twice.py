"""Calls that several spans tell of, as an SDK and what is wrapped around it do: each is kept once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.gateway.traces.call import Call, Said
from playground.gateway.traces.span import Span
from playground.gateway.traces.twice import Told, told_once
from providers.base import Usage
from tests.cast import Person
from tests.playground.gateway.test_traces import kept, sent

SECOND = 1_000_000_000
TRACE = "a" * 32


def span(name: str, parent: str = "", *, at: int = 0, seconds: int = 10, is_error: bool = False) -> Span:
    """A span from second `at` on, named by one letter."""
    began = at * SECOND
    return Span(TRACE, name * 16, "chat", began, began + seconds * SECOND, {}, is_error=is_error, parent_id=parent * 16)


def silent(response: str = "") -> Call:
    """As an SDK tells that keeps texts to itself."""
    return Call("anthropic", "m", usage=Usage(3, 4), response_id=response)


def telling(response: str = "") -> Call:
    """As something around it tells, without counts."""
    return Call(
        "anthropic", "m", asked=[Said("user", "Hello")], answers=[Said("assistant", "Hi")], response_id=response
    )


def names(calls: list[Told]) -> str:
    """The spans that were kept."""
    return "".join(told[0].span_id[0] for told in calls)


def test_of_an_sdk_and_what_is_around_it_the_one_with_texts_is_kept_with_the_counts() -> None:
    ((outer, call),) = told_once([(span("b", "a", at=1, seconds=8), silent("r")), (span("a"), telling())])
    assert (outer.span_id[0], call.usage, call.response_id) == ("a", Usage(3, 4), "r")


def test_the_inner_one_is_kept_where_it_tells_more() -> None:
    assert names(told_once([(span("a"), silent()), (span("b", "a"), telling())])) == "b"


def test_three_within_each_other_are_one() -> None:
    chain = [(span("c", "b"), silent()), (span("b", "a"), telling()), (span("a"), Call("anthropic", "m"))]
    assert names(told_once(chain)) == "b"


def test_a_repetition_after_a_failure_is_one_call_and_several_answers_are_several() -> None:
    failed, answered = span("b", "a", is_error=True), span("c", "a")
    assert names(told_once([(failed, silent()), (answered, silent()), (span("a"), telling())])) == "a"
    steps: list[Told] = [(span("b", "a"), silent("r1")), (span("c", "a"), silent("r2")), (span("a"), telling())]
    assert names(told_once(steps)) == "bc"


def test_spans_beside_each_other_are_one_by_their_response_while_both_last() -> None:
    beside: list[Told] = [(span("a", seconds=5), telling("r")), (span("b", at=1, seconds=5), silent("r"))]
    assert names(told_once(beside)) == "a"
    later: list[Told] = [(span("a", seconds=5), telling("r")), (span("b", at=7, seconds=5), silent("r"))]
    assert names(told_once(later)) == "ab"
    assert names(told_once([(span("a"), telling()), (span("b"), silent())])) == "ab"


def test_a_span_within_itself_is_kept() -> None:
    assert sorted(names(told_once([(span("a", "b"), silent()), (span("b", "a"), silent())]))) == ["a", "b"]


def test_a_long_chain_takes_no_stack() -> None:
    calls: list[Told] = [
        (replace(span("a"), span_id=f"{number + 1:016x}", parent_id=f"{number:016x}"), silent())
        for number in range(2_000)
    ]
    assert len(told_once(calls)) == 1


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcdef"), st.sampled_from(["", *"abcdef"]), st.booleans(), st.sampled_from(["", "r"])
        ),
        max_size=8,
        unique_by=lambda told: told[0],
    )
)
def test_whatever_comes_the_order_stays_and_something_is_kept(told: list[tuple[str, str, bool, str]]) -> None:
    calls: list[Told] = [
        (span(name, parent, is_error=is_error), telling(response)) for name, parent, is_error, response in told
    ]
    found = names(told_once(calls))
    assert [name for name, *_ in told if name in found] == list(found)
    assert bool(found) == bool(told)


@pytest.mark.parametrize("is_in_parts", [False, True])
async def test_a_request_with_both_is_one_run(author: Person, is_in_parts: bool) -> None:
    def one(id: str, parent: str, attributes: dict[str, Any]) -> dict[str, Any]:
        listed = [{"key": key, "value": {"stringValue": value}} for key, value in attributes.items()]
        times = {"startTimeUnixNano": str(1_790_000_000 * SECOND), "endTimeUnixNano": str(1_790_000_002 * SECOND)}
        return {"traceId": TRACE, "spanId": id * 16, "parentSpanId": parent * 16, "attributes": listed, **times}

    inner = one(
        "b", "a", {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "anthropic", "gen_ai.request.model": "m"}
    )
    messages = {"llm.input_messages.0.message.role": "user", "llm.input_messages.0.message.content": "Hello"}
    outer = one(
        "a", "", {"openinference.span.kind": "LLM", "llm.system": "anthropic", "llm.model_name": "m", **messages}
    )
    scopes = [{"spans": [inner]}, {"spans": [outer]}] if is_in_parts else [{"spans": [inner, outer]}]
    answer = await sent(author, {"resourceSpans": [{"scopeSpans": scopes}]})
    assert answer.status == 200, answer.body
    (row,) = await kept(author)
    assert (row.model_id, row.request["prompt"]) == ("anthropic/m", "Hello")
