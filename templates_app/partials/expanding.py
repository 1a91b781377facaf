"""A version's texts with the texts of its partials in them: texts in, texts out, before an engine sees them.

Which template a reference means was decided when the version was saved (`binding`), and is kept beside it; which
version of that template, is decided now. The right to use a partial is that of the outer template's owner: who may run
the one may run it with all that it is made of.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from accounts.models import User
from foundation.problems import FieldError, Problem
from foundation.rest.serializers import LONGEST_TEXT
from foundation.words import number
from templates_app.content import Content, Engine, Variable
from templates_app.errors import cannot_render
from templates_app.lookup import chosen
from templates_app.models import PromptTemplate, TemplateVersion
from templates_app.partials.references import Reference, is_plain_text, references_in, replaced

DEEPEST: Final = 5
"""Partials within partials."""
MOST_VARIABLES: Final = 300

Bound = Mapping[str, PromptTemplate | None]
"""References as they are written, with the template that each means; None where that is gone."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a reference came to."""

    reference: str
    version: TemplateVersion
    text: str

    @property
    def text_hash(self) -> str:
        """SHA-256 of the inserted text in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Expanded:
    """The content that is rendered, with the variables of all its parts, and what it is made of."""

    content: Content
    direct: Mapping[str, Taken]
    """What the version's own references came to, by reference."""
    versions: tuple[TemplateVersion, ...]
    """Every version that was taken, partials of partials included, each once."""
    names: frozenset[str] = frozenset()
    """The variables of the partials."""

    def as_json(self) -> list[dict[str, Any]]:
        """What is kept with an execution."""
        return [{"id": str(each.template_id), "version": each.number} for each in self.versions]


def expanded(version: TemplateVersion) -> Expanded:
    """The version's content, expanded; a Problem names the partial that is gone, or a chain without end."""
    content = version.content
    if is_plain_text(*(text for _, text in content.texts)):
        return Expanded(content, {}, ())
    return expand(content, bound_of(version), owner=version.template.owner, template=version.template)


def expand(content: Content, bound: Bound, *, owner: User, template: PromptTemplate | None) -> Expanded:
    """As `expanded`, for a content that may not be kept yet; `template` is the one that it belongs to."""
    expansion = _Expansion()
    chain = (template or PromptTemplate(owner=owner, name="the template"),)
    texts: dict[str, str] = {}
    direct: dict[str, Taken] = {}
    problems: list[Problem] = []
    for field, text in content.texts:
        try:
            found = expansion.fill(text, content.engine, bound, owner, chain, field)
        except Problem as problem:
            problems.append(problem)
        else:
            texts[field] = found.text
            direct |= found.direct
    if problems:
        raise _joined(problems)
    variables = {each.name: each for each in (*expansion.variables.values(), *content.variables)}
    if len(variables) > MOST_VARIABLES:
        message = f"With its partials it has more than {MOST_VARIABLES} variables."
        raise cannot_render(message, code="too_many_variables")
    own = [variables.pop(name) for name in content.variable_names]
    whole = replace(content.with_texts(texts), variables=(*own, *variables.values()))
    names = frozenset(expansion.variables)
    return Expanded(whole, direct, tuple(expansion.versions.values()), names)


@dataclass(frozen=True, slots=True)
class _Filled:
    text: str
    direct: dict[str, Taken]


