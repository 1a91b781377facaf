"""Logs: one JSON object a line on standard error, with request and execution ids, never with text."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.orjson import OrjsonFormatter

from foundation.context import request_id
from foundation.traces.context import trace

# These links are secrets: whoever reads one in a log could follow it.
SECRET_LINKS = re.compile(r"(?<=/)(sign-in|review)/[^/\s?]+")


class JsonLines(OrjsonFormatter):
    """Formats a record as JSON; values passed as `extra` become fields."""

    def __init__(self) -> None:
        super().__init__(
            fmt=(),
            json_default=str,
            rename_fields={"exc_info": "exception"},
            # Django adds the request to what it logs of a 5xx; its text is the whole address, with a code or what was
            # searched for.
            reserved_attrs=[*RESERVED_ATTRS, "request"],
        )

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        """The fields that every line has, before those that came as `extra`."""
        log_data["time"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        log_data["level"] = record.levelname.lower()
        log_data["logger"] = record.name
        log_data["message"] = SECRET_LINKS.sub(r"\1/…", record.message)
        if identifier := request_id.get():
            log_data["request_id"] = identifier
        if current := trace.get():
            log_data["trace_id"], log_data["span_id"] = current.trace_id, current.span_id
        super().add_fields(log_data, record, message_dict)


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
