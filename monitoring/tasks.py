"""Background work of the monitoring; harmless when run twice."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from monitoring.errors.telling import tell_returned
from monitoring.keeping.retention import forget_old, forget_old_firings, forget_old_samples


@shared_task
def tell_returned_errors(**kwargs: Any) -> None:
    """Tells administrators of errors that were resolved and are back."""
    tell_returned(now=timezone.now())


@shared_task
def forget_old_errors(**kwargs: Any) -> None:
    """Removes errors that were not seen for long."""
    forget_old(now=timezone.now())


@shared_task
def forget_old_samples_of_minutes(**kwargs: Any) -> None:
    """Removes samples of minutes that are long gone, and alerts that have long been over."""
    forget_old_firings(now=timezone.now())
    forget_old_samples(now=timezone.now())
