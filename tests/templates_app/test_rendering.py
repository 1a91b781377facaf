"""Jinja2 in processes of its own: many at once, a fair share each, and nothing left when something is killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import psutil
import pytest

from foundation.context import Asker, asker
from foundation.problems import Problem
from foundation.processes import is_alive
from foundation.supervisor import programs
from templates_app.rendering import jinja
from templates_app.rendering.sandbox import client
from templates_app.rendering.sandbox.client import PROGRAM
from templates_app.rendering.sandbox.fair_queue import FairQueue, Full
from tests.cast import Person
from tests.servers.service import Service
from tests.templates_app.conftest import MakeTemplate
from tests.waiting import PATIENCE, until

HEAVY = "{% for i in range(500) %}{{ (('ein wort ' * 300) ~ i)|title|length }}{% endfor %}"
"""Takes a tenth of a second of work."""
ENDLESS = "{{ lipsum(n=100000) }}"
"""Takes more time than it may, in one call that nothing interrupts."""


def programs_of(pid: int) -> list[psutil.Process]:
    """The renderers' programs that a process has started."""
    children = [child for child in psutil.Process(pid).children() if child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in children if str(PROGRAM) in child.cmdline()]


def family_of(pid: int) -> list[int]:
    """The programs and everything below them."""
    return [each.pid for one in programs_of(pid) for each in (one, *one.children(recursive=True))]


async def test_forty_eight_at_once_are_all_rendered(make_template: MakeTemplate, author: Person):
    made = await make_template(prompt="Hello {{ name|upper }}", engine="jinja2")
    path = f"/api/templates/{made['id']}/render"
    answers = await asyncio.gather(*(author.post(path, {"variables": {"name": f"n{n}"}}) for n in range(48)))
    assert [answer.status for answer in answers] == [200] * 48, [answer.body for answer in answers]
    assert [answer.body["prompt"] for answer in answers] == [f"Hello N{n}" for n in range(48)]


async def test_forty_eight_at_once_are_all_executed(make_template: MakeTemplate, author: Person, provider: str):
    made = await make_template(prompt="Hello {{ name|upper }}", engine="jinja2")
    body = {"model_id": f"{provider}/echo", "template_id": made["id"]}
    runs = (author.post("/api/prompts/execute", {**body, "variables": {"name": f"n{n}"}}) for n in range(48))
    answers = await asyncio.gather(*runs)
    assert [answer.status for answer in answers] == [200] * 48, [answer.body for answer in answers]
    assert [answer.body["prompt"] for answer in answers] == [f"Hello N{n}" for n in range(48)]


async def test_waiting_for_a_turn_is_not_a_templates_time(make_template: MakeTemplate, author: Person):
    made = await make_template(prompt=HEAVY, engine="jinja2")
    path, values = f"/api/templates/{made['id']}/render", dict[str, Any](variables={})
    answers = await asyncio.gather(*(author.post(path, values) for _ in range(24)))
    assert [answer.status for answer in answers] == [200] * 24, [answer.body for answer in answers]


async def test_t49_heavy_renders_of_one_leave_room_for_everybody(
    make_template: MakeTemplate, author: Person, stranger: Person
):
    heavy = await make_template(prompt=ENDLESS, engine="jinja2")
    quick = await make_template(stranger, name="Quick", prompt="Hello {{ name|upper }}", engine="jinja2")
    path, values = f"/api/templates/{heavy['id']}/render", dict[str, Any](variables={})
    load = [asyncio.create_task(author.post(path, values)) for _ in range(50)]
    answers = []
    for _ in range(5):
        page = await stranger.get("/api/templates")
        rendered = await stranger.post(f"/api/templates/{quick['id']}/render", {"variables": {"name": "a"}})
        answers += [page.status, rendered.status]
    still_loaded = sum(not each.done() for each in load)
    for each in load:
        each.cancel()
    await asyncio.gather(*load, return_exceptions=True)
    assert answers == [200] * 10
    assert still_loaded > 20


def test_everybody_has_a_turn_and_nobody_more_than_a_share():
    queue = FairQueue[str](places=4, share=2, longest=100, longest_of_one=50)
    for number in range(50):
        queue.put("a", f"a{number}")
    with pytest.raises(Full):
        queue.put("a", "one more")
    assert [queue.take(), queue.take(), queue.take()] == [("a", "a0"), ("a", "a1"), None]
    for thing in ("b0", "b1", "b2"):
        queue.put("b", thing)
    queue.drop("b", "b1")
    queue.put("c", "c0")
    assert [queue.take(), queue.take(), queue.take()] == [("b", "b0"), ("c", "c0"), None]
    queue.put("a", "urgent", is_urgent=True)
    queue.free("a")
    queue.free("c")
    assert [queue.take(), queue.take()] == [("a", "urgent"), ("b", "b2")]


@pytest.mark.parametrize("killed", ["program", "child", "all children"])
def test_what_is_killed_is_replaced(killed: str):
    assert jinja.render(["{{ a }}"], {"a": 1}) == ["1"]
    (program,) = programs_of(os.getpid())
    children = program.children()
    for each in {"program": [program], "child": children[-1:], "all children": children}[killed]:
        with contextlib.suppress(psutil.NoSuchProcess):  # a program ends its other children itself
            each.kill()
    assert [jinja.render(["{{ a }}"], {"a": n}) for n in range(8)] == [[str(n)] for n in range(8)]


def test_what_is_stuck_is_replaced(monkeypatch: pytest.MonkeyPatch):
    assert jinja.render(["{{ a }}"], {"a": 1}) == ["1"]
    monkeypatch.setattr(client, "SILENCE", 6.0)  # more than a busy machine takes to start another
    stuck = family_of(os.getpid())
    for pid in stuck:
        os.kill(pid, signal.SIGSTOP)
    assert jinja.render(["{{ a }}"], {"a": 2}) == ["2"]
    assert not any(is_alive(pid) for pid in stuck[:1])


