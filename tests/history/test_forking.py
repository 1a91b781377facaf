"""A copy of a long history: in bounded memory, whole or not at all."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.database.threads import in_database_thread
from foundation.problems import Problem
from foundation.sealing.encryption import CannotDecrypt
from history.forking import BATCH, MOST, fork
from playground.models import PromptExecution
from sessions_app.models import PlaygroundSession
from tests.cast import Person
from tests.history.stored import a_session, an_execution, many_executions, user_of

UUIDS = re.compile(r"\b[0-9a-f]{32}\b")


def reads_of_texts(queries: CaptureQueriesContext) -> list[str]:
    """The statements that read sealed texts."""
    return [each["sql"] for each in queries if each["sql"].startswith("SELECT") and '"request"' in each["sql"]]


async def test_a_history_that_is_too_long_is_refused(author: Person):
    session = await in_database_thread(a_session, author)
    await in_database_thread(many_executions, session, MOST + 1)
    refused = await author.post(f"/api/sessions/{session.id}/fork", {})
    assert (refused.status, refused.body["code"]) == (422, "too_many")
    assert await in_database_thread(PlaygroundSession.objects.filter(user=user_of(author)).count) == 1


def test_a_history_that_is_too_long_is_not_read(author: Person):
    session = a_session(author)
    many_executions(session, MOST + 1)
    with CaptureQueriesContext(connection) as queries, pytest.raises(Problem):
        fork(user=user_of(author), session=session, up_to=None)
    assert reads_of_texts(queries) == []
    assert PlaygroundSession.objects.filter(user=user_of(author)).count() == 1


def test_a_long_history_is_copied_a_part_at_a_time(author: Person):
    session = a_session(author)
    many_executions(session, 2 * BATCH + 10)
    first = PromptExecution.objects.filter(session=session).earliest("created_at")
    last = an_execution(session, 60 * 24, parent=first)
    with CaptureQueriesContext(connection) as queries:
        made = fork(user=user_of(author), session=session, up_to=None)
    reads = reads_of_texts(queries)
    assert len(reads) == 3
    # Each names the rows that it reads.
    assert max(len(set(UUIDS.findall(sql))) for sql in reads) == BATCH + 1
    made.refresh_from_db()
    assert (made.execution_count, made.last_executed) == (2 * BATCH + 11, last.ended_at)
    assert made.total_cost == (2 * BATCH + 10) * Decimal("0.5") + Decimal("0.00125")
    copies = PromptExecution.objects.filter(session=made).order_by("created_at", "id")
    assert [copy.request for copy in copies] == [
        each.request for each in PromptExecution.objects.filter(session=session).order_by("created_at", "id")
    ]
    assert copies[len(copies) - 1].parent_id == copies[0].id


def test_a_history_that_cannot_be_read_whole_is_not_copied(author: Person):
    session = a_session(author)
    many_executions(session, BATCH + 10)
    last = PromptExecution.objects.filter(session=session).latest("created_at")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE prompt_executions SET request = '\\x00' WHERE id = %s", [last.id])
    with pytest.raises(CannotDecrypt):
        fork(user=user_of(author), session=session, up_to=None)
    assert PlaygroundSession.objects.filter(user=user_of(author)).count() == 1
    assert PromptExecution.objects.filter(session__user=user_of(author)).count() == BATCH + 10
