"""JSON mode and not a word about it."""

from __future__ import annotations

from collections.abc import Iterator

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.patterns import words
from templates_app.linting.registry import LintRule, register

JSON = words("JSON")


@register("json-mode-unsaid")
class JsonModeUnsaid(LintRule):
    """`response_format` is json_object, and neither text mentions JSON (OpenAI's guide "Structured outputs")."""

    severity = Severity.WARNING
    title = "JSON mode without the word"
    reason = "OpenAI refuses response_format json_object when no message says JSON."
    advice = "Say in the prompt that JSON is to be returned, and with which keys."
    example = 'Return JSON: {"sentiment": "positive | neutral | negative"}'

    def check(self, draft: Draft) -> Iterator[Finding]:
        wanted = draft.content.parameters.get("response_format")
        is_json_mode = wanted == "json_object" or (isinstance(wanted, dict) and wanted.get("type") == "json_object")
        if is_json_mode and not draft.says(JSON):
            yield self.finding("response_format is json_object, and no text mentions JSON.")
