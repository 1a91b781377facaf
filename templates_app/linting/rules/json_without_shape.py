"""JSON of whatever keys."""

from __future__ import annotations

from collections.abc import Iterator

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Severity
from templates_app.linting.patterns import pattern, words
from templates_app.linting.registry import LintRule, register
from templates_app.linting.wording import ASKS_FOR_JSON

SHAPE = pattern(
    r"(?i)[\"'][^\"'\n]{1,60}[\"']\s{0,4}:|[{\[,]\s{0,20}[\w-]{1,40}\s{0,4}:|\b(?:keys?|fields?|properties|property|schema"
    r"|attributes?|members?|columns?|template|structure|following (?:format|form|shape)|this (?:format|form|shape))\b"
    r"|\b(?:array|list) of (?:strings|numbers|integers|texts|names|objects)|`[a-z_]+`|\blike (?:this|so)\b"
)
# "Export as JSON", "JSON files": what a program is to do, no answer's form.
FEATURE = words(
    r"(?:export|import|upload|download|save|load|store|pars(?:e|ing)|support)\w*\b[^.\n]{0,60}\bJSON",
    r"JSON (?:files?|and|or|/)",
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
        if has_schema or not draft.is_english or draft.says(SHAPE):
            return
        for text in draft.texts:
            for found in text.find(ASKS_FOR_JSON):
                if FEATURE.search(text.before(found.end()) + text.after(found.end())) is not None:
                    continue
                message = "JSON is asked for, and nothing says which keys it has."
                yield self.finding(message, field=text.field, span=(found.start(), found.end()))
                return
