"""Answers that say the same in other words: grouped once, when a test ends."""

from __future__ import annotations

import math
from typing import Any

import pytest

from evaluation_app.figures.meanings import Said, find_meanings, grouped
from evaluation_app.models import CaseTotal, EvaluationTest
from evaluation_app.statistics.errors import InvalidArgument
from evaluation_app.statistics.linkage import complete_linkage
from foundation.database.threads import in_database_thread
from tests.doors.conftest import BrowserOf, browser_of
from tests.evaluation_app.conftest import Bench

__all__ = ["browser_of"]

SAME = "The capital of France is Paris."
OTHER_WORDS = "Paris is the capital of France."


def groups(*texts: str, least: float = 0.8, tools: tuple[str, ...] = ()) -> list[int]:
    """The groups of texts, numbered in their order."""
    said = [Said(str(i), text, tools[i] if tools else "") for i, text in enumerate(texts)]
    found = grouped(said, least)
    assert grouped(said[::-1], least) == found, "the order of rows decides nothing"
    numbers: dict[int, int] = {}
    return [numbers.setdefault(found[str(i)], len(numbers)) for i in range(len(texts))]


def test_the_same_in_other_words_is_one_meaning() -> None:
    assert groups(SAME, OTHER_WORDS, "I cannot help with recipes.") == [0, 0, 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("This water is safe to drink.", "This water is not safe to drink."),
        ("You can return it.", "You can't return it."),
        ("The answer is 42.", "The answer is 43."),
        ("It costs 1,200 euros.", "It costs 1,300 euros."),
        ("", "Yes."),
    ],
)
def test_what_embeddings_cannot_see_is_no_one_meaning(one: str, other: str) -> None:
    assert groups(one, other) == [0, 1]


def test_answers_that_call_other_tools_say_something_else() -> None:
    assert groups("", "", "", tools=("weather{}", "weather{}", "search{}")) == [0, 0, 1]


def test_the_ends_of_a_chain_are_in_no_group_together() -> None:
    chain = [[1, 0.9, 0.1], [0.9, 1, 0.85], [0.1, 0.85, 1]]
    assert complete_linkage(chain, 0.8) == [0, 0, 1]
    assert complete_linkage(chain, 0.05) == [0, 0, 0]
    assert complete_linkage([[1.0]], 0.8) == [0]
    assert complete_linkage([], 0.8) == []


@pytest.mark.parametrize("odd", [[[1, 0.5]], [[1, 0.5], [0.4, 1]]])
def test_what_is_no_matrix_of_likeness_is_refused(odd: Any) -> None:
    with pytest.raises(InvalidArgument):
        complete_linkage(odd, 0.8)


async def test_a_test_tells_how_often_its_answers_mean_the_same(bench: Bench, provider: str, browser_of: BrowserOf):
    made = await bench.begin(
        name="Meanings",
        prompt="{{word}}",
        model_id=f"{provider}/one-of",
        test_cases=[
            {"input": {"word": f"{SAME}|{OTHER_WORDS}"}},
            {"input": {"word": "It is safe.|It is not safe."}},
            {"input": {"word": "Yes."}},
        ],
        scorers=[{"scorer": "length", "params": {"min_characters": 1}}],
        parameters={"runs": 4},
    )
    results = (await bench.ended(made["id"]))["results"]
    assert [(case["meanings"], case["same_meaning"]) for case in results["cases"]] == [
        (1, 1), (2, pytest.approx(1 / 3)), (1, 1),
    ]  # fmt: skip
    assert [case["consistency"] for case in results["cases"]] == [pytest.approx(1 / 3), pytest.approx(1 / 3), 1]
    assert results["same_meaning"] == pytest.approx(7 / 9)
    assert results["entropy_nats"] == pytest.approx(math.log(2) / 3)
    told = results["figures"]["entropy_nats"]
    assert (told["n"], told["cases"], told["interval"], told["reason"]) == (12, 3, None, "biased_low_for_few_runs")
    browser = await in_database_thread(browser_of, bench.person)
    page = await browser.get(f"/evaluations/{made['id']}")
    assert "Same meaning twice" in page.text
    answers = await browser.get(f"/evaluations/{made['id']}/samples?case=1")
    assert answers.text.count("meaning 1 of 2") == answers.text.count("meaning 2 of 2") == 2
    assert "meaning" not in (await browser.get(f"/evaluations/{made['id']}/samples?case=0")).text.partition("<ol")[2]


async def test_meanings_are_found_again_where_they_are_missing(bench: Bench, provider: str):
    made = await bench.begin(
        name="Meanings",
        prompt="{{word}}",
        model_id=f"{provider}/one-of",
        test_cases=[{"input": {"word": f"{SAME}|{OTHER_WORDS}|No idea."}}],
        parameters={"runs": 3},
    )
    await bench.ended(made["id"])

    def found_again() -> tuple[list[int], list[int]]:
        total = CaseTotal.objects.get(test_id=made["id"])
        kept = total.meanings
        CaseTotal.objects.filter(id=total.id).update(meanings=[])
        find_meanings(EvaluationTest.objects.get(id=made["id"]))
        total.refresh_from_db()
        return kept, total.meanings

    kept, again = await in_database_thread(found_again)
    assert kept == again
    assert sorted(kept) == [0, 0, 1] or sorted(kept) == [0, 1, 1]
