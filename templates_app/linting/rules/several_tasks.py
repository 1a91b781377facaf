"""Many jobs in one prompt."""

from __future__ import annotations

from collections.abc import Iterator

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.patterns import pattern
from templates_app.linting.registry import LintRule, register

TASK = pattern(
    r"(?im)(?:^[ \t]*(?:[-*•][ \t]+)?|[.!?:;,]\s{1,4}|\b(?:and|then|also|finally|afterwards),? (?:also )?)"
    r"(summari[sz]e|translate|extract|classify|rewrite|proofread|review|compare|evaluate|draft|analy[sz]e|calculate"
    r"|design|refactor|brainstorm|predict|recommend)\b"
)
ORDERED = pattern(r"(?im)^[ \t]*(?:#{1,6} |\d{1,2}[.)] |step \d|(?:first|second|third)(?:ly)?\b)")
MANY = 3


@register("several-tasks")
class SeveralTasks(LintRule):
    """Three or more different tasks, and no numbers or headings that keep them apart."""

    severity = Severity.INFO
    title = "Several tasks at once"
    reason = "Each task gets less attention, and one that fails spoils the others' answer."
    advice = "Make a prompt of each, or number them and name a section of the answer for each."
    example = (
        "1. Summarise the report in two sentences.\n2. List its open questions.\nHead the parts Summary and Questions."
    )

    def check(self, draft: Draft) -> Iterator[Finding]:
        if draft.says(ORDERED):
            return
        tasks = {found.group(1).lower(): found for found in draft.prompt.find(TASK)}
        if len(tasks) >= MANY:
            third = sorted(tasks.values(), key=lambda found: found.start())[MANY - 1]
            message = f"There are {len(tasks)} tasks in one prompt: {', '.join(sorted(tasks))}."
            yield self.finding(message, span=(third.start(1), third.end(1)))
