"""Background work of accounts: sign-ins and mails; harmless when run twice."""

from __future__ import annotations

from typing import Any

from axes.models import AccessAttempt
from celery import shared_task
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts import networks
from accounts.models import RevokedToken, SignInLink
from accounts.notifying import mailing


@shared_task
def forget_old_sign_ins(**kwargs: Any) -> None:
    """Removes failures that no longer count, what opens nothing any more, and networks of long ago."""
    now = timezone.now()
    AccessAttempt.objects.filter(attempt_time__lte=now - settings.AXES_COOLOFF_TIME).delete()
    SignInLink.objects.filter(expires_at__lte=now).delete()
    RevokedToken.objects.filter(expires_at__lte=now).delete()
    Session.objects.filter(expire_date__lte=now).delete()
    networks.forget_old(now=now)


@shared_task
def mail_notifications(**kwargs: Any) -> None:
    """Mails people what they want to be told so."""
    mailing.mail_due(now=timezone.now())
