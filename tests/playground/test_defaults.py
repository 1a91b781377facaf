"""What a new prompt begins with: one's own model and parameters, else the model that one chose last."""

from __future__ import annotations

import re
from html import unescape

import pytest

from foundation.database.threads import in_database_thread
from playground.keeping.erasure import _defaults
from playground.models import PlaygroundDefaults
from tests.cast import Person
from tests.doors.browser import Browser, browser_of
from tests.playground.conftest import MakeProvider

HTMX = {"HX-Request": "true"}
AT = "/settings/playground"


@pytest.fixture
async def mine(author: Person) -> Browser:
    """The author's browser."""
    return await in_database_thread(browser_of, author)


def picked(page: str) -> str:
    """The model in the form."""
    found = re.search(r'id="model-id"\s+name="model_id"\s+value="([^"]*)"', page)
    assert found
    return found[1]


def value_of(page: str, parameter: str) -> str:
    """What a parameter's field holds."""
    field = page.partition(f'name="parameters.{parameter}"')[2].partition(">")[0]
    return field.partition('value="')[2].partition('"')[0]


async def kept(author: Person) -> PlaygroundDefaults | None:
    """The author's row."""
    return await in_database_thread(lambda: PlaygroundDefaults.objects.filter(user=author.user).first())


async def test_a_new_prompt_begins_with_ones_defaults(author: Person, mine: Browser, provider: str) -> None:
    model = f"{provider}/echo"
    form = {"model_id": model, "parameters.temperature": "0.4", "parameters.stop_sequences": "END\r\nSTOP"}
    form |= {"parameters.response_format": "json_schema", "schema": '{"type": "object"}', "prompt": "left out"}
    answer = await mine.post(AT, form=form)
    assert (answer.status, answer.headers["Location"]) == (302, AT)
    row = await kept(author)
    assert row is not None
    assert (row.model_id, row.parameters["temperature"]) == (model, 0.4)
    assert row.parameters["stop_sequences"] == ["END", "STOP"]
    assert row.parameters["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert "left out" not in str(row.parameters)
    page = (await mine.get("/")).text
    assert (picked(page), value_of(page, "temperature")) == (model, "0.4")
    assert "END\nSTOP" in page
    assert "&quot;type&quot;: &quot;object&quot;" in page
    # A model that the address names is that one, with the same parameters.
    page = (await mine.get(f"/?model={provider}/json")).text
    assert (picked(page), value_of(page, "temperature")) == (f"{provider}/json", "0.4")
    settings = (await mine.get(AT)).text
    assert f'value="{model}"' in settings
    assert value_of(settings, "temperature") == "0.4"
    # What was run has its own.
    run = await author.execute(f"{provider}/json", "hello")
    page = (await mine.get(f"/?execution={run.body['id']}")).text
    assert (picked(page), value_of(page, "temperature")) == (f"{provider}/json", "")
    assert (await mine.post(AT, form={"forget": "1"})).status == 302
    assert await kept(author) is None
    assert value_of((await mine.get("/")).text, "temperature") == ""


@pytest.mark.parametrize(
    ("form", "field", "words"),
    [
        ({"parameters.temperature": "9"}, "parameters.temperature", "Temperature must be between 0 and 2."),
        ({"parameters.temperature": "hot"}, "parameters.temperature", "number"),
        ({"parameters.max_tokens": "0"}, "parameters.max_tokens", "Max tokens must be between 1 and"),
        ({"parameters.response_format": "json_schema", "schema": "{"}, "parameters.response_format", "not JSON"),
        ({"model_id": "nobody/none"}, "model_id", "There is no such model here."),
        ({"model_id": "x" * 300}, "model_id", "255"),
    ],
)
async def test_what_cannot_be_a_default_is_refused_at_its_field(
    author: Person, mine: Browser, provider: str, form: dict[str, str], field: str, words: str
) -> None:
    sent = {"model_id": f"{provider}/echo", **form}
    page = await mine.post(AT, form=sent)
    assert page.status == 400
    told = unescape(page.text).partition(f'id="error-{field.replace(".", "")}"')[2].partition("</")[0]
    assert words in told
    answer = await mine.post(AT, form=sent, headers=HTMX)
    assert answer.status == 400
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert words in answer.text
    assert await kept(author) is None


async def test_they_are_checked_against_what_the_model_takes(
    author: Person, mine: Browser, make_provider: MakeProvider
) -> None:
    claude = f"{await in_database_thread(make_provider, 'anthropic')}/claude-sonnet-4-5"
    form = {"model_id": claude, "parameters.seed": "7"}
    answer = await mine.post(AT, form=form, headers=HTMX)
    assert answer.status == 400
    assert answer.text.startswith("Seed: ")
    both = {"model_id": claude, "parameters.temperature": "0.5", "parameters.top_p": "0.9"}
    assert "beside" in (await mine.post(AT, form=both, headers=HTMX)).text
    assert await kept(author) is None
    shown = (await mine.get(f"{AT}?model_id={claude}&parameters.temperature=0.5")).text
    assert value_of(shown, "temperature") == "0.5"
    fine = await mine.post(AT, form={"model_id": claude, "parameters.temperature": "0.5"}, headers=HTMX)
    assert (fine.status, fine.text[:4]) == (200, "Kept")


async def test_a_default_whose_model_is_gone_gives_way(author: Person, mine: Browser, provider: str) -> None:
    await in_database_thread(PlaygroundDefaults.objects.create, user=author.user, model_id="gone/away")
    run = await author.execute(f"{provider}/echo", "hello")
    assert run.status == 200
    page = (await mine.get("/")).text
    assert picked(page) not in ("", "gone/away")


async def test_the_model_chosen_last_is_that_of_a_prompt_of_ones_own(
    author: Person, mine: Browser, provider: str
) -> None:
    first, other = f"{provider}/echo", f"{provider}/json"
    run = await mine.post("/executions", form={"model_id": first, "prompt": "hello"})
    assert run.status == 302
    assert picked((await mine.get("/")).text) == first
    begun = await author.post(
        "/api/comparisons", {"prompt": "hi", "variants": [{"model_id": first}, {"model_id": other}]}
    )
    assert begun.status in (200, 201, 202), begun.body
    repeated = {"model_id": other, "prompt": "hello", "times": "2"}
    assert (await mine.post("/repeats", form=repeated)).status == 302
    again = {"rerun": run.headers["Location"].partition("=")[2], "model_id": other}
    assert (await mine.post("/executions", form=again)).status == 302
    assert (await author.execute(other, "by a program")).status == 200
    assert picked((await mine.get("/")).text) == first
    assert (await mine.post("/executions", form={"model_id": other, "prompt": "hello"})).status == 302
    assert picked((await mine.get("/")).text) == other


async def test_they_go_with_their_person(author: Person) -> None:
    assert author.user is not None
    await in_database_thread(PlaygroundDefaults.objects.create, user=author.user, model_id="a/b")
    assert await in_database_thread(_defaults, author.user.id) == 1
    assert await kept(author) is None


async def test_the_model_of_a_draft_that_is_gone_is_replaced_and_said(mine: Browser, provider: str) -> None:
    assert (await mine.post("/executions", form={"model_id": f"{provider}/echo", "prompt": "hello"})).status == 302
    shown = (await mine.get("/parameters?model_id=gone/away&restores=true")).text
    assert picked(shown) == f"{provider}/echo"
    assert "gone/away, chosen before, is not there any more" in shown
    # Asked for by hand it is shown as it is.
    assert picked((await mine.get("/parameters?model_id=gone/away")).text) == "gone/away"
