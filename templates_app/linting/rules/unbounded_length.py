"""Text without an end."""

from __future__ import annotations

from collections.abc import Iterator

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.patterns import sentence_start
from templates_app.linting.registry import LintRule, register
from templates_app.linting.wording import NAMES_A_LENGTH

WRITES = sentence_start(
    r"write", r"draft", r"summari[sz]e", r"describe", r"explain", r"compose", r"discuss", r"elaborate", r"tell me"
)


@register("unbounded-length")
class UnboundedLength(LintRule):
    """Text is to be written, and nothing says how much; `max_tokens` alone cuts it off in the middle."""

    severity = Severity.WARNING
    title = "No length named"
    reason = "The model chooses a length of its own, which costs time and money and differs from run to run."
    advice = "Name the length in words, sentences or items, and set max_tokens well above it."
    example = "Summarise the text in at most three sentences."

    def check(self, draft: Draft) -> Iterator[Finding]:
        if not draft.is_english or draft.says(NAMES_A_LENGTH):
            return
        is_cut = "max_tokens" in draft.content.parameters
        message = "max_tokens cuts the answer, and no length is asked for." if is_cut else "No length is asked for."
        for text in draft.of_user:
            for found in text.find(WRITES):
                severity = Severity.INFO if is_cut else Severity.WARNING
                yield self.finding(message, field=text.field, span=(found.start(1), found.end(1)), severity=severity)
                return
