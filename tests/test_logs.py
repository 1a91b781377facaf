"""T09, T10: what a log says of a request that broke: where, and nothing that opens a door."""

from __future__ import annotations

import json
import logging
import sys
import uuid
from contextvars import Context

import pytest

from config.logs import JsonLines


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/sign-in/BpJBjG_6RqI3zYxu8fM", "/sign-in/…"),
        ("/review/BpJBjG_6RqI3zYxu8fM/items/1", "/review/…/items/1"),
        ("/api/reviews/6c1f0f8c-7f0e-4c39-9d0a-3f1f5d1f7a10", "/api/reviews/6c1f0f8c-7f0e-4c39-9d0a-3f1f5d1f7a10"),
        ("/sign-in/oidc/callback", "/sign-in/…/callback"),
    ],
)
def test_t09_a_link_that_is_a_secret_is_not_in_the_log_of_a_failure(path: str, told: str) -> None:
    record = logging.makeLogRecord(
        {"name": "django.request", "msg": "%s: %s", "args": ("Internal Server Error", path), "levelno": logging.ERROR}
    )
    record.__dict__["request"] = f"<ASGIRequest: GET '{path}?code=canary'>"
    line = json.loads(JsonLines().format(record))
    assert line["message"] == f"Internal Server Error: {told}"
    assert "canary" not in str(line)


def test_a_line_has_its_fields_and_what_came_with_it() -> None:
    try:
        raise ValueError("x")
    except ValueError:
        told = sys.exc_info()
    extra = {"event": "told", "execution_id": uuid.UUID(int=1), "exc_info": told}
    record = logging.makeLogRecord(
        {"name": "playground.engine", "msg": "end_not_%s", "args": ("stored",), "levelname": "ERROR", **extra}
    )
    line = json.loads(Context().run(JsonLines().format, record))
    assert {name: line[name] for name in ("level", "logger", "message", "event", "execution_id")} == {
        "level": "error", "logger": "playground.engine", "message": "end_not_stored", "event": "told",
        "execution_id": "00000000-0000-0000-0000-000000000001",
    }  # fmt: skip
    assert line["exception"].endswith("ValueError: x")
    assert set(line) == {"time", "level", "logger", "message", "event", "execution_id", "exception"}
    # Other handlers find the record as it was.
    assert record.exc_info == told
    assert record.args == ("stored",)
