"""What is exported comes back whole: the archive mark, times, what people said, votes; and a file that comes again is
known."""

from __future__ import annotations

import copy
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from foundation.database.threads import in_database_thread
from history.models import SessionImport
from playground.models import Comparison, ComparisonVote, ExecutionComment, ExecutionRating, PromptExecution
from sessions_app.models import PlaygroundSession, SessionMember
from tests.cast import Person
from tests.doors.conftest import BrowserOf, browser_of
from tests.history.stored import BEGIN, a_session, an_execution, user_of
from tests.history.test_import import IMPORT, a_bundle, bundle_of, nothing_written

__all__ = ["browser_of"]

MADE = datetime(2025, 5, 1, 8, 30, tzinfo=UTC)
PUT_AWAY = datetime(2025, 6, 2, 9, 0, tzinfo=UTC)


def a_discussed_session(author: Person, other: Person, **fields: Any) -> PlaygroundSession:
    """A session of two with ratings, comments and a comparison that both have voted in."""
    session = a_session(author, purpose="work", created_at=MADE, **fields)
    SessionMember.objects.create(session=session, user=user_of(other), role="editor")
    for person, email in ((author, "author@example.org"), (other, "other@example.org")):
        user = user_of(person)
        user.email = email
        user.save()
    first, second = an_execution(session, 0), an_execution(session, 1)
    later = BEGIN + timedelta(minutes=1)
    for execution, person, value, thumb, note in (
        (first, author, 4, "", "Fine"),
        (first, other, None, "down", None),
        (second, other, None, "up", None),
    ):
        rating = ExecutionRating(execution=execution, user=user_of(person), value=value, thumb=thumb)
        rating.rated_at = BEGIN if person is author else later
        rating.sealed = note
        rating.save()
    for person, text, edited in ((author, f"Hello @{user_of(author).username}", None), (other, "  Two\nlines ", BEGIN)):
        comment = ExecutionComment(execution=first, author=user_of(person), sealed=text)
        comment.created_at = BEGIN if person is author else later
        comment.edited_at = edited
        comment.save()
    comparison = Comparison.objects.create(session=session, user=user_of(author), created_at=MADE, name="Which?")
    members = [
        an_execution(session, 2, comparison=comparison, comparison_position=number, model_id=f"openai/m{number}")
        for number in range(2)
    ]
    ComparisonVote.objects.create(comparison=comparison, user=user_of(author), execution=members[1], voted_at=BEGIN)
    ComparisonVote.objects.create(comparison=comparison, user=user_of(other), execution=None, voted_at=BEGIN)
    return session


def said(bundle: dict[str, Any]) -> list[Any]:
    """What was said of each execution and comparison."""
    whole = [{name: row.get(name) for name in ("ratings", "comments")} for row in bundle["executions"]]
    places = {row["id"]: place for place, row in enumerate(bundle["executions"])}
    votes = [
        (
            each["created_at"],
            each.get("name"),
            [{**vote, "execution_id": places.get(vote["execution_id"])} for vote in each["votes"]],
        )
        for each in bundle.get("comparisons", [])
    ]
    return [*whole, *votes]


async def test_what_people_said_comes_back_as_theirs(author: Person, stranger: Person):
    session = await in_database_thread(a_discussed_session, author, stranger)
    bundle = await bundle_of(author, session.id)
    assert len(bundle["executions"][0]["ratings"]) == len(bundle["executions"][0]["comments"]) == 2
    answer = await author.post(IMPORT, bundle)
    assert (answer.status, answer.body["dropped_links"]) == (201, 0), answer.body
    back = await bundle_of(author, answer.body["session"]["id"])
    assert said(back) == said(bundle)
    execution = back["executions"][0]["id"]
    comments = (await author.get(f"/api/executions/{execution}/comments")).body["results"]
    people = [user_of(author), user_of(stranger)]
    assert [each["author"] for each in comments] == [
        {"id": str(person.id), "name": str(person), "imported": True} for person in people
    ]
    assert [each["text"] for each in comments][1] == "  Two\nlines "
    assert [each["id"] for each in comments[0]["mentions"]] == [str(people[0].id)]
    ratings = (await author.get(f"/api/executions/{execution}/rating")).body["results"]
    assert [(each["user"]["id"], each["value"], each["thumb"], each["note"]) for each in ratings] == [
        (str(people[0].id), 4, None, "Fine"),
        (str(people[1].id), None, "down", ""),
    ]
    # The origin is as it was, and who is named gets no right to the copy.
    assert await bundle_of(author, session.id) == bundle
    assert (await stranger.get(f"/api/sessions/{answer.body['session']['id']}")).status == 404


