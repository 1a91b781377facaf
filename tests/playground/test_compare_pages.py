"""The compare page without a script, and for those who may only read."""

from __future__ import annotations

import re

import pytest

from sessions_app.models import PlaygroundSession, SessionMember
from tests.cast import Person
from tests.doors.browser import Browser, browser_of
from tests.waiting import until

FORM = {
    "prompt": "one two",
    "system_prompt": "Be brief.",
    "variants.0.model_id": "openai/echo",
    "variants.1.model_id": "openai/echo@2",
    "variants.1.parameters.temperature": "0.5",
    "variants.1.own_prompt": "on",
    "variants.1.prompt": "one three",
}


@pytest.fixture
def mine(author: Person) -> Browser:
    """The author's browser."""
    return browser_of(author)


@pytest.fixture
def theirs(stranger: Person) -> Browser:
    """The browser of somebody else."""
    return browser_of(stranger)


async def compared(mine: Browser) -> str:
    """The address of a comparison that has ended."""
    started = await mine.post("/comparisons", form=FORM)
    assert started.status == 302
    address = started.headers["Location"]

    async def has_ended() -> bool:
        return "Best answer" in (await mine.get(address)).text

    await until(has_ended)
    return address


async def test_the_form_runs_and_its_address_restores_everything(mine: Browser) -> None:
    page = await mine.get(await compared(mine))
    assert re.search(r'name="prompt"[^>]*>\s*one two</textarea>', page.text)
    assert re.search(r'name="variants.1.prompt"[^>]*>\s*one three</textarea>', page.text)
    assert re.search(r'name="variants.1.parameters.temperature"[^>]*value="0.5"', page.text)
    assert page.text.count('data-status="completed"') == 2
    assert page.text.count("checked") == 1


async def test_columns_are_added_copied_and_removed_by_buttons(mine: Browser) -> None:
    added = await mine.post("/compare", form={**FORM, "add": "1"})
    assert added.text.count("data-column") == 3
    copied = await mine.post("/compare", form={**FORM, "duplicate": "1"})
    assert copied.text.count('value="openai/echo@2"') == copied.text.count('value="openai/echo"') * 2
    kept = await mine.post("/compare", form={**FORM, "remove": "0"})
    assert kept.text.count("data-column") == 2


async def test_a_refusal_keeps_the_form_and_stands_at_its_column(mine: Browser) -> None:
    refused = await mine.post("/comparisons", form={**FORM, "variants.1.parameters.temperature": "9"})
    assert refused.status == 400
    place = r'id="error-variants1parameterstemperature"\s*>[^<]+</p>'
    assert re.search(place, refused.text)
    assert len(re.findall(r'class="field-error"[^>]*>[^<]', refused.text)) == 1
    assert "one three" in refused.text
    nameless = await mine.post("/comparisons", form={**FORM, "variants.0.model_id": "nobody/model"})
    assert re.search(r'id="error-variants0model_id"\s*>[^<]+nobody[^<]+</p>', nameless.text)


async def test_a_run_a_comparison_and_a_template_begin_one(author: Person, mine: Browser) -> None:
    run = await author.execute("openai/echo", "from a run")
    begun = await mine.get(f"/compare?execution={run.body['id']}")
    assert "from a run" in begun.text
    assert "<article" not in begun.text
    address = await compared(mine)
    copied = await mine.get(f"/compare?comparison={address.rpartition('/')[2]}")
    assert "one three" in copied.text
    made = await author.post("/api/templates", {"name": "T", "category": "x", "prompt": "Hello {{name}}"})
    from_template = await mine.get(f"/compare?template={made.body['id']}")
    assert "Hello {{name}}" in from_template.text
    assert 'name="variables.name"' in from_template.text
    form = {**FORM, "prompt": "Hello {{name}}", "variables.name": "Ada", "system_prompt": ""}
    source = {"template_id": made.body["id"], "template_version": "1"}
    started = await mine.post("/comparisons", form={**form, **source})
    comparison = await author.get(f"/api{started.headers['Location']}")
    first, second = comparison.body["executions"]
    assert (first["prompt"], first["template"]["id"]) == ("Hello Ada", made.body["id"])
    assert (second["prompt"], second["template"]) == ("one three", None)


async def test_an_outcome_that_comes_after_a_base_was_chosen_keeps_it(mine: Browser) -> None:
    address = await compared(mine)
    page = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{address}?base=A"}
    late = await mine.get(f"{address}/outcome", headers=page)
    assert re.search(r'id="base-A"\s+aria-current', late.text)
    assert "<ins" in late.text
    plain = await mine.get(f"{address}/outcome", headers={**page, "HX-Current-URL": f"http://testserver{address}"})
    assert "<ins" not in plain.text


async def test_a_stranger_finds_nothing(mine: Browser, theirs: Browser) -> None:
    address = await compared(mine)
    for path in (address, f"{address}/outcome", f"{address}/columns/0", f"{address}/diff?base=A"):
        assert (await theirs.get(path, headers={"HX-Request": "true"})).status == 404
    for path in (f"{address}/vote", f"{address}/stop"):
        assert (await theirs.post(path, form={})).status == 404
    assert (await theirs.get(f"/compare?comparison={address.rpartition('/')[2]}")).status == 404
    form = {**FORM, "comparison_id": address.rpartition("/")[2], "add": "1"}
    assert (await theirs.post("/compare", form=form)).status == 404


async def test_a_viewer_votes_but_does_not_run(
    author: Person, stranger: Person, mine: Browser, theirs: Browser
) -> None:
    address = await compared(mine)
    session = await PlaygroundSession.objects.aget(user=author.user, is_default=True)
    await SessionMember.objects.acreate(session=session, user=stranger.user, role="viewer")
    page = await theirs.get(address)
    assert "take a copy into your own session" in page.text
    assert re.search(r'id="run"[^>]*\sdisabled', page.text)
    voted = await theirs.post(f"{address}/vote", form={"execution_id": ""})
    assert voted.status == 302
    assert re.search(r'id="vote-"[^>]*checked', (await theirs.get(address)).text)
    refused = await theirs.post("/comparisons", form={**FORM, "session_id": str(session.id)})
    assert refused.status == 403
    assert "You may read this session, not run in it or change it." in refused.text
