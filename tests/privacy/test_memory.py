"""T39: retention, own data, the proof and an erasure of ten times as many rows take no more memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from playground.models import PromptExecution
from privacy.erasure import erasing, lifecycle, searching
from privacy.models import OwnData
from privacy.own_data import making, ordering
from privacy.retention import running
from tests.privacy.rows import a_person, a_session, executions, ran, rule

pytestmark = pytest.mark.django_db

BATCH, FEW, MANY = 50, 100, 1_000
LONG = {"response": "Words of an answer. " * 200}
"""4 KB."""


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH", BATCH)
    monkeypatch.setattr(searching, "ROWS_OF_A_STRETCH", BATCH)
    monkeypatch.setattr("playground.keeping.erasure.SOME", BATCH)


def retained(user: User) -> None:
    rule(user.organisation, "executions", 30)
    ran(organisation=user.organisation)
    assert not PromptExecution.objects.filter(user=user).exists()


def own_data(user: User) -> None:
    made = ordering.order(user=user)
    making.make(made.id)
    assert OwnData.objects.get(id=made.id).status == OwnData.Status.COMPLETED


def searched(user: User) -> None:
    assert {find.kind for find in searching.search([user.username])} == {"users"}


def erased(user: User) -> None:
    erasure = lifecycle.request(subject=user, by=None, with_export=False)
    lifecycle.approve(erasure_id=erasure.id, by=None, now=timezone.now())
    assert erasing.go_on(erasure.id)
    assert lifecycle.get(erasure.id).counts["executions"] >= BATCH


def most_memory(work: Callable[[User], Any], user: User) -> int:
    """Bytes, at the worst moment."""
    tracemalloc.start()
    try:
        work(user)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("work", [retained, own_data, searched, erased], ids=lambda work: work.__name__)
def test_t39_ten_times_as_many_rows_take_no_more_memory(work: Callable[[User], Any]) -> None:
    peaks = []
    for count in (BATCH, FEW, MANY):  # the first warms what is made once
        user = a_person(f"{work.__name__} {count}")
        executions(a_session(user), days=40, count=count, answer=LONG)
        peaks.append(most_memory(work, user))
    assert peaks[2] < 2 * peaks[1], peaks
