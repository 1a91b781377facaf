"""The client as a program uses it: an address and a token of the running service."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import httpx
import pytest

from accounts.bearer.web_tokens import issue
from accounts.models import User
from llm_playground_client import Client
from llm_playground_client.command.main import main
from tests.cast import new_user
from tests.playground.conftest import make_provider, provider
from tests.servers.service import Service
from tests.waiting import PATIENCE

__all__ = ["make_provider", "provider"]

SOURCE = Path(__file__).resolve().parents[2] / "clients" / "python"
MakeTemplate = Callable[..., dict[str, Any]]
Playground = Callable[..., CompletedProcess[str]]


def token_of(user: User) -> str:
    """An access token."""
    return issue(str(user.id), use="access", lifetime=600)


def eventually(condition: Callable[[], Any]) -> None:
    """Waits in ordinary code until the condition gives something true."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def author(service: Service) -> User:
    """Who asks."""
    return new_user(name="Ada Author")


@pytest.fixture
def client(service: Service, author: User) -> Iterator[Client]:
    """The author's client, whose templates are fresh for a minute."""
    with Client(service.url, token_of(author)) as made:
        yield made


@pytest.fixture
def make_template(service: Service, author: User) -> MakeTemplate:
    """Makes a template over the API, the author's or somebody else's."""

    def make(owner: User | None = None, **fields: Any) -> dict[str, Any]:
        body = {"name": "Welcome", "category": "Writing", "prompt": "Greet {{name}}.", **fields}
        headers = {"Authorization": f"Bearer {token_of(owner or author)}"}
        answer = httpx.post(f"{service.url}/api/templates", json=body, headers=headers, timeout=PATIENCE)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    return make


@pytest.fixture
def playground(
    service: Service,
    author: User,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Playground:
    """The command, in a folder of this test; what it does not catch fails the test."""
    monkeypatch.chdir(tmp_path)

    def call(*words: str, **changed: str) -> CompletedProcess[str]:
        for name, value in {"PLAYGROUND_URL": service.url, "PLAYGROUND_TOKEN": token_of(author), **changed}.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        try:
            code = main(words)
        except SystemExit as end:  # what argparse makes of a command line
            code = int(end.code or 0)
        return CompletedProcess(words, code, *capsys.readouterr())

    return call
