"""What the dashboard shows, as its address says: a period, whose runs, of which models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from accounts.models import Role, User
from accounts.teams.roles import manages_organisation, manages_team, own_organisation, teams_seen_by
from analytics.api.usage import UsageQuery
from analytics.usage.answering import asked_by
from analytics.usage.asking import Asked
from foundation.problems import Problem, field_errors

SPANS: Final = ((7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "a year"))
USUAL: Final = 30
FIELDS: Final = ("days", "from", "to", "time_zone", "whose", "model", "test")
MOST_TEAMS: Final = 100


@dataclass(frozen=True)
class Choice:
    """The question behind every figure of the page, not grouped."""

    given: Mapping[str, str]
    asked: Asked
    errors: Mapping[str, str] = field(default_factory=dict)
    """By field; what cannot be understood is left out, and told."""

    def by(self, *groups: str, limit: int = 8) -> Asked:
        """The same, grouped."""
        return replace(self.asked, groups=groups, limit=limit)

    @property
    def before(self) -> Asked:
        """The period of the same length before this one."""
        return replace(self.asked, since=self.asked.since - self.length, before=self.asked.since)

    @property
    def length(self) -> timedelta:
        """Of the period."""
        return self.asked.before - self.asked.since

    @property
    def unit(self) -> str:
        """By which the pictures go: as fine as leaves room for a column."""
        days = self.length / timedelta(days=1)
        return "hour" if days <= 2 else "day" if days <= 120 else "week" if days <= 800 else "month"

    @property
    def spans(self) -> list[tuple[str, str, bool]]:
        """Addresses, names, and which is shown."""
        chosen = "" if "from" in self.given or "to" in self.given else self.given.get("days", str(USUAL))
        return [(self.address(days=str(days)), name, str(days) == chosen) for days, name in SPANS]

    @property
    def api_query(self) -> str:
        """Itself as the query of GET /api/analytics/usage, by time."""
        return urlencode({**_as_query(self.given), "group_by": self.unit})

    def address(self, path: str = "", **changes: str) -> str:
        """This page's, or another one's, with something else; a number of days takes the place of the period."""
        left_out = ("days", "from", "to") if "days" in changes else ()
        kept = {name: value for name, value in self.given.items() if name not in left_out}
        return f"{path}?{urlencode({**kept, **changes})}"


def choice_of(user: User, query: Mapping[str, str]) -> Choice:
    """What an address asks for, as far as `user` may see it. Raises Problem (403, 404) for people who are not."""
    given = {name: query.get(name, "").replace("\0", "").strip() for name in FIELDS}
    given = {name: value for name, value in given.items() if value}
    errors = dict[str, str]()
    asked = _asked(user, given, errors)
    return Choice(given, asked, errors)


def _asked(user: User, given: dict[str, str], errors: dict[str, str]) -> Asked:
    """Asks again without what was wrong; without anything it is a question that can be answered."""
    while True:
        rules = UsageQuery(data=_as_query(given))
        try:
            if rules.is_valid():
                return asked_by(user, rules.validated_data)
            wrong = {each.field: each.message for each in field_errors(rules.errors)}
        except Problem as problem:
            if problem.status != 400:
                raise
            wrong = {str(each["field"]): str(each["message"]) for each in problem.errors}
        errors.update(wrong)
        left_out = [name for name in wrong if given.pop(name, None) is not None]
        if not left_out:
            given.clear()


def _as_query(given: Mapping[str, str]) -> dict[str, Any]:
    query = {name: given[name] for name in ("from", "to", "time_zone", "model") if name in given}
    if "from" not in query and "to" not in query:
        days = given.get("days", "")
        query["from"] = _days_ago(int(days) if days in {str(span) for span, _ in SPANS} else USUAL, query)
    kind, _, value = given.get("whose", "").partition(":")
    if kind == "me":
        query["user_id"] = "me"
    elif kind in ("team", "organisation"):
        query["team_id" if kind == "team" else kind] = value
    return query


def _days_ago(days: int, query: Mapping[str, str]) -> str:

    try:
        zone = ZoneInfo(query.get("time_zone", "UTC"))
    except (KeyError, ValueError, OSError):
        zone = ZoneInfo("UTC")
    return (datetime.now(zone).date() - timedelta(days=days - 1)).isoformat()


def people_to_choose(user: User) -> list[tuple[str, str]]:
    """Whose runs somebody may look at: value and name, the usual one first."""
    mine, found = ("me", "My runs"), []
    if user.has_role(Role.ADMIN):
        return [("", "Everybody's runs"), mine, *_teams(user)]
    if (key := own_organisation(user)) and manages_organisation(user, key):
        found = [(f"organisation:{key}", "My organisation's runs")]
    return [("", "My runs"), *found, *_teams(user)]


def _teams(user: User) -> list[tuple[str, str]]:
    teams = teams_seen_by(user).order_by("name")[:MOST_TEAMS]
    return [(f"team:{team.id}", f"Runs of {team.name}") for team in teams if manages_team(user, team)]
