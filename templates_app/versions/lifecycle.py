"""The life of a template: made, changed, restored, forked, deleted. Every write of a template or a version stands here.

Each change locks the template's row, so that two people who save at once come one after the other, and
the second is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Role, User
from foundation.problems import not_found
from templates_app.content import Content
from templates_app.errors import forbidden
from templates_app.library import search
from templates_app.lookup import version_by_number
from templates_app.models import PromptTemplate, TemplateQuerySet, TemplateVersion, Visibility
from templates_app.partials import slugs
from templates_app.partials.binding import bind
from templates_app.partials.forking import own_content
from templates_app.versions.made import version_made
from templates_app.versions.telling import tell

DETAILS: Final = ("name", "category", "description", "tags", "visibility")
"""What a save may change without a new version."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a save asks for; None keeps what is there."""

    details: Mapping[str, Any]
    content: Content | None = None
    note: str = ""


@transaction.atomic
def create(
    *,
    owner: User,
    change: Change,
    binds: bool = True,
    is_found: bool = True,
    at: datetime | None = None,
    **fields: Any,
) -> PromptTemplate:
    """A new template with its version 1; `fields` are columns that no door sets (fork, starter).

    `binds`: its partials are looked for now; an import does that when all of its templates are there. `is_found`: it
    is indexed now. `at`: when the version was made, if not now.
    """
    assert change.content is not None  # noqa: S101 - for the type checker
    template = _made(owner, {**change.details, **fields})
    _add_version(template, change.content, author=owner, note=change.note, number=1, at=at, binds=binds)
    template.save(update_fields=["current"])
    if is_found:
        search.index(template)
    tell("created", template, by=owner.id, version=1)
    return template


def _made(owner: User, columns: Mapping[str, Any]) -> PromptTemplate:
    """The row, with the slug that was asked for, else with one of its name."""
    if slug := columns.get("slug"):
        slugs.refuse_taken(slug, owner_id=owner.id)
    else:
        slug = slugs.slug_for(columns["name"], owner_id=owner.id)
    try:
        with transaction.atomic():
            return PromptTemplate.objects.create(owner=owner, **{**columns, "slug": slug})
    except IntegrityError:  # somebody took it meanwhile
        raise slugs.taken() from None


def locked(user: User, template_id: UUID) -> PromptTemplate:
    """The template, locked for a change; a 404 problem for strangers, 403 for those who may only read."""
    return lock(template_id, PromptTemplate.objects.editable_by(user), user=user)


def lock(template_id: UUID, allowed: TemplateQuerySet, *, user: User) -> PromptTemplate:
    """The template out of `allowed`, locked; the problem tells no stranger that it exists."""
    # The rule is asked of the row after it is locked: a right that went meanwhile is gone.
    row = PromptTemplate.objects.select_for_update(no_key=True).filter(id=template_id).first()
    template = allowed.select_related("current", "owner").filter(id=template_id).first() if row else None
    if template is None:
        if not PromptTemplate.objects.visible_to(user).filter(id=template_id).exists():
            raise not_found("The template")
        raise forbidden("You may read this template, not change it so.")
    return template


@transaction.atomic
def save(
    *, user: User, template_id: UUID, change_of: Callable[[PromptTemplate], Change], at: datetime | None = None
) -> PromptTemplate:
    """Applies what `change_of` makes of the locked template; equal content makes no version.

    `change_of` may raise a Problem: then nothing is written.
    """
    template = locked(user, template_id)
    change = change_of(template)
    visibility = change.details.get("visibility", template.visibility)
    if visibility != template.visibility:
        lock(template_id, PromptTemplate.objects.governed_by(user), user=user)
        refuse_withdrawn(template, user, visibility=visibility)
    details = dict(change.details)
    if not template.slug and not details.get("slug"):
        details["slug"] = slugs.slug_for(details.get("name", template.name), owner_id=template.owner_id)
    elif details.get("slug"):
        slugs.refuse_taken(details["slug"], owner_id=template.owner_id, but=template.id)
    changed = [name for name, value in details.items() if getattr(template, name) != value]
    for name in changed:
        setattr(template, name, details[name])
    if change.content is not None and change.content.hash != template.version.content_hash:
        _add_version(template, change.content, author=user, note=change.note, number=_next_number(template))
        changed.append("current")
    if changed:
        try:
            with transaction.atomic():
                touch(template, *changed, at=at)
        except IntegrityError:  # somebody took the slug meanwhile
            raise slugs.taken() from None
        search.index(template)
        tell("updated", template, by=user.id, version=template.version.number)
    return template


