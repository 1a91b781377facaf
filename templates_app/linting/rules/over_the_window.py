"""More text than the model takes."""

from __future__ import annotations

from collections.abc import Iterator

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.registry import LintRule, register

CHARACTERS_PER_TOKEN = 4
"""Of English prose, by OpenAI's rule of thumb ("What are tokens and how to count them?")."""


@register("over-the-window")
class OverTheWindow(LintRule):
    """The texts, with the answer's tokens, against the model's context window."""

    severity = Severity.ERROR
    title = "Longer than the model's window"
    reason = "A request over the context window is refused, or its beginning is lost."
    advice = "Shorten the text, ask for a shorter answer, or choose a model with a larger window."
    example = "Send the three passages that matter instead of the whole document."

    def check(self, draft: Draft) -> Iterator[Finding]:
        window = draft.context_window
        if not window:
            return
        characters = sum(len(text) for _, text in draft.content.texts)
        tokens = -(-characters // CHARACTERS_PER_TOKEN)
        answer = draft.content.parameters.get("max_tokens")
        if tokens > window:
            yield self.finding(f"The texts have about {tokens} tokens; the model takes {window}.")
        elif isinstance(answer, int) and tokens + answer > window:
            message = f"About {tokens} tokens of text and {answer} of answer are more than the model's {window}."
            yield self.finding(message, severity=Severity.WARNING)
