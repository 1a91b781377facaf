"""Logs: one JSON object a line on standard error, with request and execution ids, never with text."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime
from typing import Any

import orjson

from foundation.context import request_id
from foundation.traces.context import trace

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# Django adds the request to what it logs of a 5xx; its text is the whole address, with a code or what was searched for.
UNSAID = frozenset({"request"})
# These links are secrets: whoever reads one in a log could follow it.
SECRET_LINKS = re.compile(r"(?<=/)(sign-in|review)/[^/\s?]+")


class JsonLines(logging.Formatter):
    """Formats a record as JSON; values passed as `extra` become fields."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": SECRET_LINKS.sub(r"\1/…", record.getMessage()),
        }
        if identifier := request_id.get():
            line["request_id"] = identifier
        if current := trace.get():
            line["trace_id"], line["span_id"] = current.trace_id, current.span_id
        line |= {name: value for name, value in vars(record).items() if name not in STANDARD | UNSAID}
        if record.exc_info and record.exc_info[0]:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


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
