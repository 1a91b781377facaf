"""Exported TypeScript has right types and runs with OpenAI's npm package, the oldest that it names and the newest."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from providers.catalogue.listing import asked_by_name
from providers.families.table import rows
from providers.http.transport import Transport
from scripts import consumers
from templates_app.content import Content, Engine, Variable, VariableType
from templates_app.export_code.formats import FORMATS
from templates_app.export_code.handover import Handover
from templates_app.export_code.typescript import OPENAI
from templates_app.export_code.typescript_code import OF_EVERY_OBJECT
from tests.providers.test_families import MODELS
from tests.servers.provider_simulator import ProviderSimulator
from tests.templates_app.exporting_code import handover, plain_content, run_python
from tests.templates_app.test_export_code_asks_as_the_engine import (
    QUESTIONS,
    content_of,
    plainly,
    sent_by_the_engine,
    simulator,
    transport,
)
from tests.templates_app.test_export_code_to_typescript import node_with_types, whole_call
from tests.templates_app.whole_calls import PICTURE

__all__ = ["simulator", "transport"]

RUNNER = consumers.ROOT / "tests" / "sdks" / "run_exports.mjs"
AGES = pytest.mark.parametrize("age", ["oldest", "newest"])
CHECKED = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2024", "--lib", "es2024"]
"""As of a project for Node.js: without the types of browsers."""


@pytest.fixture
def project(age: str, tmp_path: Path) -> Path:
    """A folder for modules that import the package of this age."""
    node = node_with_types()
    packages = [consumers.packages(each) for each in ("oldest", "newest")]
    if not node or not all(each.exists() for each in packages):
        pytest.skip("NOT TRIED: npm packages are not installed; `make test` does, where there is npm and its registry.")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "node_modules").symlink_to(consumers.packages(age) / "node_modules")
    shutil.copy(RUNNER, tmp_path)
    return tmp_path.resolve()


def written(handovers: list[Handover], project: Path) -> list[dict[str, Any]]:
    """The modules' files with their examples."""
    jobs = []
    for number, each in enumerate(handovers):
        file = project / f"exported_{number}.ts"
        file.write_text(FORMATS["typescript"].render(each), encoding="utf-8", newline="")
        jobs.append({"file": str(file), "example": each.example_call})
    return jobs


async def run(handovers: list[Handover], simulator: ProviderSimulator, project: Path) -> list[Any]:
    """The bodies that they send, run in a process of their own, nothing changed but address and key."""
    environment = {"PATH": os.environ["PATH"], "OPENAI_BASE_URL": simulator.base_url, "OPENAI_API_KEY": "k"}
    process = await asyncio.create_subprocess_exec(
        str(node_with_types()), RUNNER.name, env=environment, cwd=project, stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, errors = await process.communicate(json.dumps(written(handovers, project)).encode())
    assert process.returncode == 0, errors.decode()[-3_000:]
    return [each["body"] for each in simulator.requests()[-len(handovers) :]]


def of_all_families() -> list[tuple[dict[str, Any], Handover]]:
    """Each question to a model of each family that is asked in OpenAI's words."""
    return [
        (question, handover(content_of(question), model_id=f"openai/{MODELS[row.family.name]}"))
        for row in rows()
        if not row.wires or "openai" in row.wires
        for question in QUESTIONS
    ]


@AGES
async def test_exported_typescript_sends_what_the_engine_sends(
    project: Path, simulator: ProviderSimulator, transport: Transport
) -> None:
    asked = of_all_families()
    wanted = []
    for question, each in asked:
        info = asked_by_name(each.model_id).info
        wanted.append(plainly(await sent_by_the_engine("openai", info, question, simulator, transport)))
    handovers = [each for _, each in asked]
    for at in range(0, len(handovers), 90):  # The simulator remembers a hundred.
        arrived = await run(handovers[at : at + 90], simulator, project)
        assert [plainly(each) for each in arrived] == wanted[at : at + 90]


SCHEMA = {"type": "json_schema", "json_schema": {"schema": {"type": "object", "properties": {}}}}


def of_all_shapes() -> list[Handover]:
    """Variables of each type and of odd names, turns with pictures and files, tools, both engines."""
    variables = tuple(Variable(f"v_{kind.value}", kind) for kind in VariableType)
    text = " ".join(f"{{{{{each.name}}}}}" for each in variables)
    files = {"v_image": {"url": "https://files.example/a.png", "alt": "A"}, "v_file": {**PICTURE, "name": "a"}}
    optional = [*sorted(OF_EVERY_OBJECT), "__proto__", "class", "größe", "名前"]
    named = tuple(Variable(each, required=False) for each in optional)
    defaults = tuple(
        Variable(name, VariableType.NUMBER, required=False, has_default=True, default_value=1.0) for name in optional
    )
    jinja = Content("{{ a }}", "", (Variable("a"), *defaults), {"temperature": 1.0}, Engine.JINJA2)
    plain = plain_content("Say {{a}} {{b}} {{c}}.", "Be brief.")
    whole = whole_call(temperature=0.2, response_format=SCHEMA)
    return [
        handover(plain, {"a": "x", "c": {"x": [1.0, 2**60, None]}}),
        handover(plain, {}),
        handover(Content(text, "", variables), {}),
        handover(Content(text, "", variables), files),
        handover(Content("x", "", named), {}),
        handover(Content("x", "", named), dict.fromkeys(optional, "given")),
        handover(Content("x", "", defaults), {"constructor": 2.0}),
        handover(jinja, {"a": "x"}),
        handover(replace(jinja, messages=plain.turns), {"a": "x"}, label="production"),
        whole,
        replace(whole, model_id="openai/gpt-5", content=replace(whole.content, engine=Engine.JINJA2)),
        *(replace(whole, model_id=f"openai/{MODELS[row.family.name]}") for row in rows()),
    ]


@AGES
async def test_whole_calls_arrive_as_those_of_exported_python(project: Path, simulator: ProviderSimulator) -> None:
    """With turns, pictures, files and tools; of models that read a schema and of those that are told it."""
    whole = whole_call(temperature=0.2, response_format=SCHEMA, reasoning_effort="high")
    models = ["gpt-4-0613", *(MODELS[row.family.name] for row in rows() if not row.wires or "openai" in row.wires)]
    handovers = [replace(whole, model_id=f"openai/{model}") for model in models]
    arrived = await run(handovers, simulator, project)
    for given, body in zip(handovers, arrived, strict=True):
        asked = run_python(FORMATS["python-openai"].render(given))
        assert body == {**asked.pop("extra_body", {}), **asked}, given.model_id


@AGES
def test_exported_typescript_has_right_types(project: Path) -> None:
    handovers = [*(each for _, each in of_all_families()), *of_all_shapes()]
    compiler = consumers.packages("newest") / "node_modules" / "typescript" / "bin" / "tsc"
    words = [node_with_types(), compiler, *CHECKED, "--types", "node"]
    files = [Path(each["file"]).name for each in written(handovers, project)]
    done = subprocess.run([*map(str, words), *files], cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3_000:]


def test_the_oldest_that_is_tried_is_the_oldest_that_is_named() -> None:
    lock = json.loads((consumers.PACKAGES["oldest"] / "package-lock.json").read_text())
    version = lock["packages"]["node_modules/openai"]["version"]
    assert f"openai@>={version}" == OPENAI
    assert f'npm install "{OPENAI}"' in FORMATS["typescript"].render(handover(plain_content("x")))
