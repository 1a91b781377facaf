"""The estimator's page: what is typed comes back with its estimate, and what is wrong stands at its field."""

from __future__ import annotations

import re
from typing import Any

import pytest

from foundation.database.threads import in_database_thread
from foundation.words import THIN
from tests.analytics.test_estimation_quality import ended_test, models  # noqa: F401 - fixture
from tests.cast import Person
from tests.doors.browser import Browser, browser_of
from tests.playground.conftest import author, make_provider, provider, stranger  # noqa: F401 - fixtures

PAGE = "/analytics/estimate"


@pytest.fixture
async def browser(author: Person) -> Browser:  # noqa: F811
    """The author's."""
    return await in_database_thread(browser_of, author)


async def test_models_stand_side_by_side(browser: Browser, models: dict[str, str]):  # noqa: F811
    form = {
        "prompt": "Say {{word}}", "variables.word": "hi", "models": f"{models['echo']}, {models['tokens-8']}",
        "calls_per_day": "1000", "output_tokens": "100", "minimum_percent": "90",
    }  # fmt: skip
    page = await browser.post(PAGE, form=form)
    assert page.status == 200
    assert f"{models['tokens-8']} costs least: $0.10" in page.text
    assert "None of them has passed 90\N{NARROW NO-BREAK SPACE}% of a test." in page.text
    assert f"{models['echo']} costs 2.0 times as much as {models['tokens-8']}" in page.text
    # What was typed stands there still.
    for typed in ("Say {{word}}", 'value="1000"', 'value="100"', f'value="{models["echo"]}, {models["tokens-8"]}"'):
        assert typed in page.text
    assert ">\nhi</textarea>" in page.text


async def test_a_template_is_estimated_from_its_link_and_laid_against_its_tests(
    browser: Browser,
    author: Person,  # noqa: F811
    stranger: Person,  # noqa: F811
    models: dict[str, str],  # noqa: F811
):
    variables = [{"name": "word", "type": "string"}]
    made = await author.post(
        "/api/templates", {"name": "Greeting", "category": "c", "prompt": "Say {{word}}", "variables": variables}
    )
    template = {"template_id": made.body["id"]}
    await ended_test(author, {**template, "model_id": models["echo"]})
    await ended_test(author, {**template, "model_id": models["tokens-8"]})
    address = f"{PAGE}?template={made.body['id']}&model={models['echo']}&calls_per_day=10"
    assert f"{PAGE}?template={made.body['id']}" in (await browser.get(f"/templates/{made.body['id']}")).text
    empty = await browser.get(address)
    assert (empty.status, "Say {{word}}" in empty.text, 'value="10"' in empty.text) == (200, True, True)
    form = {
        **template, "template_version": "1", "prompt": "Say {{word}}", "variables.word": "hi",
        "models": f"{models['echo']}, {models['tokens-8']}, {models['echo-2']}",
    }  # fmt: skip
    page = await browser.post(PAGE, form={**form, "minimum_percent": "90"})
    assert page.status == 200
    assert 'id="picture-quality"' in page.text
    assert "the newest test of each model" in page.text
    assert "not tested" in page.text
    others = await in_database_thread(browser_of, stranger)
    assert (await others.get(address)).status == 404


@pytest.mark.parametrize(
    ("change", "status", "field", "told"),
    [
        ({"models": ""}, 400, "models", "Name at least one model."),
        ({"models": "gpt"}, 400, "models", ""),
        ({"models": "nobody/x"}, 404, "models", "There is no provider"),
        ({"models": "SAME SAME"}, 400, "models", "A model is named twice."),
        ({"calls_per_day": "often"}, 400, "calls_per_day", "number"),
        ({"calls_per_day": "1e9"}, 400, "calls_per_day", f"between 0.001 and 10{THIN}000{THIN}000"),
        ({"calls_per_day": "nan"}, 400, "calls_per_day", ""),
        ({"calls_per_day": "inf"}, 400, "calls_per_day", ""),
        ({"output_tokens": "1.5"}, 400, "output_tokens", "a whole number"),
        ({"minimum_percent": "101"}, 400, "minimum_percent", "from 0 to 100"),
        ({"minimum_percent": "nan"}, 400, "minimum_percent", "from 0 to 100"),
        ({"prompt": ""}, 400, "prompt", ""),
        ({"prompt": "Say {{word}}"}, 400, "variables.word", ""),
    ],
)
async def test_what_is_wrong_stands_at_its_field(
    browser: Browser,
    models: dict[str, str],  # noqa: F811
    change: dict[str, Any],
    status: int,
    field: str,
    told: str,
):
    form = {"prompt": "Say hi", "models": models["echo"], **change}
    form = {name: value.replace("SAME", models["echo"]) for name, value in form.items()}
    page = await browser.post(PAGE, form=form)
    assert page.status == status
    error = page.text.partition(f'id="error-{field.replace(".", "")}"')[2].partition("</p>")[0]
    assert error.partition(">")[2].strip(), field
    assert told in error


async def test_it_begins_with_one_field_for_models_and_with_ones_own(
    browser: Browser,
    author: Person,  # noqa: F811
    models: dict[str, str],  # noqa: F811
):
    await browser.post("/settings/playground", form={"model_id": models["echo"]})
    page = (await browser.get(PAGE)).text
    assert re.findall(r'name="(models[^"]*)"\s+value="([^"]*)"', page) == [("models", models["echo"])]
    alone = await browser.post(PAGE, form={"prompt": "Say hi", "models": models["echo"]})
    assert re.findall(r'name="(models[^"]*)"\s+value="([^"]*)"', alone.text) == [("models", models["echo"])]
    assert alone.text.count('<th scope="row">') == 1


async def test_a_link_to_nothing_is_404(browser: Browser):
    for query in ("template=x", "template=00000000-0000-4000-8000-000000000000"):
        assert (await browser.get(f"{PAGE}?{query}")).status == 404
