"""What a session came to: figures and pictures of a period."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.pages.answers import answers_problems_on_the_page, user_of
from history.analytics import analytics
from history.pages.presentation.analytics import AnalyticsView, Counts
from history.pages.presentation.period import Period
from history.pages.presentation.recent import recent
from history.pages.presentation.session import head_of
from playground.models import ExecutionUsage
from sessions_app.lookup import visible


@require_GET
@answers_problems_on_the_page
def session_analytics(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """The analytics tab; its period stands in the address."""
    user = user_of(request)
    found = visible(user, session_id)
    period = Period.of(request.GET, today=timezone.now().date())
    known = recent(found)
    told = analytics(found, since=period.since, before=period.before, kept=settings.ENV.cache_analytics_ttl)
    rows = ExecutionUsage.objects.filter(session_id=found.id).values_list("status")
    if period.since:
        rows = rows.filter(began_at__gte=period.since)
    if period.before:
        rows = rows.filter(began_at__lt=period.before)
    context = {
        "shown": head_of(found, user, known.unpriced_runs),
        "period": period,
        "json_address": f"/api/sessions/{session_id}/analytics{period.api_query}",
        "analytics": AnalyticsView(told, Counts(dict(rows.annotate(Count("pk")))), known.unpriced),
    }
    return render(request, "history/analytics.html", context)
