"""Places as other template languages write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Fix, Severity
from templates_app.linting.patterns import pattern
from templates_app.linting.registry import PLAIN_ONLY, LintRule, register
from templates_app.rendering.placeholders import name_of

SINGLE = pattern(r"\{([^\s{}]{1,64})\}")
# \frac{a}{b}, x^{2}, x_{i}, ${HOME}, f{x}, /users/{id}, {{name}}
_NOT_BEFORE = re.compile(r"[\w$^_}{\\%#/@]\Z")
_NOT_AFTER = re.compile(r"\A[{}\[^_/]")


@register("single-braces")
class SingleBraces(LintRule):
    """`{name}`, a hint where `{{name}}` stands too; not in code, formulas or addresses."""

    severity = Severity.WARNING
    title = "Single braces"
    reason = (
        "Other template languages write {name}; here it reaches the model as it stands, and nobody is asked for it."
    )
    advice = "Write {{name}} for a variable. Where braces are meant, leave it."
    example = "Dear {{customer}}, …"
    engines = PLAIN_ONLY

    def check(self, draft: Draft) -> Iterator[Finding]:
        # Whoever writes {{name}} beside it knows how, and may mean these.
        is_known = any(place.name for text in draft.texts for place in text.places)
        severity = Severity.INFO if is_known else None
        for text in draft.texts:
            for found in islice(text.find(SINGLE, also_quoted=True), 300):
                start, end, name = found.start(), found.end(), name_of(found.group(1))
                before, after = text.text[max(0, start - 1) : start], text.text[end : end + 1]
                is_other = _NOT_BEFORE.search(before) or _NOT_AFTER.search(after)
                if not name or name in draft.variables or is_other:
                    continue
                message = f"{{{name}}} is sent as it stands."
                advice = f"Write {{{{{name}}}}} for a variable. Where braces are meant, leave it."
                fix = Fix(f"Turn {{{name}}} into {{{{{name}}}}}", text=f"{{{{{name}}}}}")
                yield self.finding(
                    message, field=text.field, span=(start, end), severity=severity, advice=advice, fix=fix
                )
