"""A gap in the text when nobody fills it."""

from __future__ import annotations

from collections.abc import Iterator

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.registry import PLAIN_ONLY, LintRule, register


@register("optional-without-default")
class OptionalWithoutDefault(LintRule):
    """An optional variable has no default value."""

    severity = Severity.INFO
    title = "Optional variable without a default"
    reason = "Left out, it leaves a hole in the sentence around it."
    advice = "Give it the value that holds when nobody says otherwise; empty text where that is meant."
    example = "tone: optional, default “neutral”"
    engines = PLAIN_ONLY

    def check(self, draft: Draft) -> Iterator[Finding]:
        for variable in draft.variables.values():
            if not variable.required and not variable.has_default:
                message = f"The variable {variable.name} may be left out and has no default."
                yield self.finding(message, field=f"variables.{variable.name}")
