"""The library: search with ranking, filters, orders, facets; shares; documents in and out; starters."""

from __future__ import annotations

import uuid
from urllib.parse import quote

import aiohttp
import pytest
import yaml

from accounts.models import Team
from foundation.database.threads import in_database_thread
from templates_app.content import Content
from templates_app.export_code.formats import FORMATS
from templates_app.models import PromptTemplate
from templates_app.starter.library import starter_templates
from templates_app.starter.loading import load
from templates_app.versions import lifecycle
from tests.cast import Person, new_user
from tests.servers.service import Service
from tests.templates_app.conftest import MakeTemplate


async def found(person: Person, query: str) -> list[str]:
    """Names of the templates that a query gives, in its order."""
    answer = await person.get(f"/api/templates?{query}")
    assert answer.status == 200, answer.body
    return [each["name"] for each in answer.body["results"]]


@pytest.fixture
def curator(service: Service) -> Person:
    """Somebody who takes care of the library."""
    return Person(service.url, new_user(name="Curator", roles=["curator"]))


async def test_search_ranks_names_over_descriptions_over_texts(make_template: MakeTemplate, author: Person):
    await make_template(name="Elsewhere", description="nothing", prompt="Zebras graze by the river")
    await make_template(name="About", description="All on zebras", prompt="x")
    await make_template(name="Zebra facts", description="nothing", prompt="x")
    assert await found(author, "search=zebra") == ["Zebra facts", "About", "Elsewhere"]
    assert await found(author, "search=zeb") == ["Zebra facts", "About"]  # sealed words are found whole only
    assert await found(author, "search=zebra+river") == ["Elsewhere"]
    assert await found(author, "search=grazing") == ["Elsewhere"]
    assert await found(author, "search=the") == ["Elsewhere"]
    for odd in ("%27%3B--", "a%26%7C!%3A*", "%25", "%5C", "'", "a" * 400):
        assert (await author.get(f"/api/templates?search={odd}")).status == 200, odd


async def test_what_is_found_follows_a_change(make_template: MakeTemplate, author: Person):
    made = await make_template(prompt="Alpha")
    await author.call("PATCH", f"/api/templates/{made['id']}", {"prompt": "Beta"})
    assert (await found(author, "search=alpha"), await found(author, "search=beta")) == ([], ["Welcome"])


async def test_a_search_tells_nothing_of_others_texts(make_template: MakeTemplate, stranger: Person, author: Person):
    await make_template(prompt="hidden treasure")
    assert await found(stranger, "search=treasure") == []
    await make_template(name="Open", prompt="hidden treasure", is_public=True)
    assert await found(stranger, "search=treasure") == ["Open"]


async def test_filters_and_orders(make_template: MakeTemplate, author: Person, stranger: Person):
    first = await make_template(name="First", category="One", tags=["x"])
    second = await make_template(name="Second", category="Two", tags=["x", "y"], is_public=True)
    await stranger.post(f"/api/templates/{second['id']}/rate", {"rating": 5})
    await author.post(f"/api/templates/{first['id']}/rate", {"rating": 2})
    await author.call("PUT", f"/api/templates/{first['id']}/labels/production", {"version": 1})
    await author.call("PUT", f"/api/templates/{first['id']}/favourite")
    mine = "owner=me&"
    for query, expected in {
        "category=One": ["First"],
        "tag=x&ordering=name": ["First", "Second"],
        "tag=y": ["Second"],
        "visibility=public": ["Second"],
        "label=production": ["First"],
        "favourite=true": ["First"],
        "favourite=false": ["Second"],
        "ordering=-rating": ["Second", "First"],
        "ordering=name": ["First", "Second"],
        "ordering=-updated_at": ["First", "Second"],
        "ordering=-relevance": ["First", "Second"],
    }.items():
        assert await found(author, mine + query) == expected, query
    assert await found(stranger, f"owner={author.user and author.user.id}") == ["Second"]
    odd = {"ordering=size": "ordering", "colour=red": "colour", "owner=123": "owner", "favourite=5": "favourite"}
    for query, field in odd.items():
        refused = await author.get(f"/api/templates?{query}")
        assert (refused.status, refused.body["errors"][0]["field"]) == (400, field)
    categories = {each["name"]: each["count"] for each in (await author.get("/api/templates/categories")).body}
    assert categories["One"] == categories["Two"] == 1
    tags = {each["name"]: each["count"] for each in (await author.get("/api/templates/tags")).body}
    assert (tags["x"], tags["y"]) == (2, 1)


