"""Somebody's text where only ours should speak."""

from __future__ import annotations

from collections.abc import Iterator

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.registry import PLAIN_ONLY, LintRule, register


@register("input-in-system-prompt")
class InputInSystemPrompt(LintRule):
    """A variable of free text in the system prompt (OpenAI's Model Spec, "The chain of command")."""

    severity = Severity.WARNING
    title = "Input in the system prompt"
    reason = "Models give the system prompt more weight, so an instruction hidden in the input gets it too."
    advice = "Move it to the prompt and refer to it; give a short value a max_length or an enum instead."
    example = "System: Answer from the document in the user's message. Prompt: <document>\n{{document}}\n</document>"
    engines = PLAIN_ONLY

    def check(self, draft: Draft) -> Iterator[Finding]:
        for text in draft.of_system:
            for place in text.places:
                if place.name and draft.holds_free_text(place.name):
                    message = f"The text of {place.name} becomes part of the system prompt."
                    yield self.finding(message, field=text.field, span=(place.start, place.end))
