"""Somebody's text where only ours should speak."""

from __future__ import annotations

from collections.abc import Iterator

from templates_app.linting.delimiters import Delimiters
from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.inputs import Held, held_by
from templates_app.linting.registry import PLAIN_ONLY, LintRule, register


@register("input-in-system-prompt")
class InputInSystemPrompt(LintRule):
    """Somebody's text in the system prompt (OpenAI's Model Spec, "The chain of command"); between borders, a hint."""

    severity = Severity.WARNING
    title = "Input in the system prompt"
    reason = "Models give the system prompt more weight, so an instruction hidden in the input gets it too."
    advice = "Move it to the prompt and refer to it; give a short value a max_length or an enum instead."
    example = "System: Answer from the document in the user's message. Prompt: <document>\n{{document}}\n</document>"
    engines = PLAIN_ONLY

    def check(self, draft: Draft) -> Iterator[Finding]:
        for text in draft.of_system:
            delimiters = Delimiters(text)
            for place in text.places:
                variable = draft.variables.get(place.name) if place.name else None
                if held_by(variable, before=text.before(place.start)) is Held.WORD or text.is_code(place.start):
                    continue
                message = f"The text of {place.name} becomes part of the system prompt."
                severity = Severity.INFO if delimiters.enclose(place) else Severity.WARNING
                yield self.finding(message, field=text.field, span=(place.start, place.end), severity=severity)
