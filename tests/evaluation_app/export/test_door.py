"""The door that tests are carried away by: to whom, under which name, and when it is too early."""

from __future__ import annotations

import re
import uuid

import pytest
from django.db import connection

from evaluation_app.export.registry import FORMATS
from evaluation_app.models import EvaluationTest
from foundation.database.threads import in_database_thread
from foundation.sealing.fields import UNREADABLE
from tests.cast import Person
from tests.doors.browser import browser_of
from tests.evaluation_app.export.stored import Run, a_test
from tests.history.stored import download
from tests.history.test_export import NAMES

REPORTS = ("junit", "markdown", "html")


@pytest.mark.parametrize("format_name", list(FORMATS))
async def test_a_strangers_test_is_not_there(author: Person, stranger: Person, format_name: str):
    test = await in_database_thread(lambda: a_test(author, lambda *_: Run(), cases=[{}]))
    assert (await download(author, f"/api/evaluation/{test.id}/export?format={format_name}")).status == 200
    answer = await stranger.get(f"/api/evaluation/{test.id}/export?format={format_name}")
    missing = await stranger.get(f"/api/evaluation/{uuid.uuid4()}/export?format={format_name}")
    assert answer.status == missing.status == 404
    assert {**answer.body, "instance": ""} == {**missing.body, "instance": ""}


@pytest.mark.parametrize("status", ["pending", "running", "paused"])
@pytest.mark.parametrize("format_name", list(FORMATS))
async def test_there_is_no_report_before_there_are_results(author: Person, status: str, format_name: str):
    test = await in_database_thread(lambda: a_test(author, lambda *_: Run("pending"), cases=[{}], status=status))
    answer = await download(author, f"/api/evaluation/{test.id}/export?format={format_name}")
    if format_name not in REPORTS:
        assert answer.status == 200
        return
    refused = await author.get(f"/api/evaluation/{test.id}/export?format={format_name}")
    assert (refused.status, refused.body["code"]) == (409, "test_state")
    # The sweep of a worker may have begun one that waited.
    told = ("The test is pending: ", "The test is running: ") if status == "pending" else f"The test is {status}: "
    assert refused.body["detail"].startswith(told)


@pytest.mark.parametrize(("query", "field"), [("format=xml", "format"), ("format=", "format"), ("page=1", "page")])
async def test_odd_queries_are_named(author: Person, query: str, field: str):
    test = await in_database_thread(lambda: a_test(author, lambda *_: Run(), cases=[{}]))
    answer = await author.get(f"/api/evaluation/{test.id}/export?{query}")
    assert (answer.status, [error["field"] for error in answer.body["errors"]]) == (400, [field])


@pytest.mark.parametrize("name", [*NAMES, "\u202egpj.exe", "x" * 255])
async def test_a_name_leads_nowhere(author: Person, name: str):
    test = await in_database_thread(lambda: a_test(author, lambda *_: Run(), cases=[{}], name=name))
    answer = await download(author, f"/api/evaluation/{test.id}/export?format=csv")
    disposition = answer.headers["Content-Disposition"]
    assert re.fullmatch(
        r"attachment; filename=\"[A-Za-z0-9._-]{5,120}\.csv\"; filename\*=UTF-8''[A-Za-z0-9._~%-]+\.csv", disposition
    )
    assert "Set-Cookie" not in answer.headers
    assert not re.search(r"%2F|%5C|%00|%E2%80%AE|\.\.", disposition)
    assert answer.headers["Cache-Control"] == "private, no-store"


async def test_the_page_of_a_test_leads_to_every_format_with_the_browsers_cookie(author: Person):
    test = await in_database_thread(lambda: a_test(author, lambda *_: Run(), cases=[{}]))
    browser = await in_database_thread(browser_of, author)
    page = await browser.get(f"/evaluations/{test.id}")
    assert page.status == 200
    links = re.findall(r'href="([^"]+/export[?]format=(\w+))"', page.text)
    assert [name for _, name in links] == list(FORMATS)
    for address, _ in links:
        answer = await browser.get(address)
        assert answer.status == 200
        assert answer.headers["Content-Disposition"].startswith("attachment")


async def test_what_no_key_opens_is_told_in_its_place(author: Person):
    def stored() -> EvaluationTest:
        test = a_test(author, lambda *_: Run("failed", "secret", "Wrong."), cases=[{"input": {"word": "x"}}])
        for row in (test.cases.get(), test.variants.get()):
            fields = {"input": b"broken", "expected": b"broken"} if hasattr(row, "input") else {"body": b"broken"}
            spoil(row._meta.db_table, row.pk, fields)
        return test

    test = await in_database_thread(stored)
    for format_name in FORMATS:
        answer = await download(author, f"/api/evaluation/{test.id}/export?format={format_name}")
        assert answer.status == 200, format_name
        if format_name in ("json", "csv"):
            assert UNREADABLE in answer.content.decode()


def spoil(table: str, key: uuid.UUID, columns: dict[str, bytes]) -> None:
    """Puts what no key opens into sealed columns."""
    with connection.cursor() as cursor:
        for column, value in columns.items():
            cursor.execute(f"UPDATE {table} SET {column} = %s WHERE id = %s", [value, key])
