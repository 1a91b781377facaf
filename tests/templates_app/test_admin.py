"""Curation in the admin: what a curator sees and does there, and who is not let in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from foundation.database.threads import in_database_thread
from templates_app.models import PromptTemplate, TemplateRating
from tests.cast import Person, new_user
from tests.doors.browser import Browser
from tests.doors.conftest import BrowserOf, browser_of
from tests.servers.service import Service
from tests.templates_app.conftest import MakeTemplate

__all__ = ["browser_of"]

LIST = "/admin/templates_app/prompttemplate/"
VARIABLES = [{"name": "name", "type": "string"}, {"name": "language", "type": "string"}]


@pytest.fixture
async def curator(service: Service, browser_of: BrowserOf) -> Browser:
    """A curator's browser."""
    user = await in_database_thread(new_user, name="Curator", roles=["curator"], is_staff=True)
    return await in_database_thread(browser_of, Person(service.url, user))


def form(**fields: Any) -> dict[str, str]:
    """The admin's form of a template, with empty sets of what stands inside it."""
    sent = {
        "name": "Cared for",
        "category": "Writing",
        "description": "",
        "tags": "a, b",
        "engine": "plain",
        "prompt": "Greet {{name}} in {{language}}.",
        "system_prompt": "",
        "variables": json.dumps(VARIABLES),
        "default_parameters": "{}",
        "note": "",
        "base_version": "",
    }
    for name in ("versions", "ratings"):
        sent |= {f"{name}-TOTAL_FORMS": "0", f"{name}-INITIAL_FORMS": "0"}
    return {**sent, **fields}


async def stored(template: dict[str, Any]) -> PromptTemplate:
    """The row."""
    return await in_database_thread(PromptTemplate.objects.select_related("current").get, id=template["id"])


async def act(curator: Browser, action: str, *templates: dict[str, Any], word: str = "") -> None:
    """Does something to these in the list."""
    body = [("action", action), ("word", word), *(("_selected_action", each["id"]) for each in templates)]
    done = await curator.call("POST", LIST, form=body)  # type: ignore[arg-type]
    assert done.status == 302, done.text


async def test_t27_only_curators_come_in(service: Service, browser_of: BrowserOf, make_template: MakeTemplate):
    made = await make_template(is_public=True)
    staff = await in_database_thread(new_user, is_staff=True)
    browser = await in_database_thread(browser_of, Person(service.url, staff))
    for path in ("", "add/", "import", f"{made['id']}/change/", f"{made['id']}/diff/2"):
        assert (await browser.get(LIST + path)).status in (302, 403), path


async def test_t03_a_curator_sees_what_is_public_and_nothing_private(make_template: MakeTemplate, curator: Browser):
    hidden = await make_template(name="Hidden", prompt="canary")
    shown = await make_template(name="Shown", is_public=True)
    page = await curator.get(LIST)
    assert "Shown" in page.text
    assert "Hidden" not in page.text
    assert "tests not counted" in page.text
    assert (await curator.get(f"{LIST}{shown['id']}/change/")).status == 200
    for path in (f"{hidden['id']}/change/", f"{hidden['id']}/diff/2"):
        assert "canary" not in (await curator.get(LIST + path)).text


async def test_many_are_published_tagged_and_put_into_a_category_at_once(
    make_template: MakeTemplate, curator: Browser, stranger: Person
):
    one, two = [await make_template(name=name, is_public=True) for name in ("One", "Two")]
    await act(curator, "into_category", one, two, word="New place")
    await act(curator, "with_tag", one, two, word="seen")
    await act(curator, "without_tag", two, word="seen")
    await act(curator, "feature", one)
    await act(curator, "with_tag", one)  # no tag was written: nothing is added
    found = (await stranger.get("/api/templates?category=New place&ordering=name")).body["results"]
    assert [(each["name"], each["is_featured"]) for each in found] == [("One", True), ("Two", False)]
    assert [each["tags"] for each in found] == [["greeting", "seen"], ["greeting"]]
    assert (await stranger.get("/api/templates?search=place")).body["count"] == 2
    await act(curator, "withdraw", one, two)
    assert (await stranger.get(f"/api/templates/{one['id']}")).status == 404
    await act(curator, "publish", one)
    assert (await stranger.get(f"/api/templates/{one['id']}")).status == 200


