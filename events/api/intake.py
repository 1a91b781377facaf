"""`POST /api/events`: events of the services around, signed, or from a service account."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from events.intake.receiving import incoming_of, receive
from foundation.database.threads import in_database_thread
from foundation.http.standard_webhooks import NotSigned, check, secret_of
from foundation.problems import Problem, answers_problems, only
from foundation.rest.rendering import dumps


# No cookie is read here: what lets a call in is its signature, or its bearer.
@csrf_exempt
@only("POST")
@answers_problems
async def events(request: HttpRequest) -> HttpResponseBase:
    """202 once they are kept: `{accepted, known}`. What they ask for is done after."""
    check_sender(request)
    if request.content_type != "application/json":
        raise Problem(415, "unsupported_media_type", "Events are sent as application/json.")
    taken = incoming_of(getattr(request, "json_body", None))
    kept = await in_database_thread(receive, taken, now=timezone.now())
    return HttpResponse(
        dumps({"accepted": kept, "known": len(taken) - kept}), content_type="application/json", status=202
    )


def check_sender(request: HttpRequest) -> None:
    """A Problem (401, 403) unless this came from a service account or an administrator, or bears our signature."""
    sender: Any = getattr(request, "principal", None)
    if sender is not None:
        if not (sender.is_service or sender.has_role("admin")):
            raise Problem(403, "forbidden", "Events are taken from service accounts.")
        return
    secret = settings.ENV.event_signing_secret
    if secret is None:
        raise Problem(401, "not_authenticated", "Events are taken from service accounts.")
    try:
        check(secret_of(secret.get_secret_value()), request.headers, request.body, now=time.time())
    except NotSigned as fault:
        raise Problem(401, "not_authenticated", str(fault)) from None
