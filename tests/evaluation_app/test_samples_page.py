"""Answers on their page: narrowed, and compared with what is expected or with another variant's."""

from __future__ import annotations

from foundation.database.threads import in_database_thread
from tests.doors.conftest import BrowserOf, browser_of
from tests.evaluation_app.conftest import Bench

__all__ = ["browser_of"]


async def test_answers_are_compared_with_what_is_expected_or_another_variant(
    bench: Bench, provider: str, browser_of: BrowserOf
):
    body = {
        "name": "Two",
        "variants": [
            {"name": "plain", "prompt": "Say {{word}}", "model_id": f"{provider}/echo"},
            {"name": "polite", "prompt": "Please say {{word}}", "model_id": f"{provider}/echo"},
        ],
        "test_cases": [{"input": {"word": "fox"}, "expected_output": {"type": "exact", "value": "Say <b>it</b>"}}],
        "parameters": {"runs": 1},
    }
    made = await bench.person.post("/api/evaluation/compare", body)
    test = await bench.ended(made.body["id"])
    browser = await in_database_thread(browser_of, bench.person)
    address = f"/evaluations/{test['id']}/samples"
    plain = (await browser.get(address)).text
    assert "<ins>" not in plain
    assert plain.count('class="sample-output"') == 2
    expected = (await browser.get(f"{address}?against=expected&case=0")).text
    assert "<del>&lt;b&gt;it&lt;/b&gt;</del>" in expected
    assert "<ins>fox</ins>" in expected
    other = (await browser.get(f"{address}?against=plain&variant=polite")).text
    assert "<ins>Please say</ins>" in other.replace("</ins><ins>", "")
    assert 'class="sample-output"' not in other
    itself = (await browser.get(f"{address}?against=plain&variant=plain")).text
    assert 'class="sample-output"' in itself
    assert (await browser.get(f"{address}?against=nobody")).status == 200
