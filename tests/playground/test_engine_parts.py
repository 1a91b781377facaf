"""Breaker, tails, prices and parameters by themselves: no server, no clock."""

from __future__ import annotations

import asyncio
import uuid
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from playground.api.executions import after_of
from playground.stream.events import Event
from playground.stream.tails import KEPT_BYTES, KEPT_EVENTS, Tail
from providers.catalogue.info import ModelInfo, describe
from providers.catalogue.rates import Prices, Rates
from providers.errors import HTTP_STATUS, SENTENCE, Code
from providers.line import fitting
from providers.line.breaker import REST, Breaker, State


def test_the_breaker_rests_and_then_lets_one_try():
    breaker, now = Breaker(), 100.0
    for _ in range(5):
        assert breaker.admits(now)
        breaker.failed(now)
    assert breaker.state(now) is State.OPEN
    assert not breaker.admits(now + REST - 0.1)
    assert breaker.admits(now + REST)
    assert not breaker.admits(now + REST + 0.1)
    breaker.failed(now + REST + 1)
    assert breaker.state(now + REST + 2) is State.OPEN
    assert breaker.admits(now + 2 * REST + 1)
    breaker.succeeded()
    assert breaker.state(now + 2 * REST + 1) is State.CLOSED


def test_a_probe_that_never_came_back_does_not_keep_the_breaker_open():
    breaker = Breaker()
    for _ in range(5):
        breaker.failed(0.0)
    assert breaker.admits(REST)
    assert breaker.admits(REST + REST)


def test_every_code_has_a_sentence_and_a_status():
    assert set(SENTENCE) == set(Code)
    assert {HTTP_STATUS.get(code, 502) for code in Code} <= {400, 402, 404, 502, 503, 504}


def token(number: int, size: int = 4) -> Event:
    """A token event."""
    return Event.of(number, "token", {"text": "x" * size})


@given(sizes=st.lists(st.integers(1, 5_000), max_size=400), cursor=st.integers(0, 400))
def test_f11_a_tail_is_bounded_and_never_has_a_gap(sizes: list[int], cursor: int):
    tail = Tail(uuid.uuid4())
    for number, size in enumerate(sizes, start=1):
        tail.publish([token(number, size)])
    seen = tail.after(cursor)
    if cursor >= len(sizes):
        assert seen == []
    elif seen is not None:
        assert [event.sequence for event in seen] == list(range(cursor + 1, len(sizes) + 1))
    kept = list(tail._events)
    assert len(kept) <= KEPT_EVENTS
    assert sum(len(event.data) for event in kept) <= KEPT_BYTES + 6_000


async def test_a_tail_passes_over_what_it_has_seen():
    tail = Tail(uuid.uuid4())
    tail.publish([token(1), token(2)])
    tail.publish([token(2), token(3)])
    assert [event.sequence for event in tail.after(0) or []] == [1, 2, 3]
    waiting = asyncio.create_task(tail.wait())
    await asyncio.sleep(0)
    tail.publish([token(4)])
    assert await waiting
    tail.skip_to(9)
    assert tail.after(4) is None
    tail.publish([token(10)])
    assert [event.sequence for event in tail.after(9) or []] == [10]


def test_a_known_models_price_and_window_come_from_the_table():
    model = describe("openai/gpt-4o", price_prefix="openai")
    assert model.price_known
    assert model.context_window == 128_000
    assert {"text", "tools", "vision"} <= set(model.capabilities)
    assert model.cost(prompt_tokens=1_000_000, completion_tokens=0) == Decimal("2.50000000")


def test_an_administrators_word_stands_above_table_and_listing():
    model = describe(
        "openai/gpt-4o",
        price_prefix="openai",
        details={"context_window": 1_000},
        overrides={"context_window": 2_000, "input_per_million": 0.03, "output_per_million": 0},
    )
    assert model.context_window == 2_000
    assert model.cost(prompt_tokens=1, completion_tokens=9) == Decimal("0.00000003")


def test_a_self_hosted_model_costs_nothing_and_an_unknown_one_is_unknown():
    assert describe("local/x", price_prefix="local", is_self_hosted=True).price_known
    assert not describe("somebody/x", price_prefix="somebody").price_known


@given(prompt=st.integers(0, 10**12), completion=st.integers(0, 10**12))
def test_a_cost_is_exact_to_the_eighth_place(prompt: int, completion: int):
    model = ModelInfo("a/b", "b", "a", prices=Prices(Rates(Decimal("0.00000015"), Decimal("0.0000006"))))
    exact = Decimal("0.00000015") * prompt + Decimal("0.0000006") * completion
    assert abs(model.cost(prompt_tokens=prompt, completion_tokens=completion) - exact) <= Decimal("0.000000005")


def test_what_a_model_does_not_take_is_dropped_by_name():
    talks = ModelInfo("a/b", "b", "a", capabilities=("text", "tools"), max_output_tokens=100)
    supported = frozenset({"temperature", "max_tokens", "reasoning_effort"})
    fitted = fitting.fit(
        {"temperature": 1, "seed": 3, "reasoning_effort": "low", "max_tokens": 500, "timeout": 5, "cache": True},
        supported=supported,
        model=talks,
    )
    assert fitted.sent == {"temperature": 1, "max_tokens": 100}
    assert fitted.dropped == ["reasoning_effort", "seed"]
    assert fitted.reasons == {
        "max_tokens": "b writes 100 tokens at most: 100 was sent.",
        "reasoning_effort": "b does not think.",
        "seed": "The interface of this provider has no seed.",
    }


def test_where_nothing_is_known_of_a_model_everything_is_tried():
    unknown = ModelInfo("a/b", "b", "a")
    fitted = fitting.fit(
        {"reasoning_effort": "low"}, supported=frozenset({"reasoning_effort", "max_tokens"}), model=unknown
    )
    assert fitted.sent == {"reasoning_effort": "low"}
    assert fitted.dropped == []


@given(text=st.text(max_size=30))
def test_a_place_in_a_stream_is_a_number_or_the_beginning(text: str):
    after = after_of(text, None)
    assert 0 <= after <= 2**53
    assert after_of(None, text) == after
