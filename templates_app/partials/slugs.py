"""Slugs: what a template is called in references; one owner has each once, deleted templates included."""

from __future__ import annotations

from itertools import count
from typing import Final
from uuid import UUID

from django.db import connection
from django.utils.text import slugify

from foundation.problems import FieldError, Problem, invalid
from templates_app.models import PromptTemplate
from templates_app.partials.references import LONGEST_SLUG

LOCK: Final = 7_214
"""Of PostgreSQL's advisory locks of two numbers: somebody's templates of one name are made one after the other."""
ROOM: Final = 8
"""Characters that are left for a number."""


def slug_for(name: str, *, owner_id: UUID) -> str:
    """A slug of this name that the owner does not have yet; nobody else makes one for them in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [LOCK, str(owner_id)])
    base = base_of(name)
    taken = set(PromptTemplate.objects.filter(owner_id=owner_id, slug__startswith=base).values_list("slug", flat=True))
    return base if base not in taken else next(f"{base}-{n}" for n in count(2) if f"{base}-{n}" not in taken)


def base_of(name: str) -> str:
    """The slug that a name wants."""
    base = slugify(name)[: LONGEST_SLUG - ROOM].strip("-_").replace("_", "-") or "template"
    return "-".join(part for part in base.split("-") if part)


def refuse_taken(slug: str, *, owner_id: UUID, but: UUID | None = None) -> None:
    """A 400 problem for a slug that another template of the owner has."""
    others = PromptTemplate.objects.filter(owner_id=owner_id, slug=slug)
    if (others.exclude(id=but) if but else others).exists():
        raise taken()


def taken() -> Problem:
    """400: the owner has another template of that slug."""
    return invalid([FieldError("slug", "taken", "Another template of its owner has this slug; deleted ones count.")])
