"""Handover as requests to this service."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Iterator

import pytest
from hypothesis import given, settings

from templates_app.export_code.formats import FORMATS
from tests.templates_app.exporting_code import PIECES, Asked, handover, hostile, listening, plain_content


@pytest.fixture
def service() -> Iterator[tuple[str, Asked]]:
    with listening() as told:
        yield told


def test_the_request_is_the_body_of_an_execution():
    given = handover(plain_content("{{a}}"), {"a": "x"})
    assert json.loads(FORMATS["request-json"].render(given)) == {
        "model_id": "openai/gpt-4o",
        "template_id": "3f2b8c1e-0000-4000-8000-000000000001",
        "version": 3,
        "variables": {"a": "x"},
    }


def test_a_labelled_request_follows_its_label():
    body = json.loads(FORMATS["request-json"].render(handover(plain_content("{{a}}"), label="production")))
    assert body["label"] == "production"
    assert "version" not in body
    assert body["variables"] == {"a": "<a>"}


@settings(max_examples=100, deadline=None)
@given(title=hostile, a=hostile)
def test_a_curl_command_holds_the_request_in_one_word(title, a):
    given = handover(plain_content("{{a}}"), {"a": a}, name=title, label=title or None)
    source = FORMATS["curl"].render(given)
    command = source[source.index("curl --") :]
    words = shlex.split(command.replace("\\\n", " ", 4))
    assert words[0] == "curl"
    assert "http://localhost:3006/api/prompts/execute" in words
    assert json.loads(words[words.index("--data-raw") + 1]) == given.as_execution()


def test_a_curl_command_runs(service, tmp_path):
    address, asked = service
    given = handover(plain_content("{{a}}"), {"a": "".join(PIECES)}, name="".join(PIECES), service_url=address)
    script = tmp_path / "run.sh"
    script.write_text(FORMATS["curl"].render(given), encoding="utf-8")
    environment = {"PATH": os.environ["PATH"], "PLAYGROUND_TOKEN": "a-token"}
    done = subprocess.run(["sh", script], env=environment, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    ((path, authorization, body),) = asked
    assert (path, authorization) == ("/api/prompts/execute", "Bearer a-token")
    assert json.loads(body) == given.as_execution()
    assert list(tmp_path.iterdir()) == [script]


def test_a_curl_command_without_a_token_stops_before_it_asks(service, tmp_path):
    address, asked = service
    script = FORMATS["curl"].render(handover(plain_content("{{a}}"), service_url=address))
    done = subprocess.run(["sh", "-c", script], env={"PATH": os.environ["PATH"]}, capture_output=True, check=False)
    assert done.returncode != 0
    assert asked == []
