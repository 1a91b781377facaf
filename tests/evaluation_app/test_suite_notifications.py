"""A run of a suite is told once, with what its tests came to, in the place of the end of each test."""

from __future__ import annotations

from typing import Any

from accounts.notifying.told import told
from evaluation_app.models import EvaluationTest, RunStatus, SuiteRun, Why
from evaluation_app.running.notifying import tell_ended, tell_suite_ended
from events.models import Notification
from events.notifications import reading
from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.evaluation_app.gating import Gated, body


async def sentences(person: Person) -> list[tuple[str, str]]:
    """What this person reads and where it leads, the newest first."""
    assert person.user is not None
    rows = await in_database_thread(lambda: told(reading.of(person.user.id)))  # type: ignore[union-attr]
    return [(each.words.sentence, each.words.path) for each in rows]


async def test_a_run_is_told_once_and_none_of_its_tests(author: Person, provider: str):
    gated = await Gated.make(author, provider)
    wrong = body(gated.id, gated.model_id, name="Wrong")
    for case in wrong["test_cases"]:
        case["expected_output"]["value"] = "never"
    suite = await gated.with_suite(name="Release", tests=[body(gated.id, gated.model_id, name="Right"), wrong])
    run = await gated.run(version=1)
    assert run["status"] == "failed"
    page = f"/evaluations/suites/{suite['id']}"
    assert await sentences(author) == [("The suite “Release” has failed: of its tests 1 passed, 1 failed", page)]
    row = await Notification.objects.aget(kind="suite_ended")
    assert (row.payload["run_id"], row.payload["is_regression"]) == (run["id"], False)
    assert "Release" not in str(row.payload)

    # A test of it that is judged anew after the run has ended speaks for itself.
    ended = await EvaluationTest.objects.filter(in_suite__run=run["id"]).afirst()
    assert ended is not None
    await in_database_thread(tell_ended, ended.id)
    assert (await sentences(author))[0][0].startswith("The test “")


async def test_who_had_it_run_is_told_too_and_a_run_to_compare_with_to_nobody(
    author: Person, stranger: Person, provider: str
):
    gated = await Gated.make(author, provider)
    await gated.with_suite(name="Release")
    run = await gated.run(version=1)
    assert author.user is not None
    assert stranger.user is not None

    def again(**fields: Any) -> None:
        Notification.objects.all().delete()
        SuiteRun.objects.filter(id=run["id"]).update(**fields)
        tell_suite_ended(SuiteRun.objects.get(id=run["id"]))

    await in_database_thread(lambda: again(asked_by=stranger.user))
    for person in (author, stranger):
        assert [each[0] for each in await sentences(person)] == [
            "The suite “Release” has passed: of its tests 1 passed"
        ]
    await in_database_thread(lambda: again(why=Why.REFERENCE))
    assert await sentences(author) == []
    could_not = {"sentence": "It could not begin: no.", "is_regression": True, "tests": []}
    await in_database_thread(lambda: again(why=Why.HAND, status=RunStatus.NOT_JUDGED, verdict=could_not))
    assert (await sentences(author))[0][0] == "The suite “Release” was not judged, and it is worse than before"
