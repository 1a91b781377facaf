"""What a session came to: figures and pictures of a period."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.pages import told_on_the_page, user_of
from sessions_app.analytics import analytics
from sessions_app.api import visible
from sessions_app.export.selection import Selection
from sessions_app.presentation.analytics import AnalyticsView, Counts
from sessions_app.presentation.period import Period
from sessions_app.presentation.recent import recent
from sessions_app.presentation.session import head_of


@require_GET
@told_on_the_page
def session_analytics(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """The analytics tab; its period stands in the address."""
    user = user_of(request)
    found = visible(user, session_id)
    period = Period.of(request.GET, today=timezone.now().date())
    known = recent(found)
    told = analytics(found, since=period.since, before=period.before, kept=settings.ENV.cache_analytics_ttl)
    rows = Selection(period.since, period.before).of(found.executions).order_by().values_list("status")
    context = {
        "shown": head_of(found, user, known.unpriced_runs),
        "period": period,
        "json_address": f"/api/sessions/{session_id}/analytics{period.api_query}",
        "analytics": AnalyticsView(told, Counts(dict(rows.annotate(Count("id")))), known.unpriced),
    }
    return render(request, "sessions_app/analytics.html", context)
