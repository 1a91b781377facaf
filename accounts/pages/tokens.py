"""`/settings/tokens`: one's own API tokens; a new one's secret is on the page that made it, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from rest_framework.exceptions import ValidationError

from accounts.bearer import api_tokens
from accounts.bearer.bodies import DEFAULT_DAYS, NewTokenSerializer
from accounts.bearer.scopes import Scope
from accounts.models import ApiToken
from accounts.pages.answers import answers_problems_on_the_page, problem_context, refusal_of, tell, user_of
from foundation.problems import Problem

LIFETIMES: Final = (
    ("7", "A week"),
    ("30", "A month"),
    ("90", "Three months"),
    ("366", "A year"),
    ("", "Until revoked"),
)
LABELS: Final = {"name": "Name", "scopes": "It may", "expires_in_days": "It holds for"}
FIRST: Final = {"name": "", "scopes": [Scope.READ, Scope.EXECUTE], "expires_in_days": str(DEFAULT_DAYS)}
SOON: Final = timedelta(days=7)


@dataclass(frozen=True)
class TokenRow:
    """A token as its line in the table shows it."""

    token: ApiToken
    now: datetime

    @property
    def state(self) -> tuple[str, str]:
        """Badge and word; empty for one that holds and goes on doing so."""
        if self.token.revoked_at:
            return "cancelled", "revoked"
        if self.token.expires_at is None or self.token.expires_at > self.now + SOON:
            return "", ""
        return ("failed", "expired") if self.token.expires_at <= self.now else ("running", "expires soon")

    @property
    def is_open(self) -> bool:
        """Whether there is something to revoke."""
        return self.token.revoked_at is None


@never_cache
@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
def tokens(request: HttpRequest) -> HttpResponse:
    """The table and the form; a POST makes a token."""
    if request.method != "POST":
        return _page(request, FIRST)
    given = {
        "name": request.POST.get("name", "").strip(),
        "scopes": request.POST.getlist("scopes"),
        "expires_in_days": request.POST.get("expires_in_days", ""),
    }
    try:
        secret = _made(request, given)
    except (Problem, ValidationError) as error:
        return _page(request, given, problem=refusal_of(error))
    return _page(request, FIRST, secret=secret)


@require_POST
@answers_problems_on_the_page
def revoke(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """It lets nobody in any more."""
    token = api_tokens.revoke(user=user_of(request), token_id=token_id)
    tell(request, f"“{token.name}” is revoked: what it holds open ends within seconds.")
    return HttpResponseRedirect(reverse("tokens"))


def _made(request: HttpRequest, given: Mapping[str, Any]) -> str:
    rules = NewTokenSerializer(data={**given, "expires_in_days": given["expires_in_days"] or None})
    rules.is_valid(raise_exception=True)
    user = user_of(request)
    return api_tokens.make(user=user, made_by=user, **rules.validated_data)[1]


def _page(
    request: HttpRequest, given: Mapping[str, Any], *, problem: Problem | None = None, secret: str = ""
) -> HttpResponse:
    now = timezone.now()
    rows = ApiToken.objects.filter(user=user_of(request)).order_by("revoked_at", "-created_at", "-id")
    errors = {error["field"].partition(".")[0]: error["message"] for error in problem.errors} if problem else {}
    context = {
        "rows": [TokenRow(token, now) for token in rows],
        "secret": secret,
        "given": given,
        "scopes": Scope.choices,
        "lifetimes": LIFETIMES,
        "errors": errors,
        "faulty": [(name, LABELS[name]) for name in errors if name in LABELS],
        **problem_context(problem, errors),
        "told": "" if errors else problem and problem.detail,
    }
    return render(request, "accounts/tokens.html", context, status=problem.status if problem else 200)
