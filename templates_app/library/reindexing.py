"""Writes the indexes anew that an older release wrote, or another SECRET_KEY."""

from __future__ import annotations

import logging
from typing import Final
from uuid import UUID

from django.db import transaction

from foundation.sealing.encryption import CannotDecrypt
from templates_app.library import search
from templates_app.models import PromptTemplate

AT_ONCE: Final = 200
logger = logging.getLogger(__name__)


def reindex(*, most: int = AT_ONCE) -> int:
    """Indexes up to about `most` templates that need it, each in a transaction of its own; gives how many it did.

    One whose texts no key opens stays as it is, and is told in the log.
    """
    done, last = 0, UUID(int=0)
    while done < most and (ids := _next(last)):
        done += sum(map(_index, ids))
        last = ids[-1]
    return done


def _next(last: UUID) -> list[UUID]:
    found = search.not_indexed().filter(id__gt=last).order_by("id")
    return list(found.values_list("id", flat=True)[:AT_ONCE])


def _index(template_id: UUID) -> bool:
    with transaction.atomic():
        found = PromptTemplate.objects.select_for_update(no_key=True).filter(id=template_id).first()
        if found is None or found.current_id is None:
            return False
        try:
            search.index(found)
        except CannotDecrypt:
            logger.warning("template %s is not indexed anew: no key opens its texts", template_id)
            return False
    return True
