"""`/settings/webhooks`: one's own webhooks; a new one's secret is on the page that made it, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from rest_framework.exceptions import ValidationError

from accounts.api.webhooks.bodies import Hears, WebhookBody
from accounts.models import Role, Standing, Team, User
from accounts.pages.answers import answers_problems_on_the_page, problem_context, refusal_of, tell, user_of
from events.models import Delivery, Format, State, Webhook
from events.vocabulary import PREFIX, WORDS, sentence_of
from events.webhooks import acting, hearing, setting_up
from foundation.problems import Problem
from foundation.rest.serializers import checked_json
from foundation.words import age, counted

LABELS: Final = {"name": "Name", "url": "Address", "format": "Shape", "team_id": "Whose events", "types": "Events"}
FIRST: Final[Mapping[str, Any]] = {
    "name": "",
    "url": "",
    "format": Format.CLOUDEVENTS,
    "scope": "own",
    "team_id": "",
    "types": [],
}
MOST_SHOWN: Final = 100
BADGES: Final = {State.DUE: "running", State.PARKED: "failed", State.DELIVERED: "completed"}


@dataclass(frozen=True)
class WebhookRow:
    """A webhook as its line in the table shows it."""

    webhook: Webhook
    counts: Mapping[str, int]

    @property
    def state(self) -> tuple[str, str]:
        """Badge and word."""
        stands = self.webhook.destination
        if not stands.is_active:
            return "cancelled", "stopped"
        if stands.failing_since:
            return "failed", "failing"
        return ("completed", "told") if stands.last_success_at else ("", "")

    @property
    def what(self) -> str:
        """Which events it gets."""
        stands = self.webhook.destination
        types = stands.types
        what = "all events" if types is None else counted(len(types), "type of event", "types of events")
        if (team_id := hearing.team_of(self.webhook)) is not None:
            team = Team.objects.filter(id=team_id).first()
            return f"{what} of what is shared with {team or 'a team that is gone'}"
        return what if stands.user_id else f"{what} of everybody"

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """The types that it gets, each with its sentence; none where it gets all."""
        names = [each.removeprefix(PREFIX) for each in self.webhook.destination.types or ()]
        return [(name, sentence_of(name)) for name in names]

    @property
    def left(self) -> str:
        """What it has not taken."""
        told = [f"{self.counts[name]} {name}" for name in ("waiting", "parked") if self.counts.get(name)]
        return ", ".join(told)


@dataclass(frozen=True)
class DeliveryRow:
    """A line of the log."""

    delivery: Delivery

    @property
    def type(self) -> str:
        """Without the service's prefix."""
        return self.delivery.event.type.removeprefix(PREFIX)

    @property
    def sentence(self) -> str:
        """What has happened."""
        return sentence_of(self.delivery.event.type)

    @property
    def badge(self) -> str:
        """Of its state."""
        return BADGES[State(self.delivery.state)]

    @property
    def age(self) -> str:
        """Since it happened."""
        return age(self.delivery.event.created_at)


@never_cache
@require_http_methods(["GET", "POST"])
@answers_problems_on_the_page
def webhooks(request: HttpRequest) -> HttpResponse:
    """The table and the form; a POST makes a webhook."""
    if request.method != "POST":
        return _page(request, FIRST)
    given = {name: request.POST.get(name, "").strip() for name in ("name", "url", "format")}
    team_id = request.POST.get("team_id", "").strip()
    given["scope"] = Hears.TEAM if team_id else request.POST.get("scope", Hears.OWN)
    given["team_id"] = team_id
    types = request.POST.getlist("types")
    try:
        asked = checked_json(WebhookBody(), {**given, "types": types or None, "team_id": team_id or None})
        _, secret = setting_up.make(owner_id=user_of(request).id, **asked)
    except (Problem, ValidationError) as error:
        return _page(request, {**given, "types": types}, problem=refusal_of(error))
    return _page(request, FIRST, secret=secret)


@never_cache
@require_GET
@answers_problems_on_the_page
def webhook(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """One with the log of its deliveries."""
    return _one(request, acting.of(user_of(request).id, webhook_id))


@never_cache
@require_POST
@answers_problems_on_the_page
def new_secret(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """A new secret, shown this once."""
    found = acting.of(user_of(request).id, webhook_id)
    return _one(request, found, secret=setting_up.rotate(found.id, now=timezone.now()))


@require_POST
@answers_problems_on_the_page
def act(request: HttpRequest, webhook_id: UUID, what: str) -> HttpResponse:
    """Tries it, stops it, lets it go on, tells what was given up again, or takes it away."""
    found = acting.of(user_of(request).id, webhook_id)
    if what == "test":
        acting.try_out(found)
        tell(request, "A test event is on its way: the log says what came of it.")
    elif what in ("stop", "start"):
        acting.change(found, {"is_active": what == "start"})
        tell(request, f"“{found.name}” gets events again." if what == "start" else f"“{found.name}” is stopped.")
    elif what == "replay":
        again = acting.replay(found, now=timezone.now())
        tell(request, f"{counted(again, 'event is', 'events are')} told again.")
    elif what == "delete":
        acting.delete(found)
        tell(request, f"“{found.name}” is gone.")
        return HttpResponseRedirect(reverse("webhooks"))
    else:
        raise Http404
    return HttpResponseRedirect(reverse("webhook", args=[found.id]))


@require_POST
@answers_problems_on_the_page
def replay(request: HttpRequest, webhook_id: UUID, delivery_id: int) -> HttpResponse:
    """Tells one event again."""
    found = acting.of(user_of(request).id, webhook_id)
    acting.replay(found, now=timezone.now(), delivery_id=delivery_id)
    tell(request, "The event is told again.")
    return HttpResponseRedirect(reverse("webhook", args=[found.id]))


def _page(
    request: HttpRequest, given: Mapping[str, Any], *, problem: Problem | None = None, secret: str = ""
) -> HttpResponse:
    found = acting.all_of(user_of(request).id)
    counts = acting.counts_of(found)
    errors = {error["field"].partition(".")[0]: error["message"] for error in problem.errors} if problem else {}
    context = {
        "rows": [WebhookRow(each, counts.get(each.destination_id, {})) for each in found],
        "secret": secret,
        "given": given,
        "formats": Format.choices,
        "types": WORDS.items(),
        "teams": [("", "Mine"), *_teams_of(user_of(request))],
        "may_hear_everybody": user_of(request).has_role(Role.ADMIN),
        "errors": errors,
        "faulty": [(name, LABELS[name]) for name in errors if name in LABELS],
        **problem_context(problem, errors),
        "told": "" if errors else problem and problem.detail,
    }
    return render(request, "accounts/webhooks.html", context, status=problem.status if problem else 200)


def _teams_of(user: User) -> list[tuple[str, str]]:
    managed = Team.objects.filter(memberships__user=user, memberships__role=Standing.MANAGER).order_by("name", "id")
    return [(str(team.id), f"Of what is shared with {team.name}") for team in managed]


def _one(request: HttpRequest, found: Webhook, *, secret: str = "") -> HttpResponse:
    context = {
        "row": WebhookRow(found, acting.counts_of([found]).get(found.destination_id, {})),
        "secret": secret,
        "deliveries": [DeliveryRow(each) for each in acting.deliveries_of(found)[:MOST_SHOWN]],
        "most": MOST_SHOWN,
    }
    return render(request, "accounts/webhook.html", context)
