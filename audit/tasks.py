"""Background work of the audit log; harmless when run twice."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from audit.chain import heads
from audit.chain.chaining import link_waiting
from audit.chain.checking import check_on
from audit.publishing.schedule import publish_everywhere
from audit.stamps import checking


@shared_task
def link_entries(**kwargs: Any) -> None:
    """Links what waits."""
    link_waiting()


@shared_task
def publish_heads(**kwargs: Any) -> None:
    """Publishes the chains' heads, wherever the environment says so."""
    publish_everywhere(now=timezone.now())


@shared_task
def check_chains(**kwargs: Any) -> None:
    """Goes on with the check of every chain."""
    file = settings.ENV.audit_head_file
    check_on(published=lambda: heads.read(file) if file and file.exists() else (), now=timezone.now())


@shared_task
def check_stamps(**kwargs: Any) -> None:
    """Goes on with the check of the time stamps, where the environment names what they are checked up to."""
    environment = settings.ENV
    if environment.audit_timestamp_roots:
        checking.check_on(
            roots=environment.audit_timestamp_roots,
            kept_outside=environment.audit_timestamp_file,
            now=timezone.now(),
        )
