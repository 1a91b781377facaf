"""More text than the model takes, or than most models do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from foundation.words import number
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
        window, answer = draft.context_window, draft.content.parameters.get("max_tokens")
        if not window:
            yield from self._size(draft)
            return
        room = window - answer if isinstance(answer, int) else window
        # A byte is a token at most: what surely fits is not counted.
        if sum(len(text.encode(errors="replace")) for _, text in draft.content.texts) <= room:
            return
        tokens = draft.tokens
        if tokens.tokens > window:
            yield self.finding(f"The texts have {tokens}; the model takes {number(window)}.")
        elif tokens.tokens > room:
            message = (
                f"The texts have {tokens}; with {number(window - room)} of answer that is more than the model's "
                f"{number(window)}."
            )
            yield self.finding(message, severity=Severity.WARNING)

    def _size(self, draft: Draft) -> Iterator[Finding]:
        if (size := draft.tokens.tokens) >= LARGE:
            who = "most models take" if size >= VERY_LARGE else "small models take"
            message = f"The texts have {draft.tokens}, more than {who}; every run pays for them."
            severity = Severity.WARNING if size >= VERY_LARGE else Severity.INFO
            yield self.finding(message, severity=severity)
