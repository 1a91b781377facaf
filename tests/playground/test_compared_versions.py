"""Columns that send a template's version are runs of that version, for its figures, its uses and the history."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest

from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from tests.cast import Person
from tests.doors.browser import Browser, browser_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
async def mine(author: Person) -> Browser:
    """The author's browser."""
    return await in_database_thread(browser_of, author)


@pytest.fixture
async def template(author: Person) -> dict[str, Any]:
    """Three versions: the second has another text and one variable more, the third its parameters alone."""
    made = (await author.post("/api/templates", {"name": "T", "category": "C", "prompt": "One {{x}}"})).body
    variables = [{"name": "x"}, {"name": "n", "type": "number"}]
    second = {"prompt": "Two {{x}} {{n}}", "variables": variables}
    assert (await author.call("PATCH", f"/api/templates/{made['id']}", second)).status == 200
    third = {"default_parameters": {"temperature": 0.5}}
    assert (await author.call("PATCH", f"/api/templates/{made['id']}", third)).status == 200
    return dict(made)


def form_of(template: dict[str, Any], model_id: str, *columns: dict[str, str], **more: str) -> dict[str, str]:
    """What the page sends: version 1 on top, "One" in its own place."""
    form = {"template_id": template["id"], "template_version": "1", "prompt": "One {{x}}", "variables.x": "a"}
    form |= {f"variants.{at}.model_id": model_id for at in range(len(columns))}
    own = {f"variants.{at}.{name}": value for at, column in enumerate(columns) for name, value in column.items()}
    return {**form, **own, "idempotency_key": uuid4().hex, **more}


def own(prompt: str, **more: str) -> dict[str, str]:
    """A column with a prompt of its own."""
    return {"own_prompt": "on", "prompt": prompt, **more}


async def versions_run(mine: Browser, form: dict[str, str]) -> list[tuple[str, int | None]]:
    """Each column's prompt and version once the form was sent."""
    answer = await mine.post("/comparisons", form=form, headers=HTMX)
    assert answer.status == 200, answer.text
    (comparison_id,) = set(re.findall(r"/comparisons/([0-9a-f-]{36})", answer.headers.get("hx-push-url", "")))
    runs = PromptExecution.objects.filter(comparison_id=comparison_id).order_by("comparison_position")

    def told() -> list[tuple[str, int | None]]:
        every = runs.select_related("template_version")
        return [
            ((run.request or {})["prompt"], run.template_version.number if run.template_version else None)
            for run in every
        ]

    return await in_database_thread(told)


async def test_each_column_of_a_version_is_a_run_of_it(mine: Browser, template: dict[str, Any], provider: str):
    columns: list[dict[str, str]] = [{}, own("Two {{x}} {{n}}"), own("Other {{x}}"), own("One {{x}}")]
    form = form_of(template, f"{provider}/echo", *columns, **{"variables.n": "7"})
    assert await versions_run(mine, form) == [("One a", 1), ("Two a 7", 3), ("Other a", None), ("One a", 1)]


async def test_versions_of_one_text_are_told_apart(mine: Browser, template: dict[str, Any], provider: str):
    columns = own("Two {{x}} {{n}}", version="2"), own("Two {{x}} {{n}}", version="3"), own("Two {{x}}", version="2")
    form = form_of(template, f"{provider}/echo", *columns, **{"variables.n": "7"})
    told = [("Two a 7", 2), ("Two a 7", 3), ("Two a", None)]
    assert await versions_run(mine, form) == told
    # As the page has it again after the run, with the same columns.
    page = await mine.get(f"/compare?template={template['id']}&version=2&version=3")
    assert re.findall(r'name="variants\.\d\.version"\s+value="(\d)"', page.text) == ["2", "3"]
    shared = {"template_version": "2", "prompt": "Two {{x}} {{n}}", "variables.n": "7"}
    form = form_of(template, f"{provider}/echo", {"version": "2"}, {"version": "3"}, **shared)
    assert await versions_run(mine, form) == [("Two a 7", 2), ("Two a 7", 3)]


