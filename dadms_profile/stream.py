"""An execution's events as DADMS frames them: `data: {"type": "start" | "content" | "tool_call" | …}`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from dadms_profile.errors import written
from dadms_profile.words import in_camel

END = ("completed", "failed", "cancelled")


class Frames:
    """Turns the bytes of our stream into those of DADMS's; an event may come in pieces."""

    def __init__(self) -> None:
        self._rest = b""

    def of(self, piece: bytes) -> bytes:
        """What the events that are whole by now become."""
        *whole, self._rest = (self._rest + piece).split(b"\n\n")
        return b"".join(made for frame in whole for made in _frame(frame))


def _frame(frame: bytes) -> Iterator[bytes]:
    if frame.startswith(b":"):
        yield frame + b"\n\n"
        return
    lines = dict(line.partition(b": ")[::2] for line in frame.split(b"\n"))
    told = _told(lines.get(b"event", b"").decode(), orjson.loads(lines.get(b"data") or b"{}"))
    if told is not None:
        yield b"id: %s\ndata: %s\n\n" % (lines.get(b"id", b""), orjson.dumps(told))


def _told(kind: str, data: dict[str, Any]) -> dict[str, Any] | None:
    """None of what DADMS has no frame for."""
    if kind == "started":
        return {"type": "start", **in_camel(data)}
    if kind == "token":
        return {"type": "content", "content": data["text"]}
    if kind in ("tool_call", "tool_result"):
        return {"type": kind, **in_camel(data)}
    return _end(kind, data) if kind in END else None


def _end(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    told = {"type": "end", "executionId": data["id"], "status": kind, "usage": in_camel(data["usage"])}
    if error := data.get("error"):
        return {**told, **written(error["code"], error["message"], {})}
    return told
