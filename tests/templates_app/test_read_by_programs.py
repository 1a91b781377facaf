"""What programs find templates by and read them with: slugs, and texts that are whole."""

from __future__ import annotations

from typing import Any

from foundation.database.threads import in_database_thread
from tests.cast import Person, new_user
from tests.servers.service import Service
from tests.templates_app.conftest import MakeTemplate


async def named(person: Person, slug: str, more: str = "") -> list[dict[str, Any]]:
    """The templates of that slug that a person sees."""
    answer = await person.get(f"/api/templates?slug={slug}{more}")
    assert answer.status == 200, answer.body
    return list(answer.body["results"])


async def test_a_slug_finds_one_s_own_template(author: Person, make_template: MakeTemplate):
    made = await make_template()
    await make_template(name="Welcome back")
    assert [each["id"] for each in await named(author, "welcome")] == [made["id"]]
    assert await named(author, "welc") == []


async def test_a_slug_finds_what_others_have_published_and_nothing_else(
    author: Person, stranger: Person, service: Service, make_template: MakeTemplate
):
    publisher = await in_database_thread(new_user)
    other = Person(service.url, publisher)
    await make_template()
    public = await make_template(other, is_public=True)
    mine = await make_template(stranger)
    assert {each["id"] for each in await named(stranger, "welcome")} == {public["id"], mine["id"]}
    assert [each["id"] for each in await named(stranger, "welcome", "&owner=me")] == [mine["id"]]
    assert [each["id"] for each in await named(author, "welcome", f"&owner={publisher.id}")] == [public["id"]]


async def test_what_is_no_slug_is_told(author: Person):
    answer = await author.get("/api/templates?slug=Not%20a%20slug")
    assert answer.status == 400
    assert [each["field"] for each in answer.body["errors"]] == ["slug"]


async def test_texts_come_whole_with_those_of_their_partials(author: Person, make_template: MakeTemplate):
    await make_template(name="Tone", prompt="Be {{mood}}. \\{{mood}}")
    made = await make_template(name="Whole", prompt="{{> tone}} Greet {{name}}.", system_prompt="{{> tone}}")
    plain = (await author.get(f"/api/templates/{made['id']}")).body
    whole = (await author.get(f"/api/templates/{made['id']}?expanded=true")).body
    assert plain["prompt"] == "{{> tone}} Greet {{name}}."
    assert whole["prompt"] == "Be {{mood}}. \\{{mood}} Greet {{name}}."
    assert whole["system_prompt"] == "Be {{mood}}. \\{{mood}}"
    assert whole["variables"] == plain["variables"] == ["name", "mood"]
    changing = {"prompt", "system_prompt"}
    assert {**whole, **dict.fromkeys(changing)} == {**plain, **dict.fromkeys(changing)}


async def test_turns_come_whole_too_and_a_version_as_it_was(author: Person, make_template: MakeTemplate):
    await make_template(name="Tone", prompt="Be kind.")
    turns = [{"role": "system", "content": "{{> tone}}"}, {"role": "user", "content": "Greet {{name}}."}]
    made = (await author.post("/api/templates", {"name": "Turns", "category": "C", "messages": turns})).body
    await author.call("PATCH", f"/api/templates/{made['id']}", {"messages": [turns[1]]})
    whole = (await author.get(f"/api/templates/{made['id']}?expanded=true&version=1")).body
    assert whole["messages"] == [{"role": "system", "content": "Be kind."}, turns[1]]


async def test_a_partial_that_is_gone_is_named(author: Person, make_template: MakeTemplate):
    tone = await make_template(name="Tone", prompt="Be kind.")
    made = await make_template(name="Whole", prompt="{{> tone}}")
    await author.call("DELETE", f"/api/templates/{tone['id']}")
    answer = await author.get(f"/api/templates/{made['id']}?expanded=true")
    assert (answer.status, answer.body["code"]) == (400, "partial_missing")
    assert (await author.get(f"/api/templates/{made['id']}")).status == 200
