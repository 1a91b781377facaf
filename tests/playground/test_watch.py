"""Rights while streams are open: one look-up for all of the same credentials, which nothing ends."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from uuid import UUID, uuid4

import pytest

from accounts.bearer.web_tokens import issue
from accounts.models import User
from foundation.database.threads import in_database_thread
from playground.api import watch
from playground.api.watch import Credentials, Watch
from tests.cast import new_user
from tests.waiting import until


@pytest.fixture
async def credentials(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Credentials:
    """A token of somebody's; looks come quickly."""
    monkeypatch.setattr(watch, "TRUSTED_FOR", 0.02)
    user = await in_database_thread(new_user)
    return Credentials(f"Bearer {issue(str(user.id), use='access', lifetime=600)}", None)


async def test_all_streams_of_the_same_credentials_share_one_look_up(credentials: Credentials):
    looks: list[set[UUID]] = []
    lost = uuid4()

    def seen(user: User, wanted: set[UUID]) -> set[UUID]:
        looks.append(wanted)
        return wanted - {lost}

    watches = [Watch(credentials, seen, each) for each in [lost, *(uuid4() for _ in range(99))]]
    with ExitStack() as stack:
        for each in watches:
            stack.enter_context(each.kept())

        async def is_over() -> bool:
            return watches[0].is_over

        await until(is_over)
        assert {len(wanted) for wanted in looks} == {100}
        assert [each.is_over for each in watches[1:]] == [False] * 99
    assert watch._rounds == {}


async def test_a_look_up_that_breaks_is_made_again(credentials: Credentials, caplog: pytest.LogCaptureFixture):
    answers = [KeyError("odd"), RuntimeError("odder")]

    def seen(user: User, wanted: set[UUID]) -> set[UUID]:
        if answers:
            raise answers.pop()
        return set()

    one = Watch(credentials, seen, uuid4())
    with one.kept():

        async def is_over() -> bool:
            return one.is_over

        await until(is_over)
    assert [record.message for record in caplog.records].count("rights_unread") == 2
    await asyncio.sleep(0)
