"""What tests of handovers share: hostile texts, SDKs that record, and a service that keeps what it is asked."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest import mock

from hypothesis import strategies as st

from templates_app.content import Content, Variable, VariableType
from templates_app.export_code.handover import Handover
from templates_app.rendering import plain

PYTHON = ("python-openai", "python-anthropic", "python-litellm")
PIECES = [
    *[
        '"',
        "'",
        '"""',
        "'''",
        "\\",
        "\\\\",
        "\n",
        "\r\n",
        "\t",
        " ",
        "`",
        "${x}",
        "$(id)",
        "$x",
        ";",
        "&&",
        "!",
        "#",
        "# ",
    ],
    *[
        "{",
        "}",
        "{{",
        "}}",
        "{{a}}",
        "{{ b }}",
        "{{ c\n}}",
        "\\{{",
        "{%",
        "%}",
        "{#",
        "#}",
        "{{a.b}}",
        "{{ 1 }}",
        "{a}",
    ],
    *[
        "*/",
        "//",
        "/*",
        "<!--",
        "</script>",
        "---",
        "- ",
        ": ",
        "|",
        ">",
        "EOF",
        "null",
        "yes",
        "@file",
        "%s",
        "\\n",
        "\\u0041",
    ],
    *[
        "é",
        "日本",
        "😀",
        "\u2028",
        "\u2029",
        "\x85",
        "\ufeff",
        "\x00",
        "\x1b[0m",
        "\x7f",
        "coding=rot13",
        "exit()",
        "word",
    ],
]
hostile = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
values = st.one_of(hostile, st.integers(-(2**31), 2**31), st.booleans(), st.lists(hostile, max_size=3))
Asked = list[tuple[str, str, bytes]]
"""Path, Authorization and body of each request."""
VARIABLES = (
    Variable("a", description='A "description" */ # ${x}\n"""'),
    Variable("b", VariableType.NUMBER, has_default=True, default_value=7, required=False),
    Variable("c", VariableType.OBJECT, required=False),
)


def handover(content: Content, example: Mapping[str, Any] | None = None, **changes: Any) -> Handover:
    made = Handover(
        template_id="3f2b8c1e-0000-4000-8000-000000000001",
        name="Summary of a report",
        version=3,
        label=None,
        content=content,
        model_id="openai/gpt-4o",
        example=example or {},
        service_url="http://localhost:3006",
    )
    return replace(made, **changes)


def plain_content(prompt: str, system_prompt: str = "", **parameters: Any) -> Content:
    return Content(prompt, system_prompt, VARIABLES, parameters)


class Recorder:
    """Stands for the three SDKs: each call's arguments are kept, and the answer is the same."""

    def __init__(self, **keys: str) -> None:
        self.keys = keys
        Recorder.last = self
        self.chat = SimpleNamespace(completions=SimpleNamespace(create=self.openai))
        self.messages = SimpleNamespace(create=self.anthropic)

    last: Recorder
    calls: list[dict[str, Any]] = []

    @classmethod
    def openai(cls, **arguments: Any) -> Any:
        cls.calls.append(arguments)
        return SimpleNamespace(choices=[SimpleNamespace(message=SimpleNamespace(content="the answer"))])

    @classmethod
    def anthropic(cls, **arguments: Any) -> Any:
        cls.calls.append(arguments)
        return SimpleNamespace(content=[SimpleNamespace(type="text", text="the answer")])


def run_python(source: str) -> dict[str, Any]:
    """The one call that the program makes, read as a file would be read."""
    modules: dict[str, Any] = {name: ModuleType(name) for name in ("openai", "anthropic", "litellm")}
    modules["openai"].OpenAI = modules["anthropic"].Anthropic = Recorder
    modules["litellm"].completion = Recorder.openai
    Recorder.calls = []
    keys = {"OPENAI_API_KEY": "openai's", "ANTHROPIC_API_KEY": "anthropic's"}
    with (
        mock.patch.dict(sys.modules, modules),
        mock.patch.dict(os.environ, keys),
        contextlib.redirect_stdout(io.StringIO()) as said,
    ):
        exec(compile(source.encode(), "snippet.py", "exec"), {"__name__": "__main__"})
    assert said.getvalue() == "the answer\n"
    (call,) = Recorder.calls
    return call


def sent(call: Mapping[str, Any]) -> tuple[str, str]:
    """Prompt and system prompt of a call, in whichever SDK's words."""
    *before, user = call["messages"]
    assert user["role"] == "user"
    return user["content"], before[0]["content"] if before else call.get("system", "")


def expected(given: Handover) -> tuple[str, str]:
    filled = {each.name: each.default_value for each in given.content.variables if each.has_default}
    filled |= given.example_call
    content = given.content
    return plain.render(content.prompt, filled), plain.render(content.system_prompt, filled)


@contextlib.contextmanager
def listening() -> Iterator[tuple[str, Asked]]:
    """A service that keeps what it is asked; its address and what came."""
    asked: Asked = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append((self.path, self.headers["Authorization"], body))
            answer = json.dumps({"prompt": "rendered", "system_prompt": "by the service"}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()
