"""The gate: a label moves to a version whose suites have passed, or by the word of a second person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from evaluation_app.errors import gate_failed, gate_running
from evaluation_app.models import GateOverride, RunStatus, Suite, SuiteRun, Why
from evaluation_app.suites.representation import run_json
from evaluation_app.suites.running import begin, look_at, newest, put_to_use
from evaluation_app.suites.trial import trial_hash
from foundation.problems import Problem, not_found
from templates_app.errors import forbidden
from templates_app.models import PromptTemplate, TemplateVersion
from templates_app.versions import guards
from templates_app.versions.guards import Approval, Held, Proposed

Shown = list[tuple[Suite, SuiteRun]]


def register() -> None:
    """To be called when the app is ready."""
    guards.register("gates", guard)


def guard(proposed: Proposed) -> Approval | None:
    """Lets a move be that no gate holds, or that all have passed; a 409 problem, or Held, for any other."""
    suites = list(Suite.objects.gating(proposed.template.id, proposed.label).select_related("user"))
    if not suites:
        return None
    shown, is_ready = _shown(suites, proposed.version)
    if not is_ready:
        raise Held(lambda: _begun(suites, proposed))
    if any(run.is_open for _, run in shown):
        raise _running(shown, proposed.label)
    refused = [(suite, run) for suite, run in shown if run.status != RunStatus.PASSED]
    if not refused:
        return None
    words = [_word(run, proposed) for _, run in refused]
    if None in words and any(run.status == RunStatus.NOT_JUDGED for _, run in refused):
        raise Held(lambda: _judged_again(refused, proposed))
    return _overridden(refused, words, proposed)


def _shown(suites: list[Suite], version: TemplateVersion) -> tuple[Shown, bool]:
    """What each suite says of that version, and whether each has looked at it."""
    found = [(suite, newest(suite, trial_hash(suite.content_hash, version))) for suite in suites]
    shown = [(suite, run) for suite, run in found if run is not None]
    return shown, len(shown) == len(suites) and all(run.why != Why.REFERENCE for _, run in shown)


def _begun(suites: list[Suite], proposed: Proposed) -> Problem:
    shown = []
    for suite in suites:
        known = newest(suite, trial_hash(suite.content_hash, proposed.version))
        if known is None:
            known = begin(suite, proposed.version, why=Why.LABEL, asked_by=proposed.mover)
        elif known.why == Why.REFERENCE:
            known = put_to_use(known, asked_by=proposed.mover)
        shown.append((suite, known))
    if any(run.is_open or run.status == RunStatus.PASSED for _, run in shown):
        return _running(shown, proposed.label)
    return _failed([(suite, run) for suite, run in shown if run.status != RunStatus.PASSED], proposed)


def _running(shown: Shown, label: str) -> Problem:
    suite, run = next(((suite, run) for suite, run in shown if run.is_open), shown[0])
    sentence = f"“{label}” has not moved: its gate “{suite.name}” looks at this version first. Ask again after that."
    return gate_running(sentence, **_told(suite, run, shown))


def _failed(refused: Shown, proposed: Proposed) -> Problem:
    suite, run = refused[0]
    said = (run.verdict or {}).get("sentence", "")
    sentence = f"“{proposed.label}” has not moved: its gate “{suite.name}” refuses this version. {said}"
    return gate_failed(sentence, **_told(suite, run, refused))


def _told(suite: Suite, run: SuiteRun, shown: Shown) -> dict[str, Any]:
    return {
        "run_id": str(run.id),
        "suite": {"id": str(suite.id), "name": suite.name},
        "result": run_json(run),
        "results": [run_json(each) for _, each in shown],
        "run_url": f"/api/suites/{suite.id}/runs/{run.id}",
        "page_url": f"/evaluations/suites/{suite.id}",
        "override_url": f"/api/suites/{suite.id}/runs/{run.id}/override",
    }


def _judged_again(refused: Shown, proposed: Proposed) -> Problem:
    """What could not be judged may be now: people have measured its judge, say. Nobody is asked for an answer again."""
    for _, run in refused:
        if run.status == RunStatus.NOT_JUDGED:
            look_at(run.id)
            run.refresh_from_db()
    if any(run.is_open for _, run in refused):
        return _running(refused, proposed.label)
    still = [(suite, run) for suite, run in refused if run.status != RunStatus.PASSED]
    return _failed(still, proposed) if still else _running(refused, proposed.label)


def _overridden(refused: Shown, words: Sequence[GateOverride | None], proposed: Proposed) -> Approval:
    """Takes up a second person's word for each suite that refuses; a 409 problem where one is missing."""
    if None in words:
        raise _failed([pair for pair, word in zip(refused, words, strict=True) if word is None], proposed)
    told = []
    for (suite, run), word in zip(refused, words, strict=True):
        assert word is not None  # noqa: S101 - for the type checker
        rows = GateOverride.objects.filter(id=word.id, used_at=None)
        if not rows.update(used_at=timezone.now(), used_by=proposed.mover):
            raise _failed([(suite, run)], proposed)
        said = (run.verdict or {}).get("sentence", "")
        told.append(f"{word.signed_by} let it pass the gate “{suite.name}”: {word.reason} The gate had said: {said}")
    first = words[0]
    return Approval(first.signed_by if first else None, "\n".join(told))


def _word(run: SuiteRun, proposed: Proposed) -> GateOverride | None:
    words = GateOverride.objects.filter(run=run, label=proposed.label, used_at=None, signed_by__isnull=False)
    for word in words.exclude(signed_by=proposed.mover).select_related("signed_by").order_by("signed_at"):
        # Asked again: a right that went meanwhile is gone.
        if word.signed_by and _may_publish(word.signed_by, proposed.template.id):
            return word
    return None


def _may_publish(user: User, template_id: UUID) -> bool:
    """Whether the user could move the label themselves."""
    return user.is_active and PromptTemplate.objects.editable_by(user).filter(id=template_id).exists()


@transaction.atomic
def sign(*, user: User, suite: Suite, run_id: UUID, reason: str) -> GateOverride:
    """A second person's word for one move of the label; never that of who moves it."""
    run = SuiteRun.objects.filter(suite=suite, id=run_id).select_related("version").first()
    if run is None:
        raise not_found("The run")
    if not suite.gate_label or suite.template_id is None or run.version is None:
        raise Problem(409, "no_gate", "This suite holds no label, so that there is nothing to let pass.")
    if not _may_publish(user, suite.template_id):
        raise forbidden("Who may move the labels of the template may let one pass.")
    if run.status not in (RunStatus.FAILED, RunStatus.NOT_JUDGED):
        raise Problem(409, "nothing_refused", f"The run is {run.get_status_display().lower()}: it refuses nothing.")
    if run.why == Why.LABEL and run.asked_by_id == user.id:
        raise Problem(403, "second_person", "You asked for the move: somebody else has to sign.")
    return GateOverride.objects.create(
        template_id=suite.template_id,
        label=suite.gate_label,
        version=run.version,
        suite_name=suite.name,
        run=run,
        verdict=run.verdict,
        signed_by=user,
        reason=reason,
    )
