"""Work for the Celery workers, rung for from a web process."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


def send_task(name: str, *, expires: float | None = None, **arguments: Any) -> bool:
    """Has a worker do a task; False when the broker is away: whoever rings keeps a row, and rings again.

    A ring that no worker has heard within `expires` seconds is void.
    """
    # Celery is loaded by the web processes that need it only.
    from kombu.exceptions import OperationalError

    try:
        import_string(settings.CELERY_APPLICATION).send_task(name, kwargs=arguments, retry=False, expires=expires)
    except OperationalError:
        return False
    return True
