"""Pages of lists: `{"count", "next", "previous", "results"}`, `?page_size=` up to 200."""

from __future__ import annotations

from functools import cache
from typing import Any

from rest_framework import serializers
from rest_framework.pagination import PageNumberPagination

from foundation.rest.serializers import StrictSerializer

LARGEST = 200


class Pages(PageNumberPagination):
    """The API's numbered pages."""

    page_size_query_param = "page_size"
    max_page_size = LARGEST


class PageQuery(StrictSerializer):
    """The query of a list that nothing else narrows."""

    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST)


class LinksJSON(serializers.Serializer[Any]):
    """The pages around this one, as addresses; null where there is none."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


@cache
def page_of(row: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """A numbered page of these rows, as the OpenAPI document describes it."""
    stem = row.__name__.removesuffix("JSON").removesuffix("Serializer")
    fields = {
        "__doc__": f"A page of a list; each row is a {stem}.",
        "count": serializers.IntegerField(help_text="Rows of all pages."),
        "results": row(many=True),
    }
    return type(f"{stem}Page", (LinksJSON,), fields)
