"""Session pages without a script: forms that work, refusals that keep what was typed, doors that stay shut."""

from __future__ import annotations

import asyncio
import re
import uuid
from dataclasses import dataclass

import pytest

from foundation.database.threads import in_database_thread
from foundation.presentation.interval import outwards, wilson
from history.models import ExportArtifact
from playground.models import ExecutionComment, PromptExecution
from sessions_app.models import PlaygroundSession
from tests.cast import Person, new_user
from tests.doors.browser import Browser
from tests.doors.conftest import BrowserOf, browser_of
from tests.history.stored import a_session, an_execution, many_executions, user_of
from tests.servers.service import Service

__all__ = ["browser_of"]

ROLES = ("stranger", "viewer", "editor", "owner")
# Method, path, what each role gets; {run} is an execution of the session, {comment} the editor's.
TABLE = """
GET  /sessions/{session}                             404 200 200 200
GET  /sessions/{session}/analytics                   404 200 200 200
GET  /sessions/{session}/edit                        404 403 200 200
POST /sessions/{session}/edit                        404 403 302 302
GET  /sessions/{session}/share                       404 403 403 200
GET  /sessions/{session}/export                      404 403 200 200
POST /sessions/{session}/export                      404 403 302 302
GET  /sessions/{session}/exports/{nothing}           404 403 302 302
POST /sessions/{session}/archive                     404 403 302 302
POST /sessions/{session}/unarchive                   404 403 302 302
POST /sessions/{session}/fork                        404 403 302 302
GET  /sessions/{session}/runs/{run}                  404 302 302 302
GET  /sessions/{session}/runs/{run}/feedback          404 200 200 200
POST /sessions/{session}/runs/{run}/feedback          404 302 302 302
POST /sessions/{session}/runs/{run}/rating           404 302 302 302
GET  /sessions/{session}/comments/{comment}?act=edit 404 200 200 200
POST /sessions/{session}/comments/{comment}          404 403 302 403
POST /sessions/{session}/share                       404 403 403 302
POST /sessions/{session}/delete                      404 403 403 302
"""
FORMS = {
    "edit": {"name": "Renamed", "revision": "{revision}"},
    "share": {
        "member.0.subject": "user:{viewer}",
        "member.0.role": "viewer",
        "member.1.subject": "user:{editor}",
        "member.1.role": "editor",
    },
    "export": {"format": "jsonl"},
    "rating": {"thumb": "up"},
    "feedback": {"text": "Well"},
    "comments": {"text": "Otherwise"},
}


@dataclass(frozen=True)
class Place:
    """A session with a run and a comment, and a browser for each role."""

    session: PlaygroundSession
    ids: dict[str, str]
    browsers: dict[str, Browser]

    def path(self, path: str) -> str:
        """The path with the ids in it."""
        return path.format(**self.ids)


def _made(service: Service, owner: Person, browser_of: BrowserOf) -> Place:
    people = {role: Person(service.url, new_user(name=role)) for role in ROLES[:3]}
    session = a_session(owner)
    for role in ("viewer", "editor"):
        session.members.create(user=user_of(people[role]), role=role)
    run = an_execution(session)
    comment = ExecutionComment(execution=run, author=user_of(people["editor"]), sealed="x")
    comment.save()
    ids = {"session": session.id, "run": run.id, "comment": comment.id, "nothing": uuid.uuid4()}
    ids |= {role: user_of(person).id for role, person in people.items()}
    browsers = {role: browser_of(person) for role, person in {**people, "owner": owner}.items()}
    return Place(session, {name: str(value) for name, value in ids.items()}, browsers)


@pytest.fixture
async def place(service: Service, author: Person, browser_of: BrowserOf) -> Place:
    """The author's session."""
    return await in_database_thread(_made, service, author, browser_of)


async def _revision(session: PlaygroundSession) -> str:
    found = await PlaygroundSession.objects.aget(id=session.id)
    return str(found.revision)


