"""A copy for somebody who may not use all of a version's partials: what is not theirs stands in it as text.

They may read that text, since who may run the whole may run it with its parts (`expanding`).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from accounts.models import User
from foundation.problems import FieldError, Problem
from foundation.words import number
from templates_app.bodies import LONGEST_PROMPT
from templates_app.content import Content, Engine
from templates_app.errors import cannot_render
from templates_app.models import PromptTemplate, TemplateVersion
from templates_app.partials.binding import meant
from templates_app.partials.expanding import bound_of, expanded
from templates_app.partials.references import Reference, is_plain_text, places, references_in, replaced
from templates_app.rendering.render import used_names

_RAW: Final = re.compile(r"(?<!\\)(\\*)\{% raw %\}(\{\{>[^{}]*\}\})\{% endraw %\}")
"""An escaped reference, as expansion leaves it to Jinja2."""


def own_content(version: TemplateVersion, *, reader: User) -> tuple[Content, list[str]]:
    """The content as `reader` may keep it, and the references whose text stands there now, each once.

    A reference stays that means the same template to them; a 400 problem names every one that nobody can insert.
    """
    content = version.content
    if is_plain_text(*(text for _, text in content.texts)):
        return content, []
    bound = bound_of(version)
    _refuse_gone(version, bound)
    foreign = {written for written, template in bound.items() if not _is_same(written, template, reader)}
    if not foreign:
        return content, []
    whole = expanded(version)

    def inserted(reference: Reference) -> str | None:
        is_taken = str(reference) in foreign and str(reference) in whole.direct
        return _literally(whole.direct[str(reference)].text, content.engine) if is_taken else None

    # An escape is kept as it is written: the copy's own rendering reads it.
    engine = content.engine
    texts = {field: replaced(text, inserted, engine=engine, keeps_escapes=True) for field, text in content.texts}
    for field, text in texts.items():
        if len(text) > LONGEST_PROMPT:
            message = (
                f"With the text of {', '.join(sorted(foreign))} it is longer than {number(LONGEST_PROMPT)} characters."
            )
            raise cannot_render(message, code="output_too_large", field=field)
    made = content.with_texts(texts)
    used = set(used_names(made)) - set(content.variable_names)
    added = [each for each in whole.content.variables if each.name in used]
    return replace(made, variables=(*content.variables, *added)), sorted(foreign)


def _refuse_gone(version: TemplateVersion, bound: dict[str, PromptTemplate | None]) -> None:
    ids = {template.id for template in bound.values() if template}
    seen = PromptTemplate.objects.visible_to(version.template.owner).filter(id__in=ids).values_list("id", flat=True)
    there = set(seen)
    errors = [
        FieldError(field, "partial_missing", f"The partial {reference} is gone, or not shared any more.")
        for field, text in version.content.texts
        for reference in references_in(text)
        if str(reference) in bound and ((template := bound[str(reference)]) is None or template.id not in there)
    ]
    if errors:
        raise Problem(400, "partial_missing", " ".join(dict.fromkeys(each.message for each in errors)), errors=errors)


def _is_same(written: str, template: PromptTemplate | None, reader: User) -> bool:
    slug, _, at = written.partition("@")
    theirs = meant(Reference(slug, at), saver=reader, owner=reader)
    return theirs is not None and template is not None and theirs.id == template.id


def _literally(text: str, engine: Engine) -> str:
    """The text with nothing in it that a new version could take for a reference."""
    if engine == Engine.JINJA2:
        text = _RAW.sub(r"\1\1\\\2", text)
    parts, at = [], 0
    for place in places(text):
        escape = "\\" if place.reference is not None else ""
        parts += [text[at : place.start], escape, text[place.start : place.end]]
        at = place.end
    return "".join([*parts, text[at:]])
