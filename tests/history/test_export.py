"""Every format is read back by somebody else's reader; what is hostile in it stays harmless."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import uuid
from datetime import timedelta
from itertools import pairwise
from typing import Any

import aiohttp
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from foundation.database.threads import in_database_thread
from foundation.downloads.naming import content_disposition, file_name
from foundation.downloads.spreadsheet import neutralised, restored
from history.export.registry import FORMATS
from history.export.rows import SLICE
from sessions_app.models import PlaygroundSession
from tests.cast import Person
from tests.history.stored import BEGIN, a_session, an_execution, download, many_executions

MORE_THAN_THE_POOL = 18
HOSTILE = [
    '=HYPERLINK("http://evil.example","x")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "  =1",
    "'already",
    "＝1+1",  # noqa: RUF001
    'a "quoted"; =1, and\nlines',
]


def a_full_session(author: Person) -> PlaygroundSession:
    """One completed, one failed, one cancelled execution, with everything that an execution can have."""
    session = a_session(author, name="Letters", tags=["one"], metadata={"a": 1})
    first = an_execution(
        session,
        0,
        request={
            "prompt": "Hello",
            "system_prompt": "Be kind",
            "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes?"}],
            "context": {"team": "A"},
            "variables": {"tone": "warm"},
        },
        answer={"response": "Dear ```reader```", "reasoning": "hm"},
        parameters={"temperature": 0.5, "seed": 7},
        metadata={"time_to_first_token": 0.25, "tags": ["good", "short"]},
    )
    an_execution(session, 1, status="failed", error_code="timeout", error_message="Too slow", answer={})
    an_execution(session, 2, status="cancelled", parent=first, execution_time=None)
    return session


@pytest.fixture
async def session(author: Person) -> PlaygroundSession:
    """A full session of the author's."""
    return await in_database_thread(a_full_session, author)


async def exported(person: Person, session: PlaygroundSession, query: str) -> bytes:
    """The file's bytes."""
    answer = await download(person, f"/api/sessions/{session.id}/export?{query}")
    assert answer.status == 200, answer.content
    return answer.content


async def test_json_is_the_whole_session(author: Person, session: PlaygroundSession):
    bundle = json.loads(await exported(author, session, "format=json"))
    assert (bundle["format"], bundle["version"]) == ("llm-playground-session", 1)
    assert (bundle["session"]["name"], bundle["session"]["tags"]) == ("Letters", ["one"])
    assert [row["status"] for row in bundle["executions"]] == ["completed", "failed", "cancelled"]
    first = bundle["executions"][0]
    one = await author.get(f"/api/executions/{first['id']}")
    assert {name: first[name] for name in one.body} == one.body
    assert bundle["executions"][2]["parent_id"] == first["id"]


async def test_jsonl_is_an_execution_a_line(author: Person, session: PlaygroundSession):
    rows = [json.loads(line) for line in (await exported(author, session, "format=jsonl")).splitlines()]
    assert [row["prompt"] for row in rows] == ["Hello", "prompt 1", "prompt 2"]


async def test_csv_has_fixed_columns_and_numbers(author: Person, session: PlaygroundSession):
    content = await exported(author, session, "format=csv")
    assert content.startswith(codecs.BOM_UTF8)
    text = content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    first = rows[0]
    assert (first["model"], first["prompt"], first["system_prompt"]) == ("openai/echo", "Hello", "Be kind")
    assert (first["response"], first["tags"]) == ("Dear ```reader```", "good, short")
    assert (first["prompt_tokens"], first["total_tokens"], float(first["cost"])) == ("10", "30", 0.00125)
    assert json.loads(first["parameters"]) == {"temperature": 0.5, "seed": 7}
    assert json.loads(first["variables"]) == {"tone": "warm"}
    assert first["timestamp"] == "2026-03-01T12:00:00Z"
    assert (rows[1]["status"], rows[1]["error_code"], rows[2]["execution_time"]) == ("failed", "timeout", "")


async def test_parquet_has_typed_columns(author: Person, session: PlaygroundSession):
    table = pyarrow.parquet.read_table(io.BytesIO(await exported(author, session, "format=parquet")))
    rows: list[dict[str, Any]] = table.to_pylist()
    assert [row["prompt"] for row in rows] == ["Hello", "prompt 1", "prompt 2"]
    assert rows[0]["timestamp"] == BEGIN
    assert (rows[0]["total_tokens"], rows[0]["cost"], rows[0]["time_to_first_token"]) == (30, 0.00125, 0.25)
    assert rows[2]["execution_time"] is None
    assert str(table.schema.field("cost").type) == "double"


async def test_markdown_cannot_be_broken_by_what_it_quotes(author: Person, session: PlaygroundSession):
    breaking = "````\n# A heading of its own\n<script>alert(1)</script>\n`````"
    await in_database_thread(lambda: an_execution(session, 3, answer={"response": breaking}))
    text = (await exported(author, session, "format=markdown")).decode()
    tokens = MarkdownIt("commonmark").parse(text)
    fences = [token.content for token in tokens if token.type == "fence"]
    assert breaking + "\n" in fences
    assert {"Hello\n", "Be kind\n", "Dear ```reader```\n", "timeout: Too slow\n"} <= set(fences)
    assert not [token for token in tokens if token.type == "html_block"]
    headings = [after.content for token, after in pairwise(tokens) if token.type == "heading_open"]
    assert "A heading of its own" not in headings
    assert headings[0] == "Letters"


async def test_openai_jsonl_has_completed_conversations_only(author: Person, session: PlaygroundSession):
    (line,) = (await exported(author, session, "format=openai-jsonl")).splitlines()
    messages = json.loads(line)["messages"]
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "user", "assistant"]
    assert messages[0]["content"].startswith("Be kind\n\nContext:\n")
    assert (messages[3]["content"], messages[4]["content"]) == ("Hello", "Dear ```reader```")


