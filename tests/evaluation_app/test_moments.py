"""What other apps may have done when a test begins and ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from accounts.models import User
from evaluation_app import lifecycle
from evaluation_app.models import EvaluationTest, TestStatus
from foundation import effects
from sessions_app.models import PlaygroundSession
from tests.cast import new_user

HEARD = """
heard AS (
    INSERT INTO heard_of_tests (what, test_id, user_id, success_rate, average_score, titles)
    SELECT '{what}', test_id, user_id, success_rate, average_score, recommendations FROM test
)
"""


@pytest.fixture
def heard(db: None) -> Iterator[None]:
    """An app that writes down what it hears."""
    before = {moment: dict(named) for moment, named in effects._effects.items()}
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE heard_of_tests (what text, test_id uuid, user_id uuid, success_rate float8, "
            "average_score float8, titles jsonb) ON COMMIT DROP"
        )
    for moment in ("evaluation_started", "evaluation_ended"):
        effects.register(moment, "toy", HEARD.format(what=moment))
    yield
    effects._effects.clear()
    effects._effects.update(before)


def test_each_start_and_end_is_heard_of_once(heard: None) -> None:
    user: User = new_user(name="Author")
    session = PlaygroundSession.objects.create(user=user, name="Hidden", is_hidden=True)
    test = EvaluationTest.objects.create(
        name="Heard", user=user, session=session, seed=1, runs=1, blocks=1, samples=1, created_at="2000-01-01T00:00Z"
    )
    assert lifecycle.start(test.id)
    assert not lifecycle.start(test.id)
    results = {"success_rate": 0.5, "average_score": None, "recommendations": [{"title": "Say it shorter"}]}
    assert lifecycle.end(test.id, taken_up=0, to=TestStatus.COMPLETED, results=results)
    assert not lifecycle.end(test.id, taken_up=0, to=TestStatus.FAILED, results={})
    with connection.cursor() as cursor:
        cursor.execute("SELECT what, test_id, user_id, success_rate, average_score, titles::text FROM heard_of_tests")
        rows = cursor.fetchall()
    assert rows == [
        ("evaluation_started", test.id, user.id, None, None, "[]"),
        ("evaluation_ended", test.id, user.id, 0.5, None, '["Say it shorter"]'),
    ]
