"""Suites as they are kept: made, changed, taken away. A gate is set by who governs the template, and never unseen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from evaluation_app import lifecycle
from evaluation_app.models import EvaluationTest, GateChange, Suite, TestStatus
from evaluation_app.statistics.comparing import TOO_FEW_UNDER
from evaluation_app.statistics.figures import Estimand
from evaluation_app.suites import schedule, trial
from evaluation_app.suites.running import judge_anew
from foundation.problems import FieldError, Problem, invalid, not_found
from templates_app.errors import forbidden
from templates_app.lookup import runnable
from templates_app.models import PromptTemplate

FINAL: Final = (TestStatus.COMPLETED, TestStatus.CANCELLED, TestStatus.FAILED)


def seen(user: User, suite_id: UUID) -> Suite:
    """The suite; a 404 problem for strangers."""
    found = Suite.objects.visible_to(user).select_related("user", "template").filter(id=suite_id).first()
    if found is None:
        raise not_found("The suite")
    return found


def governed(user: User, suite_id: UUID) -> Suite:
    """The suite, for who may run and change it; a 403 problem for who may only see it."""
    suite = seen(user, suite_id)
    if not Suite.objects.governed_by(user).filter(id=suite_id).exists():
        raise forbidden("Who made this suite, or governs the template that it gates, runs and changes it.")
    return suite


@transaction.atomic
def create(*, user: User, given: Mapping[str, Any]) -> Suite:
    """A suite out of a checked body; raises Problem where a test could not be begun, or a gate not be held."""
    suite = Suite(user=user, name=given["name"], **_content(user, given["tests"], given.get("template_id")))
    _schedule(suite, given.get("schedule"))
    if (gate := given.get("gate")) is not None:
        _gate(suite, user, gate)
    suite.save(force_insert=True)
    if suite.gate_label:
        _note(suite, user, suite.gate_label, "set")
    return suite


@transaction.atomic
def change(*, user: User, suite: Suite, given: Mapping[str, Any]) -> Suite:
    """The suite with what the body names; what it says of a gate holds for what has been run already, too."""
    suite = Suite.objects.select_for_update(of=("self",)).select_related("user").get(id=suite.id)
    before, template_id = gate_json(suite), suite.template_id
    suite.name = given.get("name", suite.name)
    if "tests" in given or "template_id" in given:
        tests = given.get("tests", suite.tests)
        # They run in the name of who made the suite: what is new in them is checked with that person's rights.
        for name, value in _content(suite.user, tests, given.get("template_id", suite.template_id)).items():
            setattr(suite, name, value)
    if before and suite.template_id != template_id:
        message = "The suite holds a label of its template: take the gate away first."
        raise invalid([FieldError("template_id", "is_a_gate", message)])
    if "schedule" in given:
        _schedule(suite, given["schedule"])
    if "gate" in given or (before and "tests" in given):
        _gate(suite, user, given.get("gate", before))
    suite.updated_at = timezone.now()
    suite.save()
    _note_change(suite, user, before)
    if suite.gate_label and gate_json(suite) != before:
        judge_anew(suite)
    return suite


@transaction.atomic
def delete(*, user: User, suite: Suite) -> None:
    """Takes the suite away with its runs; tests under way are cancelled, and what they found stays their owner's."""
    running = EvaluationTest.objects.filter(in_suite__run__suite=suite).exclude(status__in=FINAL)
    for test in running.select_for_update(of=("self",)):
        lifecycle.cancel(test)
    if suite.gate_label:
        _note(suite, user, suite.gate_label, "removed")
    suite.delete()


def gate_json(suite: Suite) -> dict[str, Any] | None:
    """The gate as it was sent; None for a suite that is none."""
    if not suite.gate_label:
        return None
    told = {"label": suite.gate_label, "margin": suite.gate_margin, "estimand": suite.gate_estimand or None}
    return {**told, "floor": suite.gate_floor}


