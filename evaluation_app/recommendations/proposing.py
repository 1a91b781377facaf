"""A round of recommendations: what rules find at once, and what a model proposes when a worker has asked it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.noting import asking_token
from evaluation_app.creation.ceiling import check_ceiling, most_of
from evaluation_app.creation.session import hidden_session
from evaluation_app.models import (
    EvaluationTest,
    EvaluationVariant,
    Recommendation,
    RecommendationKind,
    RecommendationRound,
    RoundState,
    TestStatus,
)
from evaluation_app.recommendations.asking import proposals_in, question, system_prompt
from evaluation_app.recommendations.division import division_of
from evaluation_app.recommendations.failures import Failure, failures_of, shared
from evaluation_app.recommendations.subject import Subject, subject_of
from foundation.database.threads import in_database_thread
from foundation.problems import FieldError, Problem, invalid
from foundation.tasks import send_task
from playground import executing
from playground.engine.ask import Ask
from playground.engine.confirmation import check_cost
from playground.models import Origin, PromptExecution, Status
from providers.catalogue import listing

logger = logging.getLogger(__name__)

MOST: Final = 5
"""Proposals of a round."""
LONGEST_REPLY: Final = 8_192
"""Tokens."""
MOST_FINDINGS: Final = 20
SESSION: Final = "Recommendations"
"""The hidden session that holds what models proposed."""
RING_AFTER: Final = timedelta(seconds=30)


class Found(NamedTuple):
    """A recommendation to be."""

    kind: RecommendationKind
    title: str
    reason: str
    change: dict[str, Any]


def propose(user: User, test: EvaluationTest, asked: dict[str, Any]) -> RecommendationRound:
    """A round as `ProposeBody` has it (evaluation_app.api.recommendations); raises Problem."""
    if not TestStatus(test.status).is_final or not test.results:
        raise Problem(409, "not_ended", "Recommendations rest on a test's figures: it has not ended yet.")
    variant = _variant(test, asked.get("variant"))
    for field in ("model_id", "move_to"):
        if (model_id := asked.get(field)) and listing.model(model_id) is None:
            message = f"There is no provider {model_id.partition('/')[0]!r} here."
            raise Problem(404, "unknown_provider", message, errors=[FieldError(field, "unknown_provider", message)])
    if move_to := asked.get("move_to"):
        return _round(user, test, variant, [_move(variant, move_to)])
    subject, division = subject_of(variant), division_of(test)
    failures = failures_of(test, variant, division.train)
    told = [*subject.findings, *shared(failures, cases=len(division.train))]
    found = [Found(RecommendationKind.ADVICE, title, reason, {}) for title, reason in told]
    model_id = asked.get("model_id", "")
    if model_id and not failures:
        message = "Nothing failed on the cases that may be shown: there is nothing to learn from."
        raise Problem(409, "nothing_failed", message)
    count = asked.get("count", 3) if model_id else 0
    max_cost = None if asked.get("max_cost") is None else Decimal(str(asked["max_cost"]))
    if model_id:
        wanted = Ask(user, Origin.JUDGE, model_id, _request(subject, failures, count), _parameters(test))
        if max_cost is not None:
            check_ceiling(wanted, max_cost, "max_cost")
        if not asked.get("confirm_cost"):
            check_cost([(model_id, most_of(wanted).cost)], ceiling=max_cost)
    findings = found[:MOST_FINDINGS]
    return _round(user, test, variant, findings, model_id=model_id, count=count, max_cost=max_cost)


def _variant(test: EvaluationTest, name: str | None) -> EvaluationVariant:
    variants = test.variants.select_related("template_version").order_by("position")
    found = variants.filter(name=name).first() if name else variants.first()
    if found is None:
        raise invalid([FieldError("variant", "unknown", "The test has no variant of this name.")])
    return found


def _move(variant: EvaluationVariant, model_id: str) -> Found:
    if model_id == variant.model_id:
        raise invalid([FieldError("move_to", "unchanged", "It runs on this model already.")])
    reason = f"The same prompt on {model_id} in the place of {variant.model_id}, measured on the cases held out."
    return Found(RecommendationKind.MODEL, f"Move to {model_id}", reason, {"model_id": model_id})


@transaction.atomic
def _round(
    user: User,
    test: EvaluationTest,
    variant: EvaluationVariant,
    found: Sequence[Found],
    *,
    model_id: str = "",
    **fields: Any,
) -> RecommendationRound:
    state = RoundState.ASKING if model_id else RoundState.DONE
    made = RecommendationRound.objects.create(
        test=test, variant=variant, user=user, model_id=model_id, state=state, token_id=asking_token(), **fields
    )
    _keep(made, found)
    if model_id:
        transaction.on_commit(lambda: ring(made.id))
    return made


def _keep(round_: RecommendationRound, found: Sequence[Found]) -> None:
    begin = round_.recommendations.count()
    for position, (kind, title, reason, change) in enumerate(found, start=begin):
        Recommendation.objects.create(
            round=round_,
            test_id=round_.test_id,
            variant_id=round_.variant_id,
            position=position,
            kind=kind,
            title=title,
            reason=reason,
            change=change,
        )


def ring(round_id: UUID) -> None:
    """Has a worker see to a round; one that nobody saw to is rung for again by the sweeper."""
    send_task("evaluation_app.tasks.recommend", round_id=str(round_id))


def execution_id_of(round_id: UUID) -> UUID:
    """The one execution of a round: begun once, whoever asks."""
    return uuid5(round_id, "proposals")


async def ask(round_id: UUID) -> None:
    """Has the model asked and keeps what it proposes; done twice, it is asked once and kept once."""
    try:
        made = await in_database_thread(_asks, round_id)
        if made is None:
            return
        await executing.begin(made, is_streamed=False)
        record, _ = await executing.ended(execution_id_of(round_id))
    except Problem as problem:
        if problem.status in (429, 503) and not problem.errors:
            return  # The sweeper rings again.
        sentence = "; ".join(error["message"] for error in problem.errors) or problem.detail or problem.title
        await in_database_thread(_fail, round_id, sentence)
        return
    await in_database_thread(_take, round_id, record)


def _asks(round_id: UUID) -> Ask | None:
    row = _open(round_id)
    if row is None:
        return None
    test, subject = row.test, subject_of(row.variant)
    failures = failures_of(test, row.variant, division_of(test).train)
    limit = {} if row.max_cost is None else {"max_cost": float(row.max_cost)}
    return Ask(
        row.user,
        Origin.JUDGE,
        row.model_id,
        _request(subject, failures, row.count),
        parameters={**_parameters(test), **limit},
        facts={"recommends": str(test.id)},
        session_id=hidden_session(row.user, SESSION, project_id=test.policy.get("project_id", "")),
        execution_id=execution_id_of(round_id),
        token_id=row.token_id,
    )


def _request(subject: Subject, failures: Sequence[Failure], count: int) -> dict[str, Any]:
    return {"system_prompt": system_prompt(subject), "prompt": question(subject, failures, count=count)}


def _parameters(test: EvaluationTest) -> dict[str, Any]:
    return {"max_tokens": LONGEST_REPLY, "timeout": float(test.policy["timeout"])}


def _open(round_id: UUID) -> RecommendationRound | None:
    rows = RecommendationRound.objects.filter(id=round_id, state=RoundState.ASKING)
    return rows.select_related("test", "user", "variant__template_version").first()


def _take(round_id: UUID, record: PromptExecution) -> None:
    row = _open(round_id)
    if row is None:
        return
    if record.status != Status.COMPLETED:
        _fail(round_id, f"The model gave no reply: {record.error_message or record.error_code}")
        return
    told: dict[str, Any] = record.answer or {}
    proposals, notes = proposals_in(told.get("response", ""), subject_of(row.variant), count=row.count)
    with transaction.atomic():
        if _move_on(round_id, RoundState.DONE, notes=notes):
            _keep(row, [Found(RecommendationKind.EDIT, each.title, each.reason, each.change) for each in proposals])


def _fail(round_id: UUID, sentence: str) -> None:
    _move_on(round_id, RoundState.FAILED, error=sentence)


def _move_on(round_id: UUID, to: RoundState, **sealed: Any) -> bool:
    with transaction.atomic():
        row = RecommendationRound.objects.select_for_update().filter(id=round_id, state=RoundState.ASKING).first()
        if row is None:
            return False
        row.state = to
        for name, value in sealed.items():
            setattr(row, name, value)
        row.save(update_fields=["state", *sealed])
    return True


async def cancel(user: User, round_id: UUID) -> None:
    """Ends a round that is under way; what it has cost is paid. Raises Problem (409) when it has ended."""
    if not await in_database_thread(_move_on, round_id, RoundState.CANCELLED):
        raise Problem(409, "ended", "This round has ended already.")
    try:
        await executing.cancel(user=user, execution_id=execution_id_of(round_id))
    except Problem as problem:
        if problem.status != 404:  # It had not begun.
            raise


def ring_again() -> None:
    """Rings for rounds that no worker has seen to for a while."""
    now = timezone.now()
    for row in RecommendationRound.objects.filter(state=RoundState.ASKING, rung_at__lt=now - RING_AFTER):
        if RecommendationRound.objects.filter(id=row.id, rung_at=row.rung_at).update(rung_at=now):
            ring(row.id)
