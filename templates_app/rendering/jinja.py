"""The opt-in engine: Jinja2's sandbox, in a process of its own that is killed when it takes too long."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Final

import orjson

from foundation.problems import unavailable
from templates_app.errors import cannot_render

DEADLINE: Final = 2.0
"""Seconds for the process, its start included."""
AT_ONCE: Final = 4
PATIENCE: Final = 5.0
CHILD: Final = Path(__file__).with_name("jinja_child.py")
_places = BoundedSemaphore(AT_ONCE)


def render(texts: list[str], values: Mapping[str, Any]) -> list[str]:
    """The texts rendered with `values`; a Problem says why not."""
    return list(_asked({"texts": texts, "values": dict(values)})["texts"])


def names_in(texts: list[str]) -> list[str]:
    """The names that the texts use, in alphabetical order; a Problem when they are no Jinja2."""
    return list(_asked({"texts": texts, "values": None})["names"])


def _asked(question: dict[str, Any]) -> dict[str, Any]:
    if not _places.acquire(timeout=PATIENCE):
        raise unavailable("Too many templates are being rendered.")
    try:
        # -I: no user site, no environment; and none of the service's secrets in its own.
        done = subprocess.run(
            [sys.executable, "-I", str(CHILD)],
            input=orjson.dumps(question),
            capture_output=True,
            timeout=DEADLINE,
            env={},
            cwd="/",
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise cannot_render(f"Rendering took longer than {DEADLINE:.0f} seconds.", code="timeout") from None
    finally:
        _places.release()
    if done.returncode:
        raise cannot_render("Rendering took more time or memory than it may.", code="too_expensive")
    answer: dict[str, Any] = orjson.loads(done.stdout)
    if error := answer.get("error"):
        raise cannot_render(error["message"], code=error["code"])
    return answer
