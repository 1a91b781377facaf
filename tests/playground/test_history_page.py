"""The history of a session: what belongs together is one entry, texts are searched, any two runs are told apart."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest

from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.doors.browser import Browser, browser_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
async def mine(author: Person) -> Browser:
    """The author's browser."""
    return await in_database_thread(browser_of, author)


@pytest.fixture
def echo(provider: str) -> str:
    """A model that says what it is asked."""
    return f"{provider}/echo"


async def ran(author: Person, model: str, prompt: str, **more: Any) -> str:
    """A run's id."""
    run = await author.execute(model, prompt, **more)
    assert run.status == 200, run.body
    return str(run.body["id"])


def entries(page: str) -> list[str]:
    """The text of each entry."""
    parts = page.split('<div class="history-group">')[1:]
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", part)).split()) for part in parts]


def ids(part: str) -> list[str]:
    """The runs that can be opened."""
    return re.findall(r"execution=([0-9a-f-]{36})", part)


async def test_a_conversation_is_one_entry_with_its_turns(author: Person, mine: Browser, echo: str) -> None:
    first = await ran(author, echo, "one")
    second = await ran(author, echo, "two", parent_id=first)
    third = await ran(author, echo, "three", parent_id=second)
    alone = await ran(author, echo, "by itself")
    page = (await mine.get("/history")).text
    told = entries(page)
    assert len(told) == 2
    assert "by itself" in told[0]
    assert "other run" not in told[0]
    assert "Conversation of 3 turns" in told[1]
    assert "2 other runs" in told[1]
    assert ids(page) == [alone, third, first, second]
    # A branch belongs to the same conversation.
    branch = await ran(author, echo, "otherwise", parent_id=first)
    told = entries(page := (await mine.get("/history")).text)
    assert len(told) == 2
    assert "Conversation of 4 turns" in told[0]
    assert ids(page)[0] == branch


async def test_a_comparison_and_a_repetition_are_one_entry_each(author: Person, mine: Browser, echo: str) -> None:
    body = {"prompt": "both", "variants": [{"model_id": echo}, {"model_id": echo, "parameters": {"temperature": 1}}]}
    compared = await author.post("/api/comparisons", body)
    assert compared.status in (200, 201, 202), compared.body
    repeated = await mine.post("/repeats", form={"model_id": echo, "prompt": "again", "times": "3"}, headers=HTMX)
    assert repeated.status == 200, repeated.text
    told = entries(page := (await mine.get("/history")).text)
    assert len(told) == 2
    assert "Run 3 times" in told[0]
    assert "2 other runs" in told[0]
    assert "Comparison of 2 answers" in told[1]
    assert "/comparisons/" in page


async def test_texts_of_prompts_and_answers_are_searched(author: Person, mine: Browser, echo: str) -> None:
    wanted = await ran(author, echo, "The Größe of a canary")
    await ran(author, echo, "something else")
    assert ids((await mine.get(f"/history?search={quote('GRÖẞE canary')}")).text) == [wanted]
    nothing = (await mine.get("/history?search=nowhere")).text
    assert "No run of this session matches." in nothing
    assert "Nothing has run" not in nothing
    rows = await mine.get("/history?search=canary", headers={**HTMX, "HX-Target": "history-found"})
    assert ids(rows.text) == [wanted]
    assert "history-filter" not in rows.text
    both = (await mine.get("/history?search=canary&status=failed")).text
    assert ids(both) == []


async def test_nothing_has_run_is_told_of_an_empty_session_alone(author: Person, mine: Browser, echo: str) -> None:
    assert "Nothing has run in this session yet" in (await mine.get("/history")).text
    assert "Nothing has run in this session yet" in (await mine.get("/")).text
    run = await ran(author, echo, "hello")
    assert "There are no older runs." in (await mine.get(f"/history?before={run}")).text
    for path in ("/", "/history", "/history?model=none", f"/history?before={run}"):
        page = (await mine.get(path)).text
        assert "Nothing has run" not in page, path


async def test_any_two_runs_are_told_apart(author: Person, mine: Browser, echo: str) -> None:
    one = await ran(author, echo, "a cold day", parameters={"temperature": 0.5})
    other = await ran(author, echo, "a warm day", system_prompt="Be brief.")
    for pair in ((one, other), (other, one)):
        page = (await mine.get(f"/history/difference?run={pair[0]}&run={pair[1]}")).text
        told = " ".join(unescape(re.sub(r"<(?!/?(?:ins|del)>)[^>]+>", " ", page)).split())
        assert "a <del>cold</del><ins>warm</ins> day" in told
        assert "Temperature 0.5 not set" in told
        assert "<ins>Be brief.</ins>" in told
    same = (await mine.get(f"/history/difference?run={one}&run={await ran(author, echo, 'a cold day')}")).text
    assert "The same words in both" in same


@pytest.mark.parametrize(("chosen", "told"), [(0, "None were ticked"), (1, "Only one run"), (3, "3 runs were ticked")])
async def test_differences_are_those_of_two(author: Person, mine: Browser, echo: str, chosen: int, told: str) -> None:
    runs = [await ran(author, echo, f"run {number}") for number in range(chosen)]
    page = await mine.get("/history/difference?" + "&".join(f"run={each}" for each in runs))
    assert page.status == 400
    assert told in " ".join(page.text.split())


async def test_runs_of_others_are_not_told_apart(author: Person, stranger: Person, mine: Browser, echo: str) -> None:
    own, theirs = await ran(author, echo, "mine"), await ran(stranger, echo, "theirs")
    for second in (theirs, "x", "0198f1c2-0000-7000-8000-000000000000"):
        assert (await mine.get(f"/history/difference?run={own}&run={second}")).status == 404
