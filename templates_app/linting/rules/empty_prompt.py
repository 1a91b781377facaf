"""A prompt of nothing."""

from __future__ import annotations

from collections.abc import Iterator

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.registry import LintRule, register


@register("empty-prompt")
class EmptyPrompt(LintRule):
    """The prompt holds white space at most."""

    severity = Severity.ERROR
    title = "Empty prompt"
    reason = "Providers refuse a message without text."
    advice = "Write what the model is to do; what holds for every request belongs into the system prompt."
    example = "Summarise the text between the tags in one sentence.\n<text>\n{{text}}\n</text>"

    def check(self, draft: Draft) -> Iterator[Finding]:
        if not draft.prompt.text.strip() and not draft.content.slots:
            yield self.finding("The prompt is empty.")
