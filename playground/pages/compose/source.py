"""The template behind what stands in the form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from django.http import Http404

from accounts.models import User
from foundation.problems import Problem
from playground.models import PromptExecution
from playground.pages.compose import forms
from playground.pages.compose.forms import Compose
from templates_app.call.turns import Message, Slot
from templates_app.content import Content, Engine, Variable, VariableType
from templates_app.lookup import chosen, version_by_number, visible
from templates_app.models import PromptTemplate, TemplateVersion
from templates_app.pages.presentation.marked import Stretch, marked
from templates_app.pages.presentation.trial import text_of
from templates_app.partials.expanding import expanded
from templates_app.rendering.placeholders import names_in

PLAIN: Final = frozenset(VariableType) - {VariableType.MESSAGES, VariableType.IMAGE, VariableType.FILE}
"""Types whose values are read in a line or two."""


def content_in(compose: Compose, user: User) -> Content | None:
    """What the template's version in the form holds; None without one, or when it is not to be seen any more."""
    template_id, number = _uuid(compose.template_id), compose.template_version
    if template_id is None or not number.isdecimal():
        return None
    try:
        version = version_by_number(visible(user, template_id), int(number))
    except Problem:
        return None
    try:
        # Its own texts, which the form shows, with the variables of all that they are made of.
        return replace(version.content, variables=expanded(version).content.variables)
    except Problem:
        return version.content


def version_of(execution: PromptExecution, user: User) -> TemplateVersion | None:
    """The version that was run, where `user` may see it."""
    version = execution.template_version
    if version is None or not PromptTemplate.objects.visible_to(user).filter(id=version.template_id).exists():
        return None
    return version


def template_id_of(text: str) -> UUID:
    """The template that an address names; raises Http404."""
    found = _uuid(text)
    if found is None:
        raise Http404
    return found


def compose_of(asked: Mapping[str, str], user: User) -> Compose:
    """The form for the template that an address names (`template`, `version` or `label`); raises Http404."""
    template_id, number = _uuid(asked["template"]), asked.get("version", "")
    if template_id is None or (number and not number.isdecimal()):
        raise Http404
    try:
        template = visible(user, template_id)
        version = chosen(template, number=int(number) if number else None, label=asked.get("label"))
    except Problem as problem:
        raise Http404 from problem
    is_current = version.id == template.current_id
    return forms.from_template(version, example=template.example if is_current else {})


def with_its_texts(compose: Compose, user: User) -> Compose:
    """A form that names a template's version and holds values alone, with all else that the version gives; raises
    Http404 where it is not to be seen.
    """
    asked = {"template": compose.template_id, "version": compose.template_version}
    given = compose_of(asked, user)
    return replace(
        given,
        model_id=compose.model_id or given.model_id,
        session_id=compose.session_id,
        variables=compose.variables,
        is_cost_confirmed=compose.is_cost_confirmed,
    )


def content_of(execution: PromptExecution, user: User) -> Content:
    """What a template of this run would hold: the text with its variables where it had some, and its parameters."""
    compose = forms.from_execution(execution, version_of(execution, user))
    declared = {each.name: each for each in content.variables} if (content := content_in(compose, user)) else {}
    if content and content.messages:
        return replace(content, default_parameters=_without_format(execution.parameters, content))
    names = names_in(compose.prompt, compose.system_prompt)
    return Content(
        compose.prompt,
        compose.system_prompt,
        tuple(declared.get(name, Variable(name)) for name in names),
        execution.parameters,
        content.engine if content else Engine.PLAIN,
    )


def samples_of(execution: PromptExecution, content: Content) -> dict[str, Any]:
    """The values that the run had for variables of `content`: for samples, and so without whole files and turns."""
    given = (execution.request or {}).get("variables") or {}
    return {each.name: given[each.name] for each in content.variables if each.type in PLAIN and each.name in given}


def _without_format(parameters: Mapping[str, Any], content: Content) -> dict[str, Any]:
    """The run's parameters but for the answer's format, where the version has its own."""
    return {k: v for k, v in parameters.items() if k != "response_format" or content.response_format is None}


def turns_of(content: Content) -> list[tuple[str, list[Stretch]]]:
    """The turns of a whole call with who says them, to be read; empty where the form's two texts are the call."""
    return [_turn(turn, content) for turn in content.messages]


def _turn(turn: Message, content: Content) -> tuple[str, list[Stretch]]:
    if isinstance(turn, Slot):
        return turn.name, [Stretch("the messages of this variable")]
    if isinstance(turn.content, str):
        return turn.role, marked(turn.content, content)
    return turn.role, marked(text_of([dict(part) for part in turn.content]), content)


def template_context(compose: Compose, content: Content | None) -> dict[str, Any] | None:
    """What the page says of the template in the form."""
    if content is None:
        return None
    name = PromptTemplate.objects.values_list("name", flat=True).get(id=compose.template_id)
    known = {"id": compose.template_id, "name": name, "version": compose.template_version, "turns": turns_of(content)}
    return {**known, "is_as_it_was": forms.is_as_it_was(compose, content)}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
