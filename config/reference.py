"""`/api/schema`, the OpenAPI document, and `/api/docs`, the same for people: a page a part of the service."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView

from foundation.rest.reference.operations import Part, parts_of

MAKING: Final = threading.Lock()
"""drf-spectacular looks its extensions up while it makes its first document: two at once find each other half done."""


class SchemaView(SpectacularJSONAPIView):
    """The document, made by one thread at a time."""

    @extend_schema(exclude=True)
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """As it is now."""
        with MAKING:
            return super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every operation, by parts."""
    return render(request, "reference/index.html", {"parts": parts().values()})


@require_GET
def part(request: HttpRequest, slug: str) -> HttpResponse:
    """What the operations of one part take and answer."""
    if (chosen := parts().get(slug)) is None:
        raise Http404
    address = request.build_absolute_uri("/")
    operations = [(each, each.curl(address)) for each in chosen.operations]
    return render(request, "reference/part.html", {"parts": parts().values(), "part": chosen, "operations": operations})


def parts() -> Mapping[str, Part]:
    """What there is, by the names that addresses have."""
    with MAKING:
        return _parts()


@cache
def _parts() -> Mapping[str, Part]:
    """Made once a process, when it is first asked for: a second's work, and always the same."""
    from config.urls import described

    return parts_of(SchemaGenerator(patterns=described).get_schema(public=True))  # type: ignore[no-untyped-call]
