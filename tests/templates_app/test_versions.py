"""Templates over REST: every save is a version, nothing is lost, labels point where they were put."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from foundation.database.threads import in_database_thread
from templates_app.models import PromptTemplate, TemplateVersion
from tests.cast import Person
from tests.templates_app.conftest import BODY, MakeTemplate


def at(template: dict[str, Any], rest: str = "") -> str:
    """The template's address."""
    return f"/api/templates/{template['id']}{rest}"


async def test_a_new_template_has_the_shape_of_the_contract(make_template: MakeTemplate, author: Person):
    made = await make_template(default_parameters={"temperature": 0.2}, is_public=True)
    assert made["variables"] == ["name", "language"]
    assert made["variable_definitions"][0] == {
        "name": "name", "type": "string", "description": "", "required": True, "validation_rules": [],
    }  # fmt: skip
    assert (made["version"], made["current_version"], made["engine"]) == (1, 1, "plain")
    assert (made["is_public"], made["visibility"]) == (True, "public")
    assert (made["usage_count"], made["rating"], made["ratings_count"]) == (0, 0, 0)
    assert made["default_parameters"] == {"temperature": 0.2}
    assert made["labels"] == {}
    assert made["forked_from"] is None
    assert made["role"] == "owner"
    assert made["created_by"] == made["owner"]["id"] == str(author.user and author.user.id)
    assert len(made["content_hash"]) == 64
    assert all(finding["rule"] and finding["advice"] for finding in made["lint"])


async def test_a_save_with_other_content_is_a_version_and_one_with_the_same_is_none(
    make_template: MakeTemplate, author: Person
):
    made = await make_template()
    same = await author.call("PATCH", at(made), {"prompt": BODY["prompt"]})
    assert (same.status, same.body["version"]) == (200, 1)
    renamed = await author.call("PATCH", at(made), {"name": "Other"})
    assert (renamed.body["version"], renamed.body["name"]) == (1, "Other")
    changed = await author.call("PATCH", at(made), {"prompt": "Bye {{name}}", "note": "shorter"})
    assert changed.body["version"] == 2
    listed = (await author.get(at(made, "/versions"))).body
    assert [each["version"] for each in listed["results"]] == [2, 1]
    assert listed["results"][0]["note"] == "shorter"
    assert listed["results"][0]["success_rate"] is None
    old = await author.get(at(made, "?version=1"))
    assert (old.body["prompt"], old.body["current_version"]) == (BODY["prompt"], 2)


async def test_put_replaces_and_patch_changes(make_template: MakeTemplate, author: Person):
    made = await make_template(system_prompt="Be kind.", default_parameters={"temperature": 1})
    patched = await author.call("PATCH", at(made), {"default_parameters": {"top_p": 0.5}})
    assert patched.body["system_prompt"] == "Be kind."
    assert patched.body["default_parameters"] == {"top_p": 0.5}
    missing = await author.call("PUT", at(made), {"prompt": "x"})
    assert missing.status == 400
    assert {error["field"] for error in missing.body["errors"]} == {"name", "category"}
    replaced = await author.call("PUT", at(made), {"name": "N", "category": "C", "prompt": "x {{name}}"})
    assert replaced.body["system_prompt"] is None
    assert replaced.body["default_parameters"] == {}
    assert replaced.body["tags"] == []
    assert replaced.body["variables"] == ["name"]


async def test_a_stale_if_match_is_a_412_with_what_is_there_now(make_template: MakeTemplate, author: Person):
    made = await make_template()
    tag = (await author.get(at(made))).headers["ETag"]
    assert (await author.call("PATCH", at(made), {"prompt": "two"}, headers={"If-Match": tag})).status == 200
    late = await author.call("PATCH", at(made), {"prompt": "three"}, headers={"If-Match": tag})
    assert (late.status, late.body["code"]) == (412, "stale")
    assert late.body["current"]["prompt"] == "two"
    assert (await author.call("PATCH", at(made), {"prompt": "three"}, headers={"If-Match": "*"})).status == 200