async def test_search_and_filters_find(make_template: MakeTemplate, curator: Browser):
    await make_template(name="Zebra facts", is_public=True, tags=["animals"])
    await make_template(name="Elsewhere", is_public=True)
    for query in ("?q=zebra", "?tag=animals"):
        page = await curator.get(LIST + query)
        assert "Zebra facts" in page.text, query
        assert "Elsewhere" not in page.text, query
    assert (await curator.get(f"{LIST}?label=production&visibility__exact=public")).status == 200


async def test_a_save_is_a_version_by_the_rules_of_the_api(
    make_template: MakeTemplate, curator: Browser, author: Person
):
    made = await make_template(is_public=True)
    address = f"{LIST}{made['id']}/change/"
    saved = await curator.post(
        address, form=form(prompt="Hello {{name}}, {{language}}!", note="Kinder", base_version="1")
    )
    assert saved.status == 302, saved.text
    row = await stored(made)
    assert (row.current.number, row.content.prompt) == (2, "Hello {{name}}, {{language}}!")  # type: ignore[union-attr]
    assert row.tags == ["a", "b"]
    page = await curator.get(f"{LIST}{made['id']}/diff/2")
    assert "<ins>" in page.text
    assert "Kinder" in (await curator.get(address)).text
    wrong = {
        "prompt": {"prompt": "x" * 1_000_001},
        "variables": {"variables": '[{"name": "a b"}]'},
        "default_parameters": {"default_parameters": '{"temperature": 9}'},
        "JSON": {"variables": "["},
    }
    for name, fields in wrong.items():
        refused = await curator.post(address, form=form(base_version="2", **fields))
        assert refused.status == 200, name
        assert "errorlist" in refused.text, name
    assert (await stored(made)).current.number == 2  # type: ignore[union-attr]


async def test_a_whole_call_is_saved_shown_and_refused_at_its_field(make_template: MakeTemplate, curator: Browser):
    made = await make_template(is_public=True)
    address = f"{LIST}{made['id']}/change/"
    turns = [{"role": "user", "content": "Greet {{name}}"}, {"role": "assistant", "content": "in {{language}}"}]
    whole = {
        "prompt": "",
        "messages": json.dumps(turns),
        "tools": json.dumps([{"name": "look_up"}]),
        "response_format": json.dumps({"type": "json_object"}),
        "model_id": "openai/gpt-4o",
    }
    for base in ("1", "2"):  # the second time nothing is new
        saved = await curator.post(address, form=form(base_version=base, **whole))
        assert saved.status == 302, saved.text
    row = await stored(made)
    assert row.current.number == 2  # type: ignore[union-attr]
    assert [turn.as_json() for turn in row.content.messages] == turns
    assert row.content.call_json().keys() == {"messages", "tools", "response_format", "model_id"}
    page = (await curator.get(address)).text
    assert "look_up" in page
    assert "change: user" in (await curator.get(f"{LIST}{made['id']}/diff/2")).text
    for field, text in {"messages": '[{"role": "odd", "content": "x"}]', "tools": '[{"name": "a b"}]'}.items():
        refused = await curator.post(address, form=form(base_version="2", **{**whole, field: text}))
        assert "errorlist" in refused.text, field
    assert (await stored(made)).current.number == 2  # type: ignore[union-attr]