def _content(user: User, tests: Sequence[Mapping[str, Any]], template_id: Any) -> dict[str, Any]:
    trial.check_shapes(tests)
    found = trial.open_templates(tests)
    if template_id is None and len(found) > 1:
        message = "The tests leave the versions of several templates open: name the one that is on trial."
        raise invalid([FieldError("template_id", "ambiguous", message)])
    template_id = template_id or next(iter(found), None)
    number = None
    if template_id is not None:
        template_id = UUID(str(template_id))
        try:
            number = runnable(user, template_id).version.number
        except Problem as problem:
            raise Problem(
                problem.status, problem.code, problem.detail,
                errors=[FieldError("template_id", problem.code, problem.detail)],
            ) from None  # fmt: skip
        if str(template_id) not in found:
            message = "No test leaves the version of this template open, so that it could be put on trial."
            raise invalid([FieldError("tests", "nothing_on_trial", message)])
    trial.check_runnable(user, [trial.filled(body, template_id, number) for body in tests])
    return {"template_id": template_id, "tests": list(tests), "content_hash": trial.content_hash(tests)}


def _schedule(suite: Suite, given: Mapping[str, Any] | None) -> None:
    if given is not None:
        schedule.check(given)
    suite.schedule = dict(given) if given is not None else None
    suite.next_at = schedule.next_after(given, timezone.now()) if given is not None else None


def _gate(suite: Suite, user: User, gate: Mapping[str, Any] | None) -> None:
    if gate is None:
        suite.gate_label, suite.gate_margin, suite.gate_estimand, suite.gate_floor = "", 0.0, "", None
        return
    if suite.template_id is None:
        message = "A gate holds a label of the template on trial, and no test leaves a template's version open."
        raise invalid([FieldError("gate.label", "no_template", message)])
    if not PromptTemplate.objects.governed_by(user).filter(id=suite.template_id).exists():
        raise forbidden("Who owns a template, or curates it, sets the gates of its labels.")
    suite.gate_label, suite.gate_margin = gate["label"], gate.get("margin") or 0.0
    suite.gate_estimand, suite.gate_floor = gate.get("estimand") or "", gate.get("floor")
    _check_sizes(suite)


def _check_sizes(suite: Suite) -> None:
    """A gate that can never judge would refuse for ever."""
    if (fault := next(gate_faults(suite), None)) is not None:
        raise invalid([fault])


def gate_faults(suite: Suite) -> Iterator[FieldError]:
    """Why the suite's tests can be no gate, by their places."""
    for position, body in enumerate(suite.tests):
        if not trial.open_places(body, suite.template_id):
            continue
        cases, runs = body["test_cases"], body["parameters"]["runs"]
        sources = len({case.get("cluster") or number for number, case in enumerate(cases)})
        if sources < TOO_FEW_UNDER:
            message = f"A gate needs {TOO_FEW_UNDER} cases at least: fewer are no ground for a verdict."
            yield FieldError(f"tests.{position}.test_cases", "too_few_cases", message)
        if suite.gate_estimand == Estimand.THESE_CASES and runs < 2:
            message = f"“{Estimand.THESE_CASES}” is told by two runs a case or more."
            yield FieldError(f"tests.{position}.parameters.runs", "too_few_runs", message)
        if not body.get("scorers") and not all(case.get("scorers") or case.get("expected_output") for case in cases):
            message = "A gate needs to judge each case, and some have no scorer and expect nothing."
            yield FieldError(f"tests.{position}.scorers", "no_scorers", message)


def _note_change(suite: Suite, user: User, before: dict[str, Any] | None) -> None:
    now = gate_json(suite)
    if before and (now is None or now["label"] != before["label"]):
        _note(suite, user, before["label"], "removed")
    if now and (before is None or now["label"] != before["label"]):
        _note(suite, user, now["label"], "set")
    elif now:
        _note(suite, user, now["label"], "changed")


def _note(suite: Suite, user: User, label: str, change: str) -> None:
    assert suite.template_id is not None  # noqa: S101 - for the type checker
    rules = {**(gate_json(suite) or {}), "tests": suite.content_hash} if change != "removed" else {}
    GateChange.objects.create(
        template_id=suite.template_id, label=label, suite_name=suite.name, change=change, rules=rules, changed_by=user
    )
