"""What curators do to many templates at once; each is locked, changed and indexed like by any other save."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from django.db import transaction

from accounts.models import User
from templates_app.library import search
from templates_app.models import PromptTemplate, Visibility
from templates_app.versions.lifecycle import touch

Change = Callable[[PromptTemplate], bool]
"""Changes a template's columns; False when there was nothing to do."""


@transaction.atomic
def curate(*, user: User, ids: Iterable[UUID], change: Change, fields: tuple[str, ...]) -> tuple[int, int]:
    """(changed, not `user`'s to change): applies `change` to those of `ids` that `user` governs."""
    wanted = set(ids)
    # In key order, so that two curators cannot wait for each other.
    rows = PromptTemplate.objects.select_for_update(no_key=True).filter(id__in=wanted).order_by("id")
    locked = [row.id for row in rows]
    governed = PromptTemplate.objects.governed_by(user).filter(id__in=locked).select_related("current")
    changed = 0
    for template in governed:
        if change(template):
            touch(template, *fields)
            search.index(template)
            changed += 1
    return changed, len(wanted) - len(governed)


def publish(template: PromptTemplate) -> bool:
    """Makes it readable by all signed in."""
    was = template.visibility
    template.visibility, template.is_withdrawn = Visibility.PUBLIC, False
    return was != Visibility.PUBLIC


def withdraw(template: PromptTemplate) -> bool:
    """Takes it out of the library; its owner and the curators still see it."""
    was = template.visibility
    template.visibility, template.is_withdrawn = Visibility.PRIVATE, True
    return was == Visibility.PUBLIC


def feature(template: PromptTemplate) -> bool:
    """Shows it first."""
    was, template.is_featured = template.is_featured, True
    return not was


def stop_featuring(template: PromptTemplate) -> bool:
    """Shows it among the others."""
    was, template.is_featured = template.is_featured, False
    return was


def into_category(category: str) -> Change:
    """Puts it into a category."""

    def change(template: PromptTemplate) -> bool:
        was, template.category = template.category, category
        return was != category

    return change


def with_tag(tag: str) -> Change:
    """Adds a tag."""

    def change(template: PromptTemplate) -> bool:
        if tag in template.tags:
            return False
        template.tags = [*template.tags, tag]
        return True

    return change


def without_tag(tag: str) -> Change:
    """Removes a tag."""

    def change(template: PromptTemplate) -> bool:
        if tag not in template.tags:
            return False
        template.tags = [each for each in template.tags if each != tag]
        return True

    return change
