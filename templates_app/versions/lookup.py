"""Which template and which of its versions somebody means."""

from __future__ import annotations

from uuid import UUID

from accounts.models import User
from foundation.problems import not_found
from templates_app.errors import version_missing
from templates_app.models import PromptTemplate, TemplateVersion
from templates_app.roles import seen_by


def visible(user: User, template_id: UUID) -> PromptTemplate:
    """The template out of `roles.seen_by`; a 404 problem for strangers."""
    found: PromptTemplate | None = seen_by(user).filter(id=template_id).first()
    if found is None:
        raise not_found("The template")
    return found


def runnable(user: User, template_id: UUID) -> PromptTemplate:
    """The template with its present version and nothing else, for whoever runs it; a 404 problem for strangers."""
    found = PromptTemplate.objects.visible_to(user).select_related("current").filter(id=template_id).first()
    if found is None:
        raise not_found("The template")
    return found


def version_by_number(template: PromptTemplate, number: int) -> TemplateVersion:
    """That version; a 404 problem when there is none."""
    if number == template.version.number:
        return template.version
    found = template.versions.filter(number=number).first()
    if found is None:
        raise version_missing(f"version {number}")
    return found


def version_by_label(template: PromptTemplate, label: str) -> TemplateVersion:
    """The version that the label points at; a 404 problem when there is no such label."""
    found = template.versions.filter(labels__name=label, labels__template=template).first()
    if found is None:
        raise version_missing(f"label {label!r}")
    return found


def chosen(template: PromptTemplate, *, number: int | None, label: str | None) -> TemplateVersion:
    """The version named by number or label, else the present one."""
    if number is not None:
        return version_by_number(template, number)
    return version_by_label(template, label) if label else template.version
