"""What concerns a team, an organisation, a project or a token is told to those who see to it, and to nobody else."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from accounts.bearer import api_tokens
from accounts.models import Organisation, Role, Standing, Team, TeamMember, User
from accounts.notifying import mailing
from accounts.notifying.told import told
from accounts.teams import seeing_to
from analytics.anomalies.baseline import Metric
from analytics.anomalies.dismissing import visible_to
from analytics.anomalies.telling import tell as tell_anomaly
from analytics.models import Anomaly
from events.models import Kind, Notification
from events.notifications import reading
from quotas.ledger.thresholds import look
from quotas.models import QuotaUsage
from sessions_app import lifecycle
from sessions_app.consuming import NAME
from tests.cast import new_user
from tests.quotas.test_admission import limit

pytestmark = pytest.mark.django_db


def sentences(user: User) -> list[str]:
    """What this person reads, the newest first."""
    return [each.words.sentence for each in told(reading.of(user.id))]


def of_organisation(key: str, *, is_manager: bool = False) -> User:
    """Somebody of it."""
    person = new_user()
    role = Standing.MANAGER if is_manager else Standing.MEMBER
    User.objects.filter(id=person.id).update(organisation=key, organisation_role=role)
    return User.objects.get(id=person.id)


def administrator() -> User:
    """Of the installation; those of other tests have gone."""
    person = new_user()
    User.objects.filter(id=person.id).update(roles=[Role.ADMIN])
    return User.objects.get(id=person.id)


def used(kind: str, subject: Any, *, executions: int = 9) -> None:
    """That much of ten executions a day."""
    limit(kind, subject, executions=10)
    QuotaUsage.objects.create(
        subject_kind=kind, subject_id=str(subject), period="day", starts_on=timezone.now().date(),
        time_zone="UTC", executions=executions, is_whole=True,
    )  # fmt: skip
    look()


def anomaly(kind: str, subject: str) -> Anomaly:
    """One that is told."""
    hour = timezone.now()
    row = Anomaly.objects.create(
        subject_kind=kind, subject_id=subject, metric=Metric.COST, first_hour=hour, last_hour=hour, evidence={}
    )
    tell_anomaly(row)
    return row


def test_a_teams_limit_is_told_to_its_managers() -> None:
    manager, member, above = new_user(), new_user(), of_organisation("acme", is_manager=True)
    team = Team.objects.create(name="Writers", organisation="")
    TeamMember.objects.create(team=team, user=manager, role=Standing.MANAGER)
    TeamMember.objects.create(team=team, user=member)
    used("team", team.id)
    look()
    assert sentences(manager) == ["80 % of the executions of the day of the team “Writers” are used"]
    assert (sentences(member), sentences(above)) == ([], [])
    (row,) = Notification.objects.filter(user_id=manager.id)
    assert "Writers" not in str(row.payload)


def test_a_team_without_managers_is_seen_to_by_its_organisations_and_then_by_administrators() -> None:
    above, admin = of_organisation("acme", is_manager=True), administrator()
    theirs, nobodys = (Team.objects.create(name="T", organisation=key) for key in ("acme", ""))
    assert seeing_to.of_team(theirs.id) == [above.id]
    assert seeing_to.of_team(nobodys.id) == seeing_to.administrators()
    assert admin.id in seeing_to.administrators()
    User.objects.filter(id=above.id).update(is_active=False)
    assert admin.id in seeing_to.of_team(theirs.id)
    theirs_id = theirs.id
    theirs.delete()
    assert seeing_to.of_team(theirs_id) == []


def test_an_organisations_limit_and_anomaly_are_told_to_its_managers_who_see_them() -> None:
    Organisation.objects.update_or_create(key="acme", defaults={"name": "Acme Ltd"})
    manager, member = of_organisation("acme", is_manager=True), of_organisation("acme")
    elsewhere = of_organisation("other", is_manager=True)
    used("organisation", "acme", executions=10)
    row = anomaly("organisation", "acme")
    assert sentences(manager) == [
        "The use of the organisation “Acme Ltd” is unlike before: cost",
        "100 % of the executions of the day of the organisation “Acme Ltd” are used",
    ]
    assert (sentences(member), sentences(elsewhere)) == ([], [])
    assert list(visible_to(manager)) == [row]
    assert not visible_to(member).exists()
    assert not visible_to(elsewhere).exists()


def test_the_installations_anomaly_is_told_to_administrators() -> None:
    admin, person = administrator(), new_user()
    anomaly("installation", "")
    assert sentences(admin) == ["The use of everybody together is unlike before: cost"]
    assert sentences(person) == []


def test_a_projects_limit_is_told_to_whom_it_was_made_for_else_to_administrators() -> None:
    creator, other, admin = new_user(), new_user(), administrator()
    lifecycle.create(owner=other, given={"name": "Mine", "project_id": "p 1/ä"})
    lifecycle.create(owner=creator, given={"name": "P", "project_id": "p 1/ä", "metadata": {NAME: "P"}})
    used("project", "p 1/ä")
    assert sentences(creator) == ["80 % of the executions of the day of the project “p 1/ä” are used"]
    assert (sentences(other), sentences(admin)) == ([], [])
    used("project", "nobody's")
    assert sentences(admin) == ["80 % of the executions of the day of the project “nobody's” are used"]


def test_a_tokens_limit_is_told_to_its_user_and_goes_with_them() -> None:
    person = new_user()
    token, _ = api_tokens.make(user=person, name="Deploys", scopes=("read",), expires_in_days=1, made_by=person)
    used("token", token.id)
    (sentence,) = sentences(person)
    assert sentence.startswith("80 % of the executions of the day of the token “Deploys")
    assert Notification.objects.get(user_id=person.id).owner_id == person.id


def test_the_link_names_what_it_is_of() -> None:
    manager, team = new_user(), Team.objects.create(name="Writers & Co")
    TeamMember.objects.create(team=team, user=manager, role=Standing.MANAGER)
    used("team", team.id)
    (one,) = told(reading.of(manager.id))
    assert parse_qs(urlsplit(one.words.path).query) == {"kind": ["team"], "subject": [str(team.id)]}


def test_what_is_told_of_a_group_is_mailed_though_quotas_mail_of_ones_own(settings: Any) -> None:
    settings.ENV = settings.ENV.model_copy(update={"alert_email": ("ops@example.org",)})
    payload = {"percent": 100, "measure": "cost", "period": "day"}
    own, older, group = (
        Notification(kind=Kind.QUOTA, payload={**payload, **of}) for of in ({"of": "user"}, {}, {"of": "team"})
    )
    assert [mailing._is_told_by_quotas(each) for each in (own, older, group)] == [True, True, False]
