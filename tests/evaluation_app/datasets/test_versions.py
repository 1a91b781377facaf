"""An edit is a new version, earlier ones stay, a case keeps its key, and nobody overwrites unseen changes."""

from __future__ import annotations

from typing import Any

import pytest

from evaluation_app.datasets.order import ranks_for
from evaluation_app.models import DatasetCase
from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.evaluation_app.datasets.conftest import Shelf, case


def words(cases: list[dict[str, Any]]) -> list[str]:
    return [each["input"]["word"] for each in cases]


async def test_an_edit_is_a_new_version_and_the_case_keeps_its_key(shelf: Shelf):
    dataset = await shelf.make(case("one"), case("two"), case("three"))
    before = await shelf.cases(dataset)
    key = before[1]["key"]
    saved = await shelf.call("PATCH", dataset, f"/cases/{key}", {"input": {"word": "deux"}, "note": "In French"})
    assert (saved["version"]["number"], saved["changed"], saved["unchanged"]) == (2, 1, 2)
    assert saved["version"]["note"] == "In French"
    after = await shelf.cases(dataset)
    assert words(after) == ["one", "deux", "three"]
    assert [each["key"] for each in after] == [each["key"] for each in before]
    assert await shelf.cases(dataset, version=1) == before
    assert await shelf.call("GET", dataset, f"/cases/{key}?version=1") == before[1]
    listed = await shelf.call("GET", dataset, "/versions")
    assert [each["number"] for each in listed["results"]] == [2, 1]


async def test_what_is_the_same_makes_no_version(shelf: Shelf):
    dataset = await shelf.make(case("one"), case("two"))
    present = await shelf.cases(dataset)
    again = await shelf.call("PUT", dataset, "/cases", {"cases": present})
    assert (again["version"]["number"], again["unchanged"]) == (1, 2)
    without_keys = [{name: value for name, value in each.items() if name != "key"} for each in present]
    assert (await shelf.call("PUT", dataset, "/cases", {"cases": without_keys}))["version"]["number"] == 1
    edited = await shelf.call("PATCH", dataset, f"/cases/{present[0]['key']}", {"split": "train"})
    assert edited["version"]["number"] == 1
    turned = await shelf.call("PUT", dataset, "/cases", {"cases": present[::-1]})
    assert turned["version"]["number"] == 2
    assert await shelf.cases(dataset) == present[::-1]


async def test_cases_are_added_taken_out_and_put_back_where_they_stood(shelf: Shelf):
    dataset = await shelf.make(case("a", key="a"), case("b", key="b"), case("c", key="c"))
    await shelf.call("POST", dataset, "/cases", {"cases": [case("d", key="d")]}, status=201)
    await shelf.call("DELETE", dataset, "/cases/b")
    assert words(await shelf.cases(dataset)) == ["a", "c", "d"]
    middle = [case("a", key="a"), case("new"), case("c", key="c"), case("d", key="d"), case("b", key="b")]
    await shelf.call("PUT", dataset, "/cases", {"cases": middle})
    assert words(await shelf.cases(dataset)) == ["a", "new", "c", "d", "b"]
    assert words(await shelf.cases(dataset, version=2)) == ["a", "b", "c", "d"]
    assert words(await shelf.cases(dataset, version=3)) == ["a", "c", "d"]


async def test_fifty_versions_of_many_cases_are_little_more_than_one(shelf: Shelf):
    dataset = await shelf.make(*(case(str(number), key=f"k{number}") for number in range(400)))
    for number in range(50):
        await shelf.call("PATCH", dataset, f"/cases/k{number}", {"tags": ["seen"]})
    assert await in_database_thread(DatasetCase.objects.filter(dataset_id=dataset).count) == 450
    assert len(await shelf.cases(dataset, version=50, tag="seen", page_size=200)) == 49
    assert len(await shelf.cases(dataset, version=51, page_size=200)) == 400


async def test_who_saves_on_an_older_version_is_told_what_changed(shelf: Shelf):
    dataset = await shelf.make(case("a", key="a"), case("b", key="b"))
    await shelf.call("PATCH", dataset, "/cases/a", {"name": "First", "base_version": 1})
    await shelf.call("DELETE", dataset, "/cases/b?base_version=2")
    await shelf.call("POST", dataset, "/cases", {"cases": [case("c", key="c")], "base_version": 3}, status=201)
    for method, path, body in (
        ("PATCH", "/cases/a", {"name": "Other", "base_version": 1}),
        ("PUT", "/cases", {"cases": [], "base_version": 1}),
        ("POST", "/cases", {"cases": [case("d")], "base_version": 1}),
        ("DELETE", "/cases/a?base_version=1", None),
    ):
        refused = await shelf.call(method, dataset, path, body, status=409)
        assert (refused["code"], refused["current_version"], refused["changed_count"]) == ("conflict", 4, 3)
        changes = {each["key"]: each["change"] for each in refused["changed"]}
        assert changes == {"a": "edited", "b": "removed", "c": "added"}
    ahead = await shelf.call("PUT", dataset, "/cases", {"cases": [], "base_version": 9}, status=400)
    assert ahead["errors"][0]["field"] == "base_version"
    assert len(await shelf.cases(dataset)) == 2


