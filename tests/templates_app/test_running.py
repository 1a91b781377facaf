"""A template is run: rendered, remembered exactly, and its counters kept from real executions."""

from __future__ import annotations

import asyncio

from tests.cast import Person
from tests.playground.conftest import Ledger
from tests.templates_app.conftest import MakeTemplate


async def test_a_run_sends_the_rendered_text_and_remembers_its_version(
    make_template: MakeTemplate, author: Person, provider: str
):
    made = await make_template(
        prompt="Greet {{name}}.",
        system_prompt="In {{language}}.",
        default_parameters={"temperature": 0.5, "top_p": 0.9},
    )
    await author.call("PATCH", f"/api/templates/{made['id']}", {"prompt": "Bye {{name}}."})
    await author.call("PUT", f"/api/templates/{made['id']}/labels/production", {"version": 1})
    body = {
        "model_id": f"{provider}/echo",
        "template_id": made["id"],
        "label": "production",
        "variables": {"name": "{{language}}", "language": "French"},
        "parameters": {"temperature": 0.1},
    }
    ran = (await author.post("/api/prompts/execute", body)).body
    assert ran["prompt"] == "Greet {{language}}."
    assert ran["system_prompt"] == "In French."
    assert "Greet {{language}}." in ran["response"]
    assert ran["template"] == {"id": made["id"], "version": 1}
    assert ran["variables"] == {"name": "{{language}}", "language": "French"}
    assert ran["parameters"] == {"temperature": 0.1, "top_p": 0.9}
    assert (await author.get(f"/api/executions/{ran['id']}")).body["template"] == ran["template"]


async def test_success_cost_and_use_of_a_version_come_from_its_executions(
    make_template: MakeTemplate, author: Person, provider: str
):
    made = await make_template(prompt="Greet {{name}}.")
    call = {"template_id": made["id"], "variables": {"name": "A"}}
    runs = [author.post("/api/prompts/execute", {"model_id": f"{provider}/echo", **call}) for _ in range(30)]
    runs += [author.post("/api/prompts/execute", {"model_id": f"{provider}/fault-400", **call}) for _ in range(10)]
    answers = await asyncio.gather(*runs)
    assert sum(answer.status == 200 for answer in answers) == 30
    version = (await author.get(f"/api/templates/{made['id']}/versions")).body["results"][0]
    assert version["usage_count"] == 40
    assert version["success_rate"] == 0.75
    assert version["average_time"] > 0
    assert (await author.get(f"/api/templates/{made['id']}")).body["usage_count"] == 40


async def test_variables_are_checked_before_anything_is_sent(
    make_template: MakeTemplate, author: Person, provider: str, ledger: Ledger
):
    variables = [{"name": "count", "type": "number", "validation_rules": [{"rule": "max", "value": 5}]}]
    made = await make_template(prompt="Name {{count}} of {{what}}.", variables=variables)
    body = {"model_id": f"{provider}/echo", "template_id": made["id"], "variables": {"count": 6, "odd": 1}}
    refused = await author.post("/api/prompts/execute", body)
    assert (refused.status, refused.body["code"]) == (400, "invalid_variables")
    assert {(error["field"], error["code"]) for error in refused.body["errors"]} == {
        ("variables.count", "max"),
        ("variables.odd", "unknown"),
        ("variables.what", "required"),
    }
    assert (await author.get("/api/executions/" + "0" * 8 + "-0000-0000-0000-000000000000")).status == 404


async def test_t03_a_strangers_template_is_none(
    make_template: MakeTemplate, author: Person, stranger: Person, provider: str
):
    made = await make_template(prompt="Secret")
    refused = await stranger.post("/api/prompts/execute", {"model_id": f"{provider}/echo", "template_id": made["id"]})
    assert (refused.status, refused.body["detail"]) == (404, "The template does not exist.")


async def test_what_does_not_go_together_is_refused(make_template: MakeTemplate, author: Person, provider: str):
    made = await make_template(prompt="Hello")
    model = {"model_id": f"{provider}/echo"}
    wrong = {
        "template_id": {"prompt": "x", "template_id": made["id"]},
        "label": {"template_id": made["id"], "version": 1, "label": "a"},
        "version": {"prompt": "x", "version": 1},
    }
    for field, body in wrong.items():
        refused = await author.post("/api/prompts/execute", {**model, **body})
        assert (refused.status, refused.body["errors"][0]["field"]) == (400, field)
    for more in ({"version": 7}, {"label": "none"}):
        refused = await author.post("/api/prompts/execute", {**model, "template_id": made["id"], **more})
        assert (refused.status, refused.body["code"]) == (404, "no_such_version")


async def test_a_jinja_template_runs_in_its_sandbox(make_template: MakeTemplate, author: Person, provider: str):
    made = await make_template(
        prompt="{% for each in items %}- {{ each|upper }}\n{% endfor %}",
        engine="jinja2",
        variables=[{"name": "items", "type": "array"}],
    )
    body = {"model_id": f"{provider}/echo", "template_id": made["id"], "variables": {"items": ["a", "b"]}}
    assert (await author.post("/api/prompts/execute", body)).body["prompt"] == "- A\n- B\n"


async def test_a_conversation_goes_on_branches_and_stays_in_its_session(
    author: Person, stranger: Person, provider: str
):
    model = f"{provider}/echo"
    first = (await author.execute(model, "One", system_prompt="Be brief.")).body
    second = (await author.execute(model, "Two", parent_id=first["id"])).body
    assert [turn["role"] for turn in second["messages"]] == ["user", "assistant"]
    assert second["messages"][0]["content"] == "One"
    assert second["messages"][1]["content"] == first["response"]
    assert second["system_prompt"] == "Be brief."
    assert (second["parent_id"], second["session_id"]) == (first["id"], first["session_id"])
    third = (await author.execute(model, "Three", parent_id=second["id"])).body
    assert [turn["content"] for turn in third["messages"] if turn["role"] == "user"] == ["One", "Two"]
    edited = (await author.execute(model, "Two, but better", parent_id=first["id"])).body
    assert (edited["parent_id"], len(edited["messages"])) == (first["id"], 2)
    assert (await stranger.execute(model, "x", parent_id=first["id"])).status == 404
    elsewhere = (await author.post("/api/sessions", {"name": "Other"})).body
    moved = await author.execute(model, "x", parent_id=first["id"], session_id=elsewhere["id"])
    assert (moved.status, moved.body["errors"][0]["code"]) == (400, "other_session")


async def test_a_turn_waits_for_the_one_before_it(author: Person, provider: str):
    async with author.streaming(f"{provider}/tokens-32-every-30ms") as stream:
        started = await anext(aiter(stream))
        early = await author.execute(f"{provider}/echo", "x", parent_id=started.data["execution_id"])
        assert (early.status, early.body["code"]) == (409, "parent_running")
