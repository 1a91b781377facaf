"""A file's order is the history's: where moments are the same, and where a child stands before its parent."""

from __future__ import annotations

import copy
import random
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.database.threads import in_database_thread
from history.sequence import in_a_circle, parents_first
from playground.models import PromptExecution
from tests.cast import Person
from tests.history.stored import a_session, an_execution, download
from tests.history.test_import import IMPORT, a_bundle, bundle_of, nothing_written

ids = [str(uuid.UUID(int=number)) for number in range(1, 40)]


def a_conversation(turns: int, **every: Any) -> dict[str, Any]:
    """A bundle of so many turns, each the parent of the next, all begun in the same moment."""
    bundle = a_bundle()
    (first,) = bundle["executions"]
    bundle["executions"] = [
        {
            **first,
            "id": ids[turn],
            "prompt": f"turn {turn}",
            "parent_id": ids[turn - 1] if turn else None,
            **every,
        }
        for turn in range(turns)
    ]
    return bundle


def prompts(bundle: dict[str, Any]) -> list[str]:
    """The prompts in the file's order."""
    return [row["prompt"] for row in bundle["executions"]]


async def imported(person: Person, bundle: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The answer of the import, and the export of what it made."""
    answer = await person.post(IMPORT, bundle)
    assert answer.status == 201, answer.body
    return answer, await bundle_of(person, answer.body["session"]["id"])


async def test_turns_of_one_moment_stay_in_their_order_and_linked_however_often_they_travel(author: Person):
    bundle = a_conversation(12)
    for _ in range(3):
        answer, bundle = await imported(author, bundle)
        assert (prompts(bundle), answer.body["dropped_links"]) == ([f"turn {turn}" for turn in range(12)], 0)
        rows = bundle["executions"]
        assert [row["parent_id"] for row in rows] == [None, *(row["id"] for row in rows[:-1])]
        history = await author.get(f"/api/sessions/{answer.body['session']['id']}/history")
        assert [row["prompt"] for row in history.body["results"]] == prompts(bundle)[::-1]


async def test_turns_of_one_moment_without_links_stay_in_their_order(author: Person):
    bundle = a_conversation(12, parent_id=None)
    random.Random(7).shuffle(bundle["executions"])
    _, back = await imported(author, bundle)
    assert prompts(back) == prompts(bundle)


async def test_a_fork_keeps_the_order_and_ends_where_it_was_said(author: Person):
    _, bundle = await imported(author, a_conversation(12))
    last = bundle["executions"][4]
    address = f"/api/sessions/{last['session_id']}/fork"
    forked = await author.post(address, {"up_to_execution_id": last["id"]})
    back = await bundle_of(author, forked.body["id"])
    assert prompts(back) == [f"turn {turn}" for turn in range(5)]
    whole = await bundle_of(author, (await author.post(address, {})).body["id"])
    assert prompts(whole) == [f"turn {turn}" for turn in range(12)]


@pytest.mark.parametrize("seed", range(4))
async def test_a_child_may_stand_before_its_parent(author: Person, seed: int):
    bundle = a_conversation(12)
    for turn, row in enumerate(bundle["executions"]):
        row["metadata"] = {"replay_of": ids[11 - turn]} if turn != 5 else {}
    random.Random(seed).shuffle(bundle["executions"])
    answer, back = await imported(author, bundle)
    assert (answer.body["dropped_links"], prompts(back)) == (0, [f"turn {turn}" for turn in range(12)])
    by_id = {row["id"]: row for row in back["executions"]}
    for turn, row in enumerate(back["executions"]):
        assert by_id[row["parent_id"]]["prompt"] == f"turn {turn - 1}" if turn else row["parent_id"] is None
        if turn != 5:
            assert by_id[row["metadata"]["replay_of"]]["prompt"] == f"turn {11 - turn}"


async def test_an_export_has_parents_first_whatever_their_times_say(author: Person):
    def stored() -> Any:
        session = a_session(author)
        rows = [an_execution(session, 10 - number) for number in range(10)]
        for child, parent in zip(rows[1:], rows, strict=False):
            PromptExecution.objects.filter(id=child.id).update(parent=parent)
        return session

    session = await in_database_thread(stored)
    rows = (await bundle_of(author, session.id))["executions"]
    assert [row["prompt"] for row in rows] == [f"prompt {10 - number}" for number in range(10)]
    part = await download(author, f"/api/sessions/{session.id}/export?format=jsonl&from=2026-03-01T12:06:00Z")
    assert part.content.count(b"\n") == 5


@pytest.mark.parametrize(
    ("links", "place"),
    [({0: 0}, 0), ({0: 1, 1: 0}, 0), ({1: 3, 2: 1, 3: 2}, 1), ({0: 3, 1: 2, 2: 1}, 1)],
    ids=["itself", "two", "three", "beside a tail"],
)
async def test_a_circle_of_parents_is_refused_with_its_place(author: Person, links: dict[int, int], place: int):
    bundle = a_conversation(4, parent_id=None)
    for child, parent in links.items():
        bundle["executions"][child]["parent_id"] = ids[parent]
    for query in ("", "?dry_run=true"):
        refused = await author.post(IMPORT + query, copy.deepcopy(bundle))
        assert (refused.status, [(error["field"], error["code"]) for error in refused.body["errors"]]) == (
            400,
            [(f"executions.{place}.parent_id", "circle")],
        )
    assert await in_database_thread(nothing_written)


@given(st.permutations(range(12)), st.dictionaries(st.integers(0, 11), st.integers(0, 11)))
def test_parents_come_first_and_nothing_is_lost(items: list[int], links: dict[int, int]):
    parents = {child: parent for child, parent in links.items() if parent < child}
    ordered = list(parents_first(items, key=int, parents=parents))
    assert sorted(ordered) == list(range(12))
    assert all(ordered.index(parent) < ordered.index(child) for child, parent in parents.items())
    if all(items.index(parent) < items.index(child) for child, parent in parents.items()):
        assert ordered == items


@given(st.dictionaries(st.integers(0, 11), st.integers(0, 11)))
def test_a_circle_is_found_where_there_is_one(links: dict[int, int]):
    found = in_a_circle(links)

    def leads_back(start: int) -> bool:
        here, steps = links.get(start), 0
        while here is not None and here != start and steps < 13:
            here, steps = links.get(here), steps + 1
        return here == start

    circles = {start for start in range(12) if leads_back(start)}
    assert bool(found) == bool(circles)
    assert set(found) <= circles
    assert sorted(parents_first(range(12), key=int, parents=links)) == list(range(12))
