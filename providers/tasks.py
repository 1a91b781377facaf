"""Background work about providers; harmless when run twice."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from providers.line.history import forget_old, take_transitions
from providers.retiring.telling import tell_of_retiring


@shared_task
def tell_of_retiring_models(**kwargs: Any) -> None:
    """Tells owners of what asks a model that its provider means to take away."""
    tell_of_retiring(today=timezone.now().date())


@shared_task
def take_breaker_transitions(**kwargs: Any) -> None:
    """Writes down what breakers went through."""
    take_transitions()


@shared_task
def forget_old_transitions(**kwargs: Any) -> None:
    """Removes what breakers went through long ago."""
    forget_old(now=timezone.now())
