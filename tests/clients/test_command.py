"""The command `playground`: files for git and back, runs, and an exit code for every end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from llm_playground_client import Client
from playground.models import PromptExecution
from tests.cast import new_user
from tests.clients.conftest import SOURCE, MakeTemplate, Playground, eventually, token_of
from tests.clients.test_prompts import change
from tests.servers.service import Service

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    """Where the command keeps its files."""
    return tmp_path / "prompts"


def edit(path: Path, **fields: Any) -> None:
    """Changes the newest version in the file."""
    document = json.loads(path.read_text())
    document["templates"][0]["versions"][-1].update(fields)
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def test_pulling_twice_writes_the_same_files(playground: Playground, make_template: MakeTemplate, prompts: Path):
    make_template(prompt="Grüße\n{{name}}", tags=["a"])
    make_template(name="Farewell")
    make_template(new_user(), name="Of others", is_public=True)
    first = playground("pull")
    assert (first.returncode, first.stderr) == (0, "")
    assert sorted(path.name for path in prompts.iterdir()) == ["farewell.json", "welcome.json"]
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in prompts.iterdir()}
    assert "Grüße" in (prompts / "welcome.json").read_text()
    assert playground("pull").stdout == "as it was prompts/farewell.json\nas it was prompts/welcome.json\n"
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in prompts.iterdir()} == before


def test_what_was_edited_is_pushed_as_a_new_version(
    playground: Playground, make_template: MakeTemplate, client: Client, prompts: Path
):
    make_template()
    playground("pull")
    edit(prompts / "welcome.json", prompt="Hail {{name}}!")
    rehearsal = playground("push", "--dry-run")
    assert (rehearsal.returncode, rehearsal.stdout[:6]) == (0, "update")
    assert client.get_template("welcome").version == 1
    pushed = playground("push", "--label", "staging")
    assert (pushed.returncode, pushed.stderr) == (0, "")
    assert "staging of Welcome is version 2" in pushed.stdout
    assert client.get_template("welcome", label="staging").prompt == "Hail {{name}}!"
    assert playground("push", "welcome").stdout.startswith("skipped prompts/welcome.json")


def test_a_pull_does_not_lose_what_was_not_pushed(
    playground: Playground, make_template: MakeTemplate, client: Client, prompts: Path
):
    made = make_template()
    playground("pull")
    edit(prompts / "welcome.json", prompt="Hail {{name}}!")
    change(client, made["id"], prompt="Hi {{name}}")
    kept = (prompts / "welcome.json").read_bytes()
    refused = playground("pull")
    assert (refused.returncode, (prompts / "welcome.json").read_bytes()) == (4, kept)
    assert "prompts/welcome.json" in refused.stderr
    assert playground("pull", "--force").returncode == 0
    assert "Hi {{name}}" in (prompts / "welcome.json").read_text()


def test_a_pull_over_files_that_only_lag_behind_just_writes(
    playground: Playground, make_template: MakeTemplate, client: Client, prompts: Path
):
    made = make_template()
    playground("pull", "welcome")
    change(client, made["id"], prompt="Hi {{name}}")
    assert playground("pull", "welcome").stdout == "written prompts/welcome.json\n"
    assert "Hi {{name}}" in (prompts / "welcome.json").read_text()


def test_a_conflict_leaves_everything_as_it_is(
    playground: Playground, make_template: MakeTemplate, client: Client, prompts: Path
):
    make_template()
    playground("pull")
    document = json.loads((prompts / "welcome.json").read_text())
    entry = document["templates"][0]
    entry |= {"id": None}
    entry["versions"] = [{"number": 1, "prompt": "Another text of that name"}]
    (prompts / "welcome.json").write_text(json.dumps(document))
    document["templates"][0] |= {"name": "Fresh", "slug": "fresh"}
    (prompts / "fresh.json").write_text(json.dumps(document))
    refused = playground("push")
    assert refused.returncode == 4
    assert "conflict prompts/welcome.json" in refused.stdout
    assert [each["slug"] for each in client.templates(owner="me")] == ["welcome"]


def test_templates_go_to_another_user_with_partials_in_any_order(
    playground: Playground, make_template: MakeTemplate, service: Service, prompts: Path
):
    make_template(name="Tone", prompt="Be kind.")
    make_template(name="A whole", prompt="{{> tone}} Greet.")
    playground("pull")
    for path in prompts.iterdir():
        document = json.loads(path.read_text())
        document["templates"][0]["id"] = None
        path.write_text(json.dumps(document))
    other = token_of(new_user())
    pushed = playground("push", PLAYGROUND_TOKEN=other)
    assert (pushed.returncode, pushed.stderr) == (0, "")
    with Client(service.url, other) as client:
        assert client.get_prompt("a-whole").prompt == "Be kind. Greet."


def test_a_file_that_does_not_hold_is_named_with_its_place(
    playground: Playground, make_template: MakeTemplate, prompts: Path
):
    make_template()
    playground("pull")
    edit(prompts / "welcome.json", engine="plainer")
    refused = playground("push")
    assert refused.returncode == 1
    assert "prompts/welcome.json: versions.0.engine" in refused.stderr
    (prompts / "welcome.json").write_text("{")
    broken = playground("push")
    assert (broken.returncode, "prompts/welcome.json is no JSON" in broken.stderr) == (2, True)


def test_labels_choose_what_is_pulled(
    playground: Playground, make_template: MakeTemplate, client: Client, prompts: Path
):
    make_template()
    make_template(name="Other")
    client.move_label("other", "production", 1)
    assert playground("pull", "--label", "production").stdout == "written prompts/other.json\n"
    refused = playground("pull", "welcome", "--label", "production")
    assert (refused.returncode, "welcome" in refused.stderr) == (1, True)


def test_two_owners_of_one_slug_do_not_overwrite_each_other(
    playground: Playground, make_template: MakeTemplate, prompts: Path
):
    for name in ("Ben", "Cleo"):
        make_template(new_user(name=name), is_public=True)
    ambiguous = playground("pull", "welcome")
    assert (ambiguous.returncode, "Ben/welcome, Cleo/welcome" in ambiguous.stderr) == (1, True)
    assert playground("pull", "Ben/welcome", "Cleo/welcome").returncode == 4
    assert not prompts.exists()
    assert playground("pull", "Ben/welcome").returncode == 0


def test_a_run_prints_its_answer_and_nothing_else(playground: Playground, provider: str, make_template: MakeTemplate):
    make_template(prompt="{{name}} {{count}} {{xs}}", variables=[
        {"name": "name"}, {"name": "count", "type": "number"}, {"name": "xs", "type": "array"}])  # fmt: skip
    words = ["-v", "name=a=b", "-v", "count=2.50", "-v", 'xs=["x"]', "--model", f"{provider}/echo"]
    done = playground("run", "welcome", *words)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, 'a=b 2.5 ["x"]', "")
    whole = json.loads(playground("run", "welcome", *words, "--json").stdout)
    assert (whole["status"], whole["response"].strip()) == ("completed", 'a=b 2.5 ["x"]')


def test_values_and_prompts_come_out_of_files_and_pipes(
    playground: Playground, service: Service, author: User, provider: str, tmp_path: Path
):
    (tmp_path / "name.txt").write_text("Zoë")
    done = playground("run", "--prompt", "Greet {{name}}", "-f", "name=name.txt", "--model", f"{provider}/echo")
    assert done.stdout.strip() == "Greet Zoë"
    piped = subprocess.run(
        [sys.executable, "-m", "llm_playground_client", "run", "--prompt", "-", "--model", f"{provider}/echo"],
        env=environment(service, author), input="From a pipe", capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert piped.stdout.strip() == "From a pipe"


def environment(service: Service, author: User) -> dict[str, str]:
    """What the command needs to know."""
    known = {"PLAYGROUND_URL": service.url, "PLAYGROUND_TOKEN": token_of(author), "PYTHONPATH": str(SOURCE)}
    return {"PATH": os.environ["PATH"], **known}


def test_what_fails_and_what_is_wrong_end_with_their_codes(
    playground: Playground, provider: str, make_template: MakeTemplate
):
    make_template(variables=[{"name": "name", "type": "number"}])
    ends = {
        ("run", "welcome", "--model", f"{provider}/fault-400", "-v", "name=1"): 1,
        ("run", "welcome", "--model", f"{provider}/echo"): 1,
        ("run", "no-such", "--model", f"{provider}/echo"): 1,
        ("pull", "no-such"): 1,
        ("pull", "Not A Slug"): 1,
        ("run", "welcome", "-v", "name=x"): 2,
        ("run", "welcome", "-v", "name"): 2,
        ("run", "welcome", "-f", "name=nowhere.txt"): 2,
        ("run",): 2,
        ("run", "welcome", "--prompt", "x"): 2,
        ("push",): 2,
        ("push", "../secret"): 1,
        ("push", "no-such"): 2,
        ("--url", NOWHERE, "run", "welcome"): 3,
        ("--url", NOWHERE, "pull"): 3,
        ("--url", "nowhere", "pull"): 2,
    }
    done = {words: playground(*words) for words in ends}
    assert {words: each.returncode for words, each in done.items()} == ends
    assert not [words for words, each in done.items() if "Traceback" in each.stderr or not each.stderr or each.stdout]
    refused = playground("pull", PLAYGROUND_TOKEN="canary-token")
    assert (refused.returncode, "canary-token" in refused.stderr) == (1, False)
    assert playground("pull", PLAYGROUND_TOKEN="").returncode == 2


def test_a_closed_pipe_and_ctrl_c_cancel_the_run(service: Service, author: User, provider: str):
    for how in ("pipe", "signal"):
        process = subprocess.Popen(
            [sys.executable, "-m", "llm_playground_client", "run", "--prompt", "x", "--model",
             f"{provider}/tokens-32-every-30ms" if how == "pipe" else f"{provider}/fault-silent-at-5"],
            env=environment(service, author), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1)
        if how == "pipe":
            process.stdout.close()
        else:
            process.send_signal(signal.SIGINT)
        assert process.wait(60) == (141 if how == "pipe" else 130)
        assert b"Traceback" not in process.stderr.read()
        process.stderr.close()
    eventually(lambda: not PromptExecution.objects.exclude(status="cancelled").exists())
    assert PromptExecution.objects.count() == 2
