"""What every adapter keeps, over real sockets: subclass it with an `adapter` fixture that talks to the simulator."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace

import pytest

from providers.base import Adapter, TextDelta, Usage
from providers.errors import Code, ProviderFailure
from tests.providers.questions import (
    CALCULATOR,
    CLOCK,
    PATIENT,
    STRICT_FIRST_BYTE,
    STRICT_IDLE,
    STRICT_TOTAL,
    ask,
    request_for,
)
from tests.servers.provider_simulator import ProviderSimulator
from tests.waiting import PATIENCE

EIGHT = "the quick brown fox jumps over a lazy "
FIVE = "the quick brown fox jumps "
BOTH_WAYS = pytest.mark.parametrize("is_streamed", [True, False], ids=["streamed", "whole"])


async def until(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Waits for what another task has to see first."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - the simulator's ledger wakes nobody
            await asyncio.sleep(0.005)


class Answers:
    """Models that behave."""

    @BOTH_WAYS
    async def test_an_answer_is_text_then_usage_then_finish(self, adapter: Adapter, is_streamed: bool) -> None:
        outcome = await ask(adapter, "tokens-8", is_streamed=is_streamed)
        assert outcome.failure is None
        assert outcome.text == EIGHT
        assert outcome.events[-2] == Usage(12, 8)
        assert outcome.events[-1] == outcome.finish
        assert outcome.finish is not None
        assert (outcome.finish.reason, outcome.finish.is_said) == ("stop", True)
        assert outcome.finish.provider_reason in ("stop", "end_turn")

    @BOTH_WAYS
    async def test_what_was_asked_arrives(self, adapter: Adapter, is_streamed: bool) -> None:
        outcome = await ask(adapter, "echo", "Grüße 🚀 an\n alle", is_streamed=is_streamed)
        assert outcome.text == "Grüße 🚀 an\n alle"

    @BOTH_WAYS
    async def test_thoughts_come_apart_from_the_answer(self, adapter: Adapter, is_streamed: bool) -> None:
        outcome = await ask(adapter, "reasoning", is_streamed=is_streamed)
        assert (outcome.reasoning, outcome.text) == ("Six times seven.", "The answer is 42.")

    @BOTH_WAYS
    async def test_a_tool_call_comes_whole(self, adapter: Adapter, is_streamed: bool) -> None:
        outcome = await ask(
            adapter, "tool-call", '{"expression": "6 * 7"}', tools=[CALCULATOR], is_streamed=is_streamed
        )
        (call,) = outcome.tool_calls
        assert call.name == "calculator"
        assert call.arguments.replace(" ", "") == '{"expression":"6*7"}'
        assert call.id
        assert outcome.finish is not None
        assert outcome.finish.reason == "tool_calls"

    @BOTH_WAYS
    async def test_tool_calls_keep_their_order(self, adapter: Adapter, is_streamed: bool) -> None:
        outcome = await ask(adapter, "tool-call-two", tools=[CALCULATOR, CLOCK], is_streamed=is_streamed)
        assert [call.name for call in outcome.tool_calls] == ["calculator", "clock"]
        assert len({call.id for call in outcome.tool_calls}) == 2

    @BOTH_WAYS
    async def test_arguments_come_as_the_model_wrote_them(self, adapter: Adapter, is_streamed: bool) -> None:
        outcome = await ask(adapter, "fault-tool-bad-json", tools=[CALCULATOR], is_streamed=is_streamed)
        assert outcome.failure is None
        assert outcome.tool_calls[0].arguments in ('{"expression": "6 * ', '"not an object"')

    @BOTH_WAYS
    async def test_a_schema_is_asked_for(self, adapter: Adapter, is_streamed: bool) -> None:
        schema = {"type": "object", "properties": {"city": {"enum": ["Bern"]}}}
        wanted = {"type": "json_schema", "json_schema": {"name": "place", "schema": schema}}
        outcome = await ask(adapter, "json", is_streamed=is_streamed, response_format=wanted)
        assert outcome.text == '{"city":"Bern"}'

    async def test_an_answer_at_the_token_limit_says_so(self, adapter: Adapter) -> None:
        outcome = await ask(adapter, "length")
        assert outcome.finish is not None
        assert outcome.finish.reason == "length"

    @BOTH_WAYS
    async def test_the_model_that_answered_is_named(self, adapter: Adapter, is_streamed: bool) -> None:
        outcome = await ask(adapter, "fault-other-model", is_streamed=is_streamed)
        assert outcome.finish is not None
        assert (outcome.finish.reason, outcome.finish.model) == ("stop", "another-model-2026")

    async def test_models_are_listed(self, adapter: Adapter) -> None:
        names = [model.name for model in await adapter.list_models(timeouts=PATIENT)]
        assert "echo" in names


class OddButRight:
    """Streams that look strange and are not wrong."""

    @pytest.mark.parametrize(
        "model",
        [
            "fault-crlf",
            "fault-comments",
            "fault-multiline-data",
            "fault-bom",
            "fault-gzip",
            "fault-no-done",
            "fault-garbage-after-done",
            "fault-usage-twice",
            "fault-two-choices",
            "fault-wrong-content-type",
        ],
    )
    async def test_the_answer_is_the_same(self, adapter: Adapter, model: str) -> None:
        outcome = await ask(adapter, model)
        assert outcome.failure is None
        assert outcome.text == EIGHT
        assert outcome.usage == Usage(12, 8)

    @pytest.mark.parametrize(
        ("model", "is_streamed"), [("fault-json-to-stream", True), ("fault-stream-to-plain", False)]
    )
    async def test_an_answer_in_the_other_form_is_read(self, adapter: Adapter, model: str, is_streamed: bool) -> None:
        outcome = await ask(adapter, model, is_streamed=is_streamed)
        assert (outcome.text, outcome.usage, outcome.failure) == (EIGHT, Usage(12, 8), None)

    async def test_characters_may_be_cut_anywhere(self, adapter: Adapter) -> None:
        assert (await ask(adapter, "fault-split-utf8")).text == "Grüße aus Zürich 🚀👍🏽 東京"

    @pytest.mark.parametrize("model", ["fault-usage-missing", "fault-usage-negative", "fault-usage-strings"])
    @BOTH_WAYS
    async def test_a_count_that_makes_no_sense_is_not_reported(
        self, adapter: Adapter, model: str, is_streamed: bool
    ) -> None:
        outcome = await ask(adapter, model, is_streamed=is_streamed)
        assert (outcome.text, outcome.usage, outcome.failure) == (EIGHT, None, None)

    @pytest.mark.parametrize("model", ["fault-cut-after-finish", "fault-silent-after-finish"])
    async def test_a_whole_answer_needs_no_end_of_stream(self, adapter: Adapter, model: str) -> None:
        outcome = await ask(adapter, model, timeouts=STRICT_IDLE)
        assert (outcome.text, outcome.failure) == (EIGHT, None)
        assert outcome.finish is not None


class Refusals:
    """Answers that are errors."""

    @pytest.mark.parametrize(
        ("model", "code", "is_retryable"),
        [
            ("fault-500", Code.PROVIDER_ERROR, True),
            ("fault-503", Code.PROVIDER_ERROR, True),
            ("fault-529", Code.PROVIDER_ERROR, True),
            ("fault-408", Code.PROVIDER_ERROR, True),
            ("fault-504", Code.TIMEOUT_FIRST_BYTE, False),
            ("fault-524", Code.TIMEOUT_FIRST_BYTE, False),
            ("fault-501", Code.PROVIDER_ERROR, False),
            ("fault-401", Code.PROVIDER_AUTHENTICATION, False),
            ("fault-400", Code.PROVIDER_REFUSED, False),
            ("fault-404-model", Code.MODEL_NOT_FOUND, False),
            ("fault-400-context", Code.CONTEXT_WINDOW_EXCEEDED, False),
            ("fault-429-after-2", Code.RATE_LIMITED, True),
            ("fault-429-spend-cap", Code.PROVIDER_QUOTA, False),
            ("fault-redirect", Code.PROVIDER_ERROR, False),
        ],
    )
    @BOTH_WAYS
    async def test_a_status_has_its_code(
        self, adapter: Adapter, model: str, code: Code, is_retryable: bool, is_streamed: bool
    ) -> None:
        outcome = await ask(adapter, model, is_streamed=is_streamed)
        assert outcome.events == []
        assert outcome.failure is not None
        assert (outcome.failure.code, outcome.failure.is_retryable) == (code, is_retryable)

    @pytest.mark.parametrize(
        ("model", "least", "most"),
        [("fault-429-after-2", 2, 2), ("fault-429-date", 1, 3), ("fault-429-absurd", 99_999, 99_999)],
    )
    async def test_a_time_to_wait_is_kept(self, adapter: Adapter, model: str, least: float, most: float) -> None:
        failure = (await ask(adapter, model)).failure
        assert failure is not None
        assert failure.retry_after is not None
        assert least <= failure.retry_after <= most
        assert failure.retry_at is not None

    @pytest.mark.parametrize("model", ["fault-429-negative", "fault-429-text"])
    async def test_a_time_that_makes_no_sense_is_none(self, adapter: Adapter, model: str) -> None:
        failure = (await ask(adapter, model)).failure
        assert failure is not None
        assert (failure.code, failure.retry_after, failure.retry_at) == (Code.RATE_LIMITED, None, None)

    async def test_an_error_inside_a_200_is_an_error(self, adapter: Adapter) -> None:
        outcome = await ask(adapter, "fault-error-in-200")
        assert outcome.events == []
        assert outcome.failure is not None
        assert (outcome.failure.code, outcome.failure.is_retryable) == (Code.PROVIDER_ERROR, True)

    async def test_a_failed_provider_may_work_the_next_time(
        self, adapter: Adapter, simulator: ProviderSimulator
    ) -> None:
        model = f"fault-503-twice@{id(adapter)}"
        codes = [(await ask(adapter, model)).code for _ in range(3)]
        assert codes == [Code.PROVIDER_ERROR, Code.PROVIDER_ERROR, None]
        assert simulator.ledger.times_asked[model] == 3, "an adapter never repeats a call by itself"

    @BOTH_WAYS
    async def test_a_key_that_the_provider_repeats_is_not_shown(self, adapter: Adapter, is_streamed: bool) -> None:
        failure = (await ask(adapter, "fault-401", is_streamed=is_streamed)).failure
        assert failure is not None
        assert len(failure.detail) < 300
        for text in (
            str(failure),
            repr(failure),
            repr(adapter),
            str(vars(failure) if hasattr(failure, "__dict__") else ""),
        ):
            assert "key-of-the-test" not in text


class NotAnAnswer:
    """200, but not what was asked for."""

    @pytest.mark.parametrize(
        "model",
        [
            "fault-html",
            "fault-empty",
            "fault-not-http",
            "fault-wrong-types",
        ],
    )
    async def test_a_stream_that_is_none_is_malformed(self, adapter: Adapter, model: str) -> None:
        outcome = await ask(adapter, model)
        assert (outcome.events, outcome.code) == ([], Code.MALFORMED_RESPONSE)

    @pytest.mark.parametrize("model", ["fault-html", "fault-empty", "fault-not-http", "fault-wrong-types"])
    async def test_an_answer_in_one_piece_that_is_none_is_malformed(self, adapter: Adapter, model: str) -> None:
        outcome = await ask(adapter, model, is_streamed=False)
        assert (outcome.events, outcome.code) == ([], Code.MALFORMED_RESPONSE)

    async def test_garbage_keeps_what_came_before(self, adapter: Adapter) -> None:
        outcome = await ask(adapter, "fault-garbage")
        assert (outcome.text, outcome.code) == ("the quick brown ", Code.MALFORMED_RESPONSE)


class Broken:
    """Connections that break, hang or flood."""

    @pytest.mark.parametrize("model", ["fault-cut-at-5", "fault-reset-at-5", "fault-end-at-5"])
    async def test_a_cut_stream_keeps_its_text(self, adapter: Adapter, model: str) -> None:
        outcome = await ask(adapter, model)
        assert (outcome.text, outcome.code) == (FIVE, Code.STREAM_CUT)
        assert outcome.finish is None

    async def test_a_stream_cut_before_its_text_may_be_tried_again(self, adapter: Adapter) -> None:
        failure = (await ask(adapter, "fault-cut-at-0")).failure
        assert failure is not None
        assert (failure.code, failure.is_retryable) == (Code.STREAM_CUT, True)

    async def test_a_connection_that_closes_without_a_byte_is_no_answer(self, adapter: Adapter) -> None:
        failure = (await ask(adapter, "fault-close")).failure
        assert failure is not None
        assert (failure.code, failure.is_retryable) == (Code.PROVIDER_UNREACHABLE, True)

    @pytest.mark.parametrize("model", ["fault-hang", "fault-silent-at-0"])
    async def test_the_first_byte_has_a_clock(self, adapter: Adapter, model: str) -> None:
        assert (await ask(adapter, model, timeouts=STRICT_FIRST_BYTE)).code == Code.TIMEOUT_FIRST_BYTE

    async def test_silence_has_a_clock(self, adapter: Adapter) -> None:
        outcome = await ask(adapter, "fault-silent-at-5", timeouts=STRICT_IDLE)
        assert (outcome.text, outcome.code) == (FIVE, Code.TIMEOUT_IDLE)

    async def test_a_provider_that_drips_meets_the_total_clock(self, adapter: Adapter) -> None:
        assert (await ask(adapter, "fault-drip", timeouts=STRICT_TOTAL)).code == Code.TIMEOUT_TOTAL

    async def test_a_reader_that_is_slow_itself_is_not_silence(self, adapter: Adapter) -> None:
        text = ""
        async for event in adapter.stream(request_for("tokens-8-every-20ms"), timeouts=STRICT_IDLE):
            if isinstance(event, TextDelta):
                if not text:
                    await asyncio.sleep(STRICT_IDLE.idle * 1.5)
                text += event.text
        assert text == EIGHT


class Leaving:
    """A reader that goes away takes the provider's connection along."""

    async def test_closing_the_events_closes_the_connection(
        self, adapter: Adapter, simulator: ProviderSimulator
    ) -> None:
        async with aclosing(adapter.stream(request_for("tokens-500-every-20ms"), timeouts=PATIENT)) as events:  # type: ignore[type-var]
            await anext(events)
        entry = simulator.ledger.entries[-1]
        await until(lambda: entry.closed_by == "client")

    @pytest.mark.parametrize("model", ["fault-hang", "fault-silent-at-0", "tokens-500-every-20ms"])
    async def test_cancelling_closes_the_connection(
        self, adapter: Adapter, simulator: ProviderSimulator, model: str
    ) -> None:
        before = len(simulator.ledger.entries)
        task = asyncio.create_task(ask(adapter, model))
        await until(lambda: len(simulator.ledger.entries) > before)
        entry = simulator.ledger.entries[-1]
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: entry.closed_by == "client")

    async def test_a_failure_closes_the_connection(self, adapter: Adapter, simulator: ProviderSimulator) -> None:
        await ask(adapter, "fault-silent-at-5", timeouts=STRICT_IDLE)
        entry = simulator.ledger.entries[-1]
        await until(lambda: entry.closed_by == "client")


class Listings:
    """GET of the models, when it fails: the simulator chooses the fault by the key."""

    @pytest.mark.parametrize(
        ("key", "code"),
        [
            ("fault-401", Code.PROVIDER_AUTHENTICATION),
            ("fault-500", Code.PROVIDER_ERROR),
            ("fault-429-after-2", Code.RATE_LIMITED),
            ("fault-html", Code.MALFORMED_RESPONSE),
            ("fault-hang", Code.TIMEOUT_FIRST_BYTE),
        ],
    )
    async def test_a_listing_fails_with_a_code(self, make: Callable[[str], Adapter], key: str, code: Code) -> None:
        with pytest.raises(ProviderFailure) as caught:
            await make(key).list_models(timeouts=replace(PATIENT, first_byte=2.0))
        assert caught.value.code == code
