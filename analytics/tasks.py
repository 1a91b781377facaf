"""Background work of the analytics; harmless when run twice."""

from __future__ import annotations

import logging
from typing import Any

from celery import shared_task
from django.utils import timezone

from analytics.anomalies.scanning import scan
from analytics.keeping.retention import forget_old

logger = logging.getLogger(__name__)


@shared_task
def look_for_anomalies(**kwargs: Any) -> None:
    """Looks at the hours that are over."""
    now = timezone.now()
    forget_old(now=now)
    if hours := scan(now=now):
        logger.info("usage_hours_looked_at", extra={"hours": hours})
