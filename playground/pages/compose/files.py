"""Pictures and files that come with a form itself, where no script has uploaded them before."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from playground.attachments.storing import take
from playground.pages.compose.forms import Compose
from playground.pages.presentation.attachments import part_of


def keep(request: HttpRequest, user: User, compose: Compose) -> None:
    """Puts them into the form, less those that its sender leaves out; raises Problem, what was kept before staying."""
    left_out = set(request.POST.getlist("leave_out"))
    compose.attachments = [part for part in compose.attachments if part.get("artifact_id") not in left_out]
    for file in request.FILES.getlist("files"):
        kept = take(user=user, data=file.read(), name=file.name or "", now=timezone.now(), field="attachments")
        compose.attachments.append(part_of(kept))
