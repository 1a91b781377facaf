"""A run of a suite is told once, with what its tests came to, in the place of the end of each test."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.notifying.told import told
from evaluation_app.models import EvaluationTest, RunStatus, SuiteRun, Why
from evaluation_app.running.notifying import tell_ended, tell_suite_ended
from events.models import Notification
from events.notifications import reading
from events.notifications.words import words_of
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
    assert await sentences(author) == [("The suite “Release” has failed: of its 2 tests 1 passed and 1 failed", page)]
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
        assert [each[0] for each in await sentences(person)] == ["The suite “Release” has passed"]
    await in_database_thread(lambda: again(why=Why.REFERENCE))
    assert await sentences(author) == []
    could_not = {"sentence": "It could not begin: no.", "is_regression": True, "tests": []}
    await in_database_thread(lambda: again(why=Why.HAND, status=RunStatus.NOT_JUDGED, verdict=could_not))
    (told_once,) = await sentences(author)
    assert told_once[0] == "The suite “Release” could not be judged: its page says why, and it is worse than before"


async def test_the_same_outcome_of_a_run_is_told_once_however_often_it_is_judged(author: Person, provider: str):
    """Each time that a move of the label was asked for again, its gate's “not judged” was told again."""
    gated = await Gated.make(author, provider, model="fault-500")
    await gated.with_suite(name="Release", gate={"label": "production"})
    refused = await gated.moved(1)
    assert refused.body["result"]["status"] == "not_judged"
    wanted = ["The suite “Release” could not be judged: its page says why"]
    assert [each[0] for each in await sentences(author)] == wanted
    for _ in range(2):
        assert (await gated.move(1)).body["code"] == "gate_failed"
    assert [each[0] for each in await sentences(author)] == wanted
    # Another outcome is news.
    passed = {"status": RunStatus.PASSED, "verdict": {"is_regression": False, "tests": []}}

    def passes() -> None:
        SuiteRun.objects.filter(id=refused.body["run_id"]).update(**passed)
        tell_suite_ended(SuiteRun.objects.get(id=refused.body["run_id"]))

    await in_database_thread(passes)
    assert (await sentences(author))[0][0] == "The suite “Release” has passed"


@pytest.mark.parametrize(
    ("counts", "wanted"),
    [
        ((3, 0, 0), "has passed: of its 3 tests 3 passed"),
        ((0, 1, 0), "has failed"),
        ((1, 2, 3), "has failed: of its 6 tests 1 passed, 2 failed and 3 could not be judged"),
        ((0, 0, 2), "could not be judged: its page says why"),
        ((2, 0, 1), "could not be judged: of its 3 tests 2 passed and 1 could not be judged"),
    ],
)
def test_what_a_suite_came_to_is_a_sentence(counts: tuple[int, int, int], wanted: str) -> None:
    passed, failed, not_judged = counts
    status = "failed" if failed else "not_judged" if not_judged else "passed"
    payload = {
        "suite_id": "s", "status": status, "is_regression": False, "passed": passed, "failed": failed,
        "not_judged": not_judged,
    }  # fmt: skip
    row = Notification(kind="suite_ended", payload=payload, words={"name": "Release"})
    assert words_of(row).sentence == f"The suite “Release” {wanted}"