async def test_partials_and_slugs_are_judged_in_the_form(make_template: MakeTemplate, curator: Browser, author: Person):
    await make_template(name="Private part", prompt="canary")
    await make_template(name="Taken")
    made = await make_template(name="Public", is_public=True)
    address = f"{LIST}{made['id']}/change/"
    for fields, told in (
        ({"prompt": "{{> private-part}}"}, "There is no template with the slug private-part"),
        ({"prompt": "{{> nobody}}"}, "There is no template with the slug nobody"),
        ({"prompt": "{{> public}}"}, "public → public"),
        ({"slug": "taken"}, "Another template of its owner has this slug"),
        ({"slug": "No slug"}, "error"),
    ):
        refused = await curator.post(address, form=form(base_version="1", **fields))
        assert refused.status == 200, fields
        assert told in refused.text, fields
    saved = await curator.post(address, form=form(base_version="1", slug="of-all"))
    assert saved.status == 302, saved.text
    assert (await author.get(f"/api/templates/{made['id']}")).body["slug"] == "of-all"


async def test_f25_a_save_in_between_is_told_and_nothing_typed_is_lost(
    make_template: MakeTemplate, curator: Browser, author: Person
):
    made = await make_template(is_public=True)
    await author.call("PATCH", f"/api/templates/{made['id']}", {"prompt": "Theirs"})
    address = f"{LIST}{made['id']}/change/"
    told = await curator.post(address, form=form(prompt="Mine", variables="[]", base_version="1"))
    assert "has saved version 2 since" in told.text
    assert "Mine" in told.text
    assert 'name="base_version" value="2"' in told.text
    assert (await curator.post(address, form=form(prompt="Mine", variables="[]", base_version="2"))).status == 302
    assert (await stored(made)).current.number == 3  # type: ignore[union-attr]


async def test_a_template_made_here_is_the_curators(curator: Browser):
    made = await curator.post(f"{LIST}add/", form=form(is_featured="on"))
    assert made.status == 302, made.text
    row = await in_database_thread(PromptTemplate.objects.select_related("owner").get, name="Cared for")
    assert (row.owner.name, row.is_featured, row.visibility) == ("Curator", True, "private")


async def test_a_rating_taken_out_leaves_the_average_exact(
    make_template: MakeTemplate, curator: Browser, author: Person, stranger: Person
):
    made = await make_template(is_public=True)
    for person, value in ((author, 1), (stranger, 5)):
        await person.post(f"/api/templates/{made['id']}/rate", {"rating": value})
    rating = await in_database_thread(TemplateRating.objects.get, value=1)
    fields = {
        "ratings-TOTAL_FORMS": "1", "ratings-INITIAL_FORMS": "1", "ratings-0-id": str(rating.id),
        "ratings-0-template": made["id"], "ratings-0-DELETE": "on",
    }  # fmt: skip
    saved = await curator.post(f"{LIST}{made['id']}/change/", form=form(base_version="1", **fields))
    assert saved.status == 302, saved.text
    told = (await author.get(f"/api/templates/{made['id']}")).body
    assert (told["rating"], told["ratings_count"]) == (5, 1)


async def test_an_import_is_shown_before_it_is_done(curator: Browser, make_template: MakeTemplate):
    made = await make_template(is_public=True)
    exported = await curator.call(
        "POST", LIST, form={"action": "export_json", "word": "", "_selected_action": made["id"]}
    )
    document = exported.text.replace(made["id"], "6c1f0f8c-7f0e-4c39-9d0a-3f1f5d1f7a10")
    planned = await curator.post(f"{LIST}import", form={"document": document})
    assert "create" in planned.text
    assert await in_database_thread(PromptTemplate.objects.filter(name="Welcome").count) == 1
    done = await curator.post(f"{LIST}import", form={"document": document, "confirm": "yes"})
    assert done.status == 302
    assert await in_database_thread(PromptTemplate.objects.filter(name="Welcome").count) == 2
    wrong = await curator.post(f"{LIST}import", form={"document": "{"})
    assert "no JSON" in wrong.text