def refuse_withdrawn(template: PromptTemplate, user: User, *, visibility: str) -> None:
    """A 403 problem for who would publish what a curator took out of the library."""
    if template.is_withdrawn and visibility == Visibility.PUBLIC and not user.has_role(Role.CURATOR):
        raise forbidden("A curator took this template out of the library: only curators publish it again.")


def restore(*, user: User, template_id: UUID, number: int, note: str) -> PromptTemplate:
    """Saves the content of an earlier version as a new one."""

    def change_of(template: PromptTemplate) -> Change:
        old = version_by_number(template, number)
        return Change({}, old.content, note or f"Restored version {number}.")

    return save(user=user, template_id=template_id, change_of=change_of)


@transaction.atomic
def fork(*, user: User, template: PromptTemplate) -> PromptTemplate:
    """A private copy of the present version, which remembers where it comes from.

    Partials that mean something else to `user`, or nothing, stand in it as text; its note names them.
    """
    details = {name: getattr(template, name) for name in DETAILS} | {"visibility": Visibility.PRIVATE}
    content, inserted = own_content(template.version, reader=user)
    note = f"Forked from {template.name}, version {template.version.number}."
    if inserted:
        note += f" Partials that are not shared with you stand in it as text: {', '.join(inserted)}."
    change = Change(details, content, note[:1000])
    return create(owner=user, change=change, forked_from=template.version, example=template.example)


@transaction.atomic
def delete(*, user: User, template_id: UUID) -> None:
    """Takes the template away for 30 days, after which it is removed."""
    template = lock(template_id, PromptTemplate.objects.governed_by(user), user=user)
    template.deleted_at = timezone.now()
    touch(template, "deleted_at")
    tell("deleted", template, by=user.id)


@transaction.atomic
def undelete(*, user: User, template_id: UUID) -> PromptTemplate:
    """Brings a deleted template back; harmless when it is there."""
    deleted = PromptTemplate.objects.restorable_by(user).select_for_update(no_key=True).filter(id=template_id).first()
    if deleted is not None:
        deleted.deleted_at = None
        touch(deleted, "deleted_at")
        tell("updated", deleted, by=user.id)
    return lock(template_id, PromptTemplate.objects.governed_by(user), user=user)


def touch(template: PromptTemplate, *fields: str, at: datetime | None = None) -> None:
    """Saves these fields, and that something has changed."""
    template.revision += 1
    template.updated_at = at or timezone.now()
    template.save(update_fields=[*fields, "revision", "updated_at"])


def append(
    template: PromptTemplate,
    content: Content,
    *,
    author: User,
    note: str,
    at: datetime | None = None,
    binds: bool = True,
) -> TemplateVersion:
    """One more version of a locked template, for imports; the caller saves that it is the present one."""
    number = _next_number(template)
    return _add_version(template, content, author=author, note=note, number=number, at=at, binds=binds)


def _next_number(template: PromptTemplate) -> int:
    last = template.versions.order_by("-number").values_list("number", flat=True).first()
    return (last or 0) + 1


def _add_version(
    template: PromptTemplate,
    content: Content,
    *,
    author: User,
    note: str,
    number: int,
    at: datetime | None = None,
    binds: bool = True,
) -> TemplateVersion:
    version = TemplateVersion(template=template, number=number, content_hash=content.hash, author=author, note=note)
    version.created_at = at or timezone.now()
    version.sealed = content.sealed_json()
    version.save(force_insert=True)
    version_made.send(TemplateVersion, version=version)
    if binds:
        bind(version, saver=author, before=template.current)
    template.current = version
    return version
