"""LiteLLM in its own process, against the simulator: the contract as far as the library keeps it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from providers.base import Adapter, Timeouts
from providers.errors import Code
from providers.wires.litellm import LiteLLMAdapter
from tests.providers import contract
from tests.providers.questions import CALCULATOR, ask
from tests.servers.provider_simulator import ProviderSimulator

KEY = "key-of-the-test-0123456789"
STARTING = Timeouts(connect=5, first_byte=60, idle=60, total=120)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def make_litellm(
    simulator: ProviderSimulator, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Callable[[str], LiteLLMAdapter]]:
    folder = tmp_path_factory.mktemp("litellm")

    def make(prefix: str) -> LiteLLMAdapter:
        base_url = simulator.base_url if prefix in ("openai", "hosted_vllm") else simulator.url
        return LiteLLMAdapter(folder=folder, prefix=prefix, base_url=base_url, api_key=KEY)

    first = make("hosted_vllm")
    await ask(first, "echo", timeouts=STARTING)
    yield make
    await first.close()
    first.server.stop()


@pytest.fixture
def adapter(make_litellm: Callable[[str], LiteLLMAdapter]) -> Adapter:
    return make_litellm("hosted_vllm")


class TestAnswers(contract.Answers):
    async def test_models_are_listed(self, adapter: Adapter) -> None:
        """By LiteLLM's own table, which knows none of a server of one's own."""
        assert await adapter.list_models(timeouts=STARTING) == []

    @contract.BOTH_WAYS
    async def test_the_model_that_answered_is_named(self, adapter: Adapter, is_streamed: bool) -> None:
        """In a stream the library says that it was the one that was asked."""
        outcome = await ask(adapter, "fault-other-model", is_streamed=is_streamed)
        assert outcome.finish is not None
        assert outcome.finish.model == ("fault-other-model" if is_streamed else "another-model-2026")


class TestRefusals(contract.Refusals):
    pass


class TestLeaving(contract.Leaving):
    pass


@pytest.mark.parametrize("prefix", ["openai", "anthropic", "ollama_chat"])
async def test_other_prefixes_speak_other_wires(
    make_litellm: Callable[[str], LiteLLMAdapter], simulator: ProviderSimulator, prefix: str
) -> None:
    outcome = await ask(make_litellm(prefix), "tokens-8")
    assert (outcome.text, outcome.failure) == (contract.EIGHT, None)
    assert simulator.ledger.entries[-1].wire == {"ollama_chat": "ollama"}.get(prefix, prefix)


async def test_a_cut_stream_keeps_its_text(adapter: Adapter) -> None:
    outcome = await ask(adapter, "fault-cut-at-5")
    assert (outcome.text, outcome.code) == (contract.FIVE, Code.STREAM_CUT)


async def test_tools_need_no_other_package(make_litellm: Callable[[str], LiteLLMAdapter]) -> None:
    outcome = await ask(make_litellm("openai"), "tool-call", "{}", tools=[CALCULATOR])
    assert [call.name for call in outcome.tool_calls] == ["calculator"]


async def test_known_models_are_listed_with_their_size(make_litellm: Callable[[str], LiteLLMAdapter]) -> None:
    models = await make_litellm("mistral").list_models(timeouts=STARTING)
    assert any(model.details.get("context_window") for model in models)


async def test_the_socket_is_ours_alone(make_litellm: Callable[[str], LiteLLMAdapter]) -> None:
    running = await make_litellm("openai").server.ensure()
    assert os.stat(running.address).st_mode & 0o777 == 0o600


async def test_nothing_is_logged(make_litellm: Callable[[str], LiteLLMAdapter]) -> None:
    adapter = make_litellm("openai")
    for model in ("echo", "fault-401", "fault-cut-at-5"):
        await ask(adapter, model, "xylophone")
    log = (adapter.server.folder / "log").read_text()
    assert "xylophone" not in log
    assert KEY not in log


def test_the_library_is_not_imported_here() -> None:
    code = "import providers.wires.litellm, sys; print('litellm' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