class _Expansion:
    """One expansion: a version that is taken twice is read once."""

    def __init__(self) -> None:
        self.variables: dict[str, Variable] = {}
        self.versions: dict[UUID, TemplateVersion] = {}
        self._texts: dict[UUID, tuple[str, int]] = {}
        """Each version's text, and the levels that it is made of."""

    def fill(
        self, text: str, engine: Engine, bound: Bound, owner: User, chain: tuple[PromptTemplate, ...], field: str
    ) -> _Filled:
        """The text with its partials; `field` is the outermost text, at which refusals stand."""
        direct: dict[str, Taken] = {}
        # What is referred to and not bound was saved before there were partials: it is text.
        problems: list[Problem] = []
        for reference in references_in(text):
            if str(reference) in bound:
                try:
                    version = self._version(reference, bound[str(reference)], owner, chain, field)
                    _refuse_unfit(version, reference, engine, field)
                    inserted = self._text_of(version, (*chain, version.template), field)
                except Problem as problem:
                    problems.append(problem)
                else:
                    direct[str(reference)] = Taken(str(reference), version, inserted)
        if problems:
            raise _joined(problems)
        room = LONGEST_TEXT - len(text)

        def inserted_for(reference: Reference) -> str | None:
            nonlocal room
            taken = direct.get(str(reference))
            room -= len(taken.text) if taken else 0
            if room < 0:
                raise _too_large(field)
            return taken.text if taken else None

        return _Filled(replaced(text, inserted_for, engine=engine), direct)

    def _text_of(self, version: TemplateVersion, chain: tuple[PromptTemplate, ...], field: str) -> str:
        known = self._texts.get(version.id)
        if known is None or known[1] + len(chain) > DEEPEST + 2:
            self.versions[version.id] = version
            content, template = version.content, version.template
            filled = self.fill(content.prompt, content.engine, bound_of(version), template.owner, chain, field)
            for variable in content.variables:
                self.variables.setdefault(variable.name, variable)
            levels = 1 + max((self._texts[each.version.id][1] for each in filled.direct.values()), default=0)
            known = self._texts[version.id] = (filled.text, levels)
        return known[0]

    def _version(
        self,
        reference: Reference,
        template: PromptTemplate | None,
        owner: User,
        chain: tuple[PromptTemplate, ...],
        field: str,
    ) -> TemplateVersion:
        if template is None or not PromptTemplate.objects.visible_to(owner).filter(id=template.id).exists():
            raise _refused(reference, "is gone, or not shared with the template's owner any more", field)
        if any(each.id == template.id for each in chain):
            names = " → ".join(str(each.slug or each.name) for each in (*chain, template))
            raise cannot_render(f"Partials go round in a circle: {names}.", code="partial_cycle", field=field)
        if len(chain) > DEEPEST:
            names = " → ".join(str(each.slug or each.name) for each in (*chain, template))
            message = f"Partials are taken within partials up to {DEEPEST} deep: {names}."
            raise cannot_render(message, code="partial_too_deep", field=field)
        try:
            label = None if reference.number is not None else reference.at or None
            version = chosen(template, number=reference.number, label=label)
        except Problem as problem:
            raise _refused(reference, f"cannot be taken: {problem.detail}", field) from None
        version.template = template
        return version


def bound_of(version: TemplateVersion) -> dict[str, PromptTemplate | None]:
    """What the version's references mean, as it was decided when it was saved."""
    rows = version.partials.select_related("partial__current", "partial__owner")
    return {row.reference: row.partial for row in rows}


def _refuse_unfit(version: TemplateVersion, reference: Reference, engine: Engine, field: str) -> None:
    if version.content.messages:
        raise _refused(reference, "is a conversation, and only a text can be inserted", field)
    if version.content.engine != engine:
        why = f"is written for the engine {version.content.engine}, and stands in a text for {engine}"
        raise _refused(reference, why, field)


def _joined(problems: list[Problem]) -> Problem:
    """All of them in one, so that nobody has to mend them one by one."""
    if len(problems) == 1:
        return problems[0]
    errors = [FieldError(**each) for problem in problems for each in problem.errors]
    detail = " ".join(dict.fromkeys(each.message for each in errors))
    return Problem(400, problems[0].code, detail, errors=errors)


def _refused(reference: Reference, why: str, field: str) -> Problem:
    return cannot_render(f"The partial {reference} {why}.", code="partial_missing", field=field)


def _too_large(field: str) -> Problem:
    message = f"With its partials the text is longer than {number(LONGEST_TEXT)} characters."
    return cannot_render(message, code="output_too_large", field=field)
