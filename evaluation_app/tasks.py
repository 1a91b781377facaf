"""Background work of the Evaluation Engine; each task is harmless when run twice."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_shutting_down
from django.utils import timezone

from evaluation_app import lifecycle
from evaluation_app.datasets import proposing
from evaluation_app.economy import looking
from evaluation_app.recommendations.proposing import ask, ring_again
from evaluation_app.recommendations.verifying import put_draft_away
from evaluation_app.running import stopping
from evaluation_app.running.settling import settle
from evaluation_app.running.sweeping import ring_for_waiting, sweep
from evaluation_app.running.working import work
from evaluation_app.sampled import working as sampled
from evaluation_app.splits.watching import watch_all
from evaluation_app.suites.running import look_at_test
from evaluation_app.suites.tending import tend
from playground.engine import thread

logger = logging.getLogger(__name__)
worker_shutting_down.connect(stopping.tell)


@shared_task
def run_test(*, test_id: str, **kwargs: Any) -> None:
    """Hands a test in at this child's engine, where it goes on while the child does other tasks.

    A task that lasted as long as its test would keep all others waiting, those among them that mend what died.
    """
    test = UUID(test_id)
    lifecycle.start(test)
    thread.hand_in(work(test))


@shared_task
def look_at_batch(*, batch_id: str, **kwargs: Any) -> None:
    """Sends a batch, or looks how far it is; one that somebody looks at is left to them."""
    thread.hand_in(looking.look(UUID(batch_id)))


@shared_task
def ask_for_cases(*, ask_id: str, **kwargs: Any) -> None:
    """Has a model asked for cases of a dataset, at this child's engine."""
    thread.hand_in(proposing.work(UUID(ask_id)))


@shared_task
def settle_test(*, test_id: str, **kwargs: Any) -> None:
    """Ends or rests a test that nobody has anything to do for any more, and makes room for the next."""
    if settle(UUID(test_id)):
        ring_for_waiting()
    look_at_test(UUID(test_id))
    put_draft_away(UUID(test_id))


@shared_task
def recommend(*, round_id: str, **kwargs: Any) -> None:
    """Has a model asked for proposals, at this child's engine."""
    thread.hand_in(ask(UUID(round_id)))


@shared_task
def score_calls(*, rule_id: str, **kwargs: Any) -> None:
    """Has the calls scored that wait for a rule, at this child's engine."""
    thread.hand_in(sampled.work(UUID(rule_id)))


@shared_task
def sweep_tests(**kwargs: Any) -> None:
    """Takes up what dead workers left, and rings for tests that nobody works on."""
    # Where the database was away at its start, a child would not show that it lives before the next test.
    thread.begin()
    sweep()
    proposing.ring_again()
    sampled.ring_again()
    ring_again()


@shared_task
def watch_splits(**kwargs: Any) -> None:
    """Looks at what the calls of running splits came to."""
    watch_all(timezone.now())


@shared_task
def tend_suites(**kwargs: Any) -> None:
    """Begins suites that are due, and judges runs that have ended."""
    tend(timezone.now())
