"""Background work of the Template Manager; each task is harmless when run twice."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from privacy.holds import free
from templates_app.exchange.staging import remove_stale
from templates_app.library import reindexing
from templates_app.models import KEPT_AFTER_DELETION, PromptTemplate


@shared_task
def remove_deleted(**kwargs: Any) -> None:
    """Removes templates that were deleted 30 days ago, with their versions, and files that were only looked at.

    What a legal hold covers stays.
    """
    remove_stale()
    over = PromptTemplate.objects.filter(deleted_at__lt=timezone.now() - KEPT_AFTER_DELETION)
    with transaction.atomic():
        free(over).delete()


@shared_task
def reindex(**kwargs: Any) -> None:
    """After an update: what an older release has indexed is indexed anew, some at a time."""
    if reindexing.reindex():
        reindex.delay()
