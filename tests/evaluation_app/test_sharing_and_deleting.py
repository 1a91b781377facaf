"""Tests are shared as sessions and templates are, and deleted with their answers for as long as these."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from evaluation_app import lifecycle
from evaluation_app.models import Baseline, EvaluationSample, EvaluationTest
from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from history.tasks import remove_deleted
from playground.models import PromptExecution
from sessions_app.models import PlaygroundSession
from tests.cast import Person
from tests.doors.browser import browser_of
from tests.evaluation_app.conftest import Bench

TEST: dict[str, Any] = {
    "name": "Shared words",
    "prompt": "Say {{word}}",
    "test_cases": [
        {"input": {"word": word}, "expected_output": {"type": "contains", "keywords": [word]}} for word in ("a", "b")
    ],
    "parameters": {"runs": 2},
}


async def ended(bench: Bench, provider: str, **more: Any) -> str:
    made = await bench.begin(**{**TEST, "model_id": f"{provider}/echo", **more})
    assert made["role"] == "owner"
    await bench.ended(made["id"], "completed")
    identifier: str = made["id"]
    return identifier


async def share(owner: Person, test_id: str, whom: Person, role: str) -> None:
    assert whom.user is not None
    members = [{"user_id": str(whom.user.id), "role": role}]
    answer = await owner.call("PUT", f"/api/evaluation/{test_id}/share", {"members": members})
    assert answer.status == 200, answer.body
    assert [(each["user_id"], each["role"]) for each in answer.body["members"]] == [(str(whom.user.id), role)]


async def statuses(person: Person, test_id: str, *verbs: str) -> set[int]:
    return {(await person.call("POST", f"/api/evaluation/{test_id}/{verb}", {})).status for verb in verbs}


async def test_a_viewer_reads_all_and_changes_nothing_an_editor_steers_it(
    bench: Bench, provider: str, stranger: Person
):
    test_id = await ended(bench, provider)
    address = f"/api/evaluation/{test_id}"
    assert (await stranger.get(address)).status == 404
    await share(bench.person, test_id, stranger, "viewer")
    seen = await stranger.get(address)
    assert (seen.status, seen.body["role"], seen.body["results"]["success_rate"]) == (200, "viewer", 1)
    listed = (await stranger.get("/api/evaluation")).body["results"]
    assert [(each["id"], each["role"]) for each in listed] == [(test_id, "viewer")]
    samples = (await stranger.get(f"{address}/samples")).body["results"]
    assert {each["output"] for each in samples} == {"Say a", "Say b"}
    assert (await stranger.get(f"/api/executions/{samples[0]['execution_id']}")).status == 200
    for part in ("judges", "export", "share", "recommendations"):
        assert (await stranger.get(f"{address}/{part}")).status == 200, part
    changing = ("rescore", "rerun-errors", "pause", "resume", "cancel", "recommendations")
    assert await statuses(stranger, test_id, *changing) == {403}
    assert (await stranger.call("DELETE", address)).status == 403
    assert (await stranger.call("PUT", f"{address}/share", {"members": []})).status == 403
    session = await in_database_thread(lambda: EvaluationTest.objects.get(id=test_id).session_id)
    run = {"prompt": "x", "model_id": f"{provider}/echo", "session_id": str(session)}
    assert (await stranger.post("/api/prompts/execute", run)).status == 403
    await share(bench.person, test_id, stranger, "editor")
    assert (await stranger.get(address)).body["role"] == "editor"
    assert (await stranger.call("POST", f"{address}/rescore")).status == 202
    again = await bench.ended(test_id, "completed")
    assert again["results"]["success_rate"] == 1
    assert (await stranger.post("/api/prompts/execute", run)).status == 403, "the hidden session is for reading"
    assert (await stranger.call("DELETE", address)).status == 403
    assert (await bench.person.call("PUT", f"{address}/share", {"members": []})).status == 200
    assert (await stranger.get(address)).status == 404
    assert (await stranger.get("/api/evaluation")).body["results"] == []


async def test_what_is_deleted_goes_with_its_answers_and_comes_back_with_them(
    bench: Bench, provider: str, stranger: Person
):
    test_id = await ended(bench, provider)
    address = f"/api/evaluation/{test_id}"
    await share(bench.person, test_id, stranger, "viewer")
    execution = (await bench.samples(test_id))[0]["execution_id"]
    gone = await bench.person.call("DELETE", address)
    assert gone.status == 204
    assert "undelete" in gone.headers["Link"]
    for person in (bench.person, stranger):
        for path in (address, f"{address}/samples", f"{address}/export", f"/api/executions/{execution}"):
            assert (await person.get(path)).status == 404, path
        assert (await person.get("/api/evaluation")).body["results"] == []
    assert await statuses(bench.person, test_id, "rescore") == {404}
    assert await statuses(stranger, test_id, "undelete") == {404}
    back = await bench.person.call("POST", f"{address}/undelete")
    assert (back.status, back.body["id"]) == (200, test_id)
    assert (await stranger.get(f"/api/executions/{execution}")).status == 200
    assert (await bench.person.call("POST", f"{address}/undelete")).status == 200, "harmless when it is there"


async def test_who_held_it_before_it_was_deleted_takes_nothing_up(bench: Bench, provider: str):
    test_id = await ended(bench, provider)
    held = await in_database_thread(EvaluationTest.objects.get, id=test_id)
    assert (await bench.person.call("DELETE", f"/api/evaluation/{test_id}")).status == 204
    with pytest.raises(Problem) as refused:
        await in_database_thread(lifecycle.rescore, held)
    assert refused.value.status == 404


async def test_after_thirty_days_nothing_is_left(bench: Bench, provider: str):
    test_id = await ended(bench, provider)
    assert (await bench.person.call("DELETE", f"/api/evaluation/{test_id}")).status == 204

    def months_later() -> tuple[int, ...]:
        rows = PlaygroundSession.objects.filter(id=EvaluationTest.objects.get(id=test_id).session_id)
        session_id = rows.get().id
        rows.update(deleted_at=timezone.now() - timedelta(days=31))
        remove_deleted()
        left = (
            EvaluationTest.objects.filter(id=test_id),
            EvaluationSample.objects.filter(test_id=UUID(test_id)),
            PromptExecution.objects.filter(session_id=session_id),
        )
        return tuple(each.count() for each in left)

    assert await in_database_thread(months_later) == (0, 0, 0)
    assert await statuses(bench.person, test_id, "undelete") == {404}


async def test_what_stands_on_a_test_is_named_and_keeps_it(bench: Bench, provider: str):
    person = bench.person
    saved = await person.post("/api/templates", {"name": "Base", "category": "c", "prompt": "Say {{word}}"})
    body = {name: value for name, value in TEST.items() if name != "prompt"}
    made = await bench.begin(**body, template_id=saved.body["id"], model_id=f"{provider}/echo")
    await bench.ended(made["id"], "completed")
    address = f"/api/evaluation/{made['id']}"
    based = await person.post(f"{address}/baseline", {"template_id": saved.body["id"]})
    assert based.status == 202, based.body
    review = await person.post("/api/reviews", {"test_id": made["id"], "name": "Look", "rubric": {"text": "Good?"}})
    assert review.status == 201, review.body
    refused = await person.call("DELETE", address)
    assert (refused.status, refused.body["code"]) == (409, "in_use")
    assert "the baseline of 'Base'" in refused.body["detail"]
    assert "the review 'Look'" in refused.body["detail"]
    assert (await person.get(address)).status == 200
    assert (await person.call("DELETE", f"/api/reviews/{review.body['id']}")).status == 204
    await in_database_thread(lambda: Baseline.objects.filter(test_id=UUID(made["id"])).delete())
    assert (await person.call("DELETE", address)).status == 204


async def test_a_test_under_way_is_cancelled_first(bench: Bench, provider: str):
    made = await bench.begin(**{**TEST, "model_id": f"{provider}/tokens-900-every-100ms"})
    refused = await bench.person.call("DELETE", f"/api/evaluation/{made['id']}")
    assert (refused.status, refused.body["code"]) == (409, "test_state")
    assert "cancel it first" in refused.body["detail"]
    await bench.steer(made["id"], "cancel")
    await bench.ended(made["id"], "cancelled")
    assert (await bench.person.call("DELETE", f"/api/evaluation/{made['id']}")).status == 204


async def test_the_pages_share_and_delete(bench: Bench, provider: str, stranger: Person):
    test_id = await ended(bench, provider)
    mine = await in_database_thread(browser_of, bench.person)
    theirs = await in_database_thread(browser_of, stranger)
    address = f"/evaluations/{test_id}"
    assert stranger.user is not None
    assert (await theirs.get(f"{address}/share")).status == 404
    form = {"new_person": stranger.user.username, "new_role": "viewer"}
    assert (await mine.post(f"{address}/share", form={**form, "new_person": "nobody-here"})).status == 400
    assert (await mine.post(f"{address}/share", form=form)).status == 302
    page = (await theirs.get(address)).text
    assert "Shared with you" in page
    assert "Judge anew" not in page
    assert f"{address}/delete" not in page
    assert "Shared words" in (await theirs.get("/evaluations")).text
    assert (await theirs.get(f"{address}/share")).status == 403
    for verb in ("delete", "rescore", "suite"):
        assert (await theirs.post(f"{address}/{verb}")).status == 403, verb
    refused = await theirs.get(f"{address}/reviews")
    assert refused.status == 403
    assert "Only its owner may do this with the test." in refused.text
    assert "An administrator can give it" not in refused.text
    assert "Judge anew" in (await mine.get(address)).text
    out = {"taken_out": f"user_id.{stranger.user.id}", f"user_id.{stranger.user.id}": "viewer"}
    assert (await mine.post(f"{address}/share", form=out)).status == 302
    assert (await theirs.get(address)).status == 404
    assert (await mine.post(f"{address}/delete")).status == 302
    assert (await mine.get(address)).status == 404
    assert address not in (await mine.get("/evaluations")).text
    assert (await mine.post(f"{address}/undelete")).status == 302
    assert (await mine.get(address)).status == 200
