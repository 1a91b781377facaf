"""Background work of the audit log; harmless when run twice."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from audit import heads
from audit.chaining import link_waiting


@shared_task
def link_entries(**kwargs: Any) -> None:
    """Links what waits."""
    link_waiting()


@shared_task
def publish_heads(**kwargs: Any) -> None:
    """Publishes the chains' heads, where AUDIT_HEAD_FILE says so."""
    if settings.ENV.audit_head_file:
        heads.publish(settings.ENV.audit_head_file, now=timezone.now())
