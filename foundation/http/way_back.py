"""A page that was refused stands at the address of its form: who opens that address anew is led to the page above."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from foundation.http.doors import is_for_programs
from foundation.http.middleware import NativeMiddleware


class WayBack(NativeMiddleware):
    """Leads a signed-in reader from an address that only takes what is sent (405) to the nearest address above it."""

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = await self.get_response(request)
        is_reader = request.method == "GET" and hasattr(request, "principal") and not is_for_programs(request.path)
        if response.status_code != 405 or not is_reader:
            return response
        return HttpResponseRedirect(above(request.path))


def above(path: str) -> str:
    """The nearest address above `path` that there is; `/` at last."""
    parts = path.strip("/").split("/")[:-1]
    while parts:
        address = f"/{'/'.join(parts)}"
        try:
            resolve(address)
        except Resolver404:
            parts.pop()
        else:
            return address
    return "/"
