"""The list of tests."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.pages.answers import user_of
from evaluation_app.api.tests import tests_of
from evaluation_app.models import TestStatus
from evaluation_app.pages.presentation.test import TestRow

A_PAGE = 50


@require_GET
def test_list(request: HttpRequest) -> HttpResponse:
    """Your tests, the newest first; `?status=` narrows them, and the rest of the address goes on."""
    status = request.GET.get("status", "")
    status = status if status in TestStatus.values else ""
    wanted: dict[str, Any] = {"status": status} if status else {}
    pages = Paginator(tests_of(user_of(request), wanted).prefetch_related("variants"), A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "rows": [TestRow(test) for test in page],
        "page": page,
        "status": status,
        "statuses": TestStatus.choices,
    }
    return render(request, "evaluation_app/list.html", context)
