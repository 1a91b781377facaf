"""A version is the whole call: turns, placeholders, tools, the answer's format and the model."""

from __future__ import annotations

from tests.cast import Person
from tests.servers.service import Service
from tests.templates_app.whole_calls import (
    FORMAT,
    HISTORY,
    PICTURE,
    TOOL,
    TURNS,
    VALUES,
    made_of,
    sent_with,
)


async def test_a_version_holds_its_turns_and_says_its_last_user_text_as_prompt(author: Person):
    made = await made_of(author, tools=[TOOL], response_format=FORMAT, model_id="openai/gpt-4o")
    told = (await author.get(f"/api/templates/{made['id']}")).body
    assert told["messages"] == TURNS
    assert (told["prompt"], told["system_prompt"]) == ("Classify: {{text}}", None)
    assert (told["tools"], told["response_format"], told["model_id"]) == ([TOOL], FORMAT, "openai/gpt-4o")
    assert [(each["name"], each["type"]) for each in told["variable_definitions"]] == [
        ("what", "string"),
        ("text", "string"),
        ("history", "messages"),
    ]


async def test_rendering_gives_everything_that_is_sent(author: Person):
    made = await made_of(author, tools=[TOOL], response_format=FORMAT, model_id="openai/gpt-4o")
    rendered = (await author.post(f"/api/templates/{made['id']}/render", {"variables": VALUES})).body
    assert rendered["messages"] == [
        {"role": "system", "content": "You classify reviews."},
        *TURNS[1:3],
        *HISTORY,
        {"role": "user", "content": "Classify: So-so"},
    ]
    assert (rendered["prompt"], rendered["system_prompt"]) == ("Classify: So-so", "You classify reviews.")
    assert (rendered["tools"], rendered["response_format"], rendered["model_id"]) == ([TOOL], FORMAT, "openai/gpt-4o")


async def test_a_run_sends_the_whole_call(author: Person, provider: str, service: Service):
    made = await made_of(
        author, tools=[TOOL], response_format=FORMAT, model_id=f"{provider}/echo", default_parameters={"top_p": 0.5}
    )
    ran = await author.post("/api/prompts/execute", {"template_id": made["id"], "variables": VALUES})
    assert ran.status == 200, ran.body
    sent = await sent_with(service, "Classify: So-so")
    assert sent["messages"] == [
        {"role": "system", "content": "You classify reviews."},
        *TURNS[1:3],
        *HISTORY,
        {"role": "user", "content": "Classify: So-so"},
    ]
    assert [tool["function"]["name"] for tool in sent["tools"]] == ["look_up"]
    assert sent["response_format"]["json_schema"]["schema"] == FORMAT["json_schema"]["schema"]
    assert sent["top_p"] == 0.5
    assert ran.body["prompt"] == "Classify: So-so"
    assert ran.body["template"] == {"id": made["id"], "version": 1}


async def test_each_part_of_the_call_gives_way_to_the_body(author: Person, provider: str, service: Service):
    made = await made_of(author, tools=[TOOL], response_format=FORMAT, model_id="openai/nowhere")
    body = {
        "template_id": made["id"],
        "variables": VALUES,
        "model_id": f"{provider}/echo",
        "tools": [{**TOOL, "name": "other"}],
        "system_prompt": "Be brief.",
        "messages": [{"role": "user", "content": "Mine, and only mine"}],
        "parameters": {"response_format": {"type": "text"}},
    }
    ran = await author.post("/api/prompts/execute", body)
    assert ran.status == 200, ran.body
    sent = await sent_with(service, "Mine, and only mine")
    assert sent["messages"] == [{"role": "system", "content": "Be brief."}, *body["messages"]]
    assert [tool["function"]["name"] for tool in sent["tools"]] == ["other"]
    assert sent["response_format"] == {"type": "text"}


async def test_a_whole_call_goes_on_and_is_replayed(author: Person, provider: str):
    made = await made_of(author, model_id=f"{provider}/echo")
    first = (await author.post("/api/prompts/execute", {"template_id": made["id"], "variables": VALUES})).body
    again = (await author.post(f"/api/executions/{first['id']}/replay", {})).body
    assert (again["messages"], again["prompt"]) == (first["messages"], first["prompt"])
    on = {"template_id": made["id"], "variables": {**VALUES, "text": "Now"}, "parent_id": first["id"]}
    second = (await author.post("/api/prompts/execute", on)).body
    assert second["messages"][: len(first["messages"])] == first["messages"]
    assert second["prompt"] == "Classify: Now"


async def test_without_a_model_anywhere_the_field_is_named(author: Person):
    made = await made_of(author)
    refused = await author.post("/api/prompts/execute", {"template_id": made["id"], "variables": VALUES})
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "model_id")
    refused = await author.post("/api/prompts/execute", {"prompt": "x"})
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "model_id")


