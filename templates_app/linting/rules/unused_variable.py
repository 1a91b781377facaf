"""A variable that changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.registry import LintRule, register
from templates_app.rendering.placeholders import name_of

_WORD: Final = re.compile(r"[^\s\x00-/:-@\[-^`{-\x7f]+")


@register("unused-variable")
class UnusedVariable(LintRule):
    """Declared and nowhere in the text; in a Jinja2 template a word of that name counts as its use."""

    severity = Severity.WARNING
    title = "Declared but not used"
    reason = "Whoever fills it in believes that it matters."
    advice = "Put it where it belongs in the text, or remove it."
    example = "Write for {{audience}}.  (variables: audience)"

    def check(self, draft: Draft) -> Iterator[Finding]:
        for name in draft.variables.keys() - self._used(draft) - draft.also_used:
            yield self.finding(f"The variable {name} is used in neither text.", field=f"variables.{name}")

    def _used(self, draft: Draft) -> set[str]:
        if draft.is_plain:
            return set(draft.used_names)
        return {name_of(word) for text in draft.texts for word in _WORD.findall(text.text)}
