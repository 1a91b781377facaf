"""Exported Python runs on the oldest and the newest SDKs, and sends the same on both: what the engine sends."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from providers.catalogue.listing import asked_by_name
from providers.families.table import rows
from providers.http.transport import Transport
from scripts import consumers
from templates_app.export_code.formats import FORMATS
from tests.providers.test_families import MODELS
from tests.servers.provider_simulator import ProviderSimulator
from tests.templates_app.exporting_code import handover
from tests.templates_app.test_export_code_asks_as_the_engine import (
    QUESTIONS,
    content_of,
    plainly,
    sent_by_the_engine,
    simulator,
    through_litellm,
    transport,
)

__all__ = ["simulator", "transport"]

RUNNER = Path(consumers.ROOT) / "tests" / "sdks" / "run_exports.py"
# LiteLLM asks GPT-5's pro models by OpenAI's other interface, and about tools with a package of its own.
NOT_BY_LITELLM = {"GPT-5's pro models"}


async def run(sources: list[str], simulator: ProviderSimulator, sdks: Path) -> list[Any]:
    """The bodies that programs send that are run in a process of their own, nothing changed but addresses and keys."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(sdks),
        "OPENAI_BASE_URL": simulator.base_url,
        "ANTHROPIC_BASE_URL": simulator.url,
        "ANTHROPIC_API_BASE": simulator.url,
        "OLLAMA_API_BASE": simulator.url,
        "OPENAI_API_KEY": "k",
        "ANTHROPIC_API_KEY": "k",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(RUNNER), env=environment, cwd=sdks, stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, errors = await process.communicate(json.dumps(sources).encode())
    assert process.returncode == 0, errors.decode()[-3_000:]
    return [each["body"] for each in simulator.requests()[-len(sources) :]]


# LiteLLM brings an SDK of OpenAI's of its own; its oldest version is near the one that all other tests have.
PAIRS = [("python-openai", "oldest"), ("python-anthropic", "oldest")]
PAIRS += [(name, "newest") for name in ("python-openai", "python-anthropic", "python-litellm")]


@pytest.mark.parametrize(("name", "age"), PAIRS)
async def test_exported_python_runs_on_old_and_new_sdks(
    name: str, age: str, simulator: ProviderSimulator, transport: Transport
) -> None:
    sdks = consumers.sdks(age)
    if not sdks.exists():
        pytest.skip(f"NOT TRIED: the {age} SDKs are not installed; `make test` does, where a package index answers.")
    sdk = name.removeprefix("python-")
    wires = [sdk] if sdk != "litellm" else ["openai", "anthropic", "ollama"]
    # The second has every parameter and an effort, the third a schema; LiteLLM wants another package for tools.
    questions = QUESTIONS[1:2] if sdk == "litellm" else (QUESTIONS[1], QUESTIONS[4], QUESTIONS[5])
    same = through_litellm if sdk == "litellm" else plainly
    sources, wanted = [], []
    for row in rows():
        for wire in wires:
            is_foreign = sdk == "litellm" and (
                row.family.name in NOT_BY_LITELLM or wire != sorted(row.wires or wires)[0]
            )
            if is_foreign or (row.wires and wire not in row.wires):
                continue
            known = asked_by_name(f"{wire}/{MODELS[row.family.name]}")
            for question in questions:
                body = await sent_by_the_engine(wire, known.info, question, simulator, transport)
                wanted.append(same(body))
                sources.append(FORMATS[name].render(handover(content_of(question), model_id=known.info.id)))
    for at in range(0, len(sources), 90):  # The simulator remembers a hundred.
        arrived = await run(sources[at : at + 90], simulator, sdks)
        assert [same(each) for each in arrived] == wanted[at : at + 90]
