"""Logs: one JSON object a line on standard error, with request and execution ids, never with text."""

from __future__ import annotations

import logging
import re
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

import orjson
from structlog.processors import JSONRenderer, format_exc_info
from structlog.stdlib import ExtraAdder, ProcessorFormatter

from foundation.context import request_id
from foundation.traces.context import trace

# These links are secrets: whoever reads one in a log could follow it.
SECRET_LINKS = re.compile(r"(?<=/)(sign-in|review)/[^/\s?]+")


def _line(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The fields that every line has, before those that came as `extra`."""
    record: logging.LogRecord = event["_record"]
    line: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": SECRET_LINKS.sub(r"\1/…", str(event.pop("event"))),
    }
    if identifier := request_id.get():
        line["request_id"] = identifier
    if current := trace.get():
        line["trace_id"], line["span_id"] = current.trace_id, current.span_id
    return {**line, **event}


def _without_the_request(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Django adds it to what it logs of a 5xx; its text is the whole address, with a code or what was searched for."""
    event.pop("request", None)
    return event


def _json(line: Any, **_options: Any) -> str:
    return orjson.dumps(line, default=str).decode()


class JsonLines(ProcessorFormatter):
    """Formats a record as JSON; values passed as `extra` become fields."""

    def __init__(self) -> None:
        super().__init__(
            foreign_pre_chain=[_line, ExtraAdder(), _without_the_request],
            processors=[ProcessorFormatter.remove_processors_meta, format_exc_info, JSONRenderer(serializer=_json)],
        )


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": JsonLines}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "json"},
        "errors": {"class": "monitoring.errors.recording.Handler", "level": "ERROR"},
    },
    "root": {"handlers": ["stderr", "errors"], "level": "WARNING"},
    "loggers": {
        "playground": {"level": "INFO"},
        "accounts": {"level": "INFO"},
        "foundation": {"level": "INFO"},
        "celery": {"level": "WARNING"},
        # It logs the names that were typed in: some are passwords.
        "axes": {"level": "ERROR"},
        # Every 4xx is the caller's affair and already answered as a problem.
        "django.request": {"level": "ERROR"},
    },
}
