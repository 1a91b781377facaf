"""Suites as their pages show them: what the last run said first, then the gate, the clock and every run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from accounts.models import User
from evaluation_app.models import EvaluationTest, GateOverride, RunStatus, Suite, SuiteRun, Why
from evaluation_app.suites.keeping import gate_faults
from evaluation_app.suites.representation import flag_of, last_run_of
from evaluation_app.suites.running import labelled
from foundation.words import counted, number
from templates_app.models import PromptTemplate

BADGES = {"running": "running", "passed": "completed", "failed": "failed", "not_judged": "cancelled"}
MOST_RUNS = 50


def schedule_words(suite: Suite) -> str:
    """When it runs by itself, in words."""
    if not suite.schedule:
        return "by hand only" if not suite.gate_label else "when its label moves"
    if "cron" in suite.schedule:
        return f"{suite.schedule['cron']} (UTC)"
    every = int(suite.schedule["every"])
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if every % size == 0:
            return f"every {word}" if every == size else f"every {number(every // size)} {word}s"
    return f"every {number(every)} seconds"


@dataclass(frozen=True)
class RunRow:
    """A run in the table."""

    run: SuiteRun
    user: User

    @property
    def badge(self) -> str:
        """The look of its status."""
        return BADGES[self.run.status]

    @property
    def sentence(self) -> str:
        """What it came to."""
        return str((self.run.verdict or {}).get("sentence", ""))

    @cached_property
    def tests(self) -> list[tuple[EvaluationTest, bool]]:
        """Its tests, each with whether this reader may open it."""
        places = self.run.tests.select_related("test").order_by("position")
        seen = set(
            EvaluationTest.objects.visible_to(self.user).filter(in_suite__run=self.run).values_list("id", flat=True)
        )
        return [(place.test, place.test_id in seen) for place in places]

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """What each variant on trial came to."""
        lines: list[dict[str, Any]] = (self.run.verdict or {}).get("tests", [])
        return lines

    @cached_property
    def baseline_tests(self) -> list[EvaluationTest]:
        """Of the reader's own tests that did not pass, those with too little in common with the template's baseline."""
        apart = {
            line["test_id"]
            for line in self.lines
            if line["status"] != "passed"
            and line["compared_with"] == "baseline"
            and (line["comparison"] or {}).get("reason")
        }
        return [test for test, _ in self.tests if str(test.id) in apart and test.user_id == self.user.id]

    @cached_property
    def words(self) -> list[GateOverride]:
        """Who let a move of the label pass."""
        return list(self.run.overrides.select_related("signed_by", "used_by").order_by("-signed_at"))


class SuiteRow:
    """A line of the list."""

    def __init__(self, suite: Suite, user: User) -> None:
        self.suite = suite
        last = last_run_of(suite)
        self.last = RunRow(last, user) if last else None
        self.flag = flag_of(suite)
        self.schedule = schedule_words(suite)

    @property
    def tests(self) -> str:
        """Such as `3 tests`."""
        return counted(len(self.suite.tests), "test")


class SuiteView:
    """A suite with everything that its page tells to `user`."""

    def __init__(self, suite: Suite, user: User) -> None:
        self.suite = suite
        self.user = user
        self.flag = flag_of(suite)
        self.schedule = schedule_words(suite)
        self.may_change = Suite.objects.governed_by(user).filter(id=suite.id).exists()
        editable = PromptTemplate.objects.editable_by(user)
        self.may_sign = suite.template_id is not None and editable.filter(id=suite.template_id).exists()

    @cached_property
    def rows(self) -> list[RunRow]:
        """The last runs, the newest first."""
        runs = self.suite.runs.select_related("version", "asked_by").order_by("-created_at", "-id")
        return [RunRow(run, self.user) for run in runs[:MOST_RUNS]]

    @cached_property
    def last(self) -> RunRow | None:
        """The newest run that was not made only to compare with."""
        run = last_run_of(self.suite)
        return RunRow(run, self.user) if run else None

    @cached_property
    def let_through(self) -> GateOverride | None:
        """By whose word the label came to a version that does not pass; None where it was there before."""
        flag = self.flag
        if flag is None or flag["why"] == Why.PARTIAL:
            return None
        words = GateOverride.objects.filter(
            template_id=self.suite.template_id,
            label=flag["label"],
            version__number=flag["version"],
            used_at__isnull=False,
        )
        return words.select_related("signed_by").order_by("-used_at").first()

    @property
    def is_live(self) -> bool:
        """Whether something may change by itself."""
        return any(row.run.is_open for row in self.rows)

    @property
    def tests(self) -> list[tuple[str, str]]:
        """Each test's name, and what it asks."""
        return [(body["name"], _asks(body)) for body in self.suite.tests]

    @cached_property
    def versions(self) -> list[int]:
        """Versions that may be put on trial, the newest first."""
        if self.suite.template is None:
            return []
        return list(self.suite.template.versions.order_by("-number").values_list("number", flat=True)[:50])

    @cached_property
    def why_no_gate(self) -> str:
        """Why its tests can hold no label; empty where they can, or do."""
        fault = None if self.suite.gate_label else next(gate_faults(self.suite), None)
        return fault.message if fault else ""

    @property
    def may_set_gate(self) -> bool:
        """Whether the form of the gate is shown."""
        return self.may_change and self.suite.template is not None and not self.why_no_gate

    @property
    def label(self) -> str:
        """That it holds, as the form has it."""
        return self.suite.gate_label

    @property
    def margin(self) -> str:
        """In points, as the form has it."""
        return f"{100 * self.suite.gate_margin:g}" if self.suite.gate_margin else ""

    @property
    def floor(self) -> str:
        """In per cent, as the form has it."""
        return "" if self.suite.gate_floor is None else f"{100 * self.suite.gate_floor:g}"

    @property
    def hours(self) -> str:
        """Of an interval, as the form has it."""
        every = (self.suite.schedule or {}).get("every")
        return f"{every / 3_600:g}" if every else ""

    @property
    def cron(self) -> str:
        """As the form has it."""
        return str((self.suite.schedule or {}).get("cron", ""))

    @cached_property
    def refused(self) -> RunRow | None:
        """The newest run of a version that the label is not at, where it refused and this reader may let it pass."""
        if not self.suite.gate_label or not self.may_sign:
            return None
        runs = self.suite.runs.exclude(why=Why.REFERENCE).filter(version__isnull=False)
        if (holder := labelled(self.suite)) is not None:
            runs = runs.exclude(version=holder)
        run = runs.select_related("version").order_by("-created_at", "-id").first()
        if run is None or run.status not in (RunStatus.FAILED, RunStatus.NOT_JUDGED):
            return None
        is_their_own = run.why == Why.LABEL and run.asked_by_id == self.user.id
        return None if is_their_own else RunRow(run, self.user)


def _asks(body: dict[str, Any]) -> str:
    variants, cases = body.get("variants", [body]), len(body["test_cases"])
    models = dict.fromkeys(each.get("model_id") or "the version's own model" for each in variants)
    runs = counted(int(body["parameters"]["runs"]), "run")
    return f"{counted(cases, 'case')}, {runs} each, on {', '.join(models)}"