async def test_what_a_model_made_stays_marked_whatever_is_sent(shelf: Shelf):
    dataset = await shelf.make(case("a", key="a", origin="generated"), case("b", key="b"))
    assert [each["is_generated"] for each in await shelf.cases(dataset)] == [True, False]
    await shelf.call("PATCH", dataset, "/cases/a", {"input": {"word": "x"}})
    plain = [case("y", key="a", origin="person", is_generated=False), case("b", key="b")]
    await shelf.call("PUT", dataset, "/cases", {"cases": plain})
    assert [(each["origin"], each["is_generated"]) for each in await shelf.cases(dataset)] == [
        ("person", True),
        ("person", False),
    ]
    await shelf.call("DELETE", dataset, "/cases/a")
    await shelf.call("POST", dataset, "/cases", {"cases": [case("z", key="a")]}, status=201)
    assert [each["key"] for each in await shelf.cases(dataset, is_generated="true")] == ["a"]


async def test_cases_are_found_by_split_tag_origin_and_page(shelf: Shelf):
    made = [case(str(n), split=("train", "held_out", "smoke")[n % 3], tags=[f"t{n % 2}"]) for n in range(30)]
    dataset = await shelf.make(*made, case("x", origin="review", cluster="doc"))
    assert words(await shelf.cases(dataset, split="smoke", page_size=3)) == [str(n) for n in range(2, 30, 3)]
    assert words(await shelf.cases(dataset, tag="t1", split="train")) == ["3", "9", "15", "21", "27"]
    assert words(await shelf.cases(dataset, origin="review")) == ["x"]
    first = await shelf.call("GET", dataset, "/cases?page_size=10")
    await shelf.call("PUT", dataset, "/cases", {"cases": []})
    address = first["next"].partition(shelf.person.url)[2] or "/api/" + first["next"].partition("/api/")[2]
    second = (await shelf.person.get(address)).body
    assert words(second["results"]) == [str(n) for n in range(10, 20)]
    back = (await shelf.person.get("/api/" + second["previous"].partition("/api/")[2])).body
    assert back["results"] == first["results"]
    told = await shelf.call("GET", dataset, "")
    assert (told["case_count"], told["splits"]) == (0, {"train": 0, "held_out": 0, "smoke": 0})


async def test_a_dataset_is_its_owners(shelf: Shelf, stranger: Person):
    dataset = await shelf.make(case("a", key="a"))
    for method, path, body in (
        ("GET", "", None),
        ("PATCH", "", {"name": "Mine"}),
        ("DELETE", "", None),
        ("GET", "/versions", None),
        ("GET", "/cases", None),
        ("POST", "/cases", {"cases": [case("b")]}),
        ("PUT", "/cases", {"cases": []}),
        ("GET", "/cases/a", None),
        ("PATCH", "/cases/a", {"name": "x"}),
        ("DELETE", "/cases/a", None),
        ("GET", "/export", None),
        ("POST", "/import?format=jsonl", {"cases": []}),
    ):
        assert (await stranger.call(method, f"/api/datasets/{dataset}{path}", body)).status == 404, (method, path)
    assert (await stranger.get("/api/datasets")).body["count"] == 0


async def test_details_change_by_the_state_that_was_seen(shelf: Shelf):
    dataset = await shelf.make(name="Cities", description="of Austria")
    other = await shelf.make(name="Towns")
    seen = await shelf.person.get(f"/api/datasets/{dataset}")
    tag = seen.headers["ETag"]
    assert (await shelf.person.get(f"/api/datasets/{dataset}", headers={"If-None-Match": tag})).status == 304
    headers = {"If-Match": tag}
    changed = await shelf.person.call("PATCH", f"/api/datasets/{dataset}", {"name": "Capitals"}, headers=headers)
    assert (changed.status, changed.body["name"], changed.body["description"]) == (200, "Capitals", "of Austria")
    stale = await shelf.person.call("PATCH", f"/api/datasets/{dataset}", {"name": "X"}, headers=headers)
    assert (stale.status, stale.body["current"]["name"]) == (412, "Capitals")
    taken = await shelf.call("PATCH", other, "", {"name": "Capitals"}, status=409)
    assert taken["errors"][0]["field"] == "name"
    again = await shelf.person.post("/api/datasets", {"name": "Capitals"})
    assert (again.status, again.body["code"]) == (409, "name_taken")


async def test_an_archived_dataset_is_read_and_not_written_and_comes_back(shelf: Shelf):
    dataset = await shelf.make(case("a", key="a"), name="Old")
    await shelf.call("DELETE", dataset, "", status=204)
    assert (await shelf.person.get("/api/datasets")).body["count"] == 0
    assert (await shelf.person.get("/api/datasets?archived=true")).body["count"] == 1
    assert len(await shelf.cases(dataset)) == 1
    refused = await shelf.call("PATCH", dataset, "/cases/a", {"name": "x"}, status=409)
    assert refused["code"] == "archived"
    newer = await shelf.make(name="Old")
    assert (await shelf.call("PATCH", dataset, "", {"archived": False}, status=409))["code"] == "name_taken"
    await shelf.call("DELETE", newer, "", status=204)
    assert (await shelf.call("PATCH", dataset, "", {"archived": False}))["archived"] is False


@pytest.mark.parametrize(
    ("present", "kept"),
    [
        ([1, 2, 3], [1, 2, 3]),
        ([None, 5, None, 9, None], [5, 9]),
        ([30, 10, 20], [10, 20]),
        ([1, None, 2], []),
        ([], []),
    ],
)
def test_as_few_cases_as_possible_move(present: list[int | None], kept: list[int]):
    ranks = ranks_for(present)
    assert len(ranks) == len(present)
    assert ranks == sorted(set(ranks))
    assert [new for old, new in zip(present, ranks, strict=True) if old == new] == kept
