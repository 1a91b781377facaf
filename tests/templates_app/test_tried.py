"""A template run on its own page: the door that starts it, what it refuses, and the way to the playground."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from uuid import uuid4

import pytest

from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from tests.cast import Person
from tests.doors.browser import Browser
from tests.doors.conftest import BrowserOf, browser_of
from tests.templates_app.conftest import MakeTemplate
from tests.templates_app.page_form import fields_of

__all__ = ["browser_of"]


@pytest.fixture
async def browser(author: Person, browser_of: BrowserOf) -> Browser:
    """The author's browser."""
    return await in_database_thread(browser_of, author)


def form_of(template: dict[str, Any], **fields: str) -> dict[str, str]:
    """What the page's form sends."""
    return {"template_id": template["id"], "template_version": "1", "model_id": "openai/echo", **fields}


def from_its_page(browser: Browser, template: dict[str, Any]) -> dict[str, str]:
    """The headers of a request that htmx makes on the template's page."""
    return {"HX-Request": "true", "HX-Current-URL": f"{browser.url}/templates/{template['id']}"}


def text_of(page: str) -> str:
    """The page's words."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


async def test_a_run_on_its_page_runs_the_version_and_leaves_the_address(browser: Browser, make_template: MakeTemplate):
    made = await make_template(
        prompt="Greet {{name}}.", system_prompt="Be kind.", default_parameters={"temperature": 0.3}
    )
    form = form_of(made, **{"variables.name": "Ada"})
    answer = await browser.post("/executions", form=form, headers=from_its_page(browser, made))
    assert answer.status == 200
    assert "hx-push-url" not in answer.headers
    found = re.search(r'data-execution-id="([^"]+)"', answer.text)
    assert found
    run = await in_database_thread(lambda: PromptExecution.objects.select_related("template_version").get(id=found[1]))
    assert run.template_version is not None
    assert (str(run.template_version.template_id), run.template_version.number) == (made["id"], 1)
    assert run.parameters["temperature"] == 0.3
    on_the_playground = {"HX-Request": "true", "HX-Current-URL": f"{browser.url}/?template={made['id']}"}
    pushed = await browser.post("/executions", form=form, headers=on_the_playground)
    assert pushed.headers["hx-push-url"].startswith("/?execution=")


async def test_what_a_run_on_its_page_is_refused_for_stands_at_its_fields(
    browser: Browser, make_template: MakeTemplate
):
    made = await make_template(prompt="Greet {{name}} and {{other}}.")
    form = form_of(made, **{"variables.name": "", "variables.other": "B"})
    refused = await browser.post("/executions", form=form, headers=from_its_page(browser, made))
    assert (refused.status, refused.headers["hx-reswap"]) == (400, "none")
    at_name = re.search(r'id="error-variablesname"[^>]*>([^<]+)<', refused.text)
    assert at_name
    assert "name" in at_name[1]
    assert re.search(r'id="error-variablesother"[^>]*></p>', refused.text)
    assert 'id="variables"' not in refused.text, "the page's own fields stay"
    no_model = {**form, "variables.name": "A", "model_id": "nobody"}
    refused = await browser.post("/executions", form=no_model, headers=from_its_page(browser, made))
    assert refused.status == 400
    assert re.search(r'id="error-model_id"[^>]*>[^<]+<', refused.text)


async def test_a_strangers_template_is_not_run(browser: Browser, stranger: Person):
    theirs = (await stranger.post("/api/templates", {"name": "T", "category": "C", "prompt": "x"})).body
    for path in ("/executions", "/open"):
        assert (await browser.post(path, form=form_of(theirs))).status == 404
        assert (await browser.post(path, form=form_of({"id": str(uuid4())}))).status == 404
        assert (await browser.post(path, form={"template_id": "x", "template_version": "1"})).status == 404


async def test_the_playground_opens_with_values_that_stand_in_no_address(browser: Browser, make_template: MakeTemplate):
    made = await make_template(prompt="Greet {{name}}.")
    opened = await browser.post("/open", form=form_of(made, **{"variables.name": "Ada & <b>"}))
    assert opened.status == 200
    assert "Ada &amp; &lt;b&gt;" in opened.text
    assert re.search(r'name="model_id"\s+value="openai/echo"', opened.text)
    assert "data-prefilled" in opened.text
    opened_anew = await browser.get("/open")
    assert (opened_anew.status, opened_anew.headers["Location"]) == (302, "/")
    bare = await browser.post("/open", form={"model_id": "openai/echo"})
    assert (bare.status, bare.headers["Location"]) == (302, "/")


async def test_an_empty_field_is_a_mistake_once_it_was_run(browser: Browser, make_template: MakeTemplate):
    made = await make_template(prompt="Greet {{name}} and {{other}}.")
    address, headers = f"/templates/{made['id']}/rendering", from_its_page(browser, made)
    form = form_of(made, **{"variables.name": "", "variables.other": "B"})
    before = await browser.post(address, form=form, headers=headers)
    assert re.search(r'id="error-variablesname"[^>]*></p>', before.text)
    after = await browser.post(address, form={**form, "was_run": "true"}, headers=headers)
    assert re.search(r'id="error-variablesname"[^>]*>[^<]+<', after.text)
    assert "name" in text_of(after.text)


async def test_what_is_sent_is_counted_by_the_tokenizer_of_the_model(browser: Browser, make_template: MakeTemplate):
    made = await make_template(prompt="Greet {{name}}.")
    form = {"variables.name": "Ada"}
    address, headers = f"/templates/{made['id']}/rendering", from_its_page(browser, made)
    told = {
        model_id: text_of((await browser.post(address, form={**form, "model_id": model_id}, headers=headers)).text)
        for model_id in ("openai/gpt-4o", "openai/echo", "")
    }
    assert re.search(r"What is sent \d+ tokens, counted", told["openai/gpt-4o"]), told
    assert re.search(r"What is sent about \d+ tokens, estimated", told["openai/echo"]), told
    assert re.search(r"What is sent about \d+ tokens, estimated", told[""]), told
    page = text_of((await browser.get(f"/templates/{made['id']}")).text)
    assert "about 4 tokens, estimated" in page


async def test_a_template_on_its_page_says_what_a_run_will_cost(browser: Browser, make_template: MakeTemplate):
    made = await make_template(
        prompt="Greet {{name}}.", system_prompt="Be kind.", default_parameters={"max_tokens": 50}
    )
    form = form_of(made, **{"variables.name": "Ada " * 500, "model_id": "openai/gpt-4o"})
    told = text_of((await browser.post("/forecast", form=form, headers=from_its_page(browser, made))).text)
    assert re.search(r"^5\d\d tokens in, counted, ≈ \$0\.00\d\d to \$0\.00\d\d$", told), told
    few = text_of((await browser.post("/forecast", form={**form, "variables.name": ""})).text)
    assert re.search(r"^\d\d tokens in, counted, ", few), few
    gone = {**form, "template_id": str(uuid4())}
    assert (await browser.post("/forecast", form=gone)).status == 404
    page = (await browser.get(f"/templates/{made['id']}")).text
    assert re.search(r'id="try-forecast"\s+hx-post="/forecast"', page)


async def test_the_editor_counts_as_the_model_in_the_form_does(browser: Browser):
    fields = fields_of((await browser.get("/templates/new")).text)
    drafted = {**fields, "prompt": "Greet {{name}} kindly, 契約の解除について.", "name": "T"}
    told = {
        model_id: text_of((await browser.post("/templates/draft", form={**drafted, "model_id": model_id})).text)
        for model_id in ("openai/gpt-4o", "openai/echo", "")
    }
    assert re.search(r"unfilled \d+ tokens, counted; filled \d+ tokens, counted", told["openai/gpt-4o"]), told
    for model_id in ("openai/echo", ""):
        assert re.search(r"unfilled about \d+ tokens, estimated; filled about \d+ tokens, estimated", told[model_id])


async def test_the_editors_advice_knows_the_window_of_the_model_in_the_form(browser: Browser):
    fields = fields_of((await browser.get("/templates/new")).text)
    drafted = {**fields, "prompt": "x" * 70_000, "name": "T", "model_id": "openai/gpt-4"}
    told = text_of((await browser.post("/templates/draft", form=drafted)).text)
    assert re.search(r"The texts have [0-9 ]+ tokens, counted; the model takes 8 192\.", told), told
