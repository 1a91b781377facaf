"""Suites and their runs in JSON, the same wherever they appear."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from evaluation_app.models import GateChange, GateOverride, RunStatus, Suite, SuiteRun, Why
from evaluation_app.suites.keeping import gate_json
from evaluation_app.suites.running import labelled


def suite_json(suite: Suite) -> dict[str, Any]:
    """The suite with its last run, and what is wrong with the version that its gate's label points at."""
    last = last_run_of(suite)
    return {
        "id": suite.id,
        "name": suite.name,
        "template_id": suite.template_id,
        "tests": suite.tests,
        "gate": gate_json(suite),
        "schedule": suite.schedule,
        "next_at": suite.next_at,
        "content_hash": suite.content_hash,
        "owner": _person(suite.user),
        "last_run": run_json(last) if last else None,
        "flag": flag_of(suite),
        "created_at": suite.created_at,
        "updated_at": suite.updated_at,
    }


def listed_json(suite: Suite) -> dict[str, Any]:
    """The suite as a list tells it: its tests by name and size, for they may hold thousands of cases, and its last run
    without what each variant came to."""
    told = suite_json(suite)
    told["tests"] = [
        {"name": test.get("name"), "cases": len(test["test_cases"]) if "test_cases" in test else None}
        for test in suite.tests
    ]
    if told["last_run"]:
        del told["last_run"]["results"]
    return told


def last_run_of(suite: Suite) -> SuiteRun | None:
    """The newest run that somebody or something asked for: what was run only to compare with speaks for another."""
    runs = suite.runs.exclude(why=Why.REFERENCE).select_related("version", "asked_by")
    return runs.order_by("-created_at", "-id").first()


def flag_of(suite: Suite) -> dict[str, Any] | None:
    """That the version with the gate's label does not pass any more, as after a change of a partial."""
    version = labelled(suite) if suite.gate_label else None
    if version is None:
        return None
    run = suite.runs.filter(version=version).order_by("-created_at", "-id").first()
    if run is None or run.status not in (RunStatus.FAILED, RunStatus.NOT_JUDGED):
        return None
    return {
        "label": suite.gate_label,
        "version": version.number,
        "run_id": str(run.id),
        "why": run.why,
        "sentence": (run.verdict or {}).get("sentence", ""),
    }


def run_json(run: SuiteRun) -> dict[str, Any]:
    """A run, with what it came to once it has ended."""
    verdict = run.verdict or {}
    return {
        "id": str(run.id),
        "suite_id": str(run.suite_id),
        "version": run.version.number if run.version else None,
        "why": run.why,
        "asked_by": _person(run.asked_by),
        "status": run.status,
        "sentence": verdict.get("sentence"),
        "is_regression": verdict.get("is_regression"),
        "results": verdict.get("tests", []),
        "test_ids": [str(each) for each in run.tests.order_by("position").values_list("test_id", flat=True)],
        "reference_id": str(run.reference_id) if run.reference_id else None,
        "created_at": run.created_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
    }


def override_json(override: GateOverride) -> dict[str, Any]:
    """A second person's word."""
    return {
        "id": override.id,
        "label": override.label,
        "version": override.version.number,
        "suite": override.suite_name,
        "run_id": override.run_id,
        "result": override.verdict,
        "signed_by": _person(override.signed_by),
        "reason": override.reason,
        "signed_at": override.signed_at,
        "used_by": _person(override.used_by),
        "used_at": override.used_at,
    }


def gate_change_json(change: GateChange) -> dict[str, Any]:
    """That a gate was set, changed or removed."""
    return {
        "label": change.label,
        "suite": change.suite_name,
        "change": change.change,
        "rules": change.rules,
        "changed_by": _person(change.changed_by),
        "changed_at": change.changed_at,
    }


def _person(user: User | None) -> dict[str, Any] | None:
    return {"id": str(user.id), "name": str(user)} if user else None