@pytest.mark.parametrize("format_name", list(FORMATS))
async def test_an_empty_session_is_a_file_too(author: Person, format_name: str):
    empty = await in_database_thread(a_session, author)
    content = await exported(author, empty, f"format={format_name}")
    if format_name == "json":
        assert json.loads(content)["executions"] == []
    elif format_name == "parquet":
        assert pyarrow.parquet.read_table(io.BytesIO(content)).num_rows == 0
    elif format_name == "csv":
        assert content.startswith(codecs.BOM_UTF8 + b'"id","timestamp","model"')


async def test_a_period_and_a_status_choose(author: Person, session: PlaygroundSession):
    async def statuses(query: str) -> list[str]:
        content = await exported(author, session, f"format=jsonl&{query}")
        return [json.loads(line)["status"] for line in content.splitlines()]

    second = (BEGIN + timedelta(minutes=1)).isoformat().replace("+00:00", "Z")
    assert await statuses(f"from={second}") == ["failed", "cancelled"]
    assert await statuses(f"to={second}") == ["completed"]
    assert await statuses("from=2026-03-01&to=2026-03-01") == ["completed", "failed", "cancelled"]
    assert await statuses("to=2026-02-28") == []
    assert await statuses("status=failed") == ["failed"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("format=xml", "format"),
        ("status=done", "status"),
        ("from=yesterday", "from"),
        ("from=2026-03-02&to=2026-03-01", "to"),
        ("to=9999-12-31", "to"),
        ("page=1", "page"),
    ],
)
async def test_odd_queries_are_named(author: Person, session: PlaygroundSession, query: str, field: str):
    answer = await author.get(f"/api/sessions/{session.id}/export?{query}")
    assert (answer.status, [error["field"] for error in answer.body["errors"]]) == (400, [field])


async def test_exports_that_break_in_the_middle_take_nobodys_connection(author: Person):
    def broken() -> PlaygroundSession:
        session = a_session(author)
        _, other = [an_execution(session, number) for number in range(2)]
        # No metadata of ours, as if another version had written them.
        other.metadata = ["no", "object"]
        other.save(update_fields=["metadata"])
        return session

    session = await in_database_thread(broken)
    for _ in range(MORE_THAN_THE_POOL):
        with pytest.raises(aiohttp.ClientPayloadError):
            await download(author, f"/api/sessions/{session.id}/export?format=jsonl")
    assert (await author.get("/api/sessions")).status == 200


async def test_accept_does_not_matter(author: Person, session: PlaygroundSession):
    answer = await download(author, f"/api/sessions/{session.id}/export?format=csv", Accept="text/csv")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert answer.headers["Cache-Control"] == "private, no-store"


async def test_t03_a_strangers_export_is_not_there(author: Person, stranger: Person, session: PlaygroundSession):
    answer = await stranger.get(f"/api/sessions/{session.id}/export")
    missing = await stranger.get(f"/api/sessions/{uuid.uuid4()}/export")
    assert answer.status == missing.status == 404
    assert {**answer.body, "instance": ""} == {**missing.body, "instance": ""}


async def test_t13_no_cell_is_a_formula_and_each_comes_back(author: Person):
    session = await in_database_thread(a_session, author)
    for number, text in enumerate(HOSTILE):
        await in_database_thread(an_execution, session, number, request={"prompt": text}, answer={"response": text})
    content = (await exported(author, session, "format=csv")).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content, newline="")))
    for row, text in zip(rows, HOSTILE, strict=True):
        for column in ("prompt", "response"):
            assert not re.match(r"\s*[=+\-@＝]", row[column])  # noqa: RUF001
            assert restored(row[column]) == text


@given(st.text())
def test_t13_neutralising_loses_nothing(text: str):
    assert restored(neutralised(text)) == text
    assert not neutralised(text).startswith(("=", "+", "-", "@", "\t", "\r"))


NAMES = [
    "../../etc/passwd",
    "..\\..\\boot.ini",
    'a"; filename="evil.exe',
    "a\r\nSet-Cookie: x=1",
    "CON",
    "",
    "…",
    "日本",
]


@pytest.mark.parametrize("name", [*NAMES, "\u202egpj.exe", "x" * 255])
async def test_t14_a_name_leads_nowhere(author: Person, name: str):
    session = await in_database_thread(a_session, author, name=name)
    answer = await download(author, f"/api/sessions/{session.id}/export?format=csv")
    disposition = answer.headers["Content-Disposition"]
    assert re.fullmatch(
        r"attachment; filename=\"[A-Za-z0-9._-]{5,120}\.csv\"; filename\*=UTF-8''[A-Za-z0-9._~%-]+\.csv", disposition
    )
    assert "Set-Cookie" not in answer.headers
    assert not re.search(r"%2F|%5C|%00|%E2%80%AE|\.\.", disposition)


@given(st.text(max_size=300))
def test_t14_any_name_is_one_safe_header(title: str):
    name = file_name(title, day=BEGIN.date(), suffix=".csv")
    assert not set(name) & set('/\\:*?"<>|\r\n\x00')
    assert name.endswith("-2026-03-01.csv")
    header = content_disposition(name)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2


async def test_rows_of_one_moment_are_all_there_once(author: Person):
    session = await in_database_thread(a_session, author)
    await in_database_thread(many_executions, session, 2 * SLICE + 3, seconds_apart=0)
    lines = (await exported(author, session, "format=jsonl")).splitlines()
    assert sorted(int(json.loads(line)["prompt"].split()[1]) for line in lines) == list(range(2 * SLICE + 3))
