"""A repetition as its page shows it: which answers are the same, how far they spread, how many hold what is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

import orjson

from evaluation_app.pages.presentation.rate import RateView, percent
from evaluation_app.scorers.errors import InvalidScorer, ScorerError
from evaluation_app.scorers.trying import try_scorer
from evaluation_app.statistics.clustering import Passes
from evaluation_app.statistics.proportions import success_rate
from evaluation_app.statistics.reliability import agreement_of_groups
from evaluation_app.statistics.scores import percentile
from foundation.words import NOT_KNOWN, counted, money, number, seconds
from playground import together
from playground.models import PromptExecution, Status
from playground.pages.presentation.execution import ExecutionView
from playground.together import Kind

CHECKS: Final = {
    "contains": ("keywords", "The answer contains"),
    "regex": ("pattern", "The answer matches the regular expression"),
}
"""What an answer can be looked at for here, with the parameter that takes the text."""


@dataclass(frozen=True, slots=True)
class QuickCheck:
    """What is wanted of every answer; nothing while `expected` is empty."""

    scorer: str = "contains"
    expected: str = ""

    def passes(self, execution: PromptExecution) -> bool | None:
        """Whether its answer holds it; None where the scorer gave no score. Raises InvalidScorer."""
        parameter, _ = CHECKS[self.scorer]
        wanted = [self.expected] if parameter == "keywords" else self.expected
        output = (execution.answer or {}).get("response") or ""
        try:
            passed: bool | None = try_scorer(scorer=self.scorer, params={parameter: wanted}, output=output)["passed"]
        except ScorerError:
            return None
        return passed


@dataclass(frozen=True, slots=True)
class Group:
    """Answers that are equal but for white space around them."""

    runs: list[ExecutionView]
    passed: int | None
    """How many of them hold what is wanted; None where nothing is."""

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.runs)

    @property
    def text(self) -> str:
        """What they say."""
        return self.runs[0].response.strip()

    @property
    def tool_calls(self) -> list[Any]:
        """The tools that they ask for."""
        return self.runs[0].tool_calls

    @property
    def kind(self) -> str:
        """passed, failed, flaky (the white space decides), or nothing without a check."""
        if self.passed is None:
            return ""
        return "passed" if self.passed == self.count else "flaky" if self.passed else "failed"


@dataclass(frozen=True, slots=True)
class Ended:
    """Runs without an answer, and why."""

    why: str
    runs: list[ExecutionView]


@dataclass(frozen=True, slots=True)
class Spread:
    """The least, the middle and the most of a figure, in words."""

    name: str
    least: str
    median: str
    most: str


class RepetitionView:
    """Everything that the page tells of executions that were asked for together."""

    def __init__(self, executions: Sequence[PromptExecution], check: QuickCheck) -> None:
        self.check = check
        self.runs = [ExecutionView(execution) for execution in executions]
        noted = together.noted(executions[0], Kind.REPETITION) or {}
        self.id = noted["id"]
        self.times = int(noted["of"])
        self.model_id = executions[0].model_id
        self.parameters: dict[str, Any] = executions[0].parameters or {}

    @property
    def live(self) -> int:
        """Runs from which more is to come."""
        return sum(run.is_live for run in self.runs)

    @property
    def missing(self) -> int:
        """Runs that were asked for and are not there."""
        return max(0, self.times - len(self.runs))

    @cached_property
    def answered(self) -> list[ExecutionView]:
        """Runs with a whole answer."""
        return [run for run in self.runs if run.status == Status.COMPLETED]

    @cached_property
    def groups(self) -> list[Group]:
        """Equal answers together, the most frequent first."""
        found: dict[str, list[ExecutionView]] = {}
        for run in self.answered:
            called = orjson.dumps([(call.name, call.arguments) for call in run.tool_calls]).decode()
            found.setdefault(run.response.strip() + "\0" + called, []).append(run)
        return sorted((Group(runs, self._passed(runs)) for runs in found.values()), key=lambda group: -group.count)

    @property
    def unanswered(self) -> list[Ended]:
        """Runs that ended otherwise, by the reason."""
        found: dict[str, list[ExecutionView]] = {}
        for run in self.runs:
            if run.status == Status.FAILED:
                found.setdefault(run.sentence, []).append(run)
            elif run.status == Status.CANCELLED:
                found.setdefault("Stopped before its end.", []).append(run)
        return [Ended(why, runs) for why, runs in found.items()]

    @property
    def finding(self) -> str:
        """What a person is told first."""
        answers, kinds = len(self.answered), len(self.groups)
        if not answers:
            return "No answer has come yet" if self.live else "No answer came"
        if answers == 1:
            return "One answer" if not self.live else "One answer so far"
        so_far = " so far" if self.live else ""
        if kinds == 1:
            return f"All {answers} answers{so_far} are the same"
        if kinds == answers:
            return f"{answers} answers{so_far}, no two the same"
        most = counted(self.groups[0].count, "time")
        return f"{answers} answers{so_far}, {kinds} different: the most frequent came {most}"

    @property
    def agreement(self) -> str:
        """How often two of the answers are the same; empty under two."""
        agreement = agreement_of_groups([group.count for group in self.groups]).agreement
        return "" if agreement is None else percent(agreement)

    @cached_property
    def spreads(self) -> list[Spread]:
        """How far the answers lie apart in length, time and cost; empty before the first."""
        if not self.answered:
            return []
        rows = [run.execution for run in self.answered]
        told = [_spread("Length, characters", (len(run.response) for run in self.answered), _whole)]
        times = [row.execution_time for row in rows if row.execution_time is not None]
        if times:
            told.append(_spread("Time", map(float, times), seconds))
        if any(run.cost == NOT_KNOWN for run in self.answered):
            told.append(Spread("Cost", NOT_KNOWN, "", ""))
        else:
            told.append(_spread("Cost", (float(row.estimated_cost) for row in rows), money))
        return told

    @property
    def total_cost(self) -> str:
        """Of all runs, those without an answer too."""
        if any(run.cost == NOT_KNOWN for run in self.runs):
            return NOT_KNOWN
        return money(sum((run.execution.estimated_cost for run in self.runs), Decimal(0)))

    @cached_property
    def fault(self) -> str:
        """What is wrong with the check; empty where nothing is."""
        if not self.check.expected:
            return ""
        try:
            self.check.passes(PromptExecution(answer={"response": ""}))
        except InvalidScorer as error:
            return str(error)
        return ""

    @cached_property
    def verdicts(self) -> dict[Any, bool | None]:
        """By run, whether its answer holds what is wanted; empty where nothing is."""
        if not self.check.expected or self.fault:
            return {}
        return {run.id: self.check.passes(run.execution) for run in self.answered}

    @property
    def rate(self) -> RateView | None:
        """How many answers hold what is wanted, with the interval of one case's runs; None without a check."""
        judged = [passed for passed in self.verdicts.values() if passed is not None]
        if not self.verdicts or not judged:
            return None
        return RateView(success_rate([Passes(len(judged), sum(judged))]).as_json)

    @property
    def fraction(self) -> str:
        """Such as `7/10`."""
        judged = [passed for passed in self.verdicts.values() if passed is not None]
        return f"{sum(judged)}/{len(judged)}"

    @property
    def is_meant_to_repeat(self) -> bool:
        """Whether the parameters ask the model to say the same again."""
        return self.parameters.get("temperature") == 0 or self.parameters.get("seed") is not None

    @property
    def seen(self) -> str:
        """Changes with everything that the page shows."""
        ended = sum(not run.is_live for run in self.runs)
        return f"{ended}/{len(self.runs)}/{self.check.scorer}/{self.check.expected}"

    def _passed(self, runs: Sequence[ExecutionView]) -> int | None:
        if not self.verdicts:
            return None
        return sum(self.verdicts[run.id] is True for run in runs)


def _whole(value: float) -> str:
    return number(round(value))


def _spread(name: str, values: Iterable[float], told: Callable[[float], str]) -> Spread:
    ordered = sorted(values)
    return Spread(name, told(ordered[0]), told(percentile(ordered, 0.5)), told(ordered[-1]))