async def test_a_picture_in_a_text_becomes_a_part_of_the_message(author: Person, provider: str, service: Service):
    for engine in ("plain", "jinja2"):
        made = await made_of(
            author,
            engine=engine,
            messages=[{"role": "user", "content": "Before {{photo}} after {{word}}"}],
            variables=[{"name": "photo", "type": "image"}, "word"],
            model_id=f"{provider}/echo",
        )
        word = f"[[photo 0]] {engine}"
        body = {"template_id": made["id"], "variables": {"photo": PICTURE, "word": word}}
        ran = await author.post("/api/prompts/execute", body)
        assert ran.status == 200, ran.body
        assert (await sent_with(service, word))["messages"] == [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Before "},
                    {"type": "image_url", "image_url": {"url": PICTURE["data_url"]}},
                    {"type": "text", "text": f" after {word}"},
                ],
            }
        ]
        refused = await author.post(f"/api/templates/{made['id']}/render", {"variables": {"photo": "x", "word": "y"}})
        assert [error["field"] for error in refused.body["errors"]] == ["variables.photo"]


async def test_jinja_fills_in_all_turns_and_names_the_one_that_fails(author: Person):
    turns = [{"role": "system", "content": "{{ a|upper }}"}, {"role": "user", "content": "{{ 1 // b }}"}]
    made = await made_of(author, engine="jinja2", messages=turns, variables=["a", {"name": "b", "type": "number"}])
    path = f"/api/templates/{made['id']}/render"
    rendered = (await author.post(path, {"variables": {"a": "x", "b": 1}})).body
    assert [each["content"] for each in rendered["messages"]] == ["X", "1"]
    refused = (await author.post(path, {"variables": {"a": "x", "b": 0}})).body
    assert [error["field"] for error in refused["errors"]] == ["messages.1.content"]


async def test_a_change_keeps_the_call_or_turns_it_into_the_other_form(author: Person):
    made = await made_of(author, tools=[TOOL], model_id="openai/gpt-4o")
    path = f"/api/templates/{made['id']}"
    kept = (await author.call("PATCH", path, {"default_parameters": {"top_p": 1}})).body
    assert (kept["messages"], kept["tools"], kept["version"]) == (TURNS, [TOOL], 2)
    refused = await author.call("PATCH", path, {"prompt": "x"})
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "prompt")
    simple = (await author.call("PATCH", path, {"prompt": "x", "messages": []})).body
    assert (simple["messages"], simple["prompt"]) == ([], "x")
    restored = (await author.post(f"{path}/restore", {"version": 1})).body
    assert (restored["messages"], restored["content_hash"]) == (TURNS, made["content_hash"])
    diff = (await author.get(f"{path}/diff?from=1&to=3")).body["changes"]
    assert [(each["op"], each.get("role") or each["placeholder"]) for each in diff["messages"]] == [
        ("delete", "system"),
        ("change", "user"),
        ("delete", "assistant"),
        ("delete", "history"),
        ("delete", "user"),
    ]
    assert diff["messages"][1]["content"] == [{"op": "delete", "text": "Great!"}, {"op": "insert", "text": "x"}]
    assert diff["tools"]["added"] == diff["tools"]["removed"] == {}
    own = {"tools": [{**TOOL, "name": "b"}], "response_format": FORMAT, "model_id": None}
    await author.call("PATCH", path, own)
    diff = (await author.get(f"{path}/diff?from=4&to=5")).body["changes"]
    assert (list(diff["tools"]["added"]), list(diff["tools"]["removed"])) == (["b"], ["look_up"])
    assert diff["response_format"] == {"from": None, "to": FORMAT}
    assert diff["model_id"] == {"from": "openai/gpt-4o", "to": None}


async def test_a_call_of_two_forms_is_lint_in_every_text(author: Person):
    turns = [
        {"role": "system", "content": "Key sk-abcdefghijklmnop1234"},
        {"role": "user", "content": "Key sk-abcdefghijklmnop5678"},
        {"role": "assistant", "content": "Key sk-abcdefghijklmnop9012"},
        {"role": "user", "content": "{{undeclared}}"},
    ]
    answer = await author.post("/api/templates/lint", {"messages": turns, "variables": []})
    found = {(each["rule"], each["field"]) for each in answer.body["findings"]}
    assert {("secret", f"messages.{n}.content") for n in range(3)} <= found
    assert ("undeclared-variable", "messages.3.content") in found


async def test_words_of_any_turn_find_the_template(author: Person):
    made = await made_of(author, messages=[*TURNS, {"role": "assistant", "content": "perspicacious"}], tools=[TOOL])
    for word in ("perspicacious", "classify", "look_up"):
        found = (await author.get(f"/api/templates?search={word}&owner=me")).body["results"]
        assert [each["id"] for each in found] == [made["id"]], word
