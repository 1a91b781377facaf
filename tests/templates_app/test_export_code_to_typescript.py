"""Handover in TypeScript, run by a Node.js that strips types."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import playwright
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from templates_app.call.turns import Slot, Turn
from templates_app.content import Content, Engine, Variable, VariableType
from templates_app.export_code.formats import FORMATS
from templates_app.export_code.handover import Handover
from tests.templates_app.exporting_code import (
    PIECES,
    Asked,
    expected,
    handover,
    hostile,
    listening,
    plain_content,
    run_python,
    sent,
)
from tests.templates_app.whole_calls import HISTORY, PICTURE, TOOL


@pytest.fixture
def service() -> Iterator[tuple[str, Asked]]:
    with listening() as told:
        yield told


STUB = """
export default class OpenAI {
  constructor(options) {
    this.chat = { completions: { create: async (asked) => {
      globalThis.asked = { key: options.apiKey, ...asked };
      return { choices: [{ message: { content: JSON.stringify(globalThis.asked) } }] };
    } } };
  }
}
"""
RUNNER = """
import { readFileSync } from "node:fs";
const answers = [];
for (const { file, example } of JSON.parse(readFileSync(0, "utf8"))) {
  const module = await import(file);
  const [run] = Object.values(module).filter((each) => typeof each === "function");
  answers.push(JSON.parse(await run(example)));
}
console.log(JSON.stringify(answers));
"""


def node_with_types() -> str | None:
    """A Node.js that strips types by itself (22.18 and later): Playwright brings one."""
    for candidate in (Path(playwright.__file__).parent / "driver" / "node", shutil.which("node")):
        if candidate and Path(candidate).exists():
            version = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=True).stdout
            if tuple(map(int, re.findall(r"\d+", version)[:2])) >= (22, 18):
                return str(candidate)
    return None


@pytest.fixture(scope="module")
def typescript(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Runs many handovers in one process; gives the request of each."""
    node = node_with_types()
    if node is None:
        pytest.fail("no Node.js that strips types: Playwright, a package of the tests, brings one")
    folder = tmp_path_factory.mktemp("typescript").resolve()
    package = folder / "node_modules" / "openai"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"name": "openai", "type": "module", "main": "index.js"}')
    (package / "index.js").write_text(STUB)
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "runner.mjs").write_text(RUNNER)
    environment = {"PATH": os.environ["PATH"], "OPENAI_API_KEY": "a-key", "PLAYGROUND_TOKEN": "a-token"}

    def run(handovers: list[Handover], *, is_main: bool = False) -> list[dict[str, Any]]:
        jobs = []
        for number, each in enumerate(handovers):
            file = folder / f"{random.getrandbits(64)}_{number}.ts"
            file.write_text(FORMATS["typescript"].render(each), encoding="utf-8", newline="")
            jobs.append({"file": str(file), "example": each.example_call})
        program = str(jobs[0]["file"]) if is_main else "runner.mjs"
        done = subprocess.run(
            [node, program],
            cwd=folder,
            env=environment,
            input=json.dumps(jobs),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stderr
        answers = json.loads(done.stdout)
        return [answers] if is_main else answers

    return run


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(hostile, hostile, hostile, hostile), min_size=25, max_size=25))
def test_typescript_sends_what_the_playground_sent(typescript, texts):
    handovers = [
        handover(plain_content(prompt, system), {"a": a, "b": 12, "c": {"x": [a, None, True]}}, name=title, label=title)
        for prompt, system, title, a in texts
    ]
    for made, request in zip(handovers, typescript(handovers), strict=True):
        assert sent(request) == expected(made)


def test_typescript_runs_as_a_program_with_its_example(typescript):
    given = handover(
        plain_content("Say {{a}} {{b}} {{c}}.", "".join(PIECES), max_tokens=9, timeout=3), {"a": "$& $1 {{b}}"}
    )
    (request,) = typescript([given], is_main=True)
    assert sent(request)[0] == "Say $& $1 {{b}} 7 ."
    assert {name: request[name] for name in ("key", "model", "max_tokens")} == {
        "key": "a-key",
        "model": "gpt-4o",
        "max_tokens": 9,
    }
    assert "timeout" not in request


def test_typescript_takes_names_of_its_own_for_variables(typescript):
    names = ["__proto__", "constructor", "class", "values", "toString"]
    variables = tuple(Variable(each, has_default=True, default_value=f"<{each}>", required=False) for each in names)
    content = Content(" ".join(f"{{{{{each}}}}}" for each in names), variables=variables)
    (request,) = typescript([handover(content)])
    assert sent(request)[0] == " ".join(f"<{each}>" for each in names)


