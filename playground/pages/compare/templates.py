"""Versions of a template as columns: which template, and which of its versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import User
from accounts.pages.answers import answers_problems_on_the_page, user_of
from foundation.words import counted
from playground.pages.compare.forms import MOST, Column, ComparisonForm, Reference
from playground.pages.compose import forms, source
from playground.pages.compose.forms import Compose
from templates_app.content import Content, Engine
from templates_app.library.filters import Matches
from templates_app.lookup import visible
from templates_app.models import TemplateVersion

SHOWN: Final = 20
VERSIONS: Final = 50
"""The newest versions of a template, which are offered, and by whose texts columns are known."""
LONGEST_SEARCH: Final = 500


@require_GET
@answers_problems_on_the_page
def choose(request: HttpRequest) -> HttpResponse:
    """Templates by `?search=`; with `?template=` its versions, to be ticked."""
    user = user_of(request)
    search = request.GET.get("search", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    context: dict[str, Any] = {"search": search, "most": MOST}
    if "template" in request.GET:
        template = visible(user, source.template_id_of(request.GET["template"]))
        context |= {"template": template, "versions": _versions(template), "present": template.version.number}
    else:
        found = Matches(user, {"search": search})
        context |= {"templates": found[:SHOWN], "found": _found(found.count())}
    return render(request, "playground/compare/templates.html", context)


def _found(count: int) -> str:
    told = counted(count, "template")
    return f"{told}, the first {SHOWN} shown" if count > SHOWN else told


def _versions(template: Any) -> list[dict[str, Any]]:
    labels: dict[Any, list[str]] = {}
    for label in template.labels.order_by("name"):
        labels.setdefault(label.version_id, []).append(label.name)
    rows = template.versions.order_by("-number")[:VERSIONS]
    listed: list[dict[str, Any]] = [
        {"row": each, "labels": labels.get(each.id, []), "can_be_a_column": is_plain(each.shown_content)}
        for each in rows
    ]
    # The newest two are what one most often means.
    for each in [each for each in listed if each["can_be_a_column"]][:2]:
        each["is_ticked"] = True
    return listed


def is_plain(content: Content) -> bool:
    """Whether a prompt and a system prompt are all of it, which is what a column can have of its own."""
    return content.engine == Engine.PLAIN and not content.messages


def form_of_versions(user: User, template_id: str, numbers: Sequence[str]) -> ComparisonForm:
    """A column for each version, the first one's text shared by all that have the same; raises Http404."""
    chosen = [number for number in dict.fromkeys(numbers) if number.isdecimal()][:MOST]
    filled = [source.compose_of({"template": template_id, "version": number}, user) for number in chosen]
    if not filled:
        return ComparisonForm()
    shared = filled[0]
    values = {name: text for each in reversed(filled) for name, text in each.variables.items()}
    columns = [
        Column(_own(each), _texts(each) != _texts(shared), version=number)
        for each, number in zip(filled, chosen, strict=True)
    ]
    if len(columns) == 1:
        columns.append(replace(columns[0]))
    return ComparisonForm(replace(shared, parameters={}, schema="", model_id="", variables=values), columns=columns)


def _own(filled: Compose) -> Compose:
    return Compose(
        model_id=filled.model_id,
        prompt=filled.prompt,
        system_prompt=filled.system_prompt,
        parameters=dict(filled.parameters),
        schema=filled.schema,
    )


def _texts(compose: Compose) -> tuple[str, str]:
    return compose.system_prompt, compose.prompt


def versions_of_columns(user: User, form: ComparisonForm) -> list[int | None]:
    """For each column the version of the shared template whose text it sends; None where there is none."""
    content = source.content_in(form.shared, user)
    if content is None:
        return [None] * len(form.columns)
    shared = int(form.shared.template_version) if forms.is_as_it_was(form.shared, content) else None
    if not any(each.has_own_prompt or each.version for each in form.columns):
        return [shared] * len(form.columns)
    rows = TemplateVersion.objects.filter(template=source.template_id_of(form.shared.template_id)).order_by("-number")[
        :VERSIONS
    ]
    known = [(each.shown_content, each.number) for each in rows]
    by_text = {(told.system_prompt, told.prompt): number for told, number in reversed(known) if is_plain(told)}
    of_number = {str(number): (told.system_prompt, told.prompt) for told, number in known if is_plain(told)}

    def version_of(column: Column) -> int | None:
        texts = _texts(column.compose if column.has_own_prompt else form.shared)
        # Versions of one text differ in what else they hold.
        if of_number.get(column.version) == texts:
            return int(column.version)
        return by_text.get(texts) if column.has_own_prompt else shared

    return [version_of(each) for each in form.columns]


def references_of(user: User, form: ComparisonForm) -> list[Reference | None]:
    """For each column the version that it runs in the place of what all share; None where it runs that, or a text of
    its own.
    """
    content = source.content_in(form.shared, user)
    shared = int(form.shared.template_version) if content and forms.is_as_it_was(form.shared, content) else None
    found: list[Reference | None] = []
    for column, number in zip(form.columns, versions_of_columns(user, form), strict=True):
        is_shared = number is None or (number == shared and not column.has_own_prompt)
        told = None if is_shared else source.content_in(replace(form.shared, template_version=str(number)), user)
        found.append(Reference(number, told) if number is not None and told else None)
    return found
