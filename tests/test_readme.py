"""What the README shows works as it stands there."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

from accounts.models import User
from config.environment import Environment
from foundation.database.threads import in_database_thread
from tests.cast import Person
from tests.servers.service import Service

README = (Path(__file__).resolve().parent.parent / "README.md").read_text()
EXAMPLES = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)


async def shell(command: str, variables: dict[str, str]) -> str:
    """What a command prints; its exit code must be 0."""
    process = await asyncio.create_subprocess_exec(
        "bash", "-ec", command, env={"PATH": "/usr/bin:/bin", **variables}, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, command
    return output.decode()


def as_json(output: str, *, most: int = 100) -> list[Any]:
    """The JSON documents that stand one behind the other, up to `most`."""
    decoder, at = json.JSONDecoder(), 0
    found: list[Any] = []
    while at < len(output) and len(found) < most:
        value, at = decoder.raw_decode(output, at)
        found.append(value)
    return found


async def test_every_example_of_the_readme_works(service: Service):
    await in_database_thread(User.objects.create_user, "reader", "a long enough phrase")
    variables = {"PLAYGROUND": service.url, "USERNAME": "reader", "PASSWORD": "a long enough phrase"}
    sign_in, execute, stream, resume, cancel, keep, call, bring_in, prove, used, *others = EXAMPLES
    foresee, tools, vendors, mcp, traces, looks = others
    (tokens,) = as_json(await shell(sign_in, variables))
    variables["TOKEN"] = tokens["access"]
    (execution,) = as_json(await shell(execute, variables))
    assert execution["status"] == "completed"
    assert execution["response"]
    events = await shell(stream, variables)
    assert events.startswith("id: 1\nevent: started\n")
    variables["EXECUTION"] = execution["id"]
    assert "event: completed" in await shell(resume, variables)
    (stopped,) = as_json(await shell(cancel, variables))
    assert stopped["id"] == execution["id"]
    (template,) = as_json(await shell(keep, variables))
    variables["TEMPLATE"] = template["id"]
    (brought,) = as_json(await shell(bring_in, variables))
    assert (brought["format"], brought["entries"][0]["name"], brought["dry_run"]) == ("csv", "Poet", True)
    by_model, by_day = as_json(await shell(used, variables))
    assert (by_model["group_by"], by_day["group_by"]) == (["model"], ["day", "model"])
    assert {row["group"]["model"] for row in by_model["results"]} == {"local/smollm2-135m"}
    assert by_model["total"]["executions"] == sum(row["executions"] for row in by_day["results"]) > 0
    (foreseen,) = as_json(await shell(foresee, variables))
    assert foreseen["models"][0]["per_month"]["high"] == 0
    assert foreseen["cheapest"] == "local/smollm2-135m"
    told = await shell(call, variables)
    moved, labelled, run = as_json(told, most=3)
    assert (moved["version"], labelled["labels"]) == (1, {"production": 1})
    assert run["template"] == {"id": template["id"], "version": 1}
    assert run["prompt"] == "Name 3 colours."
    assert "import openai" in told or "from openai" in told
    test, tests, scorers, plan = as_json(await shell(prove, variables))
    assert test["progress"]["total"] == 4
    assert tests["count"] in (0, 1)
    assert {"contains", "semantic"} <= {scorer["name"] for scorer in scorers}
    assert plan["cases"] > 50
    listed, tried, computed = as_json(await shell(tools, variables))
    assert "calculator" in {tool["name"] for tool in listed["results"]}
    assert tried["result"] == {"result": "1628.89462677744140625"}
    assert (computed["status"], computed["tools"][0]["name"]) == ("completed", "calculator")
    completion, message, models = as_json(await shell(vendors, variables))
    assert (completion["object"], message["type"], models["object"]) == ("chat.completion", "message", "list")
    assert completion["choices"][0]["message"]["content"]
    (called,) = as_json(await shell(mcp, variables))
    assert template["id"] in {each["id"] for each in called["result"]["structuredContent"]["templates"]}
    assert as_json(await shell(traces, variables)) == [{}]
    found, model, statuses, health = as_json(await shell(looks, variables))
    assert [row["id"] for row in found["results"]] in ([model["id"]], [])
    assert model["id"] == "local/smollm2-135m"
    assert {row["provider"] for row in statuses["results"]} >= {"local", "openai"}
    assert {*health["dependencies"].values()} == {"healthy"}


def test_every_variable_is_explained():
    table = README.partition("## Configuration")[2].partition("## ")[0]
    named = set(re.findall(r"`([A-Z][A-Z_]+)`", table))
    assert {name.upper() for name in Environment.model_fields} == named


async def test_people_without_a_token_are_told_how(service: Service):
    answer = await Person(service.url, None).get("/api/models")
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
