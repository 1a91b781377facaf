"""The contract, kept by the four HTTP wires."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from providers.base import Adapter, Limits, TextDelta
from providers.errors import Code
from providers.http.transport import Transport
from providers.wires.anthropic import AnthropicAdapter
from providers.wires.dadms import DADMSAdapter
from providers.wires.exchange import HTTPAdapter
from providers.wires.ollama import OllamaAdapter
from providers.wires.openai import OpenAIAdapter
from tests.providers import contract
from tests.providers.questions import PATIENT, ask, request_for
from tests.servers.provider_simulator import ProviderSimulator

KEY = "key-of-the-test-0123456789"
ADAPTERS: dict[str, type[HTTPAdapter]] = {
    "openai": OpenAIAdapter,
    "anthropic": AnthropicAdapter,
    "ollama": OllamaAdapter,
    "dadms": DADMSAdapter,
}
Make = Callable[..., Adapter]


@pytest.fixture(params=ADAPTERS)
def make(request: pytest.FixtureRequest, transport: Transport, simulator: ProviderSimulator) -> Make:
    """Makes the wire's adapter with a key and limits."""
    wire: str = request.param
    base_url = simulator.base_url if wire == "openai" else simulator.url
    return lambda key=KEY, limits=None: ADAPTERS[wire](transport, base_url=base_url, api_key=key, limits=limits)


@pytest.fixture
def adapter(make: Make) -> Adapter:
    return make()


class TestAnswers(contract.Answers):
    pass


class TestOddButRight(contract.OddButRight):
    pass


class TestRefusals(contract.Refusals):
    pass


class TestNotAnAnswer(contract.NotAnAnswer):
    pass


class TestBroken(contract.Broken):
    pass


class TestLeaving(contract.Leaving):
    pass


class TestListings(contract.Listings):
    pass


class TestSize:
    """Answers that are too large."""

    async def test_a_flood_ends_at_the_limit_and_keeps_its_text(self, make: Make) -> None:
        outcome = await ask(make(limits=Limits(output_characters=10_000)), "fault-flood")
        assert (len(outcome.text), outcome.code) == (10_000, Code.OUTPUT_TOO_LARGE)

    async def test_an_answer_just_at_the_limit_is_whole(self, make: Make) -> None:
        outcome = await ask(make(limits=Limits(output_characters=len(contract.EIGHT))), "tokens-8")
        assert (outcome.text, outcome.code) == (contract.EIGHT, None)

    async def test_a_stream_of_nothing_ends_at_the_limit(self, make: Make) -> None:
        outcome = await ask(make(limits=Limits(stream_bytes=4_000_000)), "fault-flood-comments")
        assert (outcome.text, outcome.code) == ("", Code.OUTPUT_TOO_LARGE)

    async def test_a_line_without_end_is_too_large(self, make: Make) -> None:
        assert (await ask(make(), "fault-huge-line")).code == Code.OUTPUT_TOO_LARGE

    @pytest.mark.parametrize("is_streamed", [True, False])
    async def test_a_bomb_does_not_grow_in_memory(self, make: Make, is_streamed: bool) -> None:
        import psutil

        process = psutil.Process()
        adapter = make(limits=Limits(body_bytes=4_000_000))
        await ask(adapter, "fault-gzip-bomb", is_streamed=is_streamed)  # The allocator's pools are filled once.
        before = process.memory_info().rss
        outcome = await ask(adapter, "fault-gzip-bomb", is_streamed=is_streamed)
        assert outcome.code == Code.OUTPUT_TOO_LARGE
        assert process.memory_info().rss - before < 30_000_000


class TestConnections:
    async def test_an_answer_read_to_its_end_leaves_its_connection_for_the_next(
        self, make: Make, simulator: ProviderSimulator
    ) -> None:
        async with Transport() as alone:
            adapter = make()
            adapter._transport = alone  # type: ignore[attr-defined]
            await ask(adapter, "tokens-8")
            held = len(simulator.connections)
            for model, is_streamed in (("tokens-8", True), ("tokens-8", False), ("fault-500", True), ("echo", True)):
                await ask(adapter, model, is_streamed=is_streamed)
            assert len(simulator.connections) == held

    async def test_the_key_travels_in_a_header_only(self, make: Make, simulator: ProviderSimulator) -> None:
        await ask(make(), "echo")
        sent = simulator.requests()[-1]
        assert [name for name, value in sent["headers"].items() if KEY in value] in (["authorization"], ["x-api-key"])
        assert KEY not in str(sent["body"])
        assert KEY not in sent["target"]

    async def test_without_a_key_none_is_sent(self, make: Make, simulator: ProviderSimulator) -> None:
        await ask(make(None), "echo")
        assert not {"authorization", "x-api-key"} & set(simulator.requests()[-1]["headers"])

    async def test_the_first_token_does_not_wait_for_the_second(self, make: Make) -> None:
        events = make().stream(request_for("tokens-4-every-100ms"), timeouts=PATIENT)
        texts = [event async for event in events if isinstance(event, TextDelta)]
        assert len(texts) == 4
