"""Partials: a template's text inside another one's, pinned or following, and never somebody else's."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import yaml

from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from templates_app.models import PromptTemplate, TemplateVersion
from tests.cast import Person
from tests.doors.conftest import BrowserOf, browser_of
from tests.templates_app.conftest import BODY, MakeTemplate

__all__ = ["browser_of"]


async def save(person: Person, template: dict[str, Any], **fields: Any) -> Any:
    return await person.call("PATCH", f"/api/templates/{template['id']}", fields)


async def rendered(person: Person, template: dict[str, Any], **variables: Any) -> Any:
    return await person.post(f"/api/templates/{template['id']}/render", {"variables": variables})


async def label(person: Person, template: dict[str, Any], name: str, version: int) -> None:
    answer = await person.call("PUT", f"/api/templates/{template['id']}/labels/{name}", {"version": version})
    assert answer.status == 200, answer.body


def error_of(answer: Any) -> tuple[str, str]:
    assert answer.status == 400, answer.body
    return answer.body["errors"][0]["field"], answer.body["errors"][0]["code"]


async def count() -> tuple[int, int]:
    """Templates and versions that are kept."""
    return await in_database_thread(lambda: (PromptTemplate.objects.count(), TemplateVersion.objects.count()))


# Slugs


async def test_a_slug_is_made_of_the_name_and_an_owner_has_it_once(
    make_template: MakeTemplate, author: Person, stranger: Person
):
    first, second = await make_template(name="House Rules!"), await make_template(name="House rules")
    assert (first["slug"], second["slug"]) == ("house-rules", "house-rules-2")
    assert (await make_template(stranger, name="House rules"))["slug"] == "house-rules"
    assert (await make_template(name="日本"))["slug"] == "template"
    assert error_of(await save(author, second, slug="house-rules")) == ("slug", "taken")
    assert error_of(await save(author, second, slug="Not a slug"))[0] == "slug"
    assert error_of(await author.post("/api/templates", {**BODY, "slug": "house-rules"})) == ("slug", "taken")
    changed = await save(author, second, slug="other")
    assert (changed.body["slug"], changed.body["version"]) == ("other", 1)
    kept = await author.call("PUT", f"/api/templates/{second['id']}", {**BODY, "name": "Renamed"})
    assert kept.body["slug"] == "other"


async def test_many_who_take_one_name_at_once_get_slugs_of_their_own(make_template: MakeTemplate):
    made = await asyncio.gather(*(make_template(name="At once") for _ in range(12)))
    assert len({each["slug"] for each in made}) == 12


# Rendering


@pytest.mark.parametrize("engine", ["plain", "jinja2"])
async def test_a_partial_is_inserted_with_its_variables(make_template: MakeTemplate, author: Person, engine: str):
    tone = [{"name": "tone", "default_value": "kind", "required": False}]
    await make_template(name="Rules", prompt="Be {{tone}} to {{name}}.", variables=[*tone, "name"], engine=engine)
    outer = await make_template(
        name="Outer", prompt="{{>rules}} {{ask}}", system_prompt="S: {{> rules }}", engine=engine
    )
    assert outer["variables"] == ["ask", "tone", "name"]
    told = (await rendered(author, outer, ask="Go", name="{{> rules}}")).body
    assert told["prompt"] == "Be kind to {{> rules}}. Go"
    assert told["system_prompt"] == "S: Be kind to {{> rules}}."
    missing = await rendered(author, outer, ask="Go")
    assert missing.body["errors"][0]["field"] == "variables.name"


@pytest.mark.parametrize("engine", ["plain", "jinja2"])
async def test_an_escaped_reference_is_text(make_template: MakeTemplate, author: Person, engine: str):
    outer = await make_template(name="Escape", prompt=r"Write \{{> nobody}} and {{x}}", engine=engine)
    assert outer["partials"] == []
    assert (await rendered(author, outer, x="y")).body["prompt"] == "Write {{> nobody}} and y"


async def test_the_outer_definition_of_a_variable_wins(make_template: MakeTemplate, author: Person):
    await make_template(name="Inner", prompt="{{n}}")
    number = {"name": "n", "type": "number", "description": "A number"}
    outer = await make_template(name="Outer", prompt="{{> inner}}", variables=[number])
    assert outer["variable_definitions"][0]["type"] == "number"
    assert [finding["rule"] for finding in outer["lint"] if "variable" in finding["rule"]] == []
    assert "malformed-placeholder" not in {finding["rule"] for finding in outer["lint"]}
    looked = await author.post("/api/templates/lint", {"prompt": "{{> inner}}", "variables": [number]})
    assert not {"unused-variable", "malformed-placeholder"} & {each["rule"] for each in looked.body["findings"]}


async def test_a_reference_is_pinned_or_follows(make_template: MakeTemplate, author: Person):
    inner = await make_template(name="Inner", prompt="one")
    await save(author, inner, prompt="two")
    await label(author, inner, "prod", 1)
    outer = await make_template(name="Outer", prompt="{{> inner@1}} {{> inner@prod}} {{> inner}}")
    assert (await rendered(author, outer)).body["prompt"] == "one one two"
    await save(author, inner, prompt="three")
    await label(author, inner, "prod", 2)
    assert (await rendered(author, outer)).body["prompt"] == "one two three"
    shown = (await author.get(f"/api/templates/{outer['id']}")).body["partials"]
    assert [(each["reference"], each["version_then"], each["version_now"], each["is_changed"]) for each in shown] == [
        ("inner@1", 1, 1, False),
        ("inner@prod", 1, 2, True),
        ("inner", 2, 3, True),
    ]
    assert {each["template_id"] for each in shown} == {inner["id"]}
    fresh = (await save(author, outer, prompt="New: {{> inner}}")).body["partials"]
    assert [(each["version_then"], each["is_changed"]) for each in fresh] == [(3, False)]


async def test_a_change_further_inside_is_a_change_and_no_304_hides_it(make_template: MakeTemplate, author: Person):
    deep = await make_template(name="Deep", prompt="a")
    await make_template(name="Middle", prompt="{{> deep}}")
    outer = await make_template(name="Outer", prompt="{{> middle@1}}")
    before = await author.get(f"/api/templates/{outer['id']}")
    await save(author, deep, prompt="b")
    after = await author.get(f"/api/templates/{outer['id']}", headers={"If-None-Match": before.headers["ETag"]})
    assert [each["is_changed"] for each in before.body["partials"]] == [False]
    assert [(each["version_now"], each["is_changed"]) for each in after.body["partials"]] == [(1, True)]


async def test_a_renamed_partial_is_still_the_one_that_was_meant(make_template: MakeTemplate, author: Person):
    inner = await make_template(name="Inner", prompt="one")
    outer = await make_template(name="Outer", prompt="{{> inner}}")
    await save(author, inner, slug="elsewhere")
    await make_template(name="Inner", prompt="another")
    assert (await rendered(author, outer)).body["prompt"] == "one"
    await save(author, outer, prompt="Still {{> inner}}")
    assert (await rendered(author, outer)).body["prompt"] == "Still one"


# Refusals


async def test_what_does_not_hold_is_refused_and_nothing_is_written(
    make_template: MakeTemplate, author: Person, stranger: Person
):
    inner = await make_template(name="Inner", prompt="x")
    await make_template(name="In Jinja", prompt="x", engine="jinja2")
    await make_template(stranger, name="Theirs", prompt="secret")
    outer = await make_template(name="Outer", prompt="{{> inner}}")
    before = await count()
    for text, code in {
        "{{> nobody}}": "unknown_partial",
        "{{> theirs}}": "unknown_partial",
        "{{> Inner}}": "unknown_partial",
        "{{> inner@2}}": "partial_missing",
        "{{> inner@0}}": "partial_missing",
        "{{> inner@99999999999}}": "partial_missing",
        "{{> inner@gone}}": "partial_missing",
        "{{> in-jinja}}": "partial_missing",
        "{{> outer}}": "partial_cycle",
    }.items():
        assert error_of(await save(author, outer, prompt=text)) == ("prompt", code), text
        assert error_of(await save(author, outer, system_prompt=text)) == ("system_prompt", code), text
        if "outer" not in text:
            assert error_of(await author.post("/api/templates", {**BODY, "prompt": text})) == ("prompt", code), text
    unknown = (await save(author, outer, prompt="{{> nobody}}")).body["errors"][0]["message"]
    hidden = (await save(author, outer, prompt="{{> theirs}}")).body["errors"][0]["message"]
    assert hidden == unknown.replace("nobody", "theirs")
    assert error_of(await save(author, inner, prompt="{{> outer}}")) == ("prompt", "partial_cycle")
    assert "inner → outer → inner" in (await save(author, inner, prompt="{{> outer}}")).body["detail"]
    assert await count() == before


async def test_a_circle_that_a_label_closes_is_told_when_it_is_rendered(
    make_template: MakeTemplate, author: Person, provider: str
):
    inner = await make_template(name="Inner", prompt="x")
    await label(author, inner, "prod", 1)
    outer = await make_template(name="Outer", prompt="{{> inner@prod}}")
    third = await make_template(name="Third", prompt="y")
    await save(author, inner, prompt="{{> third}}")
    await label(author, inner, "prod", 1)
    await save(author, third, prompt="{{> outer}}")
    assert (await rendered(author, outer)).body["prompt"] == "x"
    await label(author, inner, "prod", 2)
    told = await rendered(author, outer)
    assert error_of(told) == ("prompt", "partial_cycle")
    assert "outer → inner → third → outer" in told.body["detail"]
    body = {"model_id": f"{provider}/echo", "template_id": outer["id"]}
    assert error_of(await author.post("/api/prompts/execute", body)) == ("prompt", "partial_cycle")
    shown = (await author.get(f"/api/templates/{outer['id']}")).body["partials"][0]
    assert (shown["is_changed"], shown["version_now"]) == (None, None)
    assert "circle" in shown["problem"]


async def test_partials_go_five_deep(make_template: MakeTemplate, author: Person):
    await make_template(name="Level 0", prompt="end")
    for level in range(1, 6):
        outer = await make_template(name=f"Level {level}", prompt=f"{level} {{{{> level-{level - 1}}}}}")
    assert (await rendered(author, outer)).body["prompt"] == "5 4 3 2 1 end"
    assert error_of(await author.post("/api/templates", {**BODY, "prompt": "{{> level-5}}"})) == (
        "prompt",
        "partial_too_deep",
    )
    known_before = "{{> level-1}} {{> level-2}} {{> level-3}} {{> level-4}} {{> level-5}}"
    assert error_of(await author.post("/api/templates", {**BODY, "prompt": known_before}))[1] == "partial_too_deep"


async def test_what_would_be_too_long_is_refused(make_template: MakeTemplate, author: Person):
    await make_template(name="Long", prompt="x" * 100_000)
    await make_template(name="Longer", prompt="{{> long}}" * 9)
    before = await count()
    refused = await author.post("/api/templates", {**BODY, "prompt": "{{> longer}}" * 1_000})
    assert error_of(refused) == ("prompt", "output_too_large")
    many = "".join(f"{{{{> p{number}}}}}" for number in range(60))
    assert refused.status == 400
    assert error_of(await author.post("/api/templates", {**BODY, "prompt": many}))[0] == "prompt"
    assert await count() == before


# Rights


async def test_public_templates_serve_all_unless_two_have_the_slug(
    make_template: MakeTemplate, author: Person, stranger: Person
):
    await make_template(stranger, name="Common ground", prompt="theirs", is_public=True)
    outer = await make_template(name="Outer", prompt="{{> common-ground}}")
    assert (await rendered(author, outer)).body["prompt"] == "theirs"
    third = Person(author.url, await in_database_thread(_new_user))
    await make_template(third, name="Common ground", prompt="third's", is_public=True)
    refused = await author.post("/api/templates", {**BODY, "prompt": "{{> common-ground}}"})
    assert error_of(refused) == ("prompt", "ambiguous_partial")
    await make_template(name="Common ground", prompt="mine")
    mine = await make_template(prompt="{{> common-ground}}")
    assert (await rendered(author, mine)).body["prompt"] == "mine"
    assert (await rendered(author, outer)).body["prompt"] == "theirs"


def _new_user() -> Any:
    from tests.cast import new_user

    return new_user(name="Third")


async def test_who_may_run_the_whole_may_run_it_with_its_private_parts(
    make_template: MakeTemplate, author: Person, stranger: Person, provider: str
):
    inner = await make_template(name="Private part", prompt="inside")
    outer = await make_template(name="Whole", prompt="{{> private-part}}", is_public=True)
    ran = await stranger.post("/api/prompts/execute", {"model_id": f"{provider}/echo", "template_id": outer["id"]})
    assert ran.body["prompt"] == "inside"
    shown = (await stranger.get(f"/api/templates/{outer['id']}")).body["partials"][0]
    assert (shown["template_id"], shown["version_now"]) == (None, 1)
    assert (await stranger.get(f"/api/templates/{inner['id']}/used-by")).status == 404


@pytest.mark.parametrize("engine", ["plain", "jinja2"])
async def test_a_fork_has_the_text_of_what_is_not_shared(
    make_template: MakeTemplate, author: Person, stranger: Person, engine: str
):
    deep = {"name": "depth", "default_value": "deep", "required": False}
    await make_template(name="Deep", prompt="({{depth}})", variables=[deep], engine=engine)
    await make_template(name="Private part", prompt=r"in {{> deep}} {{x}} \{{> deep}}", engine=engine)
    await make_template(name="Open part", prompt="open", is_public=True, engine=engine)
    await make_template(stranger, name="Private part", prompt="the stranger's own", engine=engine)
    text = r"{{> private-part}} {{> open-part}} {{> private-part@1}} \{{> open-part}}"
    outer = await make_template(name="Whole", prompt=text, is_public=True, engine=engine)
    wanted = (await rendered(author, outer, x="1")).body["prompt"]
    answer = await stranger.post(f"/api/templates/{outer['id']}/fork")
    assert answer.status == 201, answer.body
    forked = answer.body
    assert [each["reference"] for each in forked["partials"]] == ["open-part"]
    assert {"depth", "x"} <= set(forked["variables"])
    assert (await rendered(stranger, forked, x="1")).body["prompt"] == wanted
    (version,) = (await stranger.get(f"/api/templates/{forked['id']}/versions")).body["results"]
    assert version["note"].endswith("stand in it as text: private-part, private-part@1.")
    assert (await author.post(f"/api/templates/{outer['id']}/fork")).body["prompt"] == text


async def test_a_fork_names_every_partial_that_is_gone(make_template: MakeTemplate, author: Person, stranger: Person):
    parts = [await make_template(name=name, prompt="x") for name in ("One", "Two", "Three")]
    outer = await make_template(
        name="Whole", prompt="{{> one}} {{> two}} {{> three}}", system_prompt="{{> two}}", is_public=True
    )
    for part in parts[:2]:
        await author.call("DELETE", f"/api/templates/{part['id']}")
    before = await count()
    answer = await stranger.post(f"/api/templates/{outer['id']}/fork")
    assert (answer.status, answer.body["code"]) == (400, "partial_missing")
    assert [each["field"] for each in answer.body["errors"]] == ["prompt", "prompt", "system_prompt"]
    assert "partial one " in answer.body["detail"]
    assert "partial two " in answer.body["detail"]
    assert await count() == before


async def test_partials_of_another_engine_are_named_all_at_once_with_both_engines(
    make_template: MakeTemplate, author: Person
):
    await make_template(name="One", prompt="x", engine="jinja2")
    await make_template(name="Two", prompt="x", engine="jinja2")
    body = {**BODY, "prompt": "{{> one}} {{> two}}", "system_prompt": "{{> two}}"}
    answer = await author.post("/api/templates", body)
    assert answer.status == 400
    assert [each["field"] for each in answer.body["errors"]] == ["prompt", "prompt", "system_prompt"]
    for error, name in zip(answer.body["errors"], ("one", "two", "two"), strict=True):
        for word in (name, "plain", "jinja2"):
            assert word in error["message"]


async def test_an_editor_goes_on_with_what_only_the_owner_sees(
    make_template: MakeTemplate, author: Person, stranger: Person
):
    await make_template(name="Private part", prompt="inside")
    await make_template(name="Another part", prompt="hidden")
    outer = await make_template(name="Whole", prompt="{{> private-part}}")
    assert stranger.user is not None
    members = [{"user_id": str(stranger.user.id), "role": "editor"}]
    shared = {"visibility": "shared", "members": members}
    assert (await author.call("PUT", f"/api/templates/{outer['id']}/share", shared)).status == 200
    assert (await save(stranger, outer, prompt="More {{> private-part}}")).status == 200
    assert (await rendered(author, outer)).body["prompt"] == "More inside"
    assert error_of(await save(stranger, outer, prompt="{{> another-part}}")) == ("prompt", "unknown_partial")


async def test_a_partial_that_is_gone_is_named(
    make_template: MakeTemplate, author: Person, stranger: Person, provider: str
):
    theirs = await make_template(stranger, name="Lent", prompt="x", is_public=True)
    outer = await make_template(name="Outer", prompt="{{> lent}}")
    await save(stranger, theirs, is_public=False)
    told = await rendered(author, outer)
    assert error_of(told) == ("prompt", "partial_missing")
    assert "lent" in told.body["detail"]
    own = await make_template(name="Own", prompt="x")
    other = await make_template(name="Other", prompt="{{> own}}")
    await author.call("DELETE", f"/api/templates/{own['id']}")
    assert error_of(await rendered(author, other)) == ("prompt", "partial_missing")
    body = {"model_id": f"{provider}/echo", "template_id": other["id"]}
    assert error_of(await author.post("/api/prompts/execute", body)) == ("prompt", "partial_missing")
    assert await in_database_thread(PromptExecution.objects.filter(user=author.user).count) == 0
    await author.post(f"/api/templates/{own['id']}/undelete")
    assert (await rendered(author, other)).body["prompt"] == "x"


async def test_used_by_tells_what_the_asker_may_see(make_template: MakeTemplate, author: Person, stranger: Person):
    inner = await make_template(name="Shared part", prompt="x", is_public=True)
    mine = await make_template(name="Mine", prompt="{{> shared-part@1}}")
    await save(author, mine, prompt="no partial")
    await label(author, mine, "prod", 1)
    await make_template(stranger, name="Theirs", prompt="{{> shared-part}}")
    used = (await author.get(f"/api/templates/{inner['id']}/used-by")).body
    assert used["count"] == 1
    assert {name: used["results"][0][name] for name in ("id", "version", "reference", "is_current")} == {
        "id": mine["id"],
        "version": 1,
        "reference": "shared-part@1",
        "is_current": False,
    }
    theirs = (await stranger.get(f"/api/templates/{inner['id']}/used-by")).body["results"]
    assert [each["name"] for each in theirs] == ["Theirs"]


# Runs, files and pages


async def test_a_run_remembers_what_it_was_made_of(make_template: MakeTemplate, author: Person, provider: str):
    deep = await make_template(name="Deep", prompt="deep {{x}}")
    middle = await make_template(name="Middle", prompt="mid {{> deep}}")
    outer = await make_template(name="Outer", prompt="out {{> middle}}")
    body = {"model_id": f"{provider}/echo", "template_id": outer["id"], "variables": {"x": "1"}}
    ran = (await author.post("/api/prompts/execute", body)).body
    assert ran["prompt"] == "out mid deep 1"
    assert ran["template"]["partials"] == [{"id": middle["id"], "version": 1}, {"id": deep["id"], "version": 1}]
    assert (await author.get(f"/api/executions/{ran['id']}")).body == ran
    again = (await author.post(f"/api/executions/{ran['id']}/replay", {})).body
    assert (again["prompt"], again["template"]) == (ran["prompt"], ran["template"])
    bundle = await author.get(f"/api/sessions/{ran['session_id']}/export?format=json")
    back = await author.post("/api/sessions/import", bundle.body)
    assert back.status == 201, back.body
    assert back.body["executions"] == 2


async def test_code_is_exported_whole_and_documents_keep_the_reference(
    make_template: MakeTemplate, author: Person, stranger: Person
):
    inner = await make_template(name="Zulu part", prompt="inside {{x}}")
    outer = await make_template(name="Alpha whole", prompt="out {{> zulu-part}}")
    code = await author.get(f"/api/templates/{outer['id']}/export?format=request-json&model_id=openai/gpt-4o")
    assert code.status == 200
    config = await _text(author, f"/api/templates/{outer['id']}/export?format=promptfoo&model_id=openai/gpt-4o")
    assert "inside" in config
    assert "{{>" not in config
    whole = await author.get(f"/api/templates/export?ids={inner['id']},{outer['id']}")
    entries = {each["name"]: each for each in whole.body["templates"]}
    assert entries["Alpha whole"]["versions"][0]["prompt"] == "out {{> zulu-part}}"
    assert entries["Zulu part"]["slug"] == "zulu-part"
    rehearsed = await stranger.post("/api/templates/import?dry_run=true", whole.body)
    assert (rehearsed.status, rehearsed.body["created"]) == (200, 2)
    assert {each["id"] for each in rehearsed.body["entries"]} == {None}
    assert (await stranger.get("/api/templates?owner=me")).body["count"] == 0
    taken = await stranger.post("/api/templates/import", whole.body)
    made = {each["name"]: each["id"] for each in taken.body["entries"]}
    shown = await rendered(stranger, {"id": made["Alpha whole"]}, x="1")
    assert shown.body["prompt"] == "out inside 1"
    alone = (await author.get(f"/api/templates/{outer['id']}/export?format=json")).body
    third = Person(author.url, await in_database_thread(_new_user))
    for query in ("?dry_run=true", ""):
        refused = await third.post(f"/api/templates/import{query}", alone)
        assert error_of(refused) == ("templates.0.versions.0.prompt", "unknown_partial")
    assert (await third.get("/api/templates?owner=me")).body["count"] == 0


async def _text(person: Person, path: str) -> str:
    import aiohttp

    async with aiohttp.ClientSession() as session, session.get(person.url + path, headers=person.headers) as response:
        assert response.status == 200
        text = await response.text()
        yaml.safe_load(text)
        return text


async def test_pages_show_what_a_template_is_made_of(
    make_template: MakeTemplate, author: Person, browser_of: BrowserOf
):
    browser = await in_database_thread(browser_of, author)
    inner = await make_template(name="Inner part", prompt="inside {{wish}}")
    outer = await make_template(name="Outer", prompt="out {{> inner-part}}")
    page = (await browser.get(f"/templates/{outer['id']}")).text
    assert "inner-part" in page
    assert 'name="variables.wish"' in page
    assert "changed since" not in page
    await save(author, inner, prompt="other {{wish}}")
    assert "changed since" in (await browser.get(f"/templates/{outer['id']}")).text
    uses = (await browser.get(f"/templates/{inner['id']}/uses")).text
    assert ">Outer</a>" in uses
    assert "as inner-part, in version 1" in uses
    assert 'name="variables.wish"' in (await browser.get(f"/?template={outer['id']}")).text
    editor = (await browser.get(f"/templates/{outer['id']}/edit")).text
    assert 'value="outer"' in editor
    assert "other [wish]" in editor
