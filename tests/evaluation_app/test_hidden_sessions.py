"""The hidden session that holds a test's runs: it is read, and nobody runs in it or changes it through any door."""

from __future__ import annotations

import re
from html import unescape
from typing import Any, NamedTuple

import pytest

from analytics.usage.naming import names_of
from evaluation_app.models import EvaluationTest
from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from sessions_app.access import place_to_run_in
from sessions_app.models import PlaygroundSession
from tests.cast import Person
from tests.doors.browser import Browser
from tests.doors.conftest import BrowserOf, browser_of
from tests.evaluation_app.conftest import Bench
from tests.evaluation_app.test_sharing_and_deleting import ended
from tests.history.stored import user_of

__all__ = ["browser_of"]

ACTS = ("Run in this session", "Run something in it", "Edit", "Share", "Export", "Fork", "Archive", "Delete")


class Finished(NamedTuple):
    """A test that has ended, one of its runs, and the session that holds them."""

    id: str
    execution: str
    session: PlaygroundSession
    model_id: str

    @property
    def page(self) -> str:
        """The session's."""
        return f"/sessions/{self.session.id}"


@pytest.fixture
async def tested(bench: Bench, provider: str) -> Finished:
    """The author's."""
    test_id = await ended(bench, provider)
    test = await in_database_thread(lambda: EvaluationTest.objects.select_related("session").get(id=test_id))
    execution = (await bench.samples(test_id))[0]["execution_id"]
    return Finished(test_id, execution, test.session, f"{provider}/echo")


@pytest.fixture
async def browser(author: Person, browser_of: BrowserOf) -> Browser:
    """The author's browser."""
    return await in_database_thread(browser_of, author)


def words(page: str) -> str:
    """The page's words."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


async def test_its_owner_cannot_run_in_it_or_change_it_over_the_api(author: Person, tested: Finished):
    address = f"/api/sessions/{tested.session.id}"
    run = {"prompt": "x", "model_id": tested.model_id, "session_id": str(tested.session.id)}
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/api/prompts/execute", run),
        ("POST", "/api/prompts/execute/stream", run),
        ("PATCH", address, {"archived": True}),
        ("PATCH", address, {"name": "Mine"}),
        ("POST", f"{address}/fork", {}),
        ("PUT", f"{address}/share", {"members": []}),
        ("DELETE", address, {}),
    ]
    for method, path, body in asked:
        answer = await author.call(method, path, body)
        assert answer.status == 403, (method, path, answer.body)
        assert "holds the runs of a test" in answer.body["detail"], (method, path)
    assert (await author.get(address)).status == 200


async def test_its_page_offers_no_act_and_tells_true_figures(browser: Browser, tested: Finished):
    page = (await browser.get(tested.page)).text
    told = words(page[page.index("<main") :])
    assert "These are the runs of the test" in told
    assert f'href="/evaluations/{tested.id}"' in page
    runs = page.count('class="run-row"')
    assert runs > 0
    assert f"Runs {runs} " in told
    assert "Last run never" not in told
    offered = {words(each) for each in re.findall(r"<(?:a|button)\b.*?</(?:a|button)>", page, re.DOTALL)}
    assert not offered & set(ACTS)
    assert "Fork from here" not in page


async def test_its_page_takes_no_act(browser: Browser, tested: Finished):
    for act in ("archive", "unarchive", "fork", "share", "delete"):
        assert (await browser.post(f"{tested.page}/{act}", form={})).status == 403, act
    for form in ("edit", "share"):
        assert (await browser.get(f"{tested.page}/{form}")).status == 403, form
    kept = await PlaygroundSession.objects.aget(id=tested.session.id)
    assert (kept.archived_at, kept.deleted_at) == (None, None)


async def test_what_goes_on_from_a_run_of_it_goes_to_the_default_session(
    author: Person, browser: Browser, tested: Finished
):
    replayed = await author.post(f"/api/executions/{tested.execution}/replay", {})
    assert replayed.status == 201, replayed.body
    mine = replayed.body["session_id"]
    assert mine != str(tested.session.id)
    page = await browser.get(f"/?execution={tested.execution}")
    assert (page.status, set(re.findall(r'name="session_id" value="([^"]*)"', page.text))) == (200, {mine})
    assert (await browser.get(f"/?session={tested.session.id}")).status == 404
    form = {"reply_to": tested.execution, "reply": "And then?"}
    answer = await browser.post("/executions", form=form)
    assert answer.status in {200, 302}, words(answer.text)
    models = PromptExecution.objects.filter(session=mine).values_list("model_id", flat=True)
    assert [each async for each in models] == [tested.model_id] * 2


async def test_a_test_runs_in_it_also_where_somebody_once_archived_it(author: Person, tested: Finished):
    await PlaygroundSession.objects.filter(id=tested.session.id).aupdate(archived_at=tested.session.created_at)
    place = await place_to_run_in(user_of(author), tested.session.id, is_evaluating=True)
    assert place.session_id == tested.session.id


async def test_usage_names_it_as_a_tests(author: Person, tested: Finished):
    session = tested.session
    names = await in_database_thread(lambda: names_of("session", [session.id], viewer=user_of(author)))
    assert names == {session.id: f"{session.name} (runs of a test)"}
