"""Where templates came from: what an import brought is known again when it comes a second time."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q

from accounts.models import User
from templates_app.exchange.formats.format import Draft
from templates_app.models import ImportedTemplate, PromptTemplate


def origins_of(drafts: Iterable[tuple[str, Draft]]) -> list[str]:
    """What each draft is known by, beside the name of its format: its own system's key, else its name.

    Of several with one key in a file the second is another one than the first.
    """
    seen: Counter[str] = Counter()
    found = []
    for format_name, draft in drafts:
        key = f"{format_name}:{draft.key or draft.entry.get('name')}"
        seen[key] += 1
        count = f"#{seen[key]}" if seen[key] > 1 else ""
        found.append(hashlib.sha256(f"{key}{count}".encode()).hexdigest())
    return found


def remembered(origins: Iterable[str], *, user: User) -> Mapping[str, ImportedTemplate]:
    """By origin: the latest import of each that brought a template which `user` may still change."""
    rows: Any = (
        ImportedTemplate.objects.filter(origin__in=list(origins), run__undone_at__isnull=True)
        .filter(Q(run__user=user) | Q(template__owner=user))
        .filter(template__in=PromptTemplate.objects.editable_by(user))
        .select_related("run", "template", "template__current")
        .order_by("id")
    )
    return {row.origin: row for row in rows}
