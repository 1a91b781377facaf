"""Refusals as DADMS has them: `{error: {code, message, details, timestamp}}`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dadms_profile.words import camel


class Refused(Exception):
    """What the adapter itself refuses."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def error_of(problem: Any) -> dict[str, Any]:
    """A problem of ours (RFC 9457); the fields that it names are told in DADMS's spelling."""
    told = problem if isinstance(problem, dict) else {}
    details = {name: value for name, value in told.items() if name in ("instance", "request_id")}
    if errors := told.get("errors"):
        details["errors"] = [{**each, "field": _field(each["field"])} for each in errors]
    return written(told.get("code") or "error", told.get("detail") or told.get("title") or "", details)


def written(code: str, message: str, details: dict[str, Any]) -> dict[str, Any]:
    """The error now."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"error": {"code": code, "message": message, "details": details, "timestamp": now}}


def _field(path: str) -> str:
    return ".".join(map(camel, path.split(".")))
