"""Jinja2 in a text that the plain engine sends as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from templates_app.linting.draft import Draft
from templates_app.linting.findings import Finding, Fix, Severity
from templates_app.linting.patterns import pattern
from templates_app.linting.registry import PLAIN_ONLY, LintRule, register

_TAGS = "if|elif|else|endif|for|endfor|set|endset|macro|endmacro|call|filter|raw|endraw|with|include|extends|block"
OPENING = pattern(rf"\{{%-?\s{{0,5}}(?:{_TAGS})\b|\{{#[ -]|\{{\{{")
_NAME: Final = r"[^\W\d]\w{0,63}"
_PART: Final = rf"(?:\.{_NAME}|\[[^\[\]{{}}\n]{{1,60}}\])"
_MARK: Final = re.compile(
    r"\{%[^{}\n]{0,300}?%\}|\{#[^#\n]{0,300}#\}"
    # {{ x | upper }}, {{ f(x) }}, {{ x["a"] }}
    rf"|\{{\{{-?\s{{0,20}}{_NAME}{_PART}{{0,5}}\s{{0,5}}(?:\|\s{{0,5}}{_NAME}|\()[^{{}}\n]{{0,200}}\}}\}}"
    rf"|\{{\{{-?\s{{0,20}}{_NAME}\[[^\[\]{{}}\n]{{1,60}}\]\s{{0,20}}-?\}}\}}"
)
LONGEST: Final = 400
"""Characters of a mark that are looked at."""


def mark_at(text: str, start: int) -> str:
    """The mark of Jinja2 that begins there; empty for what the plain engine knows too, or nobody does."""
    found = _MARK.match(text[start : start + LONGEST])
    return found[0] if found else ""


@register("jinja-in-plain-text")
class JinjaInPlainText(LintRule):
    """`{% if … %}`, `{{ x | upper }}` or `{# … #}` in a template of the plain engine."""

    severity = Severity.WARNING
    title = "Jinja2 in a plain template"
    reason = "The plain engine knows {{name}} only: tags, filters and comments reach the model as they are written."
    advice = "Switch the engine to Jinja2; write \\{{ where two braces are meant."
    example = "{% if tone %}Write in a {{ tone | lower }} tone.{% endif %}  (engine: jinja2)"
    engines = PLAIN_ONLY

    def check(self, draft: Draft) -> Iterator[Finding]:
        for text in draft.texts:
            escaped = {place.end - 2 for place in text.places if not place.name}
            for found in text.find(OPENING, also_quoted=True):
                start = found.start()
                mark = mark_at(text.text, start)
                if mark and start not in escaped:
                    message = f"{mark[:60]} is Jinja2, and the engine is plain."
                    span = start, start + len(mark)
                    fix = Fix("Switch the engine to Jinja2", engine="jinja2")
                    yield self.finding(message, field=text.field, span=span, fix=fix)
