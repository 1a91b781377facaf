"""What administrators decide: rules made, changed and removed, and alerts that are muted for a while."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction

from accounts.models import User
from foundation.numbers import LARGEST_INTEGER
from foundation.problems import FieldError, invalid, not_found
from monitoring.alerts import lifecycle
from monitoring.alerts.measures import MEASURES
from monitoring.errors.deciding import must_administer
from monitoring.models import Alert, AlertRule

MOST_RULES: Final = 100
ANEW: Final = frozenset({"figure", "provider", "comparison"})
"""With another of these, what was firing has nothing to do with the rule any more."""


def rule_of(rule_id: int) -> AlertRule:
    """A Problem (404) where there is none."""
    found = AlertRule.objects.filter(id=rule_id).first() if rule_id <= LARGEST_INTEGER else None
    if found is None:
        raise not_found("The rule")
    return found


def alert_of(alert_id: int) -> Alert:
    """A Problem (404) where there is none."""
    rows = Alert.objects.select_related("rule")
    found = rows.filter(id=alert_id).first() if alert_id <= LARGEST_INTEGER else None
    if found is None:
        raise not_found("The alert")
    return found


def make(*, by: User, given: Mapping[str, Any]) -> AlertRule:
    """A Problem: 400 names the field, 403."""
    must_administer(by)
    if AlertRule.objects.count() >= MOST_RULES:
        raise invalid([FieldError("", "too_many", f"There are {MOST_RULES} rules already: delete one first.")])
    return _kept(AlertRule(**given))


@transaction.atomic
def change(*, rule_id: int, by: User, given: Mapping[str, Any], at: datetime) -> AlertRule:
    """Only what is given. What is firing ends without a word where the rule is about something else, or off, then.
    A Problem: 400 names the field, 403, 404.
    """
    must_administer(by)
    rule = _locked(rule_id)
    is_another = any(getattr(rule, name) != given[name] for name in ANEW & given.keys())
    for name, value in given.items():
        setattr(rule, name, value)
    kept = _kept(rule, only=list(given))
    if is_another or not kept.is_enabled:
        lifecycle.end_of(kept, at=at)
    return kept


@transaction.atomic
def remove(*, rule_id: int, by: User, at: datetime) -> None:
    """With its alerts; when it was firing stays in the history. A Problem: 403, 404."""
    must_administer(by)
    rule = _locked(rule_id)
    lifecycle.end_of(rule, at=at)
    rule.delete()


def _locked(rule_id: int) -> AlertRule:
    """One that nobody else changes or removes meanwhile; what is judged must not hang a new alert on one that goes."""
    rule_of(rule_id)
    rule = AlertRule.objects.select_for_update().filter(id=rule_id).first()
    if rule is None:
        raise not_found("The rule")
    return rule


def mute(*, alert_id: int, by: User, lasting: timedelta, at: datetime) -> Alert:
    """Nobody is told of it for so long. A Problem: 403, 404."""
    must_administer(by)
    alert_of(alert_id)
    lifecycle.mute(alert_id, until=at + lasting, by=by)
    return alert_of(alert_id)


def unmute(*, alert_id: int, by: User) -> Alert:
    """What is firing untold is told with the next minute. A Problem: 403, 404."""
    must_administer(by)
    alert_of(alert_id)
    lifecycle.mute(alert_id, until=None, by=by)
    return alert_of(alert_id)


def _kept(rule: AlertRule, *, only: list[str] | None = None) -> AlertRule:
    measure = MEASURES.get(rule.figure)
    if measure is None:
        raise invalid([FieldError("figure", "invalid_choice", "There is no such figure.")])
    if rule.provider and measure.by != "provider":
        raise invalid([FieldError("provider", "invalid", "This figure is not one of providers.")])
    try:
        with transaction.atomic():
            rule.save(update_fields=only if rule.pk else None)
    except IntegrityError:
        raise invalid([FieldError("name", "unique", "There is a rule of this name.")]) from None
    return rule
