"""JSON of whatever keys."""

from __future__ import annotations

from collections.abc import Iterator

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.patterns import pattern
from templates_app.linting.registry import LintRule, register
from templates_app.linting.wording import ASKS_FOR_JSON

SHAPE = pattern(
    r"(?i)\"[^\"\n]{1,60}\"\s{0,4}:|\b(?:keys?|fields?|properties|property|schema|attributes?|members?)\b"
    r"|\b(?:array|list) of (?:strings|numbers|integers|texts|names|objects)|`[a-z_]+`"
)


@register("json-without-shape")
class JsonWithoutShape(LintRule):
    """JSON is asked for, and no key, schema or example is given."""

    severity = Severity.WARNING
    title = "JSON without a shape"
    reason = "Key names are then made up anew by every run, and no program can rely on them."
    advice = "Show the object with all its keys, or set response_format to a JSON schema."
    example = 'Return JSON: {"name": "text", "amount": 0.0, "currency": "ISO 4217 code"}'

    def check(self, draft: Draft) -> Iterator[Finding]:
        response_format = draft.content.parameters.get("response_format")
        has_schema = isinstance(response_format, dict) and response_format.get("type") == "json_schema"
        if has_schema or draft.says(SHAPE):
            return
        for text in draft.texts:
            for found in text.find(ASKS_FOR_JSON):
                message = "JSON is asked for, and nothing says which keys it has."
                yield self.finding(message, field=text.field, span=(found.start(), found.end()))
                return
