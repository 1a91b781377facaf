"""The page of a suite: whose verdict stands on top, what may be let pass, and what its gate takes."""

from __future__ import annotations

from django.test import Client

from evaluation_app.models import SuiteRun
from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.doors.browser import browser_of
from tests.evaluation_app.conftest import Bench
from tests.evaluation_app.gating import BAD, GATE, WORDS, Gated, body


async def page_of(gated: Gated, person: Person) -> str:
    """The suite's page as this person sees it."""
    browser = await in_database_thread(browser_of, person)
    return (await browser.get(f"/evaluations/suites/{gated.suite['id']}")).text


def headline(page: str) -> str:
    """The verdict on top."""
    return page.partition('<p class="verdict">')[2].partition("</p>")[0]


async def test_what_was_run_to_compare_with_is_neither_the_headline_nor_let_pass(
    author: Person, colleague: Person, provider: str
):
    gated = await Gated.make(author, provider, prompt=BAD)
    await gated.share_with(colleague)
    assert (await gated.move(1)).status == 200
    suite = await gated.with_suite(gate={**GATE, "floor": 0.9})
    second = await gated.version("Tell me {{word}}")
    run = await gated.run(version=second)
    assert run["status"] == "failed"
    compared = await in_database_thread(SuiteRun.objects.get, suite=suite["id"], why="reference")
    assert compared.status == "failed"
    page = await page_of(gated, colleague)
    assert f"may move once to version {second}" in page
    assert f"/runs/{run['id']}/override" in page
    shown = (await author.get(f"/api/suites/{suite['id']}")).body
    assert shown["last_run"]["id"] == run["id"]
    # Nor is the version offered where the label stands, however it was run.
    again = await gated.run(version=1)
    assert (again["status"], again["why"]) == ("failed", "hand")
    assert f"may move once to version {second}" in await page_of(gated, colleague)


async def test_the_headline_is_the_run_that_was_asked_for(author: Person, provider: str):
    gated = await Gated.make(author, provider)
    assert (await gated.move(1)).status == 200
    await gated.with_suite(gate=GATE)
    run = await gated.run(version=await gated.version(BAD))
    assert run["status"] == "failed"
    page = await page_of(gated, author)
    assert "Worse than version 1" in headline(page)
    assert 'data-status="failed"' in page


async def test_a_missed_floor_fails_whatever_the_baseline_has_in_common(author: Person, bench: Bench, provider: str):
    """It was not judged, so that nobody saw that the floor was missed, nor where another baseline is set."""
    gated = await Gated.make(author, provider)
    small = await bench.begin(**body(gated.id, gated.model_id, words=WORDS[:3]))
    await bench.ended(small["id"], "completed")
    made = await author.post(f"/api/evaluation/{small['id']}/baseline", {"template_id": gated.id})
    assert made.status == 202, made.body
    tests = [body(gated.id, gated.model_id, words=WORDS[:5])]
    await gated.with_suite(tests=tests, gate={**GATE, "floor": 0.9})
    unjudged = await gated.run(version=1)
    # A floor that is kept says nothing of a loss: that is still to be judged.
    assert (unjudged["status"], unjudged["results"][0]["compared_with"]) == ("not_judged", "baseline")
    assert "10 of 10 answers pass" in unjudged["sentence"]
    failed = await gated.run(version=await gated.version(BAD))
    assert (failed["status"], failed["is_regression"]) == ("failed", False)
    assert failed["sentence"] == "Says it: 0 of 10 answers pass: at least 90 % must."
    page = await page_of(gated, author)
    assert "The baseline has too few of its cases" in page
    assert f'<a href="/evaluations/{failed["test_ids"][0]}">Says it</a> sets another' in page


async def test_half_is_no_floor_where_a_comparison_is_due(author: Person, bench: Bench, provider: str):
    gated = await Gated.make(author, provider)
    small = await bench.begin(**body(gated.id, gated.model_id, words=WORDS[:3]))
    await bench.ended(small["id"], "completed")
    await author.post(f"/api/evaluation/{small['id']}/baseline", {"template_id": gated.id})
    await gated.with_suite(tests=[body(gated.id, gated.model_id, words=WORDS[:5])], gate=GATE)
    run = await gated.run(version=await gated.version(BAD))
    assert (run["status"], run["results"][0]["passed"]) == ("not_judged", 0)


async def test_a_suite_that_can_hold_no_label_says_so_in_the_place_of_the_form(author: Person, provider: str):
    gated = await Gated.make(author, provider)
    await gated.with_suite(tests=[body(gated.id, gated.model_id, words=WORDS[:4])])
    page = await page_of(gated, author)
    assert "It holds no label, and can hold none. A gate needs 5 cases at least" in page
    assert "Set the gate" not in page
    browser = await in_database_thread(browser_of, author)
    sent = await browser.post(f"/evaluations/suites/{gated.suite['id']}/gate", form={"label": "production"})
    assert sent.status == 400
    assert "A gate needs 5 cases at least" in sent.text.partition('id="refused"')[2]
    await gated.with_suite()
    assert "Set the gate" in await page_of(gated, author)


async def test_a_gate_on_a_label_that_no_version_bears_is_set_and_says_so(author: Person, provider: str):
    gated = await Gated.make(author, provider)
    assert (await gated.move(1)).status == 200
    suite = await gated.with_suite()
    assert author.user is not None
    client = Client()
    await in_database_thread(client.force_login, author.user)

    def answer(label: str) -> str:
        page = client.post(f"/evaluations/suites/{suite['id']}/gate", {"label": label}, follow=True)
        return page.content.decode()

    unknown = "No version of the template bears “stagin” yet."
    assert unknown in await in_database_thread(answer, "stagin")
    assert (await author.get(f"/api/suites/{suite['id']}")).body["gate"]["label"] == "stagin"
    known = await in_database_thread(answer, "production")
    assert "“production” moves to versions that have passed" in known
    assert "No version of the template bears" not in known
