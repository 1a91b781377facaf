"""T39: what kills a run of retention or an erasure (kill -9) leaves something that the next one finishes."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from collections.abc import Callable, Iterator

import pytest
from django.db.models import Sum

from accounts.models import User
from evaluation_app.models import EvaluationTest
from foundation.database.threads import in_database_thread
from foundation.supervisor import programs
from playground.models import ExecutionComment, PromptExecution
from privacy.erasure import erasing, lifecycle, searching
from privacy.models import Erasure, RetentionFigure
from sessions_app.models import PlaygroundSession
from tests.privacy.rows import a_person, a_session, a_test, executions, rule
from tests.servers.service import Service
from tests.waiting import until

MANY = 2_500


async def killed_on_the_way(service: Service, *words: str) -> None:
    """The command, killed as soon as some of the executions have gone."""

    async def has_begun() -> bool:
        return await in_database_thread(PromptExecution.objects.count) < before

    before = await in_database_thread(PromptExecution.objects.count)
    command = programs.manage(*words)
    process = await asyncio.create_subprocess_exec(*command, env=service.environment, stdout=subprocess.DEVNULL)
    await until(has_begun)
    process.kill()
    assert await process.wait() == -signal.SIGKILL
    assert await in_database_thread(PromptExecution.objects.count) > 0


async def again(service: Service, *words: str) -> str:
    """The command, left to itself."""
    command = programs.manage(*words)
    process = await asyncio.create_subprocess_exec(*command, env=service.environment, stdout=subprocess.PIPE)
    said, _ = await process.communicate()
    assert process.returncode == 0
    return said.decode()


async def test_t39_a_killed_run_of_retention_is_finished_by_the_next_and_counts_each_row_once(
    service: Service,
) -> None:
    def old() -> None:
        user = a_person("One")
        executions(a_session(user), days=40, count=MANY)
        a_test(user, days=40)
        rule("One", "executions", 30)
        rule("One", "results", 30)

    await in_database_thread(old)
    await killed_on_the_way(service, "retention")
    await again(service, "retention")
    counted = await in_database_thread(
        lambda: dict(RetentionFigure.objects.order_by().values_list("kind").annotate(Sum("rows")))
    )
    assert (counted["executions"], counted["results"]) == (MANY, 1)
    assert await in_database_thread(PromptExecution.objects.count) == 0
    assert await in_database_thread(EvaluationTest.objects.count) == 0


async def test_t39_a_killed_erasure_is_finished_by_the_worker(service: Service) -> None:
    def theirs() -> User:
        user = a_person("One", name="Wilhelmina Oxenstierna")
        executions(a_session(user, name="Wilhelmina Oxenstierna's"), days=1, count=MANY)
        return user

    user = await in_database_thread(theirs)
    await killed_on_the_way(service, "erase_user", str(user.id), "--no-export")
    erasure = await in_database_thread(Erasure.objects.get)
    assert (erasure.status, await in_database_thread(PlaygroundSession.objects.count)) == ("erasing", 1)
    # Whoever was killed holds the lease for a while; nobody waits for it here.
    await in_database_thread(Erasure.objects.update, lease_expires_at=None)

    async def is_done() -> bool:
        await in_database_thread(erasure.refresh_from_db)
        return erasure.status == "done"

    await until(is_done)
    assert (erasure.counts["executions"], erasure.finds) == (MANY, [])
    assert await in_database_thread(PlaygroundSession.objects.count) == 0


async def test_t39_a_proof_that_is_killed_goes_on_from_where_it_was(service: Service) -> None:
    def theirs() -> tuple[User, Erasure]:
        user, other = a_person("One", name="Wilhelmina Oxenstierna"), a_person("One")
        rows = executions(a_session(other), days=1, count=MANY, request={"prompt": "p " * 2_000})
        named = [ExecutionComment(execution=row, author=other, sealed=f"Ask {user.name}") for row in rows[:2]]
        ExecutionComment.objects.bulk_create(named)
        return user, lifecycle.request(subject=user, by=None, with_export=False)

    def half_searched() -> bool:
        searched = Erasure.objects.get().searched
        return searched is not None and searched["place"] == "prompt_executions" and searched["after"] is not None

    user, erasure = await in_database_thread(theirs)
    command = programs.manage("erase_user", str(user.id), "--no-export")
    process = await asyncio.create_subprocess_exec(*command, env=service.environment, stdout=subprocess.DEVNULL)
    while not await in_database_thread(half_searched):
        assert process.returncode is None, "it was done before it could be killed"
        await asyncio.sleep(0.002)
    process.kill()
    assert await process.wait() == -signal.SIGKILL
    await in_database_thread(erasure.refresh_from_db)
    half = erasure.searched
    assert (erasure.status, len(erasure.finds)) == ("erasing", 2)
    looked_at: list[tuple[str, str | None]] = []

    def gone_on_with() -> None:
        Erasure.objects.update(lease_expires_at=None)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(searching, "_rows", noted(looked_at))
            assert erasing.go_on(erasure.id)

    await in_database_thread(gone_on_with)
    await in_database_thread(erasure.refresh_from_db)
    assert looked_at[0] == ("prompt_executions", half["after"])
    assert "execution_comments" not in {table for table, _ in looked_at}
    assert "users" in {table for table, _ in looked_at}
    # Found before the kill, told once.
    assert [find.partition(" ")[0] for find in erasure.finds] == ["execution_comments"] * 2
    assert (erasure.status, erasure.searched, erasure.words) == ("done", None, None)


def noted(looked_at: list[tuple[str, str | None]]) -> Callable[..., Iterator[tuple[str, str]]]:
    """The look at rows, which says where it begins."""
    rows = searching._rows

    def look(table: str, columns: str, key: str, after: str | None, at_most: int) -> Iterator[tuple[str, str]]:
        looked_at.append((table, after))
        yield from rows(table, columns, key, after, at_most)

    return look
