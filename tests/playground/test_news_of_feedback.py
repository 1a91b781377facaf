"""Who looks at a session hears of a comment or rating when it can be read: not before its commit, never without."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import orjson
import pytest
from django.db import transaction
from django_redis import get_redis_connection

from accounts.models import User
from playground import feedback
from playground.models import ExecutionComment, PromptExecution
from tests.cast import Person
from tests.history.stored import a_session, an_execution, user_of

MARK = {"event": "mark", "data": {}}
Act = Callable[[User, PromptExecution, ExecutionComment], Any]
ACTS: dict[str, tuple[str, Act]] = {
    "add": ("comment", lambda user, run, _: feedback.add_comment(user=user, execution=run, text="Look")),
    "change": ("comment", lambda user, _, old: feedback.change_comment(user=user, comment_id=old.id, text="Other")),
    "remove": ("comment", lambda user, _, old: feedback.remove_comment(user=user, comment_id=old.id)),
    "rate": ("rating", lambda user, run, _: feedback.rate(user=user, execution=run, value=5)),
}


class Listener:
    """Whoever looks at one session."""

    def __init__(self, pubsub: Any, channel: str) -> None:
        self._pubsub, self._channel = pubsub, channel

    def heard(self) -> list[str]:
        """The kinds of news until now."""
        get_redis_connection("default").publish(self._channel, orjson.dumps(MARK))
        kinds = []
        for message in self._pubsub.listen():
            if message["type"] == "message":
                kinds.append(orjson.loads(message["data"])["event"])
                if kinds[-1] == "mark":
                    return kinds[:-1]
        raise AssertionError("the connection ended")


@pytest.fixture
def run(author: Person) -> PromptExecution:
    """An execution of the author's."""
    return an_execution(a_session(author))


@pytest.fixture
def listener(run: PromptExecution) -> Iterator[Listener]:
    """One who looks at its session."""
    channel = f"live:session:{run.session_id}"
    with closing(get_redis_connection("default").pubsub()) as pubsub:
        pubsub.subscribe(channel)
        assert pubsub.get_message(timeout=5)["type"] == "subscribe"
        yield Listener(pubsub, channel)


@pytest.mark.parametrize("act", ACTS)
def test_nobody_is_told_of_what_is_not_committed(act: str, author: Person, run: PromptExecution, listener: Listener):
    user, (kind, do) = user_of(author), ACTS[act]
    old = feedback.add_comment(user=user, execution=run, text="First")
    assert listener.heard() == ["comment"]
    with transaction.atomic():
        do(user, run, old)
        before = listener.heard()
        transaction.set_rollback(True)
    assert (before, listener.heard()) == ([], [])
    with transaction.atomic():
        do(user, run, old)
        before = listener.heard()
    assert (before, listener.heard()) == ([], [kind])


async def test_a_comment_with_a_key_is_told_once(author: Person, run: PromptExecution, listener: Listener):
    address, key = f"/api/executions/{run.id}/comments", {"Idempotency-Key": "once"}
    made = [await author.post(address, {"text": "Look"}, headers=key) for _ in range(2)]
    assert [answer.status for answer in made] == [201, 201]
    assert listener.heard() == ["comment"]
    assert [each["text"] for each in (await author.get(address)).body["results"]] == ["Look"]