async def test_f25_of_two_who_save_at_once_the_second_gets_both_texts(make_template: MakeTemplate, author: Person):
    made = await make_template()
    saves = [author.call("PATCH", at(made), {"prompt": f"Text {number}", "base_version": 1}) for number in range(2)]
    first, second = sorted(await asyncio.gather(*saves), key=lambda answer: answer.status)
    assert (first.status, second.status) == (200, 409)
    assert second.body["current"]["prompt"] == first.body["prompt"]
    assert {second.body["current"]["prompt"], second.body["yours"]["prompt"]} == {"Text 0", "Text 1"}
    assert await in_database_thread(TemplateVersion.objects.filter(template_id=made["id"]).count) == 2


async def test_f25_twenty_saves_at_once_are_twenty_versions(make_template: MakeTemplate, author: Person):
    made = await make_template()
    saves = [author.call("PATCH", at(made), {"prompt": f"Text {number}"}) for number in range(20)]
    assert {answer.status for answer in await asyncio.gather(*saves)} == {200}
    numbers = (await author.get(at(made, "/versions?page_size=50"))).body["results"]
    assert [each["version"] for each in numbers] == list(range(21, 0, -1))


async def test_an_etag_answers_304_until_something_changes(make_template: MakeTemplate, author: Person):
    made = await make_template()
    tag = (await author.get(at(made))).headers["ETag"]
    assert (await author.get(at(made), headers={"If-None-Match": tag})).status == 304
    await author.call("PUT", at(made, "/labels/production"), {"version": 1})
    assert (await author.get(at(made), headers={"If-None-Match": tag})).status == 200


async def test_words_that_changed_are_told(make_template: MakeTemplate, author: Person):
    made = await make_template(prompt="Greet {{name}} kindly.\nEnd.")
    variables = [{"name": "name", "type": "string", "description": "Whom"}]
    await author.call("PATCH", at(made), {"prompt": "Greet {{name}} briefly.\nEnd.", "variables": variables})
    saved = await author.call("PATCH", at(made), {"variables": variables})
    assert saved.body["version"] == 2, saved.body
    told = (await author.get(at(made, "/diff?from=1&to=2"))).body
    assert (told["from"], told["to"]) == (1, 2)
    assert told["changes"]["prompt"] == [
        {"op": "equal", "text": "Greet {{name}} "},
        {"op": "delete", "text": "kindly"},
        {"op": "insert", "text": "briefly"},
        {"op": "equal", "text": ".\nEnd."},
    ]
    assert told["changes"]["variables"]["changed"]["name"]["to"]["description"] == "Whom"
    assert (await author.get(at(made, "/diff?from=1&to=9"))).status == 404
    assert (await author.get(at(made, "/diff?from=1"))).body["errors"][0]["field"] == "to"


async def test_restoring_makes_a_new_version(make_template: MakeTemplate, author: Person):
    made = await make_template()
    await author.call("PATCH", at(made), {"prompt": "Other"})
    restored = await author.post(at(made, "/restore"), {"version": 1})
    assert (restored.body["version"], restored.body["prompt"]) == (3, BODY["prompt"])
    assert restored.body["content_hash"] == made["content_hash"]
    assert (await author.post(at(made, "/restore"), {"version": 77})).status == 404


async def test_a_label_moves_with_history_and_rolls_back_step_by_step(make_template: MakeTemplate, author: Person):
    made = await make_template()
    for text in ("two", "three"):
        await author.call("PATCH", at(made), {"prompt": text})
    for number in (1, 2, 3):
        moved = await author.call("PUT", at(made, "/labels/production"), {"version": number})
    assert (moved.body["version"], moved.body["previous_version"]) == (3, 2)
    assert moved.body["moved_by"]["name"] == "Author"
    for expected in (2, 1):
        back = await author.post(at(made, "/labels/production/rollback"))
        assert (back.status, back.body["version"]) == (200, expected)
    nothing = await author.post(at(made, "/labels/production/rollback"))
    assert (nothing.status, nothing.body["code"]) == (409, "nothing_to_roll_back")
    history = (await author.get(at(made, "/labels/production/history"))).body["results"]
    assert [each["version"] for each in history] == [1, 2, 3, 2, 1]
    asked = await author.get(at(made, "?label=production"))
    assert (asked.body["version"], asked.body["prompt"]) == (1, BODY["prompt"])
    assert (await author.call("DELETE", at(made, "/labels/production"))).status == 204
    assert (await author.get(at(made, "?label=production"))).status == 404
    assert (await author.get(at(made, "/labels"))).body == []
    assert len((await author.get(at(made, "/labels/production/history"))).body["results"]) == 6


