"""promptfoo itself runs what is handed to it, against the simulator: the messages are the playground's."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from scripts import consumers
from templates_app.content import Content, Variable
from templates_app.export_code.formats import FORMATS
from tests.providers.conftest import simulator
from tests.servers.provider_simulator import ProviderSimulator
from tests.templates_app.exporting_code import PIECES, expected, handover
from tests.templates_app.test_export_code_to_typescript import node_with_types

__all__ = ["simulator"]

ODD = "".join(PIECES).replace("\x00", "")
VALUES = {
    "comment": "{# c #} {{x}} {% if %} {{ env.HOME }} {{ 7*7 }}\n",
    "größe": "file:///etc/passwd",
    "名前": "package:a:b",
    "none": "1e5",
    "x": ODD,
}
PROMPT = f"{{# c #}} {{% raw %}} {{{{ env.HOME }}}} {ODD} " + " | ".join(f"{{{{{name}}}}}" for name in VALUES)
SCHEMA = {"type": "object", "description": "{{x}} {% a %}", "properties": {}, "additionalProperties": False}


def text_of(content: Any) -> str:
    return content if isinstance(content, str) else "".join(each["text"] for each in content)


@pytest.mark.parametrize("model", ["openai/gpt-4o", "anthropic/claude-sonnet-4-5", "ollama/llama3.2:3b"])
async def test_promptfoo_asks_what_the_playground_asks(model: str, simulator: ProviderSimulator, tmp_path: Path):
    node, program = node_with_types(), consumers.promptfoo() / "node_modules" / "promptfoo" / "dist/src/entrypoint.js"
    if not node or not program.exists():
        pytest.skip("NOT TRIED: promptfoo is not installed; `make test` does, where there is npm and its registry.")
    wanted = {"type": "json_schema", "json_schema": {"schema": SCHEMA}} if model.startswith("openai") else None
    parameters = {"max_tokens": 77, "temperature": 0.5, **({"response_format": wanted} if wanted else {})}
    variables = tuple(map(Variable, VALUES))
    made = handover(Content(PROMPT, "Be {{x}} {# c #}", variables, parameters), VALUES, model_id=model)
    (tmp_path / "config.yaml").write_text(FORMATS["promptfoo"].render(made), encoding="utf-8", newline="")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PROMPTFOO_CONFIG_DIR": str(tmp_path / "promptfoo"),
        "PROMPTFOO_DISABLE_TELEMETRY": "1",
        "PROMPTFOO_DISABLE_UPDATE": "1",
        "OPENAI_API_KEY": "k",
        "ANTHROPIC_API_KEY": "k",
        "OPENAI_BASE_URL": simulator.base_url,
        "ANTHROPIC_BASE_URL": simulator.url,
        "OLLAMA_BASE_URL": simulator.url,
    }
    words = [node, str(program), "eval", "-c", "config.yaml", "--no-cache", "--no-table", "--no-write"]
    before = len(simulator.requests())
    process = await asyncio.create_subprocess_exec(
        *words, env=environment, cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    assert len(simulator.requests()) in (before + 1, 100), said.decode()
    body = simulator.requests()[-1]["body"]
    prompt, system_prompt = expected(made)
    assert text_of(body["messages"][-1]["content"]) == prompt
    system = body["system"] if "system" in body else body["messages"][0]["content"]
    assert text_of(system) == system_prompt
    options = body.get("options", body)
    assert options["temperature"] == 0.5
    if wanted:
        assert body["response_format"]["json_schema"]["schema"] == json.loads(json.dumps(SCHEMA))
