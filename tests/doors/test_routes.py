"""Each name leads to one address: a second one of the same name would take links of the first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, get_resolver


def named(patterns: list[Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Names and addresses, but for those of the admin, which have a name space of their own."""
    for each in patterns:
        path = before + str(each.pattern)
        if isinstance(each, URLPattern):
            if each.name:
                yield each.name, path
        elif not each.namespace:
            yield from named(each.url_patterns, path)


def test_no_two_addresses_have_one_name():
    found = defaultdict(set)
    for name, path in named(get_resolver().url_patterns):
        found[name].add(path)
    assert {name: paths for name, paths in found.items() if len(paths) > 1} == {}
    assert len(found) > 100