async def test_a_share_opens_and_closes_a_template(make_template: MakeTemplate, author: Person, stranger: Person):
    made = await make_template()
    address, share = f"/api/templates/{made['id']}", f"/api/templates/{made['id']}/share"
    them = {"user_id": str(stranger.user and stranger.user.id)}
    refused = await author.call("PUT", share, {"visibility": "private", "members": [them]})
    assert refused.body["errors"][0]["field"] == "visibility"
    await author.call("PUT", share, {"visibility": "shared", "members": [{**them, "role": "viewer"}]})
    assert (await stranger.get(address)).body["role"] == "viewer"
    assert (await stranger.call("PATCH", address, {"name": "x"})).status == 403
    assert (await stranger.post(f"{address}/restore", {"version": 1})).status == 403
    assert (await stranger.call("PUT", f"{address}/labels/production", {"version": 1})).status == 403
    await author.call("PUT", share, {"visibility": "shared", "members": [{**them, "role": "editor"}]})
    assert (await stranger.call("PATCH", address, {"name": "Ours"})).body["role"] == "editor"
    assert (await stranger.call("PATCH", address, {"is_public": True})).status == 403
    assert (await stranger.call("PUT", share, {"visibility": "public"})).status == 403
    assert (await stranger.call("DELETE", address)).status == 403
    await author.call("PUT", share, {"visibility": "private"})
    assert (await stranger.get(address)).status == 404


async def test_a_team_shares_and_who_leaves_it_sees_nothing(
    make_template: MakeTemplate, author: Person, stranger: Person
):
    def team() -> Team:
        made = Team.objects.create(name=f"Team {uuid.uuid4().hex[:6]}")
        made.members.set([author.user, stranger.user])  # type: ignore[list-item]
        return made

    ours = await in_database_thread(team)
    made = await make_template()
    member = {"team_id": str(ours.id), "role": "editor"}
    await author.call("PUT", f"/api/templates/{made['id']}/share", {"visibility": "shared", "members": [member]})
    assert (await stranger.get(f"/api/templates/{made['id']}")).body["role"] == "editor"
    await in_database_thread(lambda: ours.members.remove(stranger.user))  # type: ignore[arg-type]
    assert (await stranger.get(f"/api/templates/{made['id']}")).status == 404


async def test_a_curator_takes_care_of_public_templates_only(
    make_template: MakeTemplate, author: Person, stranger: Person, curator: Person
):
    hidden, shown = await make_template(), await make_template(is_public=True)
    assert (await curator.get(f"/api/templates/{hidden['id']}")).status == 404
    address = f"/api/templates/{shown['id']}"
    assert (await curator.call("PATCH", address, {"category": "Cared for"})).body["role"] == "curator"
    withdrawn = await curator.call("PUT", f"{address}/share", {"visibility": "private"})
    assert withdrawn.body["visibility"] == "private"
    assert (await stranger.get(address)).status == 404
    assert (await curator.get(address)).status == 200
    for back in (("PUT", f"{address}/share", {"visibility": "public"}), ("PATCH", address, {"is_public": True})):
        assert (await author.call(*back)).status == 403
    await curator.call("PUT", f"{address}/share", {"visibility": "public"})
    assert (await stranger.get(address)).status == 200


@pytest.mark.parametrize("kind", ["json", "yaml"])
async def test_a_library_travels_whole(make_template: MakeTemplate, author: Person, stranger: Person, kind: str):
    variables = [{"name": "n", "type": "number", "default_value": 5, "description": "Über: 'x'"}]
    made = await make_template(prompt="A {{n}}\n  : #x\n", variables=variables, default_parameters={"top_p": 0.5})
    await author.call("PATCH", f"/api/templates/{made['id']}", {"prompt": "B {{n}}"})
    await author.call("PUT", f"/api/templates/{made['id']}/labels/production", {"version": 1})

    async def exported(person: Person) -> bytes:
        url = f"{person.url}/api/templates/export?format={kind}"
        async with aiohttp.ClientSession() as client, client.get(url, headers=person.headers) as response:
            assert response.status == 200
            return await response.read()

    body, headers = await exported(author), {"Content-Type": f"application/{kind}"}
    planned = await stranger.post("/api/templates/import?dry_run=true", data=body, headers=headers)
    assert [each["action"] for each in planned.body["entries"]] == ["create"]
    assert await found(stranger, "owner=me") == []
    done = await stranger.post("/api/templates/import", data=body, headers=headers)
    assert (done.body["created"], done.body["updated"], done.body["skipped"]) == (1, 0, 0)
    again = yaml.safe_load(await exported(stranger))
    before = yaml.safe_load(body)
    for shape in (again, before):
        del shape["templates"][0]["id"]
    assert [each.pop("created_at") for each in before["templates"][0]["versions"]]
    assert [each.pop("created_at") for each in again["templates"][0]["versions"]]
    assert again == before
    repeated = await stranger.post("/api/templates/import", data=body, headers=headers)
    told = repeated.body["entries"][0]
    assert (told["action"], repeated.body["skipped"]) == ("skip", 1)
    assert "It was imported before, on" in told["reason"]


