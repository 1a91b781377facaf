"""Only JSON, and an explanation."""

from __future__ import annotations

from collections.abc import Iterator

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.patterns import sentence_start
from templates_app.linting.registry import LintRule, register
from templates_app.linting.wording import ONLY_JSON

BESIDE = sentence_start(
    r"explain (?:your|how|why|each|what)",
    r"(?:then|also|afterwards|finally),? (?:explain|describe|summari[sz]e)",
    r"(?:start|begin|end|finish) with (?:a|an|your) (?:[a-z]+ )?(?:sentence|summary|explanation|introduction)",
    r"(?:write|use|format|answer|respond) (?:[a-z]+ ){0,4}(?:markdown|bullet points|bullets|prose)",
    r"(?:add|include|give) (?:a|an) (?:[a-z-]+ )?(?:explanation|introduction|summary) (?:before|after)",
)


@register("conflicting-format")
class ConflictingFormat(LintRule):
    """JSON and nothing else is asked for, and beside it something that JSON has no place for."""

    severity = Severity.WARNING
    title = "Conflicting formats"
    reason = "Prose around JSON breaks the program that reads it; JSON alone leaves the explanation out."
    advice = "Give what is to be explained a key of its own in the JSON, or drop one of the two."
    example = 'Return only JSON: {"label": "…", "explanation": "one sentence"}'

    def check(self, draft: Draft) -> Iterator[Finding]:
        if not draft.says(ONLY_JSON):
            return
        for text in draft.texts:
            for found in text.find(BESIDE):
                message = "Only JSON is asked for, and here something beside it."
                yield self.finding(message, field=text.field, span=(found.start(1), found.end(1)))
