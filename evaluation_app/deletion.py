"""A test taken away, and brought back: its answers lie in its hidden session and go with it, for good after 30 days."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from evaluation_app.errors import in_use, refused
from evaluation_app.lookup import governed
from evaluation_app.models import (
    Baseline,
    EvaluationTest,
    Recommendation,
    RecommendationRound,
    ReviewQueue,
    RoundState,
    SuiteTest,
    TestStatus,
)
from sessions_app.models import PlaygroundSession

MOST_NAMED = 5


@transaction.atomic
def delete(*, user: User, test_id: UUID) -> EvaluationTest:
    """Takes the test away for 30 days; raises Problem (409) while it runs, or where something stands on it."""
    governed(user, test_id)
    # Baselines, reviews and suites that are made at this moment wait for it, as does who takes it up again.
    test = EvaluationTest.objects.select_for_update(of=("self",)).get(id=test_id)
    if not TestStatus(test.status).is_final:
        raise refused(test, "deleted: cancel it first")
    if standing := _standing_on(test):
        raise in_use(standing)
    _moved(test, deleted=True)
    return test


@transaction.atomic
def undelete(*, user: User, test_id: UUID) -> EvaluationTest:
    """Brings a deleted test back; harmless when it is there."""
    rows = EvaluationTest.objects.restorable_by(user).select_for_update(of=("self",))
    deleted = rows.filter(id=test_id).first()
    if deleted is not None:
        _moved(deleted, deleted=False)
    return governed(user, test_id)


def _moved(test: EvaluationTest, *, deleted: bool) -> None:
    rows = PlaygroundSession.objects.filter(id=test.session_id, deleted_at__isnull=deleted)
    rows.update(deleted_at=timezone.now() if deleted else None, revision=F("revision") + 1)


def _standing_on(test: EvaluationTest) -> list[str]:
    """What would lose its ground with the test, in words; its own recommendations go and come with it."""
    baselines = Baseline.objects.filter(test=test).select_related("template").order_by("-set_at")
    runs = SuiteTest.objects.filter(test=test).select_related("run__suite")
    reviews = ReviewQueue.objects.filter(test=test).order_by("created_at")
    verified = Recommendation.objects.filter(verification=test).select_related("test")
    asked = RecommendationRound.objects.filter(test=test, state=RoundState.ASKING)
    return [
        *(f"the baseline of {each.template.name[:80]!r}" for each in baselines[:MOST_NAMED]),
        *(f"a run of the suite {each.run.suite.name[:80]!r}" for each in runs[:MOST_NAMED]),
        *(f"the review {each.name[:80]!r}" for each in reviews[:MOST_NAMED]),
        *(f"a recommendation of {each.test.name[:80]!r} that it measures" for each in verified[:MOST_NAMED]),
        *("recommendations that a model is being asked for" for _ in asked[:1]),
    ]
