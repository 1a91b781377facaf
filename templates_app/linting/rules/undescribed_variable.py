"""A variable about which only its author knows."""

from __future__ import annotations

from collections.abc import Iterator

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.registry import LintRule, register


@register("undescribed-variable")
class UndescribedVariable(LintRule):
    """The description is empty."""

    severity = Severity.INFO
    title = "Variable without a description"
    reason = "People and programs that fill it in see nothing but its name."
    advice = "Say in a sentence what belongs there, with its unit or an example."
    example = "deadline: “Last day on which an answer is of use, as YYYY-MM-DD.”"

    def check(self, draft: Draft) -> Iterator[Finding]:
        for variable in draft.variables.values():
            if not variable.description.strip():
                message = f"The variable {variable.name} has no description."
                yield self.finding(message, field=f"variables.{variable.name}")