async def test_every_page_knows_who_asks(place: Place):
    for line in filter(None, map(str.strip, TABLE.splitlines())):
        method, path, *expected = line.split()
        kind = next((name for name in FORMS if f"/{name}" in path.partition("?")[0].replace("{comment}", "")), "")
        for role, status in zip(ROLES, map(int, expected), strict=True):
            given = {**place.ids, "revision": await _revision(place.session)}
            form = {name: text.format(**given) for name, text in FORMS.get(kind, {}).items()}
            sent = form if method == "POST" else None
            answer = await place.browsers[role].call(method, place.path(path), form=sent)
            assert answer.status == status, (line, role)


async def test_nobody_sees_anything_signed_out(service: Service, place: Place):
    nobody = Browser(service.url)
    for path in (
        "/sessions",
        "/sessions/new",
        place.path("/sessions/{session}"),
        place.path("/sessions/{session}/edit"),
    ):
        answer = await nobody.get(path)
        assert (answer.status, answer.headers["Location"][:6]) == (302, "/login"), path


async def test_a_run_of_another_session_is_not_there(place: Place, author: Person):
    other = await in_database_thread(a_session, author)
    run = place.ids["run"]
    for path in (f"/runs/{run}", f"/runs/{run}/feedback", f"/comments/{place.ids['comment']}?act=edit"):
        headers = {"HX-Request": "true"}
        assert (await place.browsers["owner"].get(f"/sessions/{other.id}{path}", headers=headers)).status == 404, path


async def test_a_plain_form_makes_a_session_and_keeps_what_was_typed(place: Place, author: Person):
    browser = place.browsers["owner"]
    refused = await browser.post("/sessions/new", form={"name": "", "description": "kept <b>", "tags": "a, b"})
    assert refused.status == 400
    assert "kept &lt;b&gt;" in refused.text
    assert 'aria-invalid="true"' in refused.text
    made = await browser.post("/sessions/new", form={"name": "By hand", "tags": "a, b, a", "purpose": "p"})
    session = (await author.get(f"/api{made.headers['Location']}")).body
    assert (session["name"], session["tags"], session["purpose"]) == ("By hand", ["a", "b"], "p")


async def test_a_stale_form_is_told_and_goes_over_it_when_sent_again(place: Place):
    browser, path = place.browsers["owner"], place.path("/sessions/{session}/edit")
    stale = await browser.post(path, form={"name": "Mine", "revision": "999"})
    assert stale.status == 412
    assert 'value="Mine"' in stale.text
    revision = re.search(r'name="revision" value="(\d+)"', stale.text)
    assert revision
    assert (await browser.post(path, form={"name": "Mine", "revision": revision[1]})).status == 302
    assert (await PlaygroundSession.objects.aget(id=place.session.id)).name == "Mine"


async def test_a_refusal_takes_the_forms_place_in_a_dialog(place: Place):
    answer = await place.browsers["owner"].post(
        place.path("/sessions/{session}/share"), form={"who": "nobody"}, headers={"HX-Request": "true"}
    )
    assert (answer.status, answer.headers["hx-reswap"]) == (400, "outerHTML")
    assert "nobody" in answer.text
    assert "<html" not in answer.text
    assert "HX-Request" in answer.headers["Vary"]


async def test_odd_addresses_narrow_nothing_and_say_so(place: Place):
    browser = place.browsers["owner"]
    for query in ("status=odd", "from=yesterday", "min_cost=free", "template=x", "to=2026-99-01"):
        answer = await browser.get(place.path("/sessions/{session}?") + query)
        assert answer.status == 200, query
        assert "It narrows nothing now." in answer.text, query
        assert place.ids["run"] in answer.text, query
    assert (await browser.get(place.path("/sessions/{session}?cursor=odd"))).status == 400
    for query in ("page=0", "page=x", "ordering=size", "whose=x&archived=y", "search=" + "x" * 500):
        assert (await browser.get(f"/sessions?{query}")).status == 200, query
    assert (await browser.get("/sessions?tag=%00")).status == 400
    for query in ("days=x", "from=x", "from=2026-05-01&to=2026-01-01"):
        assert (await browser.get(place.path("/sessions/{session}/analytics?") + query)).status == 200, query


