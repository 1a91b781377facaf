"""Files that a call names by artifact: the service keeps them, and no document or code has their bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from templates_app.call.turns import Turn
from templates_app.content import Content


def artifacts(content: Content) -> list[str]:
    """Each place that names one, with its id: in the turns, and in the defaults of variables."""
    return [f"{place} (artifact {key})" for place, key in _named(content)]


def artifact_ids(content: Content) -> list[str]:
    """What they are called, each once; whether there is such a file is not known here."""
    return list(dict.fromkeys(key for _, key in _named(content)))


def _named(content: Content) -> Iterator[tuple[str, str]]:
    for position, turn in enumerate(content.messages):
        if isinstance(turn, Turn) and not isinstance(turn.content, str):
            for at, part in enumerate(turn.content):
                if "artifact_id" in part:
                    yield f"messages.{position}.content.{at}", str(part["artifact_id"])
    for variable in content.variables:
        yield from _within(variable.default_value, f"variables.{variable.name}")


def _within(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for at, each in enumerate(value):
            yield from _within(each, f"{place}.{at}")
    elif isinstance(value, dict):
        if isinstance(value.get("artifact_id"), str):
            yield place, value["artifact_id"]
        for name, each in value.items():
            yield from _within(each, f"{place}.{name}")
