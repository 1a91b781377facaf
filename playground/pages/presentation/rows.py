"""Answers beside the rows of values that they were asked with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from foundation.words import counted
from playground.models import PromptExecution
from playground.pages.presentation.execution import ExecutionView
from playground.together import Kind, noted
from templates_app.rendering.plain import as_text


@dataclass(frozen=True, slots=True)
class RowView:
    """One row with its run."""

    number: int
    values: list[tuple[str, str]]
    """By the variable's name."""
    run: ExecutionView


class RowsView:
    """All rows of a whole, in their order."""

    def __init__(self, executions: Sequence[PromptExecution]) -> None:
        told = noted(executions[0], Kind.ROWS) or {}
        self.id, self.of = told["id"], int(told["of"])
        self.runs = [ExecutionView(execution) for execution in executions]

    @property
    def rows(self) -> list[RowView]:
        """They."""
        return [
            RowView(
                (noted(run.execution, Kind.ROWS) or {}).get("number", 0),
                [(name, as_text(value)) for name, value in run.request.get("variables", {}).items()],
                run,
            )
            for run in self.runs
        ]

    @property
    def live(self) -> int:
        """Runs from which more is to come."""
        return sum(run.is_live for run in self.runs)

    @property
    def missing(self) -> int:
        """Rows that were asked for and have no run."""
        return max(0, self.of - len(self.runs))

    @property
    def finding(self) -> str:
        """What a person is told first."""
        ended = len(self.runs) - self.live
        return f"{ended} of {counted(self.of, 'row')} answered" if self.live else f"{counted(ended, 'row')} answered"

    @property
    def seen(self) -> str:
        """Changes with everything that the page shows."""
        return f"{len(self.runs) - self.live}/{len(self.runs)}"
