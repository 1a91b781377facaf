"""The tab Code: each snippet is the very run, and does it once more."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from foundation.database.threads import in_database_thread
from playground import replay
from playground.models import PromptExecution
from playground.pages.presentation.code import Snippet, snippets_of
from tests.cast import Person
from tests.doors.browser import browser_of

ODD = "It's {{x}}\n\"quoted\" \\ `tick` ${HOME} 😀 \u2028 </script> '''"


def snippet(execution: PromptExecution, key: str, url: str = "https://llm.example/") -> Snippet:
    (found,) = (each for each in snippets_of(execution, service_url=url) if each.key == key)
    return found


def odd_run() -> PromptExecution:
    request = {"prompt": ODD, "system_prompt": "Be", "messages": [{"role": "user", "content": ODD}]}
    return PromptExecution(model_id="openai/echo", parameters={"temperature": 0.5, "stop": ["a'b"]}, request=request)


def test_python_holds_the_very_request() -> None:
    run = odd_run()
    told = next(each for each in ast.parse(snippet(run, "python").text).body if isinstance(each, ast.Assign))
    assert ast.literal_eval(told.value) == replay.body_of(run)
    assert json.loads(snippet(run, "json").text) == replay.body_of(run)


@pytest.mark.skipif(shutil.which("node") is None, reason="no Node.js here")
def test_typescript_holds_the_very_request() -> None:
    run = odd_run()
    request = snippet(run, "typescript").text.partition("\n\nconst answer")[0]
    program = f"{request}\nprocess.stdout.write(JSON.stringify(request));"
    done = subprocess.run(["node", "-e", program], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stdout) == replay.body_of(run)


@pytest.mark.parametrize("key", ["curl", "python"])
async def test_it_runs_as_it_stands(author: Person, provider: str, tmp_path: Path, key: str):
    made = (await author.execute(f"{provider}/echo", prompt=ODD, parameters={"temperature": 0.5})).body
    browser = await in_database_thread(browser_of, author)
    page = await browser.get(f"/executions/{made['id']}/code")
    assert page.status == 200
    found = re.search(rf'data-snippet="{key}".*?<code>(.*?)</code>', page.text, re.DOTALL)
    assert found
    program = tmp_path / f"run.{key}"
    program.write_text(unescape(found[1]))
    words = [sys.executable, str(program)] if key == "python" else ["sh", str(program)]
    environment = {"PATH": "/usr/bin:/bin", "PLAYGROUND_TOKEN": author.token}
    done = await in_database_thread(
        lambda: subprocess.run(words, capture_output=True, text=True, timeout=60, env=environment)
    )
    assert done.returncode == 0, done.stderr
    answer: Any = json.loads(done.stdout)["response"] if key == "curl" else done.stdout.rstrip("\n")
    assert answer.rstrip("\n") == made["response"].rstrip("\n")
    assert author.token not in page.text


async def test_nobody_elses(author: Person, stranger: Person, provider: str):
    made = (await author.execute(f"{provider}/echo", prompt="mine")).body
    browser = await in_database_thread(browser_of, stranger)
    assert (await browser.get(f"/executions/{made['id']}/code")).status == 404
