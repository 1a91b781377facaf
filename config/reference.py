"""`/api/docs`: the OpenAPI document for people, a page a part of the service."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from drf_spectacular.generators import SchemaGenerator

from foundation.rest.reference.operations import Part, parts_of


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every operation, by parts."""
    return render(request, "reference/index.html", {"parts": _parts().values()})


@require_GET
def part(request: HttpRequest, slug: str) -> HttpResponse:
    """What the operations of one part take and answer."""
    if (chosen := _parts().get(slug)) is None:
        raise Http404
    address = request.build_absolute_uri("/")
    operations = [(each, each.curl(address)) for each in chosen.operations]
    return render(
        request, "reference/part.html", {"parts": _parts().values(), "part": chosen, "operations": operations}
    )


@cache
def _parts() -> Mapping[str, Part]:
    """Made once a process, when it is first asked for: a second's work, and always the same."""
    from config.urls import described

    return parts_of(SchemaGenerator(patterns=described).get_schema(public=True))  # type: ignore[no-untyped-call]
