"""Every address that Django and the sockets answer at, found by walking them: a new route is in here by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

from django.urls import URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

from config.sockets import websocket_urlpatterns

EXAMPLES = {
    "uuid": "6c1f0f8c-7f0e-4c39-9d0a-3f1f5d1f7a10",
    "str": "example",
    "path": "openai/example",
    "int": "1",
    "slug": "example",
}
PARAMETER = re.compile(r"<(?:(?P<converter>[^>:]+):)?[^>]+>")
GROUP = re.compile(r"\(\?P<[^>]+>(?P<inside>[^()]*)\)")


def http_routes() -> list[str]:
    """The paths of every view, with examples in the place of parameters."""
    return sorted(set(_walk(get_resolver(), "/")))


def every(paths: Sequence[str], methods: Sequence[str]) -> list[tuple[str, str]]:
    """Each path with each method."""
    return list(product(methods, paths))


def in_turn(paths: Sequence[str], methods: Sequence[str], start: int) -> list[tuple[str, str]]:
    """Each path with one method; as many starts in a row as there are methods make up `every`.

    For what is the same at each door, tried in many ways: a call costs some milliseconds, and doors are many.
    """
    return [(methods[(start + index) % len(methods)], path) for index, path in enumerate(paths)]


def socket_routes() -> list[str]:
    """The paths of every socket."""
    return [f"/{_filled(route.pattern)}" for route in websocket_urlpatterns]


def _walk(resolver: Any, prefix: str) -> Iterator[str]:
    for entry in resolver.url_patterns:
        path = prefix + _filled(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, path)
        else:
            yield path


def _filled(pattern: Any) -> str:
    if isinstance(pattern, RegexPattern):
        return GROUP.sub(_first_choice, str(pattern)).strip("^$").replace("\\", "")
    return PARAMETER.sub(lambda found: EXAMPLES[found["converter"] or "str"], str(pattern))


def _first_choice(group: re.Match[str]) -> str:
    first = group["inside"].split("|")[0]
    return "example" if first == ".*" else first
