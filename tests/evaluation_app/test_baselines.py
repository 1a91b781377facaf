"""A template's baseline: each new test of it is compared with it, on the cases that both share and no others."""

from __future__ import annotations

from typing import Any

import pytest

from evaluation_app.models import Baseline
from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.doors.conftest import browser_of
from tests.evaluation_app.conftest import Bench
from tests.evaluation_app.gating import WORDS, Gated, body

__all__ = ["browser_of"]


async def ended_test(bench: Bench, gated: Gated, version: int = 1, **more: Any) -> dict[str, Any]:
    """A completed test of a version."""
    made = await bench.begin(**body(gated.id, gated.model_id, **more), version=version)
    return await bench.ended(made["id"], "completed")


async def set_baseline(bench: Bench, gated: Gated, test: dict[str, Any], **more: Any) -> Any:
    return await bench.person.post(f"/api/evaluation/{test['id']}/baseline", {"template_id": gated.id, **more})


async def test_new_tests_are_compared_with_the_baseline_on_the_cases_they_share(bench: Bench, provider: str):
    gated = await Gated.make(bench.person, provider)
    first = await ended_test(bench, gated)
    assert first["results"]["baseline"] is None
    made = await set_baseline(bench, gated, first, margin=0.1)
    assert (made.status, made.body["version"], made.body["margin"]) == (202, 1, 0.1)
    bad = await gated.version("Tell {{word}}")
    same = await ended_test(bench, gated)
    told = same["results"]["baseline"]
    assert (told["difference"], told["is_regression"], told["shared_cases"]) == (0, False, 6)
    assert (told["test_id"], told["baseline_version"], told["margin"]) == (first["id"], 1, 0.1)
    worse = await ended_test(bench, gated, bad, words=(*WORDS[1:], "seven"))
    told = worse["results"]["baseline"]
    assert (told["difference"], told["is_regression"], told["shared_cases"]) == (-1, True, 5)
    assert (told["new"], told["gone"], told["estimand"]) == (1, 1, "these cases, other runs")
    assert told["interval"]["high"] < -0.1
    assert told["sentence"].startswith("Worse than the baseline by 100 points")
    once = await ended_test(bench, gated, bad, runs=1)
    assert once["results"]["baseline"]["estimand"] == "cases like these"
    few = await ended_test(bench, gated, bad, words=(*WORDS[:4], "x", "y"))
    told = few["results"]["baseline"]
    assert (told["difference"], told["interval"], told["is_regression"]) == (None, None, False)
    assert (told["reason"], told["shared_cases"]) == ("too_few_shared_cases", 4)
    assert "4 cases are shared" in told["sentence"]
    listed = (await bench.person.get("/api/evaluation")).body["results"]
    assert [each["results"]["baseline"] and each["results"]["baseline"]["is_regression"] for each in listed] == [
        False, True, True, False, None,
    ]  # fmt: skip


async def test_a_case_of_one_key_that_asks_otherwise_is_not_shared(bench: Bench, provider: str):
    gated = await Gated.make(bench.person, provider)
    given = body(gated.id, gated.model_id)
    for number, case in enumerate(given["test_cases"]):
        case["id"] = f"case-{number}"
    made = await bench.begin(**given, version=1)
    assert (await set_baseline(bench, gated, await bench.ended(made["id"]))).status == 202
    for case in given["test_cases"][:3]:
        case["expected_output"] = {"type": "contains", "keywords": ["Say"]}
    laxer = await bench.begin(**given, version=1)
    told = (await bench.ended(laxer["id"]))["results"]["baseline"]
    assert (told["shared_cases"], told["changed"], told["difference"]) == (3, 3, None)
    assert "3 more had another input, expectation or scorer" in told["sentence"]


async def test_one_baseline_is_present_and_those_before_it_are_kept(bench: Bench, provider: str):
    gated = await Gated.make(bench.person, provider)
    tests = [await ended_test(bench, gated) for _ in range(2)]
    for test in tests:
        assert (await set_baseline(bench, gated, test)).status == 202
    told = (await bench.person.get(f"/api/evaluation/baselines?template_id={gated.id}")).body
    assert [(each["test_id"], each["ended_at"] is None) for each in told] == [
        (tests[1]["id"], True), (tests[0]["id"], False),
    ]  # fmt: skip


async def test_who_may_not_change_a_template_sets_no_baseline_of_it(
    bench: Bench, author: Person, stranger: Person, provider: str
):
    gated = await Gated.make(author, provider, is_public=True)
    theirs = Bench(stranger)
    test = await ended_test(theirs, gated)
    assert (await set_baseline(theirs, gated, test)).status == 403
    assert (await set_baseline(bench, gated, test)).status == 404
    other = await Gated.make(author, provider)
    ours = await ended_test(bench, gated)
    refused = await set_baseline(bench, other, ours)
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "template_id")
    running = await bench.begin(**body(gated.id, f"{provider}/tokens-5-every-200ms", runs=20), version=1)
    assert (await set_baseline(bench, gated, running)).status == 409
    await bench.steer(running["id"], "cancel")
    assert (await set_baseline(bench, gated, await bench.ended(running["id"]))).status == 409
    assert await in_database_thread(Baseline.objects.count) == 0


@pytest.mark.parametrize(
    ("sent", "field"),
    [({}, "template_id"), ({"template_id": 7}, "template_id"), ({"margin": 1.5}, "margin"), ({"margin": "x"}, "margin"),
     ({"variant": "nobody"}, "variant"), ({"surprise": 1}, "surprise")],
)  # fmt: skip
async def test_what_does_not_hold_is_named(bench: Bench, provider: str, sent: dict[str, Any], field: str):
    gated = await Gated.make(bench.person, provider)
    test = await ended_test(bench, gated)
    given = {"template_id": gated.id, **sent} if sent else {}
    refused = await bench.person.post(f"/api/evaluation/{test['id']}/baseline", given)
    assert refused.status == 400, refused.body
    assert [error["field"] for error in refused.body["errors"]] == [field]
