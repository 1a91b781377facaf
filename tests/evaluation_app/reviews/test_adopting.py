"""A corrected answer becomes what a dataset's case expects, in a new version of it."""

from __future__ import annotations

from typing import Any

import pytest

from evaluation_app.review.adopting import expecting
from tests.evaluation_app.conftest import Bench, bench
from tests.evaluation_app.reviews.people import Reviews
from tests.playground.conftest import make_provider, provider

__all__ = ["bench", "make_provider", "provider"]


async def test_a_correction_makes_a_new_version_of_the_dataset(bench: Bench, provider: str):
    case = {"input": {"word": "fox"}, "expected_output": {"type": "exact", "value": "fox"}, "name": "Fox"}
    made = await bench.person.post("/api/datasets", {"name": "Animals", "cases": [case]})
    assert made.status == 201, made.body
    dataset = made.body["id"]
    begun = await bench.begin(
        name="T",
        prompt="Say {{word}}",
        model_id=f"{provider}/echo",
        dataset_id=dataset,
        parameters={"runs": 1},
    )
    test = await bench.ended(begun["id"])
    assert test["results"]["success_rate"] == 0
    reviews = Reviews(bench.person)
    queue = await reviews.make(test["id"])
    item = await reviews.next(queue["id"])
    assert item is not None
    await reviews.say(queue["id"], item["id"], passed=False, corrected="Say fox")
    adopted = await bench.person.post(f"/api/reviews/{queue['id']}/items/{item['id']}/adopt", {})
    assert adopted.status == 200, adopted.body
    (now,) = (await bench.person.get(f"/api/datasets/{dataset}/cases")).body["results"]
    assert now["expected_output"] == {"type": "exact", "value": "Say fox"}
    assert now["name"] == "Fox"
    versions = (await bench.person.get(f"/api/datasets/{dataset}/versions")).body["results"]
    assert [each["number"] for each in versions] == [2, 1]
    assert versions[0]["note"] == "Corrected in a review"
    again = await bench.begin(
        name="T", prompt="Say {{word}}", model_id=f"{provider}/echo", dataset_id=dataset, parameters={"runs": 1}
    )
    assert (await bench.ended(again["id"]))["results"]["success_rate"] == 1
    assert (await bench.seen(test["id"]))["results"]["success_rate"] == 0


@pytest.mark.parametrize(
    ("expected", "after"),
    [
        (None, {"type": "semantic", "value": "new"}),
        ({"type": "contains", "keywords": ["a", "b"]}, {"type": "contains", "keywords": ["new"]}),
        ({"type": "semantic", "value": "old", "x": 1}, {"type": "semantic", "value": "new", "x": 1}),
        ({"value": "old"}, {"value": "new"}),
    ],
)
def test_the_text_stands_where_the_scorer_looks_for_it(expected: Any, after: dict[str, Any]) -> None:
    assert expecting(expected, "new") == after