def test_typescript_has_jinja2_rendered_by_the_service(typescript, service):
    address, asked = service
    content = Content("{% if a %}{{ a }}{% endif %}", "", (Variable("a"),), {}, Engine.JINJA2)
    given = handover(content, {"a": "x`${y}`"}, service_url=f"{address}/", label="production")
    (request,) = typescript([given])
    assert sent(request) == ("rendered", "by the service")
    ((path, authorization, body),) = asked
    assert path == f"/api/templates/{given.template_id}/render"
    assert authorization == "Bearer a-token"
    assert json.loads(body) == {"label": "production", "variables": {"a": "x`${y}`"}}


@settings(max_examples=40, deadline=None)
@given(prompt=hostile, title=hostile)
def test_typescript_keeps_each_line_of_the_prompt_in_one_string(prompt, title):
    """Holds where no Node.js runs too: the source is lines, and the prompt's are JSON strings of their own."""
    source = FORMATS["typescript"].render(handover(plain_content(f"first\n{prompt}"), {"a": "x"}, name=title))
    block = re.search(r'^const PROMPT: string = \[\n(.*?)^\]\.join\("\\n"\);$', source, re.MULTILINE | re.DOTALL)
    assert block is not None
    lines = block[1].removesuffix(",\n").split(",\n")
    assert "\n".join(json.loads(line) for line in lines) == f"first\n{prompt}"


def whole_call(**parameters: Any) -> Handover:
    """Turns with a placeholder, pictures and files, tools, and a format that the model is told in words."""
    turns = (
        Turn("system", "You classify {{what}}."),
        Turn("user", "Great!"),
        Turn("assistant", "positive"),
        Slot("history"),
        Turn("user", ({"type": "text", "text": "See {{photo}}, {{paper}} and {{what}}"}, {"type": "image", **PICTURE})),
    )
    variables = (
        Variable("what"),
        Variable("history", VariableType.MESSAGES, required=False),
        Variable("photo", VariableType.IMAGE),
        Variable("paper", VariableType.FILE),
    )
    content = Content("", "", variables, parameters, messages=turns, tools=(TOOL,))
    address = {"url": "https://files.example/photo.png"}
    paper = {"data_url": "data:text/plain;base64,77u/R3LDvMOfZQ==", "name": "notes.txt"}
    example = {"what": "reviews", "history": HISTORY, "photo": address, "paper": paper}
    return handover(content, example, model_id="openai/gpt-4-0613")


def test_typescript_sends_a_whole_call_as_python_does(typescript):
    schema = {"type": "object", "properties": {"label": {"type": "string"}}}
    given = whole_call(temperature=0.2, response_format={"type": "json_schema", "json_schema": {"schema": schema}})
    (request,) = typescript([given])
    asked = run_python(FORMATS["python-openai"].render(given))
    assert {name: value for name, value in request.items() if name != "key"} == asked
    first, second, *others, last = asked["messages"]
    assert first["content"].startswith("Answer with JSON that fits this JSON Schema")
    assert second == {"role": "system", "content": "You classify reviews."}
    assert others[2:] == HISTORY
    assert last["content"] == [
        {"type": "text", "text": "See "},
        {"type": "image_url", "image_url": {"url": "https://files.example/photo.png"}},
        {"type": "text", "text": ", "},
        {"type": "text", "text": "File notes.txt:\n\nGrüße\n\n"},
        {"type": "text", "text": " and reviews"},
        {"type": "image_url", "image_url": {"url": PICTURE["data_url"]}},
    ]
    assert request["tools"] == [{"type": "function", "function": TOOL}]


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(hostile, hostile, hostile), min_size=15, max_size=15))
def test_hostile_turns_are_the_same_in_typescript_and_python(typescript, texts):
    handovers = [
        handover(
            Content(
                "",
                variables=(Variable("a"), Variable("photo", VariableType.IMAGE)),
                messages=(Turn("user", f"x{first}"), Turn("user", f"{second} {{{{a}}}} {{{{photo}}}}")),
            ),
            {"a": a, "photo": PICTURE},
        )
        for first, second, a in texts
    ]
    for made, request in zip(handovers, typescript(handovers), strict=True):
        assert request["messages"] == run_python(FORMATS["python-openai"].render(made))["messages"]
