"""The Celery application: `celery -A config worker`."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("playground")
app.config_from_object("django.conf:settings", namespace="CELERY")
# On SIGQUIT tasks get this long before they are cancelled and redelivered: the whole stop stays within ten seconds.
app.conf.worker_soft_shutdown_timeout = 1.0
app.autodiscover_tasks()
