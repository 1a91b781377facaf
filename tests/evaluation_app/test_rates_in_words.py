"""What a rate's band means, told by what it speaks of; and of whom a verdict does."""

from __future__ import annotations

import pytest

from evaluation_app.pages.presentation.rate import RateView
from evaluation_app.statistics.clustering import Passes
from evaluation_app.statistics.figures import as_json
from evaluation_app.statistics.proportions import success_rate
from foundation.database.threads import in_database_thread
from tests.doors.browser import browser_of
from tests.evaluation_app.conftest import Bench


@pytest.mark.parametrize(
    ("cases", "said", "unsaid"),
    [
        ([Passes(2, 1)] * 12, "if your cases are like those that will come", "this one case"),
        ([Passes(10, 7)], "where the rate of this one case lies", "cases are like"),
        ([], "", "band"),
    ],
)
def test_a_band_is_explained_as_what_it_is(cases: list[Passes], said: str, unsaid: str) -> None:
    told = RateView(as_json(success_rate(cases))).meaning
    assert said in told
    assert unsaid not in told


async def test_each_of_several_verdicts_says_of_whom(bench: Bench, provider: str):
    def variant(name: str, prompt: str, model: str = "echo") -> dict[str, str]:
        return {"name": name, "prompt": prompt, "model_id": f"{provider}/{model}"}

    words = [f"w{number}" for number in range(12)]
    cases = [{"input": {"word": each}, "expected_output": {"type": "contains", "keywords": [each]}} for each in words]
    asked = {
        "name": "Three", "test_cases": cases, "parameters": {"runs": 1}, "comparisons": "all",
        "variants": [variant("A", "{{word}}"), variant("B", "{{word}}", "tokens-3"), variant("C", "{{word}}!")],
    }  # fmt: skip
    made = await bench.person.post("/api/evaluation/compare", asked)
    assert made.status == 202, made.body
    await bench.ended(made.body["id"])
    browser = await in_database_thread(browser_of, bench.person)
    page = (await browser.get(f"/evaluations/{made.body['id']}")).text
    assert "B against A: A is better by 100 points" in page
    assert "C against A: No difference shown" in page
    assert "C against B: C is better by 100 points" in page
    assert "2 of 3 comparisons show a difference" in page
