"""What the client's README shows works as it stands there, in its order."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from llm_playground_client import Client
from llm_playground_client.command.main import EXITS
from tests.clients.conftest import SOURCE, MakeTemplate
from tests.clients.test_command import environment
from tests.servers.service import Service

README = (SOURCE / "README.md").read_text()
EXAMPLES = dict(re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL))
COLOURS: dict[str, Any] = {
    "name": "Colours",
    "prompt": "Name {{count}} colours.",
    "variables": [{"name": "count", "type": "number"}],
    "default_parameters": {"max_tokens": 16},
}


@pytest.fixture
def shell_environment(service: Service, author: User, tmp_path: Path) -> dict[str, str]:
    """`playground` is on the path, as where the package is installed."""
    program = tmp_path / "bin" / "playground"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m llm_playground_client "$@"\n')
    program.chmod(0o755)
    known = environment(service, author)
    return {**known, "PATH": f"{program.parent}:{known['PATH']}", "GIT_CEILING_DIRECTORIES": str(tmp_path)}


def test_every_example_of_the_readme_works(
    shell_environment: dict[str, str], make_template: MakeTemplate, client: Client, tmp_path: Path
):
    make_template(**COLOURS)
    client.move_label("colours", "production", 1)
    install, *commands = EXAMPLES["sh"].splitlines()
    assert install == "pip install ./clients/python"  # tried where there is a package index
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    done = subprocess.run(
        ["bash", "-ec", "\n".join(commands)], cwd=tmp_path, env=shell_environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("written prompts/colours.json\n")
    assert "staging of Colours is version 1" in done.stdout
    code = subprocess.run(
        [sys.executable, "-c", EXAMPLES["python"]], cwd=tmp_path, env=shell_environment, capture_output=True, text=True
    )
    assert (code.returncode, code.stderr) == (0, "")
    assert "'Name 3 colours.'" in code.stdout
    assert " 1 service\n" in code.stdout


def test_the_folder_that_it_pulls_is_the_one_that_it_falls_back_to(
    shell_environment: dict[str, str], make_template: MakeTemplate, client: Client, tmp_path: Path
):
    make_template(**COLOURS)
    client.move_label("colours", "production", 1)
    subprocess.run(["playground", "pull"], cwd=tmp_path, env=shell_environment, check=True, capture_output=True)
    until_a_run = EXAMPLES["python"].partition("print(client.run")[0]
    away = {**shell_environment, "PLAYGROUND_URL": "http://127.0.0.1:9"}
    code = subprocess.run(
        [sys.executable, "-c", until_a_run], cwd=tmp_path, env=away, capture_output=True, text=True, check=True
    )
    assert code.stdout.endswith(" 1 file\n")


def test_every_exit_code_is_told_in_both_places():
    told = README.partition("`playground` ends with ")[2]
    assert set(re.findall(r"\b(\d) ", told)) == set(re.findall(r"\b(\d)  ", EXITS)) == set("01234")