async def test_whom_nobody_knows_here_keeps_the_name_on_the_way_through(author: Person, browser_of: BrowserOf):
    ghost = {"id": str(uuid.uuid4()), "name": "Gh\u00f6st", "email": "ghost@example.net"}
    nameless: dict[str, Any] = {}
    said_then = "2026-03-01T12:00:00Z"
    bundle = a_bundle(
        ratings=[
            {"author": ghost, "value": 5, "rated_at": said_then},
            {"author": ghost, "thumb": "down", "note": "n", "rated_at": said_then},
            {"author": nameless, "thumb": "up", "rated_at": said_then},
        ],
        comments=[{"author": ghost, "text": "Boo", "created_at": said_then}],
    )
    answer = await author.post(IMPORT, bundle)
    assert answer.status == 201, answer.body
    first = await bundle_of(author, answer.body["session"]["id"])
    (row,) = first["executions"]
    known = {"id": None, "name": ghost["name"], "email": ghost["email"]}
    assert [each["author"] for each in row["ratings"]].count(known) == 2
    assert row["comments"][0]["author"] == known
    again = await bundle_of(author, (await author.post(IMPORT, first)).body["session"]["id"])
    assert said(again) == said(first)
    listed = (await author.get(f"/api/executions/{row['id']}/comments")).body["results"]
    assert listed[0]["author"] == {"id": None, "name": "Gh\u00f6st", "imported": True}
    browser = await in_database_thread(browser_of, author)
    page = await browser.get(f"/sessions/{row['session_id']}/runs/{row['id']}/feedback")
    assert page.status == 200
    assert "Gh\u00f6st (imported)" in page.text


async def test_nobody_speaks_twice_and_no_shared_address_is_somebodys(author: Person, stranger: Person):
    def same_address() -> None:
        for person in (author, stranger):
            user = user_of(person)
            user.email = "Both@example.org"
            user.save()

    await in_database_thread(same_address)
    both = {"name": "Both", "email": "both@example.org"}
    me = {"id": str(user_of(author).id), "name": "x"}
    votes = {"value": 3, "rated_at": "2026-03-01T12:00:00Z"}
    ratings = [{"author": both, **votes}, {"author": me, **votes}, {"author": me, **votes}]
    answer = await author.post(IMPORT, a_bundle(ratings=ratings))
    assert answer.status == 201
    rows = await in_database_thread(lambda: list(ExecutionRating.objects.values_list("user_id", flat=True)))
    assert sorted(rows, key=str) == sorted([None, None, user_of(author).id], key=str)


async def test_the_archive_mark_and_the_times_come_back(author: Person):
    session = await in_database_thread(lambda: a_session(author, created_at=MADE, archived_at=PUT_AWAY))
    bundle = await bundle_of(author, session.id)
    dry = await author.post(f"{IMPORT}?dry_run=true", bundle)
    assert (dry.body["session"]["archived"], dry.body["session"]["created_at"]) == (True, "2025-05-01T08:30:00Z")
    made = (await author.post(IMPORT, bundle)).body["session"]
    assert (made["archived"], made["created_at"]) == (True, "2025-05-01T08:30:00Z")
    row = await in_database_thread(PlaygroundSession.objects.get, id=made["id"])
    assert row.archived_at == PUT_AWAY
    # An older file says neither.
    old = (await author.post(IMPORT, a_bundle())).body["session"]
    assert (old["archived"], old["created_at"] > "2026-03") == (False, True)


WRONG: dict[str, dict[str, Any]] = {
    "executions.0.ratings.0.value": {"ratings": [{"value": 6, "rated_at": "2026-03-01T12:00:00Z"}]},
    "executions.0.ratings.0.rated_at": {"ratings": [{"value": 5}]},
    "executions.0.ratings.0.author.admin": {
        "ratings": [{"value": 5, "rated_at": "2026-03-01T12:00:00Z", "author": {"admin": True}}]
    },
    "executions.0.comments.0.text": {"comments": [{"text": "", "created_at": "2026-03-01T12:00:00Z"}]},
    "executions.0.comments.0.created_at": {"comments": [{"text": "x", "created_at": "9999-01-01T00:00:00Z"}]},
    "executions.0.comments": {"comments": "x"},
}


@pytest.mark.parametrize("place", WRONG)
async def test_what_nobody_can_have_said_is_refused_with_its_place(author: Person, place: str):
    refused = await author.post(IMPORT, a_bundle(**WRONG[place]))
    assert (refused.status, [error["field"] for error in refused.body["errors"]]) == (400, [place])
    assert await in_database_thread(nothing_written)