async def test_a_row_that_the_address_narrows_away_does_not_arrive(place: Place):
    path, headers = place.path("/sessions/{session}/runs/{run}"), {"HX-Request": "true"}
    browser = place.browsers["viewer"]
    assert (await browser.get(f"{path}?status=failed", headers=headers)).status == 204
    assert (await browser.get(f"{path}?status=completed", headers=headers)).status == 200


async def test_texts_are_shown_as_texts(place: Place, author: Person):
    canary = "<script>alert(1)</script>"
    session = await in_database_thread(lambda: a_session(author, name=canary, description=canary, tags=[canary]))
    await in_database_thread(
        lambda: an_execution(session, model_id=f"x/{canary}", request={"prompt": canary}, answer={"response": canary})
    )
    browser = place.browsers["owner"]
    for path in (
        "/sessions",
        f"/sessions/{session.id}",
        f"/sessions/{session.id}/analytics",
        f"/sessions/{session.id}/edit",
    ):
        assert canary not in (await browser.get(path)).text, path


async def test_a_price_that_nobody_told_is_not_free(place: Place, author: Person):
    session = await in_database_thread(lambda: a_session(author, name="Priceless", execution_count=1))
    await in_database_thread(lambda: an_execution(session, estimated_cost=0, metadata={"price_known": False}))
    browser = place.browsers["owner"]
    for path in ("/sessions?search=Priceless", f"/sessions/{session.id}", f"/sessions/{session.id}/analytics"):
        text = (await browser.get(path)).text
        assert "price unknown" in text, path
        assert "no cost" not in text, path


@pytest.mark.parametrize(
    ("completed", "tried", "expected"),
    # Newcombe 1998, "Two-sided confidence intervals for the single proportion", Table I, score method.
    [(81, 263, (0.2553, 0.3662)), (15, 148, (0.0624, 0.1605))],
)
def test_the_interval_of_a_rate_is_wilsons(completed: int, tried: int, expected: tuple[float, float]):
    assert wilson(completed, tried) == pytest.approx(expected, abs=1e-4)


def test_an_interval_is_never_told_narrower_than_it_is():
    assert outwards(0.3755, 0.9631, of=5) == ("37", "97")
    assert outwards(0.99981, 0.99999, of=20_000) == ("99.9", "100.0")


async def test_times_say_of_how_many_runs_they_are(place: Place):
    for number, metadata in enumerate(({"time_to_first_token": 0.125}, {}), start=1):
        await in_database_thread(an_execution, place.session, number, metadata=metadata)
    page = re.sub(r"\s+", " ", (await place.browsers["owner"].get(place.path("/sessions/{session}/analytics"))).text)
    assert "of 3 completed runs " in page
    assert "of 1 completed run that streamed" in page


async def test_a_large_export_is_ordered_by_a_plain_form(place: Place, author: Person):
    session = await in_database_thread(a_session, author)
    await in_database_thread(many_executions, session, 5_001)
    browser, path = place.browsers["owner"], f"/sessions/{session.id}/export"
    orders = [browser.post(path, form={"format": "jsonl"}) for _ in range(2)]
    assert {answer.headers["Location"] for answer in await asyncio.gather(*orders)} == {path}
    assert await ExportArtifact.objects.filter(session=session).acount() == 1
    assert "JSON lines" in (await browser.get(path)).text
    assert (await browser.post(path, form={"format": "odd"})).status == 400


async def test_a_deleted_session_comes_back_with_its_runs(place: Place):
    browser = place.browsers["owner"]
    await browser.post(place.path("/sessions/{session}/delete"))
    assert (await browser.get(place.path("/sessions/{session}"))).status == 404
    assert (await place.browsers["editor"].post(place.path("/sessions/{session}/undelete"))).status == 404
    assert (await browser.post(place.path("/sessions/{session}/undelete"))).status == 302
    assert await PromptExecution.objects.filter(session=place.session).acount() == 1
