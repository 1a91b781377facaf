"""More text than the model takes, or than most models do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from foundation.words import counted, number
from providers.tokenizing.characters import estimated
from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.registry import LintRule, register

LARGE: Final = 32_000
"""Tokens; small models take no more."""
VERY_LARGE: Final = 200_000
"""Tokens; most models take no more."""


@register("over-the-window")
class OverTheWindow(LintRule):
    """The texts, with the answer's tokens, against the model's window; without a model, a word on their size."""

    severity = Severity.ERROR
    title = "Longer than the model's window"
    reason = "A request over the context window is refused, or its beginning is lost."
    advice = "Shorten the text, ask for a shorter answer, or choose a model with a larger window."
    example = "Send the three passages that matter instead of the whole document."

    def check(self, draft: Draft) -> Iterator[Finding]:
        window, tokens = draft.context_window, sum(estimated(text) for _, text in draft.content.texts)
        if not window:
            yield from self._size(tokens)
            return
        answer = draft.content.parameters.get("max_tokens")
        if tokens > window:
            yield self.finding(f"The texts have about {counted(tokens, 'token')}; the model takes {number(window)}.")
        elif isinstance(answer, int) and tokens + answer > window:
            message = (
                f"About {number(tokens)} tokens of text and {number(answer)} of answer "
                f"are more than the model's {number(window)}."
            )
            yield self.finding(message, severity=Severity.WARNING)

    def _size(self, tokens: int) -> Iterator[Finding]:
        if tokens >= LARGE:
            who = "most models take" if tokens >= VERY_LARGE else "small models take"
            message = f"The texts have about {counted(tokens, 'token')}, more than {who}; every run pays for them."
            severity = Severity.WARNING if tokens >= VERY_LARGE else Severity.INFO
            yield self.finding(message, severity=severity)
