"""An answer in whatever shape."""

from __future__ import annotations

from collections.abc import Iterator

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.registry import LintRule, register
from templates_app.linting.wording import NAMES_A_FORMAT

LONG_ENOUGH = 20
"""Words; a shorter prompt is a question, and its answer has the shape of an answer."""


@register("no-output-format")
class NoOutputFormat(LintRule):
    """Neither text says what the answer looks like, and no response_format is set."""

    severity = Severity.WARNING
    title = "No output format named"
    reason = "Without one, each run and each model answers in another shape."
    advice = "Say what the answer consists of and in which order: a table, JSON with these keys, two paragraphs."
    example = "Answer with a Markdown table with the columns Risk, Cause and Measure."

    def check(self, draft: Draft) -> Iterator[Finding]:
        if draft.prompt.word_count < LONG_ENOUGH or not draft.is_english:
            return
        if not draft.content.parameters.get("response_format") and not draft.says(NAMES_A_FORMAT):
            yield self.finding("Nothing says what the answer is to look like.")