async def test_a_column_stays_a_version_while_the_shared_text_is_another(
    mine: Browser, template: dict[str, Any], provider: str
):
    form = form_of(template, f"{provider}/echo", {}, own("Two {{x}} {{n}}"), prompt="Mine", **{"variables.n": "7"})
    assert await versions_run(mine, form) == [("Mine", None), ("Two a 7", 3)]


async def test_the_comparison_shows_its_versions_again(mine: Browser, template: dict[str, Any], provider: str):
    form = form_of(template, f"{provider}/echo", {}, own("Two {{x}} {{n}}", version="2"), **{"variables.n": "7"})
    answer = await mine.post("/comparisons", form=form, headers=HTMX)
    page = (await mine.get(answer.headers["hx-push-url"])).text
    assert re.findall(r'name="variants\.\d\.version"\s+value="(\d)"', page) == ["1", "2"]
    assert "?version=2" in page
    used = (await mine.get(f"/templates/{template['id']}/uses")).text
    assert answer.headers["hx-push-url"] in used


async def test_a_value_that_a_columns_version_refuses_stands_at_its_field(
    mine: Browser, template: dict[str, Any], provider: str
):
    form = form_of(template, f"{provider}/echo", {}, own("Two {{x}} {{n}}"), **{"variables.n": "seven"})
    refused = await mine.post("/comparisons", form=form, headers=HTMX)
    assert refused.status == 400
    assert "number" in refused.text
    assert not await in_database_thread(PromptExecution.objects.exists)


async def test_the_api_takes_a_version_for_each_variant(author: Person, template: dict[str, Any], provider: str):
    model = {"model_id": f"{provider}/echo"}
    body = {
        "template_id": template["id"],
        "version": 1,
        "variables": {"x": "a"},
        "variants": [
            model,
            {**model, "version": 2, "variables": {"x": "b", "n": 7}},
            {**model, "prompt": "Own {{x}}"},
        ],
    }
    made = await author.post("/api/comparisons", body)
    assert made.status == 202, made.body
    told = [(each["prompt"], each["template"] and each["template"]["version"]) for each in made.body["executions"]]
    assert told == [("One a", 1), ("Two b 7", 2), ("Own a", None)]
    apart = {"prompt": "Shared", "variants": [model, {**model, "template_id": template["id"], "variables": {"x": "c"}}]}
    apart["variants"][1]["version"] = 1  # type: ignore[index]
    made = await author.post("/api/comparisons", apart)
    assert [each["prompt"] for each in made.body["executions"]] == ["Shared", "One c"]


async def test_a_reference_that_does_not_hold_is_named_at_its_variant(
    author: Person, stranger: Person, template: dict[str, Any], provider: str
):
    model = {"model_id": f"{provider}/echo"}

    async def refused(person: Person, variant: dict[str, Any], **shared: Any) -> tuple[int, list[str]]:
        body = {"variants": [model, {**model, **variant}], **(shared or {"prompt": "Shared"})}
        answer = await person.post("/api/comparisons", body)
        return answer.status, [error["field"] for error in answer.body.get("errors", ())]

    own = {"template_id": template["id"]}
    assert await refused(author, {"version": 1}) == (400, ["variants.1.version"])
    assert await refused(author, {**own, "version": 1, "label": "x"}) == (400, ["variants.1.label"])
    assert await refused(author, {**own, "prompt": "both"}) == (400, ["variants.1.template_id"])
    assert await refused(author, {**own, "version": 1, "variables": {}}) == (400, ["variants.1.variables.x"])
    assert (await refused(author, {**own, "version": 9}))[0] == 404
    assert (await refused(stranger, {**own, "version": 1}))[0] == 404
    assert not await in_database_thread(PromptExecution.objects.exists)
