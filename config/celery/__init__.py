"""The Celery application: `celery -A config worker`."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from celery import Celery
from celery.signals import (
    beat_init,
    before_task_publish,
    task_postrun,
    task_prerun,
    worker_init,
    worker_process_init,
    worker_process_shutdown,
    worker_shutdown,
)
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

TRANSPORT_ALIASES["redis"] = "config.celery.broker:Transport"

app = Celery("playground")
app.config_from_object("django.conf:settings", namespace="CELERY")
# On SIGQUIT tasks get this long before they are cancelled and redelivered: the whole stop stays within ten seconds.
app.conf.worker_soft_shutdown_timeout = 1.0
# Around each task Celery would close the process's pool of connections, which its engine uses meanwhile.
app.conf.CELERY_DB_REUSE_MAX = sys.maxsize
app.autodiscover_tasks()


@before_task_publish.connect  # type: ignore[untyped-decorator]
def say_whence(headers: dict[str, Any], **kwargs: Any) -> None:
    """How long a ring waits is seen from outside (`playground.engine.standing`), and what it belongs to goes along."""
    from foundation.traces.context import passed_on

    headers["published_at"] = time.time()
    headers.update(passed_on())


@task_prerun.connect  # type: ignore[untyped-decorator]
def go_on_with_the_trace(task: Any, **kwargs: Any) -> None:
    """What a task does belongs to the trace of whoever rang for it; what the clock rings for begins one."""
    from foundation.traces.context import HEADER, taken, trace

    trace.set(taken(str(task.request.get(HEADER) or "")))


@task_prerun.connect  # type: ignore[untyped-decorator]
@task_postrun.connect  # type: ignore[untyped-decorator]
def give_back_connections(**kwargs: Any) -> None:
    """The connections of the task's own thread go back to the pool."""
    from django.db import connections

    connections.close_all()


@beat_init.connect  # type: ignore[untyped-decorator]
def probe_at_once(**kwargs: Any) -> None:
    """Models and health are known a moment after the start, not a minute."""
    app.send_task("playground.tasks.probe_providers")


@beat_init.connect  # type: ignore[untyped-decorator]
def reindex_at_once(**kwargs: Any) -> None:
    """After an update templates are found in the new way within minutes."""
    app.send_task("templates_app.tasks.reindex")


@beat_init.connect  # type: ignore[untyped-decorator]
def subscribe_at_once(**kwargs: Any) -> None:
    """Where events go and come from is known a moment after the start."""
    app.send_task("events.tasks.subscribe", kwargs={"at_start": True})


@worker_init.connect  # type: ignore[untyped-decorator]
def record_errors(**kwargs: Any) -> None:
    """Of the worker and, by its fork, of its pool's children."""
    from monitoring.errors.recording import RECORDER

    RECORDER.begin("worker")


@beat_init.connect  # type: ignore[untyped-decorator]
def record_errors_of_beat(**kwargs: Any) -> None:
    """Of the clock."""
    from monitoring.errors.recording import RECORDER

    RECORDER.begin("beat")


@worker_init.connect  # type: ignore[untyped-decorator]
def begin_engines_last(**kwargs: Any) -> None:
    """Of what is done in a new child, ours comes after Celery's own, which closes the pool of connections.

    Celery connects its receiver when the worker starts, and they are called in the order in which they were connected.
    """
    worker_process_init.connect(begin_engine)


def begin_engine(**kwargs: Any) -> None:
    """A pool child shows that it lives from its start on, not from its first test."""
    from playground.engine import thread

    thread.begin()


@worker_process_shutdown.connect  # type: ignore[untyped-decorator]
@worker_shutdown.connect  # type: ignore[untyped-decorator]
def stop_engine(**kwargs: Any) -> None:
    """Runs of this process's engine get to end, and nothing of it is left."""
    from monitoring.errors import recording
    from playground.engine import thread

    thread.stop()
    recording.end()
