"""`GET /api/tools` and `POST /api/tools/{name}/test`."""

from __future__ import annotations

from tests.cast import Person


async def test_the_tools_are_listed(author: Person):
    body = (await author.get("/api/tools")).body
    names = {each["name"]: each for each in body["results"]}
    assert {"calculator", "current_time", "json_query", "calculate_metrics"} <= names.keys()
    assert body["count"] == len(body["results"])
    calculator = names["calculator"]
    assert calculator["is_available"]
    assert not calculator["needs_approval"]
    assert calculator["parameters"]["required"] == ["expression"]


async def test_every_example_of_a_tool_works(author: Person):
    for tool in (await author.get("/api/tools")).body["results"]:
        for example in tool["examples"] if tool["is_available"] else ():
            tried = (await author.post(f"/api/tools/{tool['name']}/test", {"parameters": example})).body
            assert tried["status"] == "completed", tried


async def test_a_tool_is_tried_alone(author: Person):
    tried = await author.post("/api/tools/calculator/test", {"parameters": {"expression": "6 * 7"}})
    assert tried.status == 200
    assert tried.body["result"] == {"result": 42}
    assert tried.body["tool_name"] == "calculator"
    assert tried.body["parameters"] == {"expression": "6 * 7"}
    assert tried.body["execution_time"] >= 0


async def test_what_goes_wrong_in_it_is_its_error(author: Person):
    tried = await author.post("/api/tools/calculator/test", {"parameters": {"expression": "1/0"}})
    assert (tried.status, tried.body["status"]) == (200, "failed")
    assert "divides by zero" in tried.body["error"]


async def test_t32_nothing_but_arguments_is_taken(author: Person):
    for more in ("command", "args", "env", "transport"):
        answer = await author.post("/api/tools/calculator/test", {"parameters": {}, more: "x"})
        assert answer.status == 400
        assert answer.body["errors"][0]["field"] == more
    assert (await author.post("/api/tools/nope/test", {"parameters": {}})).status == 404
    assert (await author.post("/api/tools/calculator/test", {"parameters": []})).status == 400
