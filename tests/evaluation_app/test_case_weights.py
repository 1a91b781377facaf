"""Cases that count more: weighted figures stand beside the others, which stay what they were."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape
from typing import Any

import pytest

from evaluation_app.models import EvaluationTest
from evaluation_app.statistics.cases import CaseTotal
from evaluation_app.statistics.errors import InvalidArgument
from evaluation_app.statistics.summary import summarise
from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.doors.browser import browser_of
from tests.evaluation_app.conftest import Bench


def body(provider: str, *weights: Any) -> dict[str, Any]:
    """Cases that pass, but for the last."""
    words = [f"w{number}" for number in range(len(weights))]
    cases = [
        {
            "input": {"word": word},
            "expected_output": {"type": "contains", "keywords": ["never" if word == words[-1] else word]},
            **({} if weight is None else {"weight": weight}),
        }
        for word, weight in zip(words, weights, strict=True)
    ]
    return {
        "name": "Weights", "prompt": "Say {{word}}", "model_id": f"{provider}/echo", "test_cases": cases,
        "parameters": {"runs": 2},
    }  # fmt: skip


def test_the_weighted_figures_by_hand():
    cases = [
        CaseTotal("a", 4, 1, scores=(1.0, 0.5, 0.5, 0.0), weight=3),
        CaseTotal("b", 2, 2, scores=(1.0, 1.0)),
        CaseTotal("silent", 0, 0, errors=2, weight=100),
    ]
    told = summarise(cases, seed=1).as_json
    assert told["weighted_success_rate"] == pytest.approx((3 * 0.25 + 1 * 1) / 4)
    assert told["weighted_average_score"] == pytest.approx((3 * 0.5 + 1 * 1) / 4)
    figure = told["figures"]["weighted_success_rate"]
    assert (figure["method"], figure["weighting"]) == ("weighted_mean_of_case_means", "case weights")
    assert (figure["n"], figure["cases"], figure["interval"], figure["reason"]) == (6, 2, None, "chosen_weights")
    assert summarise(cases[::-1], seed=1).as_json == told
    alike = summarise([CaseTotal("a", 4, 1, weight=7), CaseTotal("b", 2, 2, weight=7)], seed=1).as_json
    plain = summarise([CaseTotal("a", 4, 1), CaseTotal("b", 2, 2)], seed=1).as_json
    assert alike == plain, "weights touch no other figure"
    assert (alike["weighted_success_rate"], alike["figures"]["weighted_average_score"]) == (None, None)
    for weight in (0, -1, float("nan"), float("inf")):
        with pytest.raises(InvalidArgument):
            CaseTotal("a", 1, 1, weight=weight)


async def test_weights_count_in_figures_of_their_own(bench: Bench, provider: str):
    made = await bench.begin(**body(provider, 3, None, 2))
    test = await bench.ended(made["id"], "completed")
    results = test["results"]
    assert results["success_rate"] == pytest.approx(2 / 3)
    assert results["success_rate_interval"] is not None
    assert results["weighted_success_rate"] == pytest.approx(4 / 6)
    assert results["weighted_average_score"] == pytest.approx(4 / 6)
    exported = await bench.person.get(f"/api/evaluation/{made['id']}/export")
    told = exported.body if isinstance(exported.body, dict) else json.loads(exported.body)
    assert [case["weight"] for case in told["cases"]] == [3, 1, 2]
    assert told["test"]["results"]["weighted_success_rate"] == pytest.approx(4 / 6)
    mine = await in_database_thread(browser_of, bench.person)
    table = (await mine.get(f"/api/evaluation/{made['id']}/export?format=csv")).text
    assert [row["weight"] for row in csv.DictReader(io.StringIO(table))] == ["3.0", "3.0", "1.0", "1.0", "2.0", "2.0"]
    assert "cases weighted" in (await mine.get(f"/evaluations/{made['id']}")).text


async def test_equal_weights_say_nothing(bench: Bench, provider: str):
    made = await bench.begin(**body(provider, 5, 5, 5))
    test = await bench.ended(made["id"], "completed")
    assert test["results"]["weighted_success_rate"] is None
    assert test["results"]["figures"]["weighted_success_rate"] is None
    mine = await in_database_thread(browser_of, bench.person)
    assert "weighted" not in (await mine.get(f"/evaluations/{made['id']}")).text


@pytest.mark.parametrize("weight", [0, -1, 0.0001, 1e9, "2", None, True, [1]])
async def test_a_weight_that_is_none_is_refused(author: Person, provider: str, weight: Any):
    asked = body(provider, 1, 1)
    asked["test_cases"][1]["weight"] = weight
    refused = await author.post("/api/evaluation/probabilistic", asked)
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "test_cases.1.weight"), refused.body
    assert await in_database_thread(EvaluationTest.objects.count) == 0


async def test_the_builder_takes_a_column_of_weights(author: Person, provider: str):
    mine = await in_database_thread(browser_of, author)
    form = {
        "name": "Pasted", "prompt": "Say {{word}}", "model_id": f"{provider}/echo", "scorer": "contains", "runs": "1",
        "cases": "word\tweight\texpected\none\t2,5\tone\ntwo\t\ttwo",
    }  # fmt: skip
    sent = await mine.post("/evaluations/new", form=form)
    assert sent.status == 302, sent.text
    weights = await in_database_thread(
        lambda: list(EvaluationTest.objects.get().cases.order_by("position").values_list("weight", flat=True))
    )
    assert weights == [2.5, 1]
    refused = await mine.post("/evaluations/new", form={**form, "cases": "word\tweight\none\theavy"})
    assert refused.status == 400
    assert "is no weight" in refused.text


async def test_figures_of_several_variants_stand_side_by_side(bench: Bench, provider: str):
    asked = body(provider, 3, None, 2)
    model_id, prompt = asked.pop("model_id"), asked.pop("prompt")
    variants = [
        {"name": "echo", "model_id": model_id, "prompt": prompt},
        {"name": "other", "model_id": f"{provider}/tokens-3", "prompt": prompt},
    ]
    made = await bench.person.call("POST", "/api/evaluation/compare", {**asked, "variants": variants})
    test = await bench.ended(made.body["id"], "completed")
    mine = await in_database_thread(browser_of, bench.person)
    page = unescape((await mine.get(f"/evaluations/{test['id']}")).text)
    table = page.partition('id="figures-title"')[2].partition("</table>")[0]
    rows = {
        name: re.findall(r"<td>(.*?)</td>", cells)
        for name, cells in re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', table, re.DOTALL)
    }
    shares = {
        name: [each.partition(" (")[0].partition(",")[0] for each in rows[name]]
        for name in ("Passes, cases weighted", "Same answer twice", "Same meaning twice")
    }
    assert shares == {
        "Passes, cases weighted": ["67\u00a0%", "0\u00a0%"],
        "Same answer twice": ["100\u00a0%", "100\u00a0%"],
        "Same meaning twice": ["100\u00a0%", "100\u00a0%"],
    }
    assert all(each.endswith("of 3 cases") for name in shares for each in rows[name]), rows
    assert {len(values) for values in rows.values()} == {2}
