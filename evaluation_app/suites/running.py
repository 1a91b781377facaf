"""How a suite runs: its tests are begun together, once for what is the same, and judged when the last has ended."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.exceptions import ValidationError

from accounts.models import User
from evaluation_app.creation.creating import create
from evaluation_app.models import RunStatus, Suite, SuiteRun, SuiteTest, TestStatus, Why
from evaluation_app.running.notifying import tell_suite_ended
from evaluation_app.suites.trial import asked, filled, open_places, trial_hash
from evaluation_app.suites.verdict import needs_a_reference, not_begun, verdict_of
from foundation.problems import FieldError, Problem, as_problem, invalid, not_found
from templates_app.lookup import chosen, runnable
from templates_app.models import TemplateLabel, TemplateVersion

FINAL = (TestStatus.COMPLETED, TestStatus.CANCELLED, TestStatus.FAILED)
JUDGED = (RunStatus.PASSED, RunStatus.FAILED)
OPEN_AGAIN = (RunStatus.RUNNING, RunStatus.NOT_JUDGED)


def version_on_trial(suite: Suite, number: int | None = None) -> TemplateVersion | None:
    """The version of that number, else the present one; raises Problem. None where a suite has no template."""
    if suite.template_id is None:
        if number is not None:
            message = "No test of this suite leaves a template's version open."
            raise invalid([FieldError("version", "invalid", message)])
        return None
    return chosen(runnable(suite.user, suite.template_id), number=number, label=None)


@transaction.atomic
def begin(
    suite: Suite,
    version: TemplateVersion | None,
    *,
    why: Why,
    asked_by: User | None = None,
    due_at: datetime | None = None,
) -> SuiteRun:
    """A run of the suite; the one that is under way, where it asks the same. One that cannot begin says why."""
    trial = trial_hash(suite.content_hash, version)
    given = {"version": version, "why": why, "asked_by": asked_by, "due_at": due_at}
    try:
        with transaction.atomic():
            run = SuiteRun.objects.create(suite=suite, trial_hash=trial, **given)
    except IntegrityError:
        under_way = SuiteRun.objects.filter(suite=suite, trial_hash=trial, status=RunStatus.RUNNING).first()
        if under_way is None:  # the suite has gone, or this time of the schedule has been seen to
            raise not_found("The suite") from None
        return under_way
    try:
        with transaction.atomic():
            _make_tests(run, suite, version)
    except (Problem, ValidationError) as error:
        problem = as_problem(error)
        detail = problem.detail if problem else str(error)
        _end(run, RunStatus.NOT_JUDGED, not_begun(f"It could not begin: {detail}"))
    return run


def _make_tests(run: SuiteRun, suite: Suite, version: TemplateVersion | None) -> None:
    number = version.number if version is not None else None
    for position, body in enumerate(suite.tests):
        # Nobody is there to be asked: what a suite may cost was agreed to when it was saved.
        wanted = {**asked(filled(body, suite.template_id, number)), "confirm_cost": True}
        test = create(user=suite.user, asked=wanted)
        on_trial = open_places(body, suite.template_id)
        SuiteTest.objects.create(run=run, position=position, test=test, on_trial=on_trial)


def look_at_test(test_id: UUID) -> None:
    """Judges the run that the test belongs to, where it was the last that was waited for."""
    place = SuiteTest.objects.filter(test_id=test_id).first()
    if place is not None:
        look_at(place.run_id)


def look_at(run_id: UUID) -> None:
    """Judges a run whose tests have all ended, and those that waited to be compared with it; harmless when repeated."""
    run = SuiteRun.objects.select_related("suite", "suite__user", "version").filter(id=run_id).first()
    if run is not None and _judge(run):
        for waiting in SuiteRun.objects.filter(reference=run, status=RunStatus.RUNNING):
            look_at(waiting.id)


def _judge(run: SuiteRun) -> bool:
    """Whether the run has ended by this."""
    if run.status not in OPEN_AGAIN:
        return False
    statuses = list(run.tests.values_list("test__status", flat=True))
    if not statuses or any(status not in FINAL for status in statuses):
        return False
    reference, words = _reference_of(run)
    if reference is not None and reference.status == RunStatus.NOT_JUDGED:
        # Its tests may have come to their end since, and whoever judges it anew may not have come to it.
        _judge(reference)
        reference.refresh_from_db()  # somebody else may have been first
    # Its tests may have been taken up again since it was judged, and stopped.
    states = set(reference.tests.values_list("test__status", flat=True)) if reference is not None else set()
    if reference is not None and (reference.is_open or not states <= set(FINAL)):
        SuiteRun.objects.filter(id=run.id).update(reference=reference)
        return False
    is_ground = reference is not None and reference.status in JUDGED and states <= {TestStatus.COMPLETED}
    status, verdict = verdict_of(run, reference if is_ground else None, words)
    if reference is not None and not is_ground and states and status == RunStatus.PASSED:
        # It began, so that there is something to be worse than; what could not begin is nothing to compare with.
        said = (reference.verdict or {}).get("sentence", "") if reference.status not in JUDGED else ""
        status = RunStatus.NOT_JUDGED
        verdict["sentence"] = f"It was to be compared with {words}, which could not be judged. {said}".strip()
    return _end(run, status, verdict, reference=reference)


def look_at_open() -> None:
    """Judges what nobody has judged: whoever should have may have died on the way."""
    for run_id in SuiteRun.objects.filter(status=RunStatus.RUNNING).values_list("id", flat=True)[:100]:
        look_at(run_id)


def judge_anew(suite: Suite) -> None:
    """Judges what the suite has shown by its rules as they are now; nobody is asked for an answer."""
    newest = suite.runs.filter(status__in=JUDGED).order_by("trial_hash", "-created_at").distinct("trial_hash")
    for run in list(newest):
        status, verdict = verdict_of(run, run.reference, "the run that it was compared with")
        SuiteRun.objects.filter(id=run.id, status__in=JUDGED).update(status=status, verdict=verdict)


def _reference_of(run: SuiteRun) -> tuple[SuiteRun | None, str]:
    """What the run is compared with where the baseline does not say, begun where need be, and what it is called."""
    suite = run.suite
    if run.why == Why.REFERENCE or not needs_a_reference(run):
        return None, ""
    if suite.gate_label:
        holder = labelled(suite)
        if holder is not None and holder.id != run.version_id:
            words = f"version {holder.number} (“{suite.gate_label}”)"
            trial = trial_hash(suite.content_hash, holder)
            if trial != run.trial_hash:
                known = newest(suite, trial)
                return known or begin(suite, holder, why=Why.REFERENCE), words
    earlier = suite.runs.filter(status=RunStatus.PASSED, created_at__lt=run.created_at).exclude(id=run.id)
    found = earlier.order_by("-created_at").first()
    return found, "the last run that passed" if found else ""


def labelled(suite: Suite) -> TemplateVersion | None:
    """The version that the gate's label points at."""
    label = TemplateLabel.objects.filter(template_id=suite.template_id, name=suite.gate_label)
    found = label.select_related("version").first()
    return found.version if found else None


def newest(suite: Suite, trial: str) -> SuiteRun | None:
    """The last run that asked the same."""
    return suite.runs.filter(trial_hash=trial).order_by("-created_at", "-id").first()


def put_to_use(run: SuiteRun, *, asked_by: User) -> SuiteRun:
    """A run that was made to compare with, judged for itself; nothing of it is paid again."""
    rows, now = SuiteRun.objects.filter(id=run.id, why=Why.REFERENCE), {"why": Why.LABEL, "asked_by": asked_by}
    if rows.exclude(status=RunStatus.RUNNING).update(**now, status=RunStatus.RUNNING, ended_at=None):
        look_at(run.id)
    else:
        rows.update(**now)
    run.refresh_from_db()
    return run


def _end(run: SuiteRun, status: RunStatus, verdict: dict[str, object], *, reference: SuiteRun | None = None) -> bool:
    rows = SuiteRun.objects.filter(id=run.id, status__in=OPEN_AGAIN)
    with transaction.atomic():
        ended = rows.update(status=status, verdict=verdict, ended_at=timezone.now(), reference=reference)
        if ended:
            run.refresh_from_db(fields=["status", "verdict", "ended_at", "reference"])
            tell_suite_ended(run)
    return bool(ended)
