"""`/settings/bill`: a provider's bill beside the ledger, for administrators."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import Role
from accounts.pages.answers import answers_problems_on_the_page, problem_context, user_of
from analytics.api.bills import as_csv
from analytics.bills.comparing import compare
from analytics.bills.formats.registry import FORMATS
from analytics.bills.representation import comparison_json
from foundation.problems import FieldError, Problem, invalid
from providers.models import Provider

SHOWN = 500
"""Rows on the page; the file has all."""


@never_cache
@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
def bill(request: HttpRequest) -> HttpResponse:
    """The form; sent, the finding in words, then the table, or all of it as a file."""
    if not user_of(request).has_role(Role.ADMIN):
        raise PermissionDenied("Bills are compared by administrators.")
    if request.method != "POST":
        return _page(request)
    try:
        file = request.FILES.get("file")
        if file is None:
            raise invalid([FieldError("file", "required", "Choose the file that the provider's console exported.")])
        compared = compare(provider=request.POST.get("provider", ""), file=file)
    except Problem as problem:
        return _page(request, problem=problem)
    return as_csv(compared) if request.POST.get("as") == "csv" else _page(request, found=comparison_json(compared))


def _page(request: HttpRequest, *, found: dict[str, Any] | None = None, problem: Problem | None = None) -> HttpResponse:
    errors = {error["field"].partition(".")[0]: error["message"] for error in problem.errors} if problem else {}
    context = {
        "providers": Provider.objects.order_by("name"),
        "formats": FORMATS,
        "given": request.POST.get("provider", ""),
        "found": found,
        "rows": sorted(found["results"], key=lambda each: each["agrees"])[:SHOWN] if found else [],
        "errors": errors,
        "faulty": [(name, name.title()) for name in errors],
        **problem_context(problem, errors),
        "told": "" if errors else problem and problem.detail,
    }
    return render(request, "analytics/bill.html", context, status=problem.status if problem else 200)
