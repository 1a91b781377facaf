"""Where a thing that entries are about has a page: apps above register the address of each kind."""

from __future__ import annotations

from typing import Final

from django.urls import NoReverseMatch, reverse

_pages: Final[dict[str, str]] = {}


def has_page(kind: str, address_name: str) -> None:
    """Things of this kind have a page, whose address takes their id."""
    _pages[kind] = address_name


def page_of(kind: str, object_id: str) -> str:
    """The address of its page; empty where it has none."""
    if kind not in _pages or not object_id:
        return ""
    try:
        return reverse(_pages[kind], args=[object_id])
    except NoReverseMatch:
        return ""
