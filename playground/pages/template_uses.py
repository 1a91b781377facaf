"""The sessions and comparisons in which a template was run, for its page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Max
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from foundation.words import counted
from playground.models import Comparison, PromptExecution
from sessions_app.models import PlaygroundSession
from templates_app.models import PromptTemplate
from templates_app.versions.uses import SHOWN, Use, Uses, register, uses


def declare() -> None:
    """To be called when the app is ready."""
    register(places)


def places(user: User, template: PromptTemplate) -> Iterator[Uses]:
    """Sessions by their last run, and comparisons, that the user may see; tests stand in a list of their own."""
    runs = PromptExecution.objects.filter(template_version__template=template).order_by()
    seen = runs.filter(session__in=PlaygroundSession.objects.visible_to(user).listed())
    sessions: Any = seen.values("session_id", "session__name").annotate(runs=Count("id"), last=Max("created_at"))
    yield uses(
        "Sessions",
        (
            Use(row["session__name"], _session(row["session_id"]), counted(row["runs"], "run"), row["last"])
            for row in sessions.order_by("-last", "session_id")[: SHOWN + 1]
        ),
    )
    compared = Comparison.objects.visible_to(user).filter(id__in=runs.values("comparison_id"))
    yield uses(
        "Comparisons",
        (
            Use(each.title, reverse("comparison", args=[each.id]), f"in {each.session.name}", each.created_at)
            for each in compared.select_related("session").order_by("-created_at", "id")[: SHOWN + 1]
        ),
    )


def _session(session_id: Any) -> str:
    """The session's page, which belongs to an app above."""
    try:
        return reverse("session", args=[session_id])
    except NoReverseMatch:
        return f"{reverse('playground')}?session={session_id}"
