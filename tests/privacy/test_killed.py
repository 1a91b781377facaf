"""T39: what kills a run of retention or an erasure (kill -9) leaves something that the next one finishes."""

from __future__ import annotations

import asyncio
import signal
import subprocess

from django.db.models import Sum

from accounts.models import User
from evaluation_app.models import EvaluationTest
from foundation.database.threads import in_database_thread
from foundation.supervisor import programs
from playground.models import PromptExecution
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