async def test_an_import_of_ones_own_adds_versions_and_overwrites_nothing(make_template: MakeTemplate, author: Person):
    made = await make_template()
    shape = (await author.get(f"/api/templates/{made['id']}/export")).body
    same = (await author.post("/api/templates/import", shape)).body
    assert same["entries"][0]["action"] == "skip"
    shape["templates"][0]["versions"].append({"number": 2, "prompt": "New {{x}}", "note": "from afar"})
    shape["templates"][0]["name"] = "Other name"
    done = (await author.post("/api/templates/import", shape)).body
    assert (done["updated"], done["entries"][0]["id"]) == (1, made["id"])
    now = (await author.get(f"/api/templates/{made['id']}")).body
    assert (now["version"], now["prompt"], now["name"]) == (2, "New {{x}}", "Welcome")
    assert (await author.get(f"/api/templates/{made['id']}?version=1")).body["prompt"] == made["prompt"]


@pytest.mark.django_db
def test_the_starter_library_is_loaded_once_and_overwrites_nobody():
    assert load().added == len(starter_templates()) >= 50
    assert load().added == 0
    touched, stale, deleted = PromptTemplate.objects.exclude(starter_key=None).select_related("current")[:3]
    owner = touched.owner
    assert owner.has_usable_password() is False
    assert owner.is_active is False
    change = lifecycle.Change({}, Content("Changed by somebody"))
    lifecycle.save(user=owner, template_id=touched.id, change_of=lambda _: change)
    # As if an earlier release had loaded another text.
    earlier = lifecycle.Change({}, Content("Text of an earlier release"))
    lifecycle.save(user=owner, template_id=stale.id, change_of=lambda _: earlier)
    PromptTemplate.objects.filter(id=stale.id).update(starter_hash=earlier.content.hash)  # type: ignore[union-attr]
    lifecycle.delete(user=owner, template_id=deleted.id)
    done = load()
    assert (done.added, done.updated) == (0, 1)
    assert PromptTemplate.objects.get(id=touched.id).content.prompt == "Changed by somebody"
    updated = PromptTemplate.objects.get(id=stale.id)
    assert updated.content.prompt != "Text of an earlier release"
    assert updated.versions.count() == 3
    assert PromptTemplate.objects.get(id=deleted.id).deleted_at is not None


async def test_code_for_production_is_told_for_one_version(make_template: MakeTemplate, author: Person, provider: str):
    made = await make_template(prompt="Say {{x}}")
    await author.call("PATCH", f"/api/templates/{made['id']}", {"prompt": "Sing {{x}}"})
    await author.call("PUT", f"/api/templates/{made['id']}/labels/production", {"version": 1})
    body = {"model_id": f"{provider}/echo", "template_id": made["id"], "version": 1, "variables": {"x": "a"}}
    await author.post("/api/prompts/execute", body)
    address = f"{author.url}/api/templates/{made['id']}/export?format="
    async with aiohttp.ClientSession(headers=author.headers) as client:
        for name in FORMATS:
            async with client.get(f"{address}{name}&label=production") as response:
                text = await response.text()
                assert response.status == 200, text
                assert "attachment" in response.headers["Content-Disposition"]
                assert "Sing" not in text
                assert "echo" in text
    for wrong in (
        "format=cobol",
        "format=curl&version=1&label=production",
        "format=curl&model_id=x",
        "format=curl&a=b",
    ):
        assert (await author.get(f"/api/templates/{made['id']}/export?{wrong}")).status == 400, wrong
    assert (await author.get(f"/api/templates/{made['id']}/export?format=curl&version=9")).status == 404


async def test_a_file_is_called_as_its_template_in_any_script(make_template: MakeTemplate, author: Person):
    made = await make_template(name="日本語の要約", prompt="Say {{x}}")
    names = {"json": ("export.json", "日本語の要約.json"), "python-openai": ("prompt_v1.py", "日本語の要約_v1.py")}
    async with aiohttp.ClientSession(headers=author.headers) as client:
        for kind, (plain, whole) in names.items():
            async with client.get(f"{author.url}/api/templates/{made['id']}/export?format={kind}") as response:
                header = response.headers["Content-Disposition"]
                assert header == f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(whole)}"
