"""A variable whose braces a backslash takes away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Fix, Severity
from templates_app.linting.registry import PLAIN_ONLY, LintRule, register
from templates_app.rendering.placeholders import NAME, name_of

_REST: Final = re.compile(r"[ \t\r\n]{0,20}(" + NAME + r")[ \t\r\n]{0,20}\}\}")
_PATH: Final = re.compile(r"(?:[A-Za-z]:|\\\\|%\w+%|\.|~|[\w$-]\\)[^\s\"'<>|]{0,200}\Z")


@register("escaped-variable")
class EscapedVariable(LintRule):
    r"""`\{{name}}` where name is a variable, or where the backslash is a path's."""

    severity = Severity.WARNING
    title = "Variable behind a backslash"
    reason = "A backslash before two braces takes away their meaning: nothing is filled in there."
    advice = "Write two backslashes for a backslash and the variable; one where the braces are meant as they stand."
    example = "Save to C:\\reports\\\\{{name}}.txt"
    engines = PLAIN_ONLY

    def check(self, draft: Draft) -> Iterator[Finding]:
        known = {*draft.variables, *draft.used_names}
        for text in draft.texts:
            for place in text.places:
                rest = _REST.match(text.text, place.end) if place.literal.endswith("{{") else None
                name = name_of(rest[1]) if rest else ""
                if not rest or not name:
                    continue
                before = text.text[max(0, place.start - 210) : place.start]
                if name not in known and not _PATH.search(before):
                    continue
                written = text.text[place.end - 3 : rest.end()]
                message = f"{written} is sent as it stands, without a value for {name}."
                fix = Fix(f"Write \\{written}", text=f"\\{written}")
                yield self.finding(message, field=text.field, span=(place.end - 3, rest.end()), fix=fix)
