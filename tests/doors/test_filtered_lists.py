"""Every filtered list says how much it has found, and has one act that empties the filter, while one is set."""

from __future__ import annotations

import re
from html import unescape

import pytest

from foundation.database.threads import in_database_thread
from foundation.search.counting import counted_rows, counted_searched
from playground.models import PromptExecution
from tests.cast import Person
from tests.doors.browser import Browser, browser_of

LISTS = [
    ("/history", "status=failed", "run"),
    ("/history", "model=none-such", "run"),
    ("/history", "search=none-such", "run"),
    ("/sessions", "search=none-such", "session"),
    ("/templates", "search=none-such", "template"),
    ("/compare/templates", "search=none-such", "template"),
    ("/evaluations", "status=failed", "test"),
    ("/audit", "kind=none_such", "entry"),
]
"""Address, a filter that finds nothing, what is counted."""
CLEAR = re.compile(r'<a class="button button-quiet"\s+href="([^"]+)"[^>]*>Clear all</a>')


@pytest.fixture
async def mine(author: Person) -> Browser:
    """The author's browser."""
    return await in_database_thread(browser_of, author)


def found(page: str) -> list[str]:
    """What is said to be found."""
    return [unescape(text).strip() for text in re.findall(r"data-found>([^<]*)<", page)]


@pytest.mark.parametrize(("path", "query", "one"), LISTS)
async def test_a_filter_tells_what_it_found_and_can_be_emptied(
    mine: Browser, author: Person, provider: str, path: str, query: str, one: str
) -> None:
    await author.execute(f"{provider}/echo", "hello")
    narrowed = await mine.get(f"{path}?{query}")
    assert narrowed.status == 200
    assert found(narrowed.text) == [f"0 {'entries' if one == 'entry' else f'{one}s'}"]
    (clear,) = CLEAR.findall(narrowed.text)
    assert clear == path
    everything = await mine.get(path)
    assert CLEAR.findall(everything.text) == []


@pytest.mark.parametrize(
    ("path", "query"),
    [("/evaluations/benchmarks", "tag=none-such"), ("/analytics", "model=none-such")],
)
async def test_a_page_of_figures_has_its_filter_emptied_too(mine: Browser, path: str, query: str) -> None:
    assert CLEAR.findall((await mine.get(f"{path}?{query}")).text) == [path]
    assert CLEAR.findall((await mine.get(path)).text) == []


async def test_a_list_without_a_filter_tells_how_long_it_is(mine: Browser, author: Person, provider: str) -> None:
    first = (await author.execute(f"{provider}/echo", "hello")).body
    await author.execute(f"{provider}/echo", "and again", parent_id=first["id"])
    assert found((await mine.get("/history")).text) == ["2 runs"]
    assert found((await mine.get("/history?search=again")).text) == ["1 run"]
    assert found((await mine.get("/history?search=again&status=failed")).text) == ["0 runs"]
    further = await mine.get(f"/history?before={first['id']}", headers={"HX-Request": "true"})
    assert found(further.text) == [], "further rows stand beneath the same count"


async def test_a_sessions_runs_are_counted_while_they_are_filtered(
    mine: Browser, author: Person, provider: str
) -> None:
    run = (await author.execute(f"{provider}/echo", "hello")).body
    address = f"/sessions/{run['session_id']}"
    assert found((await mine.get(address)).text) == []
    assert found((await mine.get(f"{address}?status=completed")).text) == ["1 run"]
    page = (await mine.get(f"{address}?search=hello&min_cost=1000")).text
    assert found(page) == ["0 runs"]
    assert CLEAR.findall(page) == [address]


async def test_counting_stops_at_its_bound(author: Person, provider: str) -> None:
    ids = [(await author.execute(f"{provider}/echo", text)).body["id"] for text in ("a", "b", "c")]
    rows = PromptExecution.objects.filter(id__in=ids).order_by("-created_at")
    assert await in_database_thread(counted_rows, rows, "run", most=3) == "3 runs"
    assert await in_database_thread(counted_rows, rows, "run", most=2) == "More than 2 runs"


@pytest.mark.parametrize(
    ("is_first", "is_last", "told"),
    [
        (True, True, "30 runs"),
        (True, False, "30 runs among the newest 1\N{NARROW NO-BREAK SPACE}250 searched"),
        (False, True, "30 runs on this page"),
    ],
)
def test_a_bounded_search_claims_no_more_than_it_has_seen(is_first: bool, is_last: bool, told: str) -> None:
    assert counted_searched(30, "run", opened=1250, is_first=is_first, is_last=is_last) == told
