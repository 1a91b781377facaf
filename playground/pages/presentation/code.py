"""A run as code: the very request, for a shell, a program in Python or TypeScript, or as it is."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playground import replay
from playground.models import PromptExecution
from templates_app.export_code.python_code import arguments_literal

PATH = "/api/prompts/execute"


@dataclass(frozen=True, slots=True)
class Snippet:
    """The request in one language; `name` is the language's, `needs` what must be there before."""

    key: str
    name: str
    text: str
    needs: str


def snippets_of(execution: PromptExecution, *, service_url: str) -> list[Snippet]:
    """The same request in each language. Its token is read from PLAYGROUND_TOKEN, and never stands in the code."""
    body = replay.body_of(execution)
    address = service_url.rstrip("/") + PATH
    token = "an API token in PLAYGROUND_TOKEN"  # noqa: S105 - a name
    return [
        Snippet("curl", "Shell (curl)", _curl(address, body), f"Needs curl 7.76 and {token}."),
        Snippet("python", "Python", _python(address, body), f"Needs httpx (pip install httpx) and {token}."),
        Snippet("typescript", "TypeScript", _typescript(address, body), f"Needs Node.js 18 or a bundler, and {token}."),
        Snippet("json", "JSON", _json(body) + "\n", f"The body of POST {PATH}."),
    ]


def _json(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, indent=2)


def _curl(address: str, body: Mapping[str, Any]) -> str:
    lines = [
        "curl --silent --show-error --fail-with-body --request POST",
        shlex.quote(address),
        '--header "Authorization: Bearer ${PLAYGROUND_TOKEN:?}"',
        "--header 'Content-Type: application/json'",
        f"--data-raw {shlex.quote(_json(body))}",
    ]
    return " \\\n  ".join(lines) + "\n"


def _python(address: str, body: Mapping[str, Any]) -> str:
    return (
        "import os\n\nimport httpx\n\n"
        f"REQUEST = {arguments_literal(dict(body))}\n\n"
        "answer = httpx.post(\n"
        f'    "{address}",\n'
        '    headers={"Authorization": f"Bearer {os.environ[\'PLAYGROUND_TOKEN\']}"},\n'
        "    json=REQUEST,\n"
        "    timeout=600,\n"
        ")\n"
        "answer.raise_for_status()\n"
        'print(answer.json()["response"])\n'
    )


def _typescript(address: str, body: Mapping[str, Any]) -> str:
    return (
        f"const request = {_json(body)};\n\n"
        f"const answer = await fetch({json.dumps(address)}, {{\n"
        '  method: "POST",\n'
        "  headers: {\n"
        "    Authorization: `Bearer ${process.env.PLAYGROUND_TOKEN}`,\n"
        '    "Content-Type": "application/json",\n'
        "  },\n"
        "  body: JSON.stringify(request),\n"
        "});\n"
        "if (!answer.ok) throw new Error(await answer.text());\n"
        "console.log((await answer.json()).response);\n"
    )
