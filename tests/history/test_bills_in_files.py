"""Bills in what is exported, imported and forked: they come back whole, and a file's bill adds up or is refused."""

from __future__ import annotations

import copy
import csv
import io
import json
from decimal import Decimal
from typing import Any

import pyarrow.parquet
import pytest

from foundation.database.threads import in_database_thread
from playground.models import PromptExecution
from sessions_app.models import PlaygroundSession
from tests.cast import Person
from tests.history.stored import a_session, an_execution, download

DETAILS = {
    "cache_read_tokens": 9_000, "cache_write_tokens": 900, "reasoning_tokens": None, "input_image_tokens": None,
    "input_audio_tokens": None,
}  # fmt: skip
LINES = [
    {"item": "input", "quantity": 100, "unit_price_per_million": 3.0, "cost": 0.0003},
    {"item": "cache_read", "quantity": 9_000, "unit_price_per_million": 0.3, "cost": 0.0027},
    {"item": "cache_write", "quantity": 900, "unit_price_per_million": 6.0, "cost": 0.0054, "note": "1 hour"},
    {"item": "output", "quantity": 1, "unit_price_per_million": 0.0125, "cost": 0.00000001},
    {"item": "attempt", "quantity": 7, "unit_price_per_million": 1.0, "cost": 0.000007, "note": "openai/gpt-4o"},
]
COST = 0.00840701
STORED = {
    "details": {"cache_read_tokens": 9_000, "cache_write_tokens": 900},
    "lines": [
        {**line, **{name: f"{Decimal(str(line[name])):f}" for name in ("unit_price_per_million", "cost")}}
        for line in LINES
    ],
}  # fmt: skip
NOTED = {"usage_source": "partly estimated", "usage_estimated": ["completion_tokens"], "service_tier": "flex"}


@pytest.fixture
async def session(author: Person) -> PlaygroundSession:
    """A session with a run that has a bill, and one from before there were any."""
    return await in_database_thread(_billed, author)


def _billed(author: Person) -> PlaygroundSession:
    made = a_session(author)
    cost = Decimal(str(COST))
    an_execution(made, 0, billing=STORED, estimated_cost=cost, prompt_tokens=10_000, metadata=NOTED)
    an_execution(made, 1)
    return made


async def usages(person: Person, session_id: Any) -> list[dict[str, Any]]:
    """What the API says, oldest first."""
    rows = (await person.get(f"/api/sessions/{session_id}/history")).body["results"]
    return [row["usage"] for row in reversed(rows)]


async def exported(person: Person, session_id: Any, name: str) -> bytes:
    """The file's bytes."""
    file = await download(person, f"/api/sessions/{session_id}/export?format={name}")
    assert file.status == 200
    return file.content


async def test_a_bill_comes_back_whole(author: Person, stranger: Person, session: PlaygroundSession):
    first, before = await usages(author, session.id)
    assert (first["details"], first["cost_lines"], first["estimated_cost"]) == (DETAILS, LINES, COST)
    assert (set(before["details"].values()), before["cost_lines"]) == ({None}, [])
    bundle = json.loads(await exported(author, session.id, "json"))
    assert [row["usage"] for row in bundle["executions"]] == [first, before]
    answer = await stranger.post("/api/sessions/import", bundle)
    assert answer.status == 201, answer.body
    assert await usages(stranger, answer.body["session"]["id"]) == [first, before]
    back = json.loads(await exported(stranger, answer.body["session"]["id"], "json"))
    assert {name: back["executions"][0]["metadata"][name] for name in NOTED} == NOTED
    row = await in_database_thread(PromptExecution.objects.get, id=back["executions"][0]["id"])
    assert (row.billing or {})["details"] == STORED["details"]


async def test_a_fork_has_the_bills(author: Person, session: PlaygroundSession):
    fork = (await author.post(f"/api/sessions/{session.id}/fork", {})).body
    assert await usages(author, fork["id"]) == await usages(author, session.id)


async def test_every_file_has_the_bill(author: Person, session: PlaygroundSession):
    lines = [json.loads(line) for line in (await exported(author, session.id, "jsonl")).splitlines()]
    assert lines[0]["usage"]["cost_lines"] == LINES
    text = (await exported(author, session.id, "csv")).decode("utf-8-sig")
    first, before = csv.DictReader(io.StringIO(text, newline=""))
    assert (first["cache_read_tokens"], first["reasoning_tokens"]) == ("9000", "")
    assert json.loads(first["cost_lines"]) == LINES
    assert (before["cache_read_tokens"], before["cost_lines"]) == ("", "")
    table = pyarrow.parquet.read_table(io.BytesIO(await exported(author, session.id, "parquet"))).to_pylist()
    assert (table[0]["cache_write_tokens"], table[1]["cache_write_tokens"]) == (900, None)
    assert json.loads(table[0]["cost_lines"]) == LINES
    transcript = (await exported(author, session.id, "markdown")).decode()
    assert "9000 read from the cache" in transcript


async def test_a_file_from_before_there_were_bills_is_taken(author: Person, session: PlaygroundSession):
    bundle = json.loads(await exported(author, session.id, "json"))
    for row in bundle["executions"]:
        del row["usage"]["details"], row["usage"]["cost_lines"]
    answer = await author.post("/api/sessions/import", bundle)
    assert answer.status == 201
    first, _ = await usages(author, answer.body["session"]["id"])
    assert (first["estimated_cost"], first["cost_lines"], set(first["details"].values())) == (COST, [], {None})


WRONG: list[tuple[str, Any]] = [
    ("cost_lines", LINES[:2]),
    ("cost_lines", [{**LINES[0], "cost": -1}]),
    ("cost_lines", [{**LINES[0], "item": "tip"}]),
    ("cost_lines", [{**LINES[0], "quantity": 1.5}]),
    ("cost_lines", [{**LINES[0], "more": 1}]),
    ("cost_lines", [LINES[0]] * 101),
    ("cost_lines", "free"),
    ("details", {"cache_read_tokens": -1}),
    ("details", {"cached": 1}),
    ("details", [1]),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
async def test_a_bill_that_cannot_be_is_refused(author: Person, session: PlaygroundSession, name: str, value: Any):
    bundle = copy.deepcopy(json.loads(await exported(author, session.id, "json")))
    bundle["executions"][0]["usage"][name] = value
    answer = await author.post("/api/sessions/import", bundle)
    assert answer.status == 400
    assert all(error["field"].startswith(f"executions.0.usage.{name}") for error in answer.body["errors"])


async def test_the_sums_of_a_session_add_up(author: Person, session: PlaygroundSession):
    told = (await author.get(f"/api/sessions/{session.id}/analytics")).body
    total = Decimal(str(COST)) + Decimal("0.00125")
    assert Decimal(str(told["total_cost"])) == Decimal(str(told["usage"]["estimated_cost"])) == total
    for group in ("by_model", "by_day"):
        assert sum(Decimal(str(row["cost"])) for row in told[group]) == total
