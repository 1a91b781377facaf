"""Background work of the analytics; harmless when run twice."""

from __future__ import annotations

import logging
from typing import Any

from celery import shared_task
from django.utils import timezone

from analytics.anomalies.mailing import mail_due
from analytics.anomalies.scanning import scan
from analytics.anomalies.throttling import settle_all
from analytics.keeping.retention import forget_old
from analytics.reports import mailing
from analytics.usage.catching_up import catch_up
from analytics.usage.rolling_up import roll_up

logger = logging.getLogger(__name__)


@shared_task
def look_for_anomalies(**kwargs: Any) -> None:
    """Looks at the hours that are over, and holds back whoever is unlike before, where that is wanted."""
    now = timezone.now()
    forget_old(now=now)
    if hours := scan(now=now):
        logger.info("usage_hours_looked_at", extra={"hours": hours})
    settle_all(now=now)


@shared_task
def roll_up_usage(**kwargs: Any) -> None:
    """Adds the runs of hours that are over to the figures by hour."""
    while found := catch_up(now=timezone.now()):
        logger.info("usage_caught_up", extra={"executions": found})
    while roll_up(now=timezone.now()):
        pass


@shared_task
def mail_anomalies(**kwargs: Any) -> None:
    """Tells of anomalies by mail, where the environment says to whom."""
    mail_due(now=timezone.now())


@shared_task
def mail_reports(**kwargs: Any) -> None:
    """Tells those who want it of the week that is over, from Monday 07:00 of their time zone on."""
    now = timezone.now()
    mailing.begin_due(now=now)
    mailing.mail_due(now=now)
