"""Where a template is used, as far as the reader may see it; and each of its versions as code."""

from __future__ import annotations

import re
from html import unescape
from uuid import uuid4

import pytest

from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.doors.browser import Browser
from tests.doors.conftest import BrowserOf, browser_of
from tests.templates_app.conftest import MakeTemplate
from tests.waiting import until

__all__ = ["browser_of"]
HTMX = {"HX-Request": "true"}


@pytest.fixture
async def browser(author: Person, browser_of: BrowserOf) -> Browser:
    """The author's browser."""
    return await in_database_thread(browser_of, author)


@pytest.fixture
async def others_browser(stranger: Person, browser_of: BrowserOf) -> Browser:
    """The stranger's browser."""
    return await in_database_thread(browser_of, stranger)


def words(page: str) -> str:
    """The page's words."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


async def test_every_kind_of_use_is_listed(
    browser: Browser, others_browser: Browser, author: Person, stranger: Person, make_template: MakeTemplate
):
    made = await make_template(name="Used", prompt="Greet {{name}}.", is_public=True)
    address = f"/templates/{made['id']}/uses"
    assert "Nowhere yet." in words((await browser.get(address, headers=HTMX)).text)
    await author.call("PUT", f"/api/templates/{made['id']}/labels/production", {"version": 1})
    await author.post(f"/api/templates/{made['id']}/fork", {})
    dataset = await author.post("/api/datasets", {"name": "Names to greet", "template_id": made["id"]})
    assert dataset.status == 201, dataset.body
    body = {"template_id": made["id"], "variables": {"name": "Ada"}}
    variants = [{"model_id": "openai/echo"}, {"model_id": "openai/echo"}]
    compared = await author.post("/api/comparisons", {**body, "variants": variants})
    assert compared.status < 300, compared.body
    told = words((await browser.get(address, headers=HTMX)).text)
    assert "Labels production points at version 1" in told
    assert "Forks" in told
    assert "of version 1, just now" in told
    assert re.search(r"Sessions .+ 2 runs", told)
    assert "Comparisons Comparison of 20" in told
    assert "Datasets Names to greet" in told
    others = words((await others_browser.get(address, headers=HTMX)).text)
    assert "production points at version 1" in others
    for hidden in ("Sessions", "Comparisons", "Datasets", "Forks"):
        assert hidden not in others, hidden
    whole = await browser.get(address)
    assert "<h1>Where it is used</h1>" in whole.text


async def test_each_version_has_its_code(
    browser: Browser, others_browser: Browser, author: Person, make_template: MakeTemplate
):
    made = await make_template(name="Coded", prompt="First {{name}}.")
    await author.call("PATCH", f"/api/templates/{made['id']}", {"prompt": "Second {{name}}."})
    address = f"/templates/{made['id']}/code"
    for number, word, other in ((1, "First", "Second"), (2, "Second", "First")):
        page = await browser.get(f"{address}?version={number}", headers=HTMX)
        assert page.status == 200
        assert f"Code of version {number}" in words(page.text)
        assert word in words(page.text)
        assert other not in words(page.text)
        for language in ("Python (openai)", "TypeScript (openai)", "Shell (curl)"):
            assert language in words(page.text)
    assert "Code of version 2" in words((await browser.get(address)).text)
    assert (await browser.get(f"{address}?version=9")).status == 404
    assert (await others_browser.get(address)).status == 404
    assert (await browser.get(f"/templates/{uuid4()}/code")).status == 404
    versions = (await browser.get(f"/templates/{made['id']}/versions")).text
    assert versions.count(f'{address}?version=1"') >= 1


async def test_a_test_stands_among_the_evaluations_not_among_the_sessions(
    browser: Browser, author: Person, make_template: MakeTemplate
):
    made = await make_template(name="Tested", prompt="Greet {{name}}.")
    body = {
        "name": "Greets well",
        "template_id": made["id"],
        "model_id": "openai/echo",
        "test_cases": [{"input": {"name": "Ada"}, "expected_output": {"type": "contains", "keywords": ["Ada"]}}],
        "parameters": {"runs": 1},
    }
    test = await author.post("/api/evaluation/probabilistic", body)
    assert test.status == 202, test.body

    async def has_ended() -> bool:
        return bool((await author.get(f"/api/evaluation/{test.body['id']}")).body["progress"]["done"])

    await until(has_ended)
    told = words((await browser.get(f"/templates/{made['id']}/uses", headers=HTMX)).text)
    assert "Evaluations Greets well" in told
    assert "Sessions" not in told
    page = words((await browser.get(f"/templates/{made['id']}")).text)
    assert "Uses 0 runs of tests are not counted" in page
    for listed in ("/templates", f"/templates/{made['id']}/versions"):
        assert 'title="Runs of tests are not counted"' in (await browser.get(listed)).text, listed
