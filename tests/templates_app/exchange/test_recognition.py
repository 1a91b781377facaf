"""Each file is told by its own format, and by no other of these; others' files by none."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
import yaml

from tests.templates_app.exchange import samples
from tests.templates_app.exchange.samples import recognised


def front(value: Any, body: str = "Hi {{x}}") -> bytes:
    return f"---\n{yaml.safe_dump(value)}---\n{body}".encode()


GENAI = {"name": "n", "version": 1, "template": "Hi", "aliases": []}


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (front(samples.PROMPTY_FRONT), "a.prompty", "prompty"),
        (front(samples.PROMPTY_FRONT), "", "prompty"),
        (b"just text", "a.prompty", "prompty"),
        (front({"name": "x"}, "system:\nA\nuser:\nB"), "", "prompty"),
        (front({"name": "x", "model": {"id": "gpt-4", "connection": {}}}), "", "prompty"),
        (front(samples.DOTPROMPT_FRONT), "a.prompt", "dotprompt"),
        (front(samples.DOTPROMPT_FRONT), "", "dotprompt"),
        (front({"model": "x/y"}, '{{role "system"}}A'), "", "dotprompt"),
        (b"# Licence\n\n" + front({"model": "x/y", "config": {}}), "", "dotprompt"),
        (b"just {{x}}", "a.prompt", "dotprompt"),
        (yaml.safe_dump(samples.GITHUB).encode(), "a.prompt.yml", "github-models"),
        (yaml.safe_dump(samples.GITHUB).encode(), "", "github-models"),
        (b"messages: [{role: user, content: Hi}]", "x.prompt.yaml", "github-models"),
        (orjson.dumps(samples.MLFLOW_VERSIONS), "a.json", "mlflow"),
        (orjson.dumps(GENAI), "", "mlflow"),
        (orjson.dumps([GENAI, GENAI]), "", "mlflow"),
        (orjson.dumps(GENAI) + b"\n" + orjson.dumps(GENAI), "a.jsonl", "mlflow"),
        (orjson.dumps(samples.OURS), "a.json", "llm-playground"),
        (yaml.safe_dump(samples.OURS).encode(), "", "llm-playground"),
        (orjson.dumps({**samples.OURS, "version": 9}), "", "llm-playground"),
        (front(samples.TEXT_FRONT), "a.md", "text"),
        (b"Translate {{x}}.", "a.md", "text"),
        (b"Topic: {x}", "a.txt", "text"),
        (b"System: Be kind.\nUser: Hi", "a.md", "text"),
        (b"{{name}}, hello", "a.md", "text"),
        (b"# Heading\n\n- one\n- two", "README.md", "text"),
        (b"{% if a %}b{% endif %}", "a.j2", "text"),
        (b"[Role] You are kind.", "a.md", "text"),
    ],
)
def test_a_file_is_told_by_its_own_format_only(data, name, expected):
    assert recognised(data, name) == [expected]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"act,prompt\nA,B\n", "prompts.csv"),
        (b"prompts: [Hi]\nproviders: [openai:gpt-4o]\ntests: []", "promptfooconfig.yaml"),
        (b'{"name": "a", "prompt": "Hi", "type": "text", "version": 1, "labels": [], "config": {}}', "langfuse.json"),
        (b'{"data": [{"name": "a", "prompt": "Hi", "version": 1}], "meta": {}}', "langfuse.json"),
        (b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}], "temperature": 1}', "request.json"),
        (b'{"model": "gpt-4o", "input": "Hi"}', "request.json"),
        (b'{"_type": "prompt", "template": "Hi {x}", "input_variables": ["x"], "name": "a", "version": 1}', "lc.json"),
        (b'{"id": ["langchain", "prompts"], "lc": 1, "type": "constructor", "kwargs": {"template": "x"}}', "lc.json"),
        (b"_type: prompt\ntemplate: Hi {x}\ninput_variables: [x]", "lc.yaml"),
        (b'{"a": ', "broken.txt"),
        (b'{"a": 1}\n{"a": 2}', "lines.txt"),
        (b'{"a": ', ""),
        (b"key: value\nother: [1]", ""),
        (b"print('x')", "a.py"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a.md"),
        (b"", "a.md"),
        (b"A pasted prompt: {{x}}", ""),
        (b"PK\x03\x04", "a.prompty.zip"),
    ],
)
def test_files_of_others_are_told_by_none(data, name):
    assert recognised(data, name) == []
