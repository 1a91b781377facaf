"""Scores the calls that wait for a rule, one after another; done twice, each is scored and paid once."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, Sum
from django.utils import timezone

from evaluation_app.models import CallScore, ScoringRule, ScoringState
from evaluation_app.sampled import rules
from evaluation_app.sampled.choosing import ring
from evaluation_app.sampled.desk import OVER, Purse, RuleDesk
from evaluation_app.sampled.sample import sample_of
from evaluation_app.scorers.errors import InvalidScorer
from evaluation_app.scorers.judging import Checked, State, Verdict, judge_anyhow
from evaluation_app.scorers.outside.desk import Away, PutOff
from foundation.database.threads import in_database_thread

LEASE: Final = timedelta(minutes=5)
"""A worker that is not heard of for so long is taken for dead."""
RING_AFTER: Final = timedelta(seconds=30)
STATES: Final = {
    State.PASSED: ScoringState.PASSED,
    State.FAILED: ScoringState.FAILED,
    State.UNSCORED: ScoringState.UNSCORED,
    State.SCORER_ERROR: ScoringState.ERROR,
}


async def work(rule_id: UUID) -> None:
    """Scores what waits; nothing where somebody else does, or the rule is gone. What has to wait is rung for again."""
    rule = await in_database_thread(_taken, rule_id)
    if rule is None:
        return
    try:
        while (call := await in_database_thread(_next, rule)) is not None:
            await _score(rule, call)
    except (PutOff, Away):
        return
    finally:
        await in_database_thread(_let_go, rule)


def ring_again() -> None:
    """Rings for rules whose calls have waited for a while."""
    now = timezone.now()
    waiting = CallScore.objects.filter(state=ScoringState.WAITING, created_at__lt=now - RING_AFTER)
    free = Q(rule__worked_until=None) | Q(rule__worked_until__lt=now)
    for rule_id in waiting.filter(free, rule__is_active=True).order_by().values_list("rule_id", flat=True).distinct():
        ring(rule_id)


def spent_today(rule: ScoringRule, *, now: datetime) -> Decimal:
    """USD of judges since midnight (UTC)."""
    midnight = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    spent = CallScore.objects.filter(rule=rule, scored_at__gte=midnight).aggregate(cost=Sum("cost"))["cost"]
    return spent or Decimal(0)


def _taken(rule_id: UUID) -> ScoringRule | None:
    now = timezone.now()
    free = ScoringRule.objects.filter(Q(worked_until=None) | Q(worked_until__lt=now), id=rule_id, is_active=True)
    if not free.update(worked_until=now + LEASE):
        return None
    return ScoringRule.objects.select_related("user", "suite").get(id=rule_id)


def _let_go(rule: ScoringRule) -> None:
    ScoringRule.objects.filter(id=rule.id).update(worked_until=None)


def _next(rule: ScoringRule) -> CallScore | None:
    """The call that has waited longest; the lease goes on."""
    if not ScoringRule.objects.filter(id=rule.id, is_active=True).update(worked_until=timezone.now() + LEASE):
        return None
    waiting = CallScore.objects.filter(rule=rule, state=ScoringState.WAITING)
    return waiting.select_related("execution__session").order_by("created_at", "id").first()


async def _score(rule: ScoringRule, row: CallScore) -> None:
    try:
        checks = await in_database_thread(rules.checks, rule)
    except InvalidScorer as error:
        await in_database_thread(_store_error, row, str(error))
        return
    purse = Purse(rule.budget_per_day - await in_database_thread(spent_today, rule, now=timezone.now()))
    call = row.execution
    project_id = call.session.project_id
    desks = [RuleDesk(rule, call, check, purse, project_id=project_id) for check in checks]
    verdict = await judge_anyhow(checks, sample_of(call, checks), desks)
    await in_database_thread(_store, rule, row, verdict, purse)


def _store(rule: ScoringRule, row: CallScore, verdict: Verdict, purse: Purse) -> None:
    now = timezone.now()
    is_over = any(each.error and each.error.code == OVER for each in verdict.checked)
    state = ScoringState.OVER_BUDGET if is_over else STATES[verdict.state]
    # Saved as an instance, for what is sealed is sealed for its own row; only a row that waits is written.
    if not CallScore.objects.filter(id=row.id, state=ScoringState.WAITING).update(state=state):
        return
    row.state, row.score, row.scored_at, row.cost = state, verdict.score, now, purse.spent
    row.scores = [_told(each) for each in verdict.checked]
    row.save(update_fields=["score", "scores", "scored_at", "cost"])
    if is_over:
        ScoringRule.objects.filter(id=rule.id).update(reached_on=now.astimezone(UTC).date())


def _store_error(row: CallScore, reason: str) -> None:
    row.scores = [{"scorer": "", "value": None, "passed": None, "reason": reason}]
    row.state, row.scored_at = ScoringState.ERROR, timezone.now()
    row.save(update_fields=["state", "scores", "scored_at"])


def _told(checked: Checked) -> dict[str, Any]:
    score, error = checked.score, checked.error
    return {
        "scorer": checked.check.scorer.name,
        "value": score.value if score else None,
        "passed": score.passed if score and score.value is not None else None,
        "reason": score.reason if score else error.sentence if error else "",
    }
