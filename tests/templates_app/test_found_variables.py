"""A variable that was found in a text goes with its place; one that somebody declared stays."""

from __future__ import annotations

from typing import Any

import pytest

from foundation.database.threads import in_database_thread
from templates_app.content import Content
from templates_app.models import TemplateVersion
from tests.cast import Person
from tests.templates_app.conftest import BODY, MakeTemplate
from tests.templates_app.test_versions import at


async def test_a_found_variable_goes_with_its_place(make_template: MakeTemplate, author: Person):
    made = await make_template(prompt="Hi {{name}}, {{language}}")
    changed = await author.call("PATCH", at(made), {"prompt": "Hi {{customer}}, {{language}}"})
    assert changed.body["variables"] == ["language", "customer"]
    rendered = await author.post(at(made, "/render"), {"variables": {"customer": "Ada", "language": "en"}})
    assert (rendered.status, rendered.body["prompt"]) == (200, "Hi Ada, en")
    none = await author.call("PATCH", at(made), {"prompt": "Hi"})
    assert none.body["variables"] == []


@pytest.mark.parametrize(
    "definition",
    [
        {"name": "name"},
        {"name": "name", "description": "Whom to greet."},
        {"name": "name", "type": "number"},
        {"name": "name", "required": False},
        {"name": "name", "default_value": "you"},
        {"name": "name", "validation_rules": [{"rule": "max_length", "value": 9}]},
    ],
)
async def test_what_somebody_declared_stays(make_template: MakeTemplate, author: Person, definition: dict[str, Any]):
    made = await make_template(prompt="Hi {{name}}", variables=[definition])
    changed = await author.call("PATCH", at(made), {"prompt": "Hi {{customer}}"})
    assert changed.body["variables"] == ["name", "customer"]
    found = await make_template(prompt="Hi {{name}} {{other}}")
    described = await author.call(
        "PATCH", at(found), {"variables": [definition, {"name": "other", "description": "x"}]}
    )
    assert described.status == 200
    changed = await author.call("PATCH", at(found), {"prompt": "Hi {{customer}}"})
    told = ["customer"] if definition == {"name": "name"} else ["name", "customer"]
    assert [each for each in changed.body["variables"] if each != "other"] == told


async def test_what_is_sent_back_as_it_was_told_is_not_declared_by_that(make_template: MakeTemplate, author: Person):
    made = await make_template(prompt="Hi {{name}}")
    body = {**BODY, "prompt": "Hey {{name}}", "variables": made["variable_definitions"]}
    put = await author.call("PUT", at(made), body)
    assert (put.body["version"], put.body["variables"]) == (2, ["name"])
    changed = await author.call("PATCH", at(made), {"prompt": "Hi {{customer}}"})
    assert changed.body["variables"] == ["customer"]


async def test_places_for_messages_and_system_prompts_are_texts_too(make_template: MakeTemplate, author: Person):
    made = await make_template(system_prompt="For {{firm}}.")
    changed = await author.call("PATCH", at(made), {"system_prompt": None})
    assert changed.body["variables"] == ["name", "language"]
    turns = [{"placeholder": "history"}, {"role": "user", "content": "Hi {{name}}"}]
    talk = await author.call("PATCH", at(made), {"messages": turns})
    assert sorted(talk.body["variables"]) == ["history", "name"]
    renamed = await author.call("PATCH", at(made), {"messages": [{"placeholder": "before"}, turns[1]]})
    assert sorted(renamed.body["variables"]) == ["before", "name"]


async def test_copies_and_earlier_versions_remember_what_was_found(make_template: MakeTemplate, author: Person):
    made = await make_template(prompt="Hi {{name}}")
    await author.call("PATCH", at(made), {"prompt": "Bye {{all}}"})
    await author.post(at(made, "/restore"), {"version": 1})
    fork = (await author.post(at(made, "/fork"), {})).body
    for template in (made, fork):
        changed = await author.call("PATCH", at(template), {"prompt": "Hi {{customer}}"})
        assert changed.body["variables"] == ["customer"]


async def test_a_version_that_remembers_nothing_goes_by_what_its_variables_say(
    make_template: MakeTemplate, author: Person
):
    definitions = [{"name": "name"}, {"name": "unused"}, {"name": "tone", "description": "How to say it."}]
    made = await make_template(prompt="Hi {{name}}, {{tone}}", variables=definitions)

    def forget() -> None:
        version = TemplateVersion.objects.get(template_id=made["id"])
        version.sealed = version.content.as_json()
        version.save(update_fields=["sealed"])

    await in_database_thread(forget)
    same = await author.call("PATCH", at(made), {"prompt": "Hi {{name}}, {{tone}}"})
    assert same.body["version"] == 1
    changed = await author.call("PATCH", at(made), {"prompt": "Hi {{customer}}"})
    assert changed.body["variables"] == ["unused", "tone", "customer"]


def test_what_was_found_is_no_part_of_a_contents_hash():
    known = Content("Hi", found=frozenset({"name"}))
    assert known.hash == Content("Hi").hash
    assert known == Content("Hi")
    assert Content.from_json(known.sealed_json()).found == frozenset({"name"})
    assert "found" not in known.as_json()


async def test_names_of_any_script_are_variables_and_others_are_told_what_to_be(
    make_template: MakeTemplate, author: Person
):
    made = await make_template(prompt="{{größe}} {{名前}}")
    assert made["variables"] == ["größe", "名前"]
    rendered = await author.post(at(made, "/render"), {"variables": {"gro\u0308ße": "L", "名前": "花子"}})
    assert (rendered.status, rendered.body["prompt"]) == (200, "L 花子")
    declared = await author.call("PATCH", at(made), {"variables": ["größe", {"name": "名前", "type": "string"}]})
    assert declared.status == 200
    for wrong in ("user-name", "user.name", "user name", "1st", ""):
        refused = await author.call("PATCH", at(made), {"variables": [wrong]})
        assert refused.status == 400
    refused = await author.call("PATCH", at(made), {"variables": ["user-name"]})
    assert "user_name, for example" in str(refused.body)
    twice = await author.call("PATCH", at(made), {"variables": ["größe", "gro\u0308ße"]})
    assert (twice.status, "twice" in str(twice.body)) == (400, True)


async def test_a_path_before_a_variable_is_written_with_two_backslashes(make_template: MakeTemplate, author: Person):
    made = await make_template(prompt=r"Save to C:\reports\\{{name}}.txt")
    assert made["variables"] == ["name"]
    rendered = await author.post(at(made, "/render"), {"variables": {"name": "may"}})
    assert rendered.body["prompt"] == r"Save to C:\reports\may.txt"
