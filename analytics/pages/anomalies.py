"""`/settings/anomalies`: what is unlike before of one's own and of the organisation that one manages; administrators
see all, and dismiss.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Role
from accounts.pages.answers import answers_problems_on_the_page, tell, user_of
from analytics.anomalies.dismissing import dismiss, visible_to
from analytics.anomalies.subjects import name_of
from analytics.models import SubjectKind
from foundation.problems import FieldError, invalid

SHOWN = 100
LONGEST_REASON = 200


@never_cache
@require_GET
def anomalies(request: HttpRequest) -> HttpResponse:
    """The latest first, each with its evidence."""
    user = user_of(request)
    found = visible_to(user).order_by("-id")[:SHOWN]
    context = {
        "rows": [(each, name_of(SubjectKind(each.subject_kind), each.subject_id)) for each in found],
        "is_admin": user.has_role(Role.ADMIN),
    }
    return render(request, "analytics/anomalies.html", context)


@require_POST
@answers_problems_on_the_page
def dismissal(request: HttpRequest, anomaly_id: int) -> HttpResponse:
    """Says that one is none, and why."""
    reason = request.POST.get("reason", "").strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise invalid([FieldError("reason", "required", f"Say why, in up to {LONGEST_REASON} characters.")])
    dismiss(anomaly_id=anomaly_id, by=user_of(request), reason=reason, at=timezone.now())
    tell(request, "The anomaly is dismissed.")
    return HttpResponseRedirect(reverse("anomalies"))
