"""Background work of the quotas; harmless when run twice."""

from __future__ import annotations

import logging
from typing import Any

from celery import shared_task
from django.utils import timezone

from quotas.keeping.retention import forget_old
from quotas.ledger import thresholds
from quotas.ledger.mailing import mail_due

logger = logging.getLogger(__name__)


@shared_task
def look_at_thresholds(**kwargs: Any) -> None:
    """Tells of shares of limits that were reached."""
    for reached in thresholds.look():
        logger.warning("quota_threshold_reached", extra={name: str(each) for name, each in reached._asdict().items()})


@shared_task
def mail_alerts(**kwargs: Any) -> None:
    """Tells of them by mail, where the environment says to whom."""
    mail_due(now=timezone.now())


@shared_task
def forget_old_usage(**kwargs: Any) -> None:
    """Removes what was used in periods long past."""
    forget_old()
