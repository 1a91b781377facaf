"""Step by step, in one word."""

from __future__ import annotations

from collections.abc import Iterator

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.patterns import words
from templates_app.linting.registry import LintRule, register
from templates_app.linting.wording import ONLY_JSON, SHORT_ANSWER_ONLY

STEP_BY_STEP = words(r"step[- ]by[- ]step", r"show your (?:work|working|reasoning)", r"think (?:aloud|out loud)")
ROOM = words(
    r"key", r"field", r"reasoning\"", r"reasoning:", r"tags?", r"<[a-z]+>", r"steps\"", r"rationale", r"silently"
)


@register("no-room-to-think")
class NoRoomToThink(LintRule):
    """Reasoning is asked for where the answer has no place for it."""

    severity = Severity.INFO
    title = "No room to think"
    reason = "A model thinks by writing; an answer of one word or bare JSON leaves it nowhere to."
    advice = "Ask for the reasoning first, in a key or between tags, or leave it to a reasoning model."
    example = 'Return JSON: {"reasoning": "at most three sentences", "answer": 0}'

    def check(self, draft: Draft) -> Iterator[Finding]:
        if draft.says(ROOM) or not (draft.says(ONLY_JSON) or draft.says(SHORT_ANSWER_ONLY)):
            return
        for text in draft.texts:
            for found in text.find(STEP_BY_STEP):
                message = "Reasoning is asked for, and the answer has no place for it."
                yield self.finding(message, field=text.field, span=(found.start(), found.end()))
