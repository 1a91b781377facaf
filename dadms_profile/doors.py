"""Each door of DADMS's document: how it is asked in our words, and what its answer becomes."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final

from dadms_profile import answers, evaluation
from dadms_profile.errors import Refused
from dadms_profile.exchange import Answer, Asked, Doors
from dadms_profile.paging import LARGEST, followed, rows_of, window_of
from dadms_profile.words import FREE, in_snake

Told = tuple[Answer, Any]
"""The door's answer with the JSON to tell in its place; None: as it is, in DADMS's spelling."""
Door = Callable[[Doors, Asked], Awaitable[Told]]
STREAM: Final = "/api/prompts/execute/stream"
OURS: Final = {"start_date": "from", "end_date": "to"}
"""Of DADMS's names for a span."""
THEIR_TOKENS: Final = "estimated_output_tokens"
"""DADMS's name for our `output_tokens`."""


async def models(doors: Doors, asked: Asked) -> Told:
    """`{models: []}`."""
    return await _listed(doors, asked, "models", answers.model)


async def model(doors: Doors, asked: Asked) -> Told:
    """One, with its parameters."""
    return await _one(doors, asked, answers.model_details)


async def providers(doors: Doors, asked: Asked) -> Told:
    """`{providers: []}`, with how many models each has."""
    answer, found = await asyncio.gather(doors.ask(asked), doors.get("/api/models", page_size=LARGEST))
    if answer.status != 200 or found.status != 200:
        return answer, None
    counts = Counter(each["provider"] for each in found.body["results"])
    told = [answers.provider(each, counts[each["provider"]]) for each in answer.body["results"]]
    return answer, {"providers": told}


async def execute(doors: Doors, asked: Asked) -> Told:
    """A whole answer; tools that bring no schema are tools of the service."""
    return await _one(doors, replace(asked, body=execution_body(asked.body)), answers.execution)


def execution_body(body: Any) -> Any:
    """A prompt to run."""
    made = in_snake(body)
    if isinstance(made, dict):
        made.pop("stream", None)
        if isinstance(made.get("tools"), list) and isinstance(body.get("tools"), list):
            made["tools"] = [_tool(each) for each in body["tools"]]
    return made


def _tool(tool: Any) -> Any:
    return tool if not isinstance(tool, dict) or "parameters" in tool else tool.get("name")


async def templates(doors: Doors, asked: Asked) -> Told:
    """`{templates: []}`; of several `tags` a template has them all."""
    query = dict(asked.query)
    wanted = query.pop("tags", [])
    tags = wanted if isinstance(wanted, list) else wanted.split(",")
    if not tags:
        return await _listed(doors, asked, "templates", answers.template)
    limit, offset = window_of(query, limit=LARGEST)
    answer, rows = await rows_of(doors, asked.path, {**query, "tag": tags[0]}, LARGEST, 0)
    if rows is None:
        return answer, None
    found = [answers.template(each) for each in rows if set(tags) <= set(each["tags"])]
    return answer, {"templates": found[offset : offset + limit]}


async def template_made(doors: Doors, asked: Asked) -> Told:
    """A new template."""
    return await _one(doors, replace(asked, body=_template_body(asked.body)), answers.template)


async def template_changed(doors: Doors, asked: Asked) -> Told:
    """DADMS's PUT names what changes; the rest stays."""
    return await _one(doors, replace(asked, method="PATCH", body=_template_body(asked.body)), answers.template)


def _template_body(body: Any) -> Any:
    made = in_snake(body)
    names = made.get("variables") if isinstance(made, dict) else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return made
    made["variables"] = [{"name": name} for name in names]
    if isinstance(made.get("prompt"), str):
        made["prompt"] = answers.in_double_braces(made["prompt"], names)
    return made


async def sessions(doors: Doors, asked: Asked) -> Told:
    """`{sessions: [], total, limit, offset}`."""
    query = dict(asked.query)
    limit, offset = window_of(query)
    answer, rows = await rows_of(doors, asked.path, query, limit, offset)
    if rows is None:
        return answer, None
    told = [answers.session(each) for each in rows]
    return answer, {"sessions": told, "total": answer.body["count"], "limit": limit, "offset": offset}


async def session_made(doors: Doors, asked: Asked) -> Told:
    """A new session."""
    return await _one(doors, replace(asked, body=in_snake(asked.body)), answers.session)


async def history(doors: Doors, asked: Asked) -> Told:
    """`{sessionId, executions, summary}`, the newest first."""
    session_id, query = asked.path.split("/")[3], dict(asked.query)
    limit, offset = window_of(query, limit=LARGEST)
    (answer, rows), figures = await asyncio.gather(
        followed(doors, asked.path, query, limit, offset), doors.get(f"/api/sessions/{session_id}/analytics")
    )
    if rows is None or figures.status != 200:
        return answer, None
    told = [answers.remembered(each) for each in rows]
    summary = answers.history_summary(figures.body, rows)
    return answer, {"sessionId": session_id, "executions": told, "summary": summary}


