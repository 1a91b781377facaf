"""Files that are looked at before they are taken in: kept sealed for a day, then gone."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from foundation.problems import not_found
from privacy.holds import free
from templates_app.exchange.source import Source
from templates_app.models import TemplateImport

KEPT: Final = timedelta(days=1)
MOST_STAGED: Final = 10
"""Of one user; the oldest makes place."""


def stage(*, user: User, sources: Iterable[Source], choices: Mapping[str, Any]) -> TemplateImport:
    """Keeps the files, and what was said of them."""
    listed = [{"name": each.name, "data": base64.b64encode(each.data).decode()} for each in sources]
    run = TemplateImport.objects.create(user=user, sources=listed, choices=dict(choices))
    older = _staged(user).order_by("-created_at").values_list("id", flat=True)[MOST_STAGED:]
    TemplateImport.objects.filter(id__in=list(older)).delete()
    return run


def staged(*, user: User, run_id: UUID) -> TemplateImport:
    """The files that `user` looks at; a 404 problem where they are gone, or taken in already."""
    run: TemplateImport | None = _staged(user).filter(id=run_id).first()
    if run is None:
        raise not_found("The import")
    return run


def sources_of(run: TemplateImport) -> list[Source]:
    """The files of a run that is not carried out yet."""
    return [Source(base64.b64decode(each["data"]), each["name"]) for each in run.sources]


def discard(*, user: User, run_id: UUID) -> None:
    """Forgets the files; harmless where they are gone."""
    _staged(user).filter(id=run_id).delete()


def remove_stale() -> None:
    """Removes what somebody looked at and left."""
    stale = TemplateImport.objects.filter(carried_out_at__isnull=True, created_at__lt=timezone.now() - KEPT)
    with transaction.atomic():
        free(stale).delete()


def _staged(user: User) -> Any:
    return TemplateImport.objects.filter(user=user, carried_out_at__isnull=True)
