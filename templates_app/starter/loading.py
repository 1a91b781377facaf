"""Takes the starter library into the database: once, and never over what somebody has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction

from accounts.models import User
from templates_app.library import search
from templates_app.models import PromptTemplate, Visibility
from templates_app.starter.library import StarterTemplate, starter_templates
from templates_app.versions import lifecycle

OWNER: Final = "starter-library"
LOCK: Final = 7_214_001
"""Of PostgreSQL's advisory locks: two starts at once load one after the other."""


@dataclass(slots=True)
class Done:
    """What a load did."""

    added: int = 0
    updated: int = 0
    kept: int = 0


@transaction.atomic
def load() -> Done:
    """Adds what is missing; gives what nobody has touched its newer text, as a new version.

    A starter that was changed, deleted or taken out of the library stays so.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    known = {
        each.starter_key: each for each in PromptTemplate.objects.exclude(starter_key=None).select_related("current")
    }
    owner, done = _owner(), Done()
    for starter in starter_templates():
        template = known.get(starter.key)
        if template is None:
            _add(starter, owner)
            done.added += 1
        elif _is_untouched(template) and template.starter_hash != starter.content.hash:
            _update(template, starter, owner)
            done.updated += 1
        else:
            done.kept += 1
    return done


def _owner() -> User:
    """Nobody can sign in as it; curators take care of what it owns."""
    owner, _ = User.objects.get_or_create(
        username=OWNER, defaults={"name": "Starter library", "is_active": False, "password": "!"}
    )
    return owner


def _is_untouched(template: PromptTemplate) -> bool:
    return template.deleted_at is None and template.version.content_hash == template.starter_hash


def _add(starter: StarterTemplate, owner: User) -> None:
    details = {
        "name": starter.name,
        "category": starter.category,
        "description": starter.description,
        "tags": list(starter.tags),
        "visibility": Visibility.PUBLIC,
    }
    change = lifecycle.Change(details, starter.content, "From the starter library.")
    columns: dict[str, Any] = {
        "starter_key": starter.key,
        "starter_hash": starter.content.hash,
        "example": dict(starter.example),
    }
    lifecycle.create(owner=owner, change=change, **columns)


def _update(template: PromptTemplate, starter: StarterTemplate, owner: User) -> None:
    locked = PromptTemplate.objects.select_for_update(no_key=True).select_related(None).get(id=template.id)
    lifecycle.append(locked, starter.content, author=owner, note="Updated with the starter library.")
    locked.starter_hash, locked.example = starter.content.hash, dict(starter.example)
    lifecycle.touch(locked, "current", "starter_hash", "example")
    search.index(locked)