async def test_begun(doors: Doors, asked: Asked) -> Told:
    """Begins a test; its results are there when `GET /api/evaluation/{testId}` says that it has ended."""
    body = in_snake(asked.body)
    if isinstance(body, dict):
        body.setdefault("name", "Test")
        if isinstance(body.get("parameters"), dict):
            # DADMS's words for what a judge would look at: no scorer of ours, and no other figure hangs on it.
            body["parameters"].pop("evaluation_criteria", None)
    answer = await doors.ask(replace(asked, body=body))
    if answer.status != 202:
        return answer, None
    _, told = await test(doors, Asked("GET", f"/api/evaluation/{answer.body['id']}"))
    return answer, told


async def test(doors: Doors, asked: Asked) -> Told:
    """The test with every run that has ended."""
    answer, proposed = await asyncio.gather(
        doors.get(f"{asked.path}/export", format="json"), doors.get(f"{asked.path}/recommendations")
    )
    if answer.status != 200:
        return answer, None
    recommendations = proposed.body if proposed.status == 200 else []
    found = recommendations if isinstance(recommendations, list) else recommendations.get("recommendations", [])
    return answer, evaluation.test(answer.body, found)


async def tools(doors: Doors, asked: Asked) -> Told:
    """`{tools: []}`; our door has no pages."""
    query = dict(asked.query)
    limit, offset = window_of(query, limit=LARGEST)
    answer = await doors.ask(replace(asked, query=query))
    if answer.status != 200:
        return answer, None
    told = [answers.tool(each) for each in answer.body["results"]]
    return answer, {"tools": told[offset : offset + limit]}


async def tool_tried(doors: Doors, asked: Asked) -> Told:
    """One call; its arguments are in the tool's own words."""
    body = in_snake(asked.body, free=FREE | {"parameters"})
    return await _one(doors, replace(asked, body=body), lambda told: {
        "toolName": told["tool_name"],
        "parameters": told["parameters"],
        "result": {"error": told["error"]} if told.get("error") else told["result"],
        "executionTime": told["execution_time"],
        "timestamp": told["timestamp"],
    })  # fmt: skip


async def usage(doors: Doors, asked: Asked) -> Told:
    """`{period, summary, byModel, byDay}`; with `groupBy` week or month a row of `byDay` is one of those, by its first
    day.
    """
    query = {OURS.get(name, name): value for name, value in asked.query.items()}
    unit = query.pop("group_by", "day")
    if unit not in ("day", "week", "month"):
        raise Refused(400, "invalid", "groupBy is one of day, week, month.")
    models, days = await asyncio.gather(
        doors.get(asked.path, **query, group_by="model", limit=LARGEST), doors.get(asked.path, **query, group_by=unit)
    )
    for answer in (models, days):
        if answer.status != 200:
            for ours, theirs in (("from", "start_date"), ("to", "end_date")):
                answer = answer.naming(ours, theirs)
            return answer, None
    return models, answers.used(models.body, days.body, unit)


async def cost_estimated(doors: Doors, asked: Asked) -> Told:
    """The expected cost of a call with answers of `estimatedOutputTokens`; without it, as answers were."""
    body = in_snake(asked.body)
    if isinstance(body, dict) and THEIR_TOKENS in body and "output_tokens" not in body:
        body["output_tokens"] = body.pop(THEIR_TOKENS)
    answer = await doors.ask(replace(asked, body=body))
    return answer.naming("output_tokens", THEIR_TOKENS), answers.cost(answer.body) if answer.status == 200 else None


async def _listed(doors: Doors, asked: Asked, name: str, told: Callable[[Any], Any]) -> Told:
    query = dict(asked.query)
    limit, offset = window_of(query, limit=LARGEST)
    answer, rows = await rows_of(doors, asked.path, query, limit, offset)
    return answer, None if rows is None else {name: [told(each) for each in rows]}


async def _one(doors: Doors, asked: Asked, told: Callable[[Any], Any]) -> Told:
    answer = await doors.ask(asked)
    return answer, told(answer.body) if answer.status < 300 and answer.body is not None else None


_DOORS: Final[tuple[tuple[str, str, Door], ...]] = (
    ("GET", r"/api/models", models),
    ("GET", r"/api/models/.+", model),
    ("GET", r"/api/providers/status", providers),
    ("POST", r"/api/prompts/execute", execute),
    ("GET", r"/api/templates", templates),
    ("POST", r"/api/templates", template_made),
    ("PUT", r"/api/templates/[^/]+", template_changed),
    ("GET", r"/api/sessions", sessions),
    ("POST", r"/api/sessions", session_made),
    ("GET", r"/api/sessions/[^/]+/history", history),
    ("POST", r"/api/evaluation/probabilistic", test_begun),
    ("GET", r"/api/evaluation/[0-9a-f-]{36}", test),
    ("GET", r"/api/analytics/usage", usage),
    ("POST", r"/api/analytics/cost-estimation", cost_estimated),
    ("GET", r"/api/tools", tools),
    ("POST", r"/api/tools/[^/]+/test", tool_tried),
)


def door_of(method: str, path: str) -> Door | None:
    """What answers this request; None of what DADMS's document does not name."""
    found = (door for known, pattern, door in _DOORS if known == method and re.fullmatch(pattern, path))
    return next(found, None)


def check(query: dict[str, Any], body: Any) -> None:
    """Raises Refused for names that are one in our spelling."""
    for value in (query, body):
        names = [each for each in value if isinstance(each, str)] if isinstance(value, dict) else []
        if len(set(in_snake(dict.fromkeys(names)))) < len(names):
            raise Refused(400, "invalid", "A field is named twice, in both spellings.")
