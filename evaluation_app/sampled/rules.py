"""Rules as they are kept: made, changed, taken away; and the checks that one judges by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from evaluation_app.models import ScoringRule, Suite
from evaluation_app.scorers.errors import InvalidScorer
from evaluation_app.scorers.judging import MOST_SCORERS, Check, checks_of
from foundation.problems import FieldError, Problem, invalid, not_found

PLAIN = ("name", "service", "model_id", "project_id", "share", "budget_per_day", "is_active")


def seen(user: User, rule_id: UUID) -> ScoringRule:
    """The rule; a 404 problem for anybody but its owner."""
    found = ScoringRule.objects.visible_to(user).select_related("user", "suite").filter(id=rule_id).first()
    if found is None:
        raise not_found("The rule")
    return found


@transaction.atomic
def create(*, user: User, given: Mapping[str, Any]) -> ScoringRule:
    """A rule out of a checked body; raises Problem where it could never judge a call."""
    rule = ScoringRule(user=user)
    _take(rule, given)
    rule.save(force_insert=True)
    return rule


@transaction.atomic
def change(*, user: User, rule_id: UUID, given: Mapping[str, Any]) -> ScoringRule:
    """The rule with what the body names."""
    rule = seen(user, rule_id)
    _take(rule, given)
    rule.save(update_fields=[*PLAIN, "scorers", "suite"])
    return rule


def delete(*, user: User, rule_id: UUID) -> None:
    """Takes the rule away, with what it has found."""
    seen(user, rule_id).delete()


def checks(rule: ScoringRule) -> tuple[Check, ...]:
    """What judges its calls; raises InvalidScorer where nothing does."""
    if rule.suite is None:
        return checks_of(rule.scorers)
    return tuple(check for _, check in checks_of_suite(rule.suite))


def checks_of_suite(suite: Suite) -> list[tuple[dict[str, Any], Check]]:
    """Its scorers that can judge a call of which nothing was expected, as asked and as checks; raises InvalidScorer."""
    asked = _of_suite(suite)
    return [(each, check) for each, check in zip(asked, checks_of(asked), strict=True) if _needs_nothing(check)]


def _take(rule: ScoringRule, given: Mapping[str, Any]) -> None:
    for name in PLAIN:
        if name in given:
            setattr(rule, name, given[name])
    if given.get("scorers") and given.get("suite_id"):
        raise invalid([FieldError("suite_id", "contradiction", "Send scorers or a suite, not both.")])
    if given.get("scorers"):
        rule.scorers, rule.suite = [_plain(each) for each in given["scorers"]], None
    if given.get("suite_id"):
        suite = Suite.objects.visible_to(rule.user).filter(id=given["suite_id"]).first()
        if suite is None:
            raise invalid([FieldError("suite_id", "unknown", "There is no such suite of yours.")])
        rule.scorers, rule.suite = None, suite
    _check(rule)


def _check(rule: ScoringRule) -> None:
    try:
        found = checks(rule) if rule.suite or rule.scorers else ()
        for place, check in enumerate(found if rule.suite is None else ()):
            try:
                check.scorer.check_case(None)
            except InvalidScorer as error:
                raise error.below(place, "params") from None
    except InvalidScorer as error:
        raise invalid([FieldError(f"scorers.{error.field}".rstrip("."), "invalid_scorer", str(error))]) from None
    if not found:
        sentence = "No scorer is left that judges a call of which nothing was expected."
        raise Problem(400, "no_scorer", sentence, errors=[FieldError("scorers", "required", sentence)])


def _of_suite(suite: Suite) -> list[dict[str, Any]]:
    """Each scorer of its tests once."""
    found: list[dict[str, Any]] = []
    for body in suite.tests:
        for each in _scorers_of(body):
            if (plain := _plain(each)) not in found:
                found.append(plain)
    return found[:MOST_SCORERS]


def _scorers_of(body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return [
        *(body.get("scorers") or ()),
        *(each for case in body.get("test_cases") or () for each in case.get("scorers") or ()),
    ]


def _plain(scorer: Mapping[str, Any]) -> dict[str, Any]:
    return {"scorer": scorer["scorer"], "params": dict(scorer.get("params") or {}), "weight": scorer.get("weight", 1.0),
            "required": scorer.get("required", True)}  # fmt: skip


def _needs_nothing(check: Check) -> bool:
    """Whether it can judge a call of which nothing was expected."""
    try:
        check.scorer.check_case(None)
    except InvalidScorer:
        return False
    return True
