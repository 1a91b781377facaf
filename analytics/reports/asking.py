"""Which week of whose runs a report is about, as far as whoever asks may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from accounts.models import Organisation, Role, Team, User
from accounts.teams.roles import manages_organisation, manages_team, own_organisation, teams_seen_by
from analytics.reports.weeks import Week, a_week_before, week_at, week_of
from analytics.usage.asking import Asked
from analytics.usage.people import people_of
from foundation.problems import FieldError, Problem, not_found

MOST_GROUPS: Final = 1_000
MOST_TEAMS: Final = 100
SOON: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Question:
    """A week, whose runs of it, and when it is asked."""

    viewer: User
    week: Week
    whose: str
    """`me`, `all`, `team:<id>` or `organisation:<key>`"""
    people: tuple[UUID, ...] | None
    """None: everybody."""
    now: datetime

    @property
    def is_over(self) -> bool:
        """Whether nothing more can begin in the week."""
        return self.week.end <= self.now

    @property
    def is_latest(self) -> bool:
        """Whether it is this week or the last one, so that what is so today belongs to it."""
        return self.week.next.end > self.now

    def usage(self, *groups: str) -> Asked:
        """The question for the figures of the week, as far as it has come."""
        # What is asked within a minute is one question.
        soon = self.now.replace(second=0, microsecond=0) + SOON
        return self._asked(self.week.begin, min(self.week.end, soon), groups)

    def usage_before(self, *groups: str) -> Asked:
        """The same of the week before, up to the same day and time of day."""
        before = self.usage().before
        end = self.week.begin if self.is_over else a_week_before(before, zone=self.week.zone)
        return self._asked(self.week.previous.begin, end, groups)

    def _asked(self, since: datetime, before: datetime, groups: tuple[str, ...]) -> Asked:
        return Asked(since, before, self.week.zone, groups, self.people, limit=MOST_GROUPS)


def zone_of(user: User) -> str:
    """In which this person's weeks begin: their organisation's time zone, else UTC."""
    found = Organisation.objects.filter(key=user.organisation).exclude(key="").values_list("time_zone", flat=True)
    return found.first() or "UTC"


def usual_for(user: User) -> str:
    """Whose runs somebody is told of who has not chosen."""
    return "all" if user.has_role(Role.ADMIN) else "me"


def question(viewer: User, *, week: str = "", whose: str = "", zone: str = "", now: datetime) -> Question:
    """Checked; without a week the last one that is over. Raises Problem (400, 403, 404)."""
    zone = zone or zone_of(viewer)
    try:
        asked = week_of(week, zone=zone) if week else week_at(now, zone=zone).previous
    except ValueError as error:
        raise _unclear("week", str(error)) from None
    if asked.begin > now:
        raise not_found(f"A report of the week {asked}, which has not begun,")
    whose = whose or usual_for(viewer)
    return Question(viewer, asked, whose, _people(viewer, whose), now)


def _people(viewer: User, whose: str) -> tuple[UUID, ...] | None:
    kind, _, value = whose.partition(":")
    if whose == "me":
        return (viewer.id,)
    if whose == "all":
        if not viewer.has_role(Role.ADMIN):
            raise Problem(403, "forbidden", "Everybody's runs are told to administrators.")
        return None
    if kind == "organisation" and value:
        return people_of(viewer, organisation=value)
    if kind == "team":
        try:
            return people_of(viewer, team_id=UUID(value))
        except ValueError:
            raise _unclear("whose", "A team is named by its id.") from None
    raise _unclear("whose", "One of me, all, team:<id> or organisation:<key> is expected.")


def _unclear(field: str, message: str) -> Problem:
    """400 whose sentence a page can show as it is."""
    return Problem(400, "invalid", message, errors=[FieldError(field, "invalid", message)])


def people_to_choose(user: User) -> list[tuple[str, str]]:
    """Whose reports somebody may read: value and name, the usual one first."""
    found = [("all", "Everybody's runs")] if user.has_role(Role.ADMIN) else []
    found.append(("me", "My runs"))
    if (key := own_organisation(user)) and manages_organisation(user, key):
        found.append((f"organisation:{key}", "My organisation's runs"))
    teams = teams_seen_by(user).order_by("name")[:MOST_TEAMS]
    return [*found, *((f"team:{team.id}", f"Runs of {team.name}") for team in teams if manages_team(user, team))]


def name_of(asked: Question) -> str:
    """Whose runs these are, in words."""
    kind, _, value = asked.whose.partition(":")
    if kind == "team":
        return f"Runs of {Team.objects.get(id=value).name}"
    return {"me": "My runs", "all": "Everybody's runs", "organisation": "My organisation's runs"}[kind]