def test_a_child_has_nothing_of_the_service():
    jinja.render(["{{ a }}"], {"a": 1})
    for pid in family_of(os.getpid()):
        assert set(psutil.Process(pid).environ()) <= {"LC_CTYPE"}
        assert psutil.Process(pid).net_connections() == []


async def test_a_caller_that_leaves_gives_its_turn_back():
    token = asker.set(Asker(uuid.uuid4()))
    try:
        leaving = [asyncio.create_task(jinja.render_soon([ENDLESS], {})) for _ in range(40)]
        await asyncio.sleep(0)
        for each in leaving:
            each.cancel()
        await asyncio.gather(*leaving, return_exceptions=True)
        assert await jinja.render_soon(["{{ a }}"], {"a": 1}) == ["1"]
    finally:
        asker.reset(token)


async def test_a_save_does_not_wait_behind_its_authors_renders(make_template: MakeTemplate, author: Person):
    made = await make_template(prompt=ENDLESS, engine="jinja2")
    path, values = f"/api/templates/{made['id']}/render", dict[str, Any](variables={})
    load = [asyncio.create_task(author.post(path, values)) for _ in range(40)]
    await asyncio.wait(load, return_when=asyncio.FIRST_COMPLETED)
    body = {"name": "New", "category": "C", "prompt": "Hello {{ unseen }}", "engine": "jinja2"}
    saved = await author.post("/api/templates", body)
    waiting = sum(not each.done() for each in load)
    for each in load:
        each.cancel()
    await asyncio.gather(*load, return_exceptions=True)
    assert (saved.status, saved.body["variables"]) == (201, ["unseen"])
    assert waiting > 20


async def test_a_queue_that_is_too_long_says_come_back_later():
    token = asker.set(Asker(uuid.uuid4()))
    try:
        asked = [asyncio.create_task(jinja.render_soon([ENDLESS], {})) for _ in range(110)]
        done, waiting = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        refused = next(iter(done)).exception()
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    finally:
        asker.reset(token)
    assert isinstance(refused, Problem)
    assert (refused.status, refused.headers["Retry-After"]) == (503, "5")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_nothing_outlives_a_web_process(
    how: signal.Signals, service: Service, make_template: MakeTemplate, author: Person
):
    web = await asyncio.to_thread(service.start_web)
    made = await make_template(prompt="{{ name }}", engine="jinja2")
    other = author.at(web.url)
    assert (await other.post(f"/api/templates/{made['id']}/render", {"variables": {"name": "a"}})).status == 200
    family = family_of(web.pid)
    assert len(family) >= 5
    os.kill(web.pid, how)

    async def nobody_is_left() -> bool:
        return not any(map(is_alive, family))

    await until(nobody_is_left)


IN_A_DAEMON = """
import billiard, django, os, sys
django.setup()

def work(told):
    from templates_app.rendering import jinja
    told.put(jinja.render(["{{ a|upper }}"], {"a": "x"}))

if __name__ == "__main__":
    from templates_app.rendering import jinja
    context = billiard.get_context("fork")
    for begun_before in (False, True):
        if begun_before:
            jinja.render(["{{ a }}"], {"a": 1})
        told = context.SimpleQueue()
        process = context.Process(target=work, args=(told,), daemon=True)
        process.start()
        print(told.get(), flush=True)
        process.join()
"""


def test_a_process_of_celerys_pool_renders_too(tmp_path: Path):
    script = tmp_path / "in_a_daemon.py"
    script.write_text(IN_A_DAEMON)
    environment = {**os.environ, "PYTHONPATH": str(programs.ROOT), "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, timeout=PATIENCE)
    assert done.stdout.split("\n")[:2] == ["['X']", "['X']"], done.stderr


def test_a_process_that_ends_leaves_no_renderers(tmp_path: Path):
    code = (
        "import os, psutil; from templates_app.rendering import jinja; jinja.render(['x'], {});"
        "print(*(each.pid for each in psutil.Process().children(recursive=True)))"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=programs.ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    family = [int(pid) for pid in done.stdout.split()]
    assert len(family) >= 5, done.stderr
    assert not any(map(is_alive, family))


def imported(versions: int) -> dict[str, Any]:
    """A document with one template of so many versions."""
    numbers = range(1, versions + 1)
    texts = [{"number": n, "prompt": f"{{{{ name }}}} {n} {{{{ v{n} }}}}", "engine": "jinja2"} for n in numbers]
    template = {"name": "Many", "category": "Tests", "versions": texts, "labels": {}}
    return {"format": "llm-playground-templates", "version": 1, "templates": [template]}


async def test_a_document_of_many_versions_is_judged_at_once(author: Person):
    await author.post("/api/templates/import?dry_run=true", imported(1))
    began = time.monotonic()
    answer = await author.post("/api/templates/import", imported(200))
    took = time.monotonic() - began
    assert (answer.status, answer.body["created"]) == (200, 1), answer.body
    assert took < 30, f"{took:.1f} s for 200 versions"
    listed = (await author.get("/api/templates?search=Many")).body["results"]
    assert [each["variables"] for each in listed] == [["name", "v200"]]


async def test_a_version_that_is_no_jinja_is_named(author: Person):
    document = imported(3)
    document["templates"][0]["versions"][1]["system_prompt"] = "{% for %}"
    refused = await author.post("/api/templates/import", document)
    assert refused.status == 400
    assert [error["field"] for error in refused.body["errors"]] == ["templates.0.versions.1.system_prompt"]
