"""Reviews over REST: what is drawn, who is given what, what is said of it and taken back."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any
from uuid import UUID

import pytest

from evaluation_app.models import EvaluationSample, ReviewItem, ReviewLabel
from evaluation_app.review.labels import human_labels
from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.doors.test_schema import faults
from tests.evaluation_app.export.stored import Run
from tests.evaluation_app.reviews.people import Guest, Reviews, stored_test, time_passes
from tests.waiting import until


async def samples_of(review_id: str) -> list[Any]:
    """The samples of a review's items, in the order of the items."""
    rows = ReviewItem.objects.filter(queue_id=UUID(review_id)).order_by("position")
    found: list[Any] = await in_database_thread(lambda: list(rows.values_list("sample_id", flat=True)))
    return found


async def test_a_draw_is_of_all_answers_and_the_same_again_from_its_seed(author: Person, reviews: Reviews):
    test = await stored_test(author, cases=6, runs=5)
    one, again, other = [await reviews.make(test.id, size=20, seed=seed) for seed in (3, 3, 4)]
    assert one["is_random"]
    assert (one["progress"]["items"], one["progress"]["needed"]) == (20, 20)
    drawn = [await samples_of(each["id"]) for each in (one, again, other)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert len(set(drawn[0])) == 20
    everything = await reviews.make(test.id, seed=3)
    order = await samples_of(everything["id"])
    assert order[:20] == drawn[0]
    assert len(order) == 30


async def test_failures_and_flaky_cases_are_drawn_and_are_not_random(author: Person, reviews: Reviews):
    test = await stored_test(author, cases=3, runs=2)
    failures = await reviews.make(test.id, selection="failures")
    flaky = await reviews.make(test.id, selection="flaky")
    states = {
        row.id: (row.state, row.case_id)
        for row in await in_database_thread(lambda: list(EvaluationSample.objects.filter(test=test)))
    }
    assert {states[each][0] for each in await samples_of(failures["id"])} == {"failed"}
    by_case: dict[Any, set[str]] = {}
    for state, case in states.values():
        by_case.setdefault(case, set()).add(state)
    assert {states[each][1] for each in await samples_of(flaky["id"])} == {
        case for case, found in by_case.items() if len(found) == 2
    }
    assert not failures["is_random"]
    assert not flaky["is_random"]
    item = await reviews.next(failures["id"])
    assert item
    assert (await reviews.say(failures["id"], item["id"], passed=True)).status == 200
    assert await in_database_thread(human_labels, test.id) == []
    assert len(await in_database_thread(lambda: human_labels(test.id, random_only=False))) == 1


async def test_cases_that_were_not_asked_in_full_are_not_drawn(author: Person, reviews: Reviews):
    test = await stored_test(author, cases=3, runs=2)
    cut_off = EvaluationSample.objects.filter(test=test, case__position=1, run=2)
    assert await in_database_thread(lambda: cut_off.update(state="skipped")) == 1
    made = await reviews.make(test.id)
    assert made["progress"]["items"] == 4


async def test_what_cannot_be_reviewed_is_refused(author: Person, reviews: Reviews):
    test = await stored_test(author)
    running = await stored_test(author, status="running")
    assert (await reviews.make(running.id, status=409))["code"] == "test_state"
    green = await stored_test(author, lambda variant, case, run: Run())
    assert (await reviews.make(green.id, selection="failures", status=409))["code"] == "nothing_to_review"
    wrong: tuple[dict[str, Any], ...] = (
        {"size": 0}, {"size": 10_001}, {"raters_per_item": 0}, {"raters_per_item": 21}, {"lock_seconds": 1},
        {"link_days": 0}, {"link_days": 366}, {"kind": "triple"}, {"selection": "best"}, {"seed": -1}, {"name": ""},
        {"rubric": {"text": "x", "scale": "one_to_ten"}}, {"rubric": {"text": "x", "pass_from": 3}},
        {"rubric": {"text": "x", "scale": "one_to_five", "pass_from": 6}}, {"owner": "me"},
        {"variants": ["plain", "plain"]},
        {"kind": "pairwise"}, {"kind": "pairwise", "variants": ["plain", "other"]},
    )  # fmt: skip
    for body in wrong:
        refused = await reviews.make(test.id, status=400, **body)
        assert refused["errors"], body
    two = await stored_test(author, variants=("one", "two"))
    wrong = (
        {"kind": "pairwise", "variants": ["one", "one"]}, {"kind": "pairwise", "selection": "failures"},
        {"kind": "pairwise", "rubric": {"text": "x", "scale": "pass_fail"}},
    )  # fmt: skip
    for body in wrong:
        assert (await reviews.make(two.id, status=400, **body))["errors"], body


async def test_a_review_is_done_item_by_item_and_read_by_its_owner(author: Person, reviews: Reviews):
    test = await stored_test(author, cases=3)
    made = await reviews.make(test.id, rubric={"text": "Good?", "scale": "one_to_five", "pass_from": 3})
    for rating in (2, 3, 5):
        item = await reviews.next(made["id"])
        assert item
        assert item["input"]["word"] in item["answers"][0]["text"]
        assert item["answers"][0]["variant"] is None
        assert item["answers"][0]["model_id"] is None
        assert (await reviews.next(made["id"]) or {})["id"] == item["id"]
        said = await reviews.say(made["id"], item["id"], rating=rating, comment="c", corrected="d", seconds=2.5)
        assert said.status == 200, said.body
        assert (said.body["label"]["passed"], said.body["label"]["rating"]) == (rating >= 3, rating)
    assert await reviews.next(made["id"]) is None
    told = await reviews.told(made["id"], "/labels")
    assert [each["rating"] for each in told["results"]] == [2, 3, 5]
    assert {(each["comment"], each["corrected"], each["seconds"]) for each in told["results"]} == {("c", "d", 2.5)}
    assert (await reviews.seen(made["id"]))["progress"] == {
        "items": 3, "done": 3, "labels": 3, "needed": 3, "skipped": 0, "raters": 1,
    }  # fmt: skip
    labels = await in_database_thread(human_labels, test.id)
    assert sorted(each.passed for each in labels) == [False, True, True]
    assert {each.raters for each in labels} == {1}


@pytest.mark.parametrize(
    ("rubric", "said"),
    [
        ({"scale": "pass_fail"}, {}),
        ({"scale": "pass_fail"}, {"rating": 3}),
        ({"scale": "pass_fail"}, {"winner": "a"}),
        ({"scale": "pass_fail"}, {"passed": True, "rating": 3}),
        ({"scale": "pass_fail"}, {"passed": "yes"}),
        ({"scale": "pass_fail"}, {"passed": None}),
        ({"scale": "one_to_five"}, {"passed": True}),
        ({"scale": "one_to_five"}, {"rating": 0}),
        ({"scale": "one_to_five"}, {"rating": 6}),
        ({"scale": "one_to_five"}, {"rating": 2.5}),
        ({"scale": "one_to_five"}, {"rating": 3, "rater": "me"}),
        ({"scale": "one_to_five"}, {"rating": 3, "seconds": -1}),
        ({"scale": "one_to_five"}, {"rating": 3, "comment": "x" * 10_001}),
    ],
)
async def test_what_a_review_does_not_ask_is_refused(
    author: Person, reviews: Reviews, rubric: dict[str, Any], said: dict[str, Any]
):
    test = await stored_test(author, cases=1)
    made = await reviews.make(test.id, rubric={"text": "?", **rubric})
    item = await reviews.next(made["id"])
    assert item
    refused = await reviews.say(made["id"], item["id"], **said)
    assert (refused.status, bool(refused.body["errors"])) == (400, True)
    assert (await reviews.seen(made["id"]))["progress"]["labels"] == 0


async def test_a_skip_is_not_given_again_and_an_undo_brings_it_back(author: Person, reviews: Reviews):
    test = await stored_test(author, cases=3)
    review = (await reviews.make(test.id))["id"]
    first = await reviews.next(review)
    assert first
    assert (await reviews.say(review, first["id"], skip=True)).body["progress"]["yours"]["skipped"] == 1
    second = await reviews.next(review)
    assert second
    assert second["id"] != first["id"]
    await reviews.say(review, second["id"], passed=False, comment="hm", corrected="better")
    assert (await reviews.say(review, second["id"], passed=True)).body["code"] == "already_labelled"
    back = (await reviews.undo(review)).body
    assert back["item"]["id"] == second["id"]
    assert back["item"]["former"] == {"comment": "hm", "corrected": "better"}
    assert (back["progress"]["labels"], back["progress"]["yours"]["labelled"]) == (0, 0)
    assert (await reviews.undo(review)).body["item"]["id"] == first["id"]
    assert (await reviews.undo(review)).body["code"] == "nothing_to_undo"
    assert (await reviews.say(review, first["id"], passed=True)).status == 200
    labels = await reviews.told(review, "/labels")
    assert [(each["item"], each["passed"]) for each in labels["results"]] == [(first["id"], True)]
    # What was taken back is kept, marked.
    assert await in_database_thread(ReviewLabel.objects.filter(undone_at__isnull=False).count) == 2


async def test_an_item_that_nobody_gave_is_not_judged(author: Person, reviews: Reviews):
    test = await stored_test(author, cases=2)
    review, other = [(await reviews.make(test.id))["id"] for _ in range(2)]
    ids = await in_database_thread(
        lambda: list(ReviewItem.objects.filter(queue_id=UUID(review)).values_list("id", flat=True))
    )
    assert (await reviews.say(review, str(ids[0]), passed=True)).body["code"] == "item_not_held"
    elsewhere = await reviews.next(other)
    assert elsewhere
    assert (await reviews.say(review, elsewhere["id"], passed=True)).status == 404
    assert (await reviews.say(review, str(uuid.uuid4()), passed=True)).status == 404


@pytest.mark.parametrize("places", [1, 2])
async def test_people_at_once_never_get_an_item_beyond_its_places(author: Person, reviews: Reviews, places: int):
    test = await stored_test(author, cases=4)
    made = await reviews.make(test.id, raters_per_item=places)
    people = [await Guest(author.url, made["link"]["address"]).come(f"P{number}") for number in range(10)]
    for _ in range(4):
        given = await asyncio.gather(*(each.item() for each in people))
        held = [item for item in given if item]
        assert all(held.count(item) <= places for item in held), given
        # All places are given as long as there are any: whoever got nothing could have got nothing.
        assert len(held) == min(len(people), 4 * places)
        await asyncio.gather(*(each.say(item, "pass") for each, item in zip(people, given, strict=True) if item))
        if (await reviews.seen(made["id"]))["progress"]["done"] == 4:
            break
    progress = (await reviews.seen(made["id"]))["progress"]
    assert (progress["labels"], progress["done"]) == (4 * places, 4)
    rows = await reviews.told(made["id"], "/labels?page_size=200")
    pairs = [(each["item"], each["rater"]["id"]) for each in rows["results"]]
    assert len(pairs) == len(set(pairs)) == 4 * places
    assert all([item for item, _ in pairs].count(item) == places for item, _ in pairs)


async def test_ten_labels_at_once_for_one_place_are_one(author: Person, reviews: Reviews):
    """Each was given the item when the one before had kept it too long."""
    test = await stored_test(author, cases=1)
    made = await reviews.make(test.id)
    people = [await Guest(author.url, made["link"]["address"]).come(f"P{number}") for number in range(10)]
    items = []
    for each in people:
        items.append(await each.item() or "")
        await time_passes(items[-1])
    assert len(set(items)) == 1
    said = await asyncio.gather(*(each.say(items[0], "pass") for each in people))
    assert sorted(answer.status for answer in said) == [200] + [409] * 9
    assert {answer.body["code"] for answer in said if answer.status == 409} == {"item_lost"}
    assert (await reviews.seen(made["id"]))["progress"]["labels"] == 1


async def test_a_late_label_counts_while_the_place_is_free_and_is_refused_once_it_is_taken(
    author: Person, reviews: Reviews
):
    test = await stored_test(author, cases=2)
    made = await reviews.make(test.id)
    slow, quick = [await Guest(author.url, made["link"]["address"]).come(name) for name in ("Slow", "Quick")]
    first = await slow.item()
    assert first
    await time_passes(first)
    assert (await slow.say(first, "pass")).status == 200
    second = await slow.item()
    assert second
    await time_passes(second)
    assert await quick.item() == second
    late = await slow.say(second, "fail", comment="all that I typed")
    assert (late.status, late.body["code"]) == (409, "item_lost")
    assert (await quick.say(second, "pass")).status == 200
    assert (await reviews.seen(made["id"]))["progress"]["labels"] == 2


async def test_what_is_answered_is_what_the_document_says(author: Person, reviews: Reviews):
    schema = (await author.get("/api/schema")).body
    components = schema["components"]["schemas"]
    test = await stored_test(author, cases=2, runs=2, variants=("one", "two"))
    for kind, said in (("single", {"passed": False}), ("pairwise", {"winner": "tie"})):
        made = await reviews.make(test.id, kind=kind)
        assert list(faults(schema, components["ReviewJSON"], made)) == []
        given = (await author.post(f"/api/reviews/{made['id']}/next", {})).body
        assert list(faults(schema, components["NextItemJSON"], given)) == []
        labelled = await reviews.say(made["id"], given["item"]["id"], corrected="x", **said)
        assert list(faults(schema, components["LabelledJSON"], labelled.body)) == []
        adopted = await author.post(f"/api/reviews/{made['id']}/items/{given['item']['id']}/adopt", {})
        assert list(faults(schema, components["AdoptedJSON"], adopted.body)) == []
        agreement = await reviews.told(made["id"], "/agreement")
        assert list(faults(schema, components["AgreementJSON"], agreement)) == []
        for label in (await reviews.told(made["id"], "/labels"))["results"]:
            assert list(faults(schema, components["ReviewLabelJSON"], label)) == []
        undone = (await reviews.undo(made["id"])).body
        assert list(faults(schema, components["NextItemJSON"], undone)) == []


async def test_a_rubric_stands_once_it_was_judged_by(author: Person, reviews: Reviews):
    test = await stored_test(author, cases=2)
    review = (await reviews.make(test.id))["id"]
    changed = await reviews.change(review, rubric="Another", name="Renamed", raters_per_item=2)
    assert (changed["rubric"]["text"], changed["name"], changed["raters_per_item"]) == ("Another", "Renamed", 2)
    item = await reviews.next(review)
    assert item
    await reviews.say(review, item["id"], passed=True)
    refused = await reviews.change(review, status=409, rubric="A third")
    assert refused["code"] == "review_begun"
    assert (await reviews.change(review, rubric="Another", lock_seconds=60))["lock_seconds"] == 60
    for wrong in ({"scale": "one_to_five"}, {"link_days": 3}, {"link": "mine"}, {"link": "new", "link_days": 0}):
        assert (await author.call("PATCH", f"/api/reviews/{review}", wrong)).status == 400, wrong


async def test_a_review_belongs_to_its_owner(author: Person, stranger: Person, reviews: Reviews):
    test = await stored_test(author, cases=2)
    review = (await reviews.make(test.id))["id"]
    item = await reviews.next(review)
    assert item
    for method, path, body in (
        ("GET", "", None), ("PATCH", "", {"name": "x"}), ("DELETE", "", None), ("POST", "/next", {}),
        ("POST", f"/items/{item['id']}", {"passed": True}), ("POST", "/undo", None), ("GET", "/labels", None),
        ("GET", "/agreement", None), ("POST", f"/items/{item['id']}/adopt", {"text": "x"}),
    ):  # fmt: skip
        assert (await stranger.call(method, f"/api/reviews/{review}{path}", body)).status == 404, path
    theirs = {"test_id": str(test.id), "name": "x", "rubric": {"text": ""}}
    assert (await stranger.post("/api/reviews", theirs)).status == 404
    assert (await stranger.get("/api/reviews")).body["count"] == 0
    assert (await author.get(f"/api/reviews?test_id={test.id}")).body["count"] == 1
    assert (await author.get(f"/api/reviews?test_id={uuid.uuid4()}")).body["count"] == 0
    assert (await author.call("DELETE", f"/api/reviews/{review}")).status == 204
    assert (await author.get(f"/api/reviews/{review}")).status == 404


async def test_a_review_that_is_deleted_while_people_judge_ends_for_all_of_them(author: Person, reviews: Reviews):
    test = await stored_test(author, cases=6, runs=4)
    made = await reviews.make(test.id, raters_per_item=5)
    guests = [await Guest(author.url, made["link"]["address"]).come(f"P{number}") for number in range(5)]
    statuses: list[int] = []

    async def judging(guest: Guest) -> None:
        item = await guest.item()
        while item:
            said = await guest.say(item, "pass")
            statuses.append(said.status)
            item = said.body.get("id") if said.status == 200 else None

    async def deleting() -> None:
        async def somebody_judges() -> bool:
            return len(statuses) >= 5

        await until(somebody_judges)
        assert (await author.call("DELETE", f"/api/reviews/{made['id']}")).status == 204

    await asyncio.gather(deleting(), *(judging(each) for each in guests))
    assert set(statuses) <= {200, 404, 410}, statuses
    assert 200 in statuses
    assert len(statuses) < 5 * 24
    assert await in_database_thread(ReviewLabel.objects.count) == 0
    assert {(await each.page()).status for each in guests} == {410}


async def test_nothing_that_people_write_is_in_clear(author: Person, reviews: Reviews):
    from django.db import connection

    canary = "canary-of-a-review"
    test = await stored_test(author, cases=1)
    made = await reviews.make(test.id, rubric={"text": canary})
    guest = await Guest(author.url, made["link"]["address"]).come(canary)
    item = await guest.item()
    assert item
    assert (await guest.say(item, "pass", comment=canary, corrected=canary)).status == 200
    assert (await author.post(f"/api/reviews/{made['id']}/items/{item}/adopt", {})).status == 200

    def rows() -> str:
        with connection.cursor() as cursor:
            tables = (
                "review_queues",
                "review_items",
                "review_raters",
                "review_locks",
                "review_labels",
                "adopted_answers",
            )
            for table in tables:
                cursor.execute(f"SELECT {table}::text FROM {table}")
                found.extend(str(row) for row in cursor.fetchall())
        return "\n".join(found)

    found: list[str] = []
    text = await in_database_thread(rows)
    assert len(found) >= 5
    assert canary not in text
    token = made["link"]["address"].rpartition("/")[2]
    assert token not in text
