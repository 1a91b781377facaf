"""Ended tests as rows, with answers that no model gives by itself, and their files as they come over the wire."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from evaluation_app.figures.results import results_of
from evaluation_app.models import EvaluationCase, EvaluationSample, EvaluationTest, EvaluationVariant, SampleScore
from evaluation_app.running import statements
from playground.models import PromptExecution
from sessions_app.models import PlaygroundSession
from tests.cast import Person
from tests.history.stored import download, user_of


@dataclass(frozen=True)
class Run:
    """What one sample came to."""

    state: str = "passed"
    response: str = "Yes."
    reason: str = ""


Outcome = Callable[[int, int, int], Run]
"""By the places of variant and case, and the run."""


def a_test(
    person: Person,
    outcome: Outcome,
    *,
    cases: Sequence[Mapping[str, Any]],
    runs: int = 1,
    variants: Sequence[str] = ("plain",),
    **fields: Any,
) -> EvaluationTest:
    """A test whose samples have all ended so, with the results that the product finds for them."""
    user = user_of(person)
    session = PlaygroundSession.objects.create(user=user, name="Hidden", is_hidden=True)
    samples = len(cases) * len(variants) * runs
    given = {"name": "Stored", "status": "completed", "started_at": timezone.now(), **fields}
    test = EvaluationTest.objects.create(
        user=user, session=session, seed=7, runs=runs, blocks=len(cases), samples=samples, done=samples, **given
    )
    on_trial = [
        EvaluationVariant(
            test=test, position=place, name=name, model_id="openai/echo", body={"prompt": name}, prices={"input": "1"}
        )
        for place, name in enumerate(variants)
    ]
    EvaluationVariant.objects.bulk_create(on_trial)
    answered = [
        EvaluationCase(
            test=test, position=place, block=place, open_samples=0, scorers=[], **{"key": f"k{place}", **case}
        )
        for place, case in enumerate(cases)
    ]
    EvaluationCase.objects.bulk_create(answered)
    _make_samples(test, on_trial, answered, outcome)
    return _figured(test)


def _make_samples(
    test: EvaluationTest, variants: list[EvaluationVariant], cases: list[EvaluationCase], outcome: Outcome
) -> None:
    executions, samples, scores = [], [], []
    for variant in variants:
        for case in cases:
            for run in range(1, test.runs + 1):
                told = outcome(variant.position, case.position, run)
                sample = _sample(test, variant, case, run, told)
                samples.append(sample)
                if sample.execution_id:
                    executions.append(_execution(test, sample, told))
                if told.state in ("passed", "failed"):
                    scores.append(
                        SampleScore(
                            sample=sample, position=0, scorer="contains", scorer_hash="h", value=sample.score,
                            passed=sample.passed, reason=told.reason,
                        )
                    )  # fmt: skip
    PromptExecution.objects.bulk_create(executions, batch_size=500)
    EvaluationSample.objects.bulk_create(samples, batch_size=500)
    SampleScore.objects.bulk_create(scores, batch_size=500)


def _sample(
    test: EvaluationTest, variant: EvaluationVariant, case: EvaluationCase, run: int, told: Run
) -> EvaluationSample:
    is_scored, is_answered = told.state in ("passed", "failed"), told.state in ("passed", "failed", "unscored")
    return EvaluationSample(
        test=test, variant=variant, case=case, run=run, block=case.block, state=told.state,
        execution_id=uuid.uuid4() if is_answered else None, cost=Decimal("0.001") if is_answered else 0,
        passed=told.state == "passed" if is_scored else None,
        score=float(told.state == "passed") if is_scored else None,
        error_code="timeout" if told.state == "errored" else "",
        error_message=told.reason if told.state == "errored" else "",
        latency=0.5 if is_answered else None, prompt_tokens=3, completion_tokens=2,
        digest=str(hash(told.response) % 10**9) if is_answered else "", ended_at=timezone.now(),
    )  # fmt: skip


def _execution(test: EvaluationTest, sample: EvaluationSample, told: Run) -> PromptExecution:
    return PromptExecution(
        id=sample.execution_id, session_id=test.session_id, user_id=test.user_id, model_id="openai/echo",
        request={"prompt": "x"}, answer={"response": told.response}, status="completed", origin="evaluation",
        ended_at=timezone.now(),
    )  # fmt: skip


def _figured(test: EvaluationTest) -> EvaluationTest:
    samples = EvaluationSample.objects.filter(test=test)
    with connection.cursor() as cursor:
        cursor.execute(statements.TOTAL, {"cases": [case.id for case in test.cases.all()]})
    test.errors, test.skipped = (samples.filter(state=state).count() for state in ("errored", "skipped"))
    test.spent_cost = sum((sample.cost for sample in samples), Decimal(0))
    if test.status == "completed":
        test.results, test.completed_at = results_of(test), timezone.now()
    test.save()
    return test


async def exported(person: Person, test_id: object, format_name: str) -> bytes:
    """The file's bytes."""
    answer = await download(person, f"/api/evaluation/{test_id}/export?format={format_name}")
    assert answer.status == 200, answer.content
    return answer.content