async def test_what_production_calls_follows_a_move_at_once(make_template: MakeTemplate, author: Person):
    made = await make_template()
    await author.call("PATCH", at(made), {"prompt": "two"})
    for _ in range(5):
        for number, text in ((1, BODY["prompt"]), (2, "two")):
            await author.call("PUT", at(made, "/labels/production"), {"version": number})
            readers = [author.get(at(made, "?label=production")) for _ in range(8)]
            assert {answer.body["prompt"] for answer in await asyncio.gather(*readers)} == {text}


@pytest.mark.parametrize("label", ["Production", "1st", "a" * 51, "ä", "a%20b"])
async def test_what_is_no_label_is_refused(make_template: MakeTemplate, author: Person, label: str):
    made = await make_template()
    refused = await author.call("PUT", at(made, f"/labels/{label}"), {"version": 1})
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "label")


async def test_a_deleted_template_can_be_brought_back(make_template: MakeTemplate, author: Person, stranger: Person):
    made = await make_template(is_public=True)
    gone = await author.call("DELETE", at(made))
    assert gone.status == 204
    assert at(made, "/undelete") in gone.headers["Link"]
    for person in (author, stranger):
        assert (await person.get(at(made))).status == 404
    assert (await author.get("/api/templates?owner=me")).body["count"] == 0
    assert (await stranger.post(at(made, "/undelete"))).status == 404
    assert (await author.post(at(made, "/undelete"))).status == 200
    assert (await stranger.get(at(made))).status == 200


async def test_a_fork_is_private_and_knows_its_origin(make_template: MakeTemplate, author: Person, stranger: Person):
    made = await make_template(is_public=True)
    forked = (await stranger.post(at(made, "/fork"))).body
    assert forked["forked_from"] == {"id": made["id"], "version": 1}
    assert (forked["role"], forked["visibility"], forked["version"]) == ("owner", "private", 1)
    assert forked["content_hash"] == made["content_hash"]
    assert (await author.get(f"/api/templates/{forked['id']}")).status == 404


async def test_texts_are_sealed_in_the_database_and_in_the_cache(make_template: MakeTemplate, author: Person):
    made = await make_template(prompt="canaryword {{name}}", system_prompt="canaryword too")
    await author.get(at(made))
    assert (await author.get("/api/templates?search=canaryword")).body["count"] == 1

    def raw() -> bytes:
        from django.conf import settings
        from django.db import connection
        from redis import Redis

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT t::text || v::text FROM prompt_templates t JOIN template_versions v ON v.template_id = t.id"
            )
            rows = "".join(row[0] for row in cursor.fetchall())
        redis = Redis.from_url(settings.REDIS_URL)
        kept: list[Any] = [redis.get(key) for key in redis.keys("*template*")]
        assert any(kept)
        return rows.encode() + b"".join(filter(None, kept))

    assert b"canary" not in await in_database_thread(raw)


async def test_counters_of_ratings_are_exact(make_template: MakeTemplate, author: Person, stranger: Person):
    made = await make_template(is_public=True)
    calls = [person.post(at(made, "/rate"), {"rating": value}) for person in (author, stranger) for value in (1, 5, 3)]
    assert {answer.status for answer in await asyncio.gather(*calls)} == {200}
    await author.post(at(made, "/rate"), {"rating": 5})
    last = (await stranger.post(at(made, "/rate"), {"rating": 4})).body
    assert last == {"rating": 4.5, "ratings_count": 2, "mine": 4}
    row = await in_database_thread(PromptTemplate.objects.get, id=made["id"])
    assert (row.ratings_sum, row.ratings_count) == (9, 2)
    for wrong in (0, 6, "x", None):
        assert (await author.post(at(made, "/rate"), {"rating": wrong})).body["errors"][0]["field"] == "rating"
