"""A bad call becomes a case in one click: once, with what was asked, and nothing expected yet."""

from __future__ import annotations

from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.doors.browser import browser_of
from tests.playground.gateway.test_traces import CALL, as_json, only, sent


async def test_a_bad_call_is_a_case_of_the_chosen_dataset_once(author: Person, stranger: Person) -> None:
    await sent(author, as_json(CALL))
    row = await only(author)
    dataset = (await author.post("/api/datasets", {"name": "Weather"})).body
    path = f"/api/datasets/{dataset['id']}/bad-runs"
    for _ in range(2):
        assert (await author.post(path, {"execution_id": str(row.id)})).status == 201
    (case,) = (await author.get(f"/api/datasets/{dataset['id']}/cases")).body["results"]
    assert (case["input"], case["expected_output"], case["tags"], case["origin"]) == (
        {"prompt": "Weather in Oslo?"}, None, ["bad call"], "history",
    )  # fmt: skip
    assert (await stranger.post(path, {"execution_id": str(row.id)})).status == 404


async def test_of_a_call_whose_prompt_was_not_sent_no_case_is_made(author: Person) -> None:
    await sent(author, as_json({name: value for name, value in CALL.items() if "messages" not in name}))
    row = await only(author)
    dataset = (await author.post("/api/datasets", {"name": "Weather"})).body
    refused = await author.post(f"/api/datasets/{dataset['id']}/bad-runs", {"execution_id": str(row.id)})
    assert (refused.status, refused.body["code"]) == (422, "no_prompt")


async def test_one_click_on_the_page_makes_the_case(author: Person) -> None:
    await sent(author, as_json(CALL))
    row = await only(author)
    browser = await in_database_thread(browser_of, author)
    page = await browser.get(f"/executions/{row.id}", headers={"HX-Request": "true"})
    assert "made elsewhere, by shop" in page.text
    assert "/datasets/bad" in page.text
    answer = await browser.post("/datasets/bad", form={"execution": str(row.id)})
    assert answer.status == 302, answer.text[:300]
    (dataset,) = [each for each in (await author.get("/api/datasets")).body["results"] if each["name"] == "Bad calls"]
    assert len((await author.get(f"/api/datasets/{dataset['id']}/cases")).body["results"]) == 1
