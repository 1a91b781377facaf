"""What is done for suites by the clock: due ones begin, open runs are judged, gates are looked at after a partial."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models.signals import post_save

from evaluation_app.models import Suite, Why
from evaluation_app.suites.running import begin, labelled, look_at_open, newest, version_on_trial
from evaluation_app.suites.schedule import next_after
from evaluation_app.suites.trial import trial_hash
from foundation.problems import Problem
from foundation.tasks import send_task
from templates_app.models import LabelMove, PromptTemplate, TemplatePartial, TemplateVersion
from templates_app.partials.expanding import DEEPEST
from templates_app.versions.made import label_moved, version_made

logger = logging.getLogger(__name__)
AT_ONCE: Final = 50
"""Suites that one look begins."""


def register() -> None:
    """To be called when the app is ready."""
    version_made.connect(_version_made, sender=TemplateVersion, dispatch_uid="evaluation_app.gates")
    label_moved.connect(_label_moved, dispatch_uid="evaluation_app.gates")
    post_save.connect(_template_saved, sender=PromptTemplate, dispatch_uid="evaluation_app.gates")


def tend(now: datetime) -> None:
    """All of it; harmless when done twice, or by two at once."""
    for suite in Suite.objects.filter(next_at__lte=now).select_related("user").order_by("next_at")[:AT_ONCE]:
        _apart(suite, lambda suite=suite: _begin_due(suite, now))  # type: ignore[misc]
    for suite in Suite.objects.filter(must_look=True).select_related("user")[:AT_ONCE]:
        _apart(suite, lambda suite=suite: _look_again(suite))  # type: ignore[misc]
    look_at_open()


def _apart(suite: Suite, act: Callable[[], None]) -> None:
    """One suite's fault is not another's."""
    try:
        with transaction.atomic():
            act()
    except Exception:
        logger.exception("suite_not_tended", extra={"suite_id": str(suite.id)})


def _begin_due(suite: Suite, now: datetime) -> None:
    due = suite.next_at
    # The row count decides: of two that look at once, one begins it; what was missed meanwhile is run once.
    if not Suite.objects.filter(id=suite.id, next_at=due).update(next_at=next_after(suite.schedule, now)):
        return
    try:
        version = version_on_trial(suite)
    except Problem as problem:
        logger.warning("suite_has_no_version", extra={"suite_id": str(suite.id), "why": problem.detail})
        return
    begin(suite, version, why=Why.SCHEDULE, due_at=due)


def _look_again(suite: Suite) -> None:
    """Runs the gate of a version whose text another template has changed; nothing is moved."""
    if not Suite.objects.filter(id=suite.id, must_look=True).update(must_look=False):
        return
    version = labelled(suite)
    if version is None or not version.partials.exists():
        return
    if newest(suite, trial_hash(suite.content_hash, version)) is None:
        begin(suite, version, why=Why.PARTIAL)


def _version_made(sender: Any, version: TemplateVersion, **kwargs: Any) -> None:
    _mark_followers(version.template_id)


def _label_moved(sender: Any, move: LabelMove, **kwargs: Any) -> None:
    _mark_followers(move.template_id)


def _template_saved(sender: Any, instance: PromptTemplate, update_fields: Any = None, **kwargs: Any) -> None:
    """A partial that is deleted, brought back, or shared otherwise is another text to those that follow it."""
    if {"deleted_at", "visibility"} & set(update_fields or ()):
        _mark_followers(instance.id)


def _mark_followers(template_id: UUID) -> None:
    """Notes, in the very change of a template, that gates of all that may be made of it are to be looked at."""
    followers, reached = set[UUID](), {template_id}
    for _ in range(DEEPEST + 1):
        rows = TemplatePartial.objects.filter(partial__in=reached).values_list("version__template_id", flat=True)
        reached = set(rows) - followers
        if not reached:
            break
        followers |= reached
    gates = Suite.objects.exclude(gate_label="").filter(template__in=followers) if followers else None
    if gates is not None and gates.update(must_look=True):
        transaction.on_commit(lambda: send_task("evaluation_app.tasks.tend_suites"))