@pytest.mark.parametrize("odd", [None, "x", 1, {}, [None], [1], [{}], [{"id": "x"}]], ids=str)
async def test_odd_comparisons_are_refused_with_their_place(author: Person, odd: Any):
    refused = await author.post(IMPORT, {**a_bundle(), "comparisons": odd})
    assert refused.status == 400
    assert all(error["field"].startswith("comparisons") for error in refused.body["errors"])


async def test_a_file_that_comes_again_is_known(author: Person, stranger: Person, browser_of: BrowserOf):
    session = await in_database_thread(a_session, author)
    await in_database_thread(an_execution, session)
    bundle = await bundle_of(author, session.id)
    first = await author.post(f"{IMPORT}?dry_run=true", bundle)
    assert (first.body["imported_before"], first.body["notes"]) == ([], [])
    made = (await author.post(IMPORT, bundle)).body["session"]
    dry = await author.post(f"{IMPORT}?dry_run=true", bundle)
    (told,) = dry.body["imported_before"]
    assert (told["session_id"], told["name"], told["is_same"]) == (made["id"], "Letters", True)
    assert "imported before, on 20" in dry.body["notes"][0]
    # The same session from the same place, with more in it.
    other = copy.deepcopy(bundle)
    other["executions"][0]["prompt"] = "another"
    (told,) = (await author.post(f"{IMPORT}?dry_run=true", other)).body["imported_before"]
    assert (told["session_id"], told["is_same"]) == (made["id"], False)
    browser = await in_database_thread(browser_of, author)
    form = aiohttp.FormData()
    form.add_field("bundle", json.dumps(bundle).encode(), filename="bundle.json")
    page = await browser.post("/sessions/import", form=form)
    assert "imported before, on 20" in page.text
    # On purpose it can be had twice; what has been deleted since is told as such; others know nothing of it.
    assert (await author.post(IMPORT, bundle)).status == 201
    assert (await author.call("DELETE", f"/api/sessions/{made['id']}")).status == 204
    again = (await author.post(f"{IMPORT}?dry_run=true", bundle)).body
    assert [each["session_id"] is None for each in again["imported_before"]] == [False, True]
    assert "deleted since" in again["notes"][1]
    assert (await stranger.post(f"{IMPORT}?dry_run=true", bundle)).body["imported_before"] == []
    assert await in_database_thread(SessionImport.objects.count) == 2


async def test_a_fork_has_comparisons_of_its_own_and_replays_of_its_own(author: Person, stranger: Person):
    def stored() -> PlaygroundSession:
        session = a_discussed_session(author, stranger)
        first = PromptExecution.objects.filter(session=session).earliest("created_at")
        an_execution(session, 5, metadata={"replay_of": str(first.id)})
        an_execution(session, 6, metadata={"replay_of": str(uuid.UUID(int=7))})
        return session

    session = await in_database_thread(stored)
    bundle = await bundle_of(author, session.id)
    forked = await author.post(f"/api/sessions/{session.id}/fork", {})
    assert forked.status == 201
    back = await bundle_of(author, forked.body["id"])
    rows = back["executions"]
    assert [row["comparison_position"] for row in rows] == [row["comparison_position"] for row in bundle["executions"]]
    assert said(back)[len(rows) :] == said(bundle)[len(rows) :]
    assert not {each["id"] for each in back["comparisons"]} & {each["id"] for each in bundle["comparisons"]}
    seen = await author.get(f"/api/comparisons/{back['comparisons'][0]['id']}")
    assert (seen.status, len(seen.body["executions"]), seen.body["has_voted"]) == (200, 2, True)
    assert rows[4]["metadata"]["replay_of"] == rows[0]["id"]
    assert rows[5]["metadata"]["replay_of"] == str(uuid.UUID(int=7))
    # Up to the first of the two, one is left of the comparison.
    part = await author.post(f"/api/sessions/{session.id}/fork", {"up_to_execution_id": bundle["executions"][2]["id"]})
    short = await bundle_of(author, part.body["id"])
    assert len(short["executions"]) == 3
    assert len(short["comparisons"][0]["votes"]) == (1 if bundle["executions"][2]["comparison_position"] == 0 else 2)


async def test_a_vote_counts_once_however_often_its_comparison_is_copied(author: Person, stranger: Person):
    from evaluation_app.benchmarks.votes import strengths_of

    session = await in_database_thread(a_discussed_session, author, stranger)
    before = await in_database_thread(strengths_of, user_of(author))
    assert (await author.post(f"/api/sessions/{session.id}/fork", {})).status == 201
    for _ in range(2):
        assert (await author.post(IMPORT, await bundle_of(author, session.id))).status == 201
    assert await in_database_thread(strengths_of, user_of(author)) == before
