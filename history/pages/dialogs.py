"""What only the session pages' views share: forms that a dialog shows, and the way on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template import loader

from accounts.pages.answers import is_htmx


def form_page(request: HttpRequest, part: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    """A form: alone for the dialog that shows it, else within a page of its own; a refused one takes its own place."""
    if not is_htmx(request):
        return render(request, "history/form.html", {**context, "part": f"history/{part}.html"}, status=status)
    html = loader.render_to_string(f"history/{part}.html", dict(context), request)
    headers = {} if status < 400 else {"HX-Reswap": "outerHTML"}
    return HttpResponse(html, status=status, headers=headers)


def go_to(request: HttpRequest, address: str) -> HttpResponse:
    """Leads the whole window to `address`, also when only a part of the page was asked for."""
    return HttpResponse(headers={"HX-Redirect": address}) if is_htmx(request) else redirect(address)
