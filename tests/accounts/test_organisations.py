"""Managers of organisations: what they give, and what nobody gives themselves."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from accounts.bearer.identity import user_by_claims
from accounts.bearer.web_tokens import Claims
from accounts.models import Organisation, Team, TeamMember, User
from audit.models import AuditEntry
from foundation.database.threads import in_database_thread
from tests.cast import Person, new_user
from tests.servers.service import Service


class House:
    """An organisation with two managers and a member, and a stranger of another one."""

    def __init__(self, url: str) -> None:
        self.key, self.other = uuid.uuid4().hex, uuid.uuid4().hex
        self.manager, self.second = (self._person(url, self.key, "manager") for _ in range(2))
        self.member = self._person(url, self.key)
        self.stranger = self._person(url, self.other, "manager")
        self.admin = Person(url, new_user(roles=["admin"]))

    def _person(self, url: str, key: str, role: str = "member") -> Person:
        return Person(url, new_user(organisation=key, organisation_role=role))


@pytest.fixture
async def house(service: Service) -> House:
    """The people of these tests."""
    return await in_database_thread(House, service.url)


def id_of(person: Person) -> str:
    """As addresses name somebody."""
    assert person.user is not None
    return str(person.user.id)


def at(person: Person) -> str:
    """The address of somebody in their organisation."""
    return f"/api/organisation/members/{id_of(person)}"


async def role_of(person: Person) -> str:
    """Their role, as it is kept."""
    return str(await in_database_thread(lambda: User.objects.get(id=id_of(person)).organisation_role))


async def test_a_manager_names_the_organisation_and_gives_the_role(house: House):
    changed = await house.manager.call("PATCH", "/api/organisation", {"name": "Works", "time_zone": "Europe/Berlin"})
    assert (changed.status, changed.body["name"], changed.body["time_zone"]) == (200, "Works", "Europe/Berlin")
    seen = (await house.member.get("/api/organisation")).body
    assert (seen["key"], seen["name"], seen["is_managed"]) == (house.key, "Works", False)
    given = await house.manager.call("PATCH", at(house.member), {"role": "manager"})
    assert (given.status, given.body["role"]) == (200, "manager")
    people = (await house.member.get("/api/organisation/members")).body
    assert {each["user_id"] for each in people["results"]} == {
        id_of(each) for each in (house.manager, house.second, house.member)
    }


async def test_an_odd_time_zone_is_named(house: House):
    for zone in ("Europe/Nowhere", "", "'; DROP TABLE users", 1):
        answer = await house.manager.call("PATCH", "/api/organisation", {"time_zone": zone})
        assert (answer.status, answer.body["errors"][0]["field"]) == (400, "time_zone")


@pytest.mark.parametrize("field", ["key", "id", "roles", "is_staff", "organisation", "created_at", "quota"])
async def test_t05_no_other_field_is_taken(house: House, field: str):
    for path, body in (("/api/organisation", {"name": "x"}), (at(house.member), {"role": "member"})):
        answer = await house.manager.call("PATCH", path, {**body, field: "admin"})
        assert (answer.status, answer.body["errors"][0]["field"]) == (400, field)


async def test_t21_nobody_gives_themselves_a_role(house: House):
    curator = Person(
        house.manager.url, await in_database_thread(lambda: new_user(organisation=house.key, roles=["curator"]))
    )
    for person in (house.member, curator):
        assert (await person.call("PATCH", at(person), {"role": "manager"})).status == 403
        assert await role_of(person) == "member"
    refused = await in_database_thread(
        lambda: list(AuditEntry.objects.filter(actor=id_of(curator), act="refused").values_list("object_id", flat=True))
    )
    assert refused == ["PATCH /api/organisation/members/<uuid:user_id>"]
    for odd in ("admin", "curator", "owner", None, ["manager"]):
        assert (await house.manager.call("PATCH", at(house.manager), {"role": odd})).status == 400


async def test_t03_another_organisation_is_not_there(house: House):
    for method, path, body in (
        ("PATCH", at(house.stranger), {"role": "member"}),
        ("GET", f"/api/organisation?organisation={house.other}", None),
        ("GET", f"/api/organisation/members?organisation={house.other}", None),
        ("PATCH", f"/api/organisation?organisation={house.other}", {"name": "x"}),
        ("PATCH", f"{at(house.stranger)}?organisation={house.other}", {"role": "member"}),
        ("PATCH", f"/api/organisation/members/{uuid.uuid4()}", {"role": "member"}),
    ):
        answer = await house.manager.call(method, path, body)
        missing = path.replace(house.other, "nowhere").replace(id_of(house.stranger), str(uuid.uuid4()))
        like = await house.manager.call(method, missing, body)
        assert (answer.status, answer.body["detail"]) == (404, like.body["detail"])
    assert await role_of(house.stranger) == "manager"
    told = await house.admin.call("PATCH", f"/api/organisation?organisation={house.other}", {"name": "By admin"})
    assert told.body["name"] == "By admin"


async def test_the_last_manager_stays_one_however_many_are_asked_at_once(house: House):
    for _ in range(5):
        answers = await asyncio.gather(
            house.manager.call("PATCH", at(house.second), {"role": "member"}),
            house.second.call("PATCH", at(house.manager), {"role": "member"}),
            house.manager.call("PATCH", at(house.manager), {"role": "member"}),
            house.second.call("PATCH", at(house.second), {"role": "member"}),
        )
        assert {each.status for each in answers} <= {200, 403, 409}
        left = [each for each in (house.manager, house.second) if await role_of(each) == "manager"]
        assert len(left) == 1
        last = await left[0].call("PATCH", at(left[0]), {"role": "member"})
        assert (last.status, last.body["code"]) == (409, "last_manager")
        for each in (house.manager, house.second):
            await left[0].call("PATCH", at(each), {"role": "manager"})


async def test_an_administrator_makes_the_first_manager(house: House):
    path = f"{at(house.stranger)}?organisation={house.other}"
    assert (await house.admin.call("PATCH", path, {"role": "member"})).status == 200
    assert (await house.stranger.call("PATCH", "/api/organisation", {"name": "x"})).status == 403
    assert (await house.admin.call("PATCH", path, {"role": "manager"})).status == 200


def claims(subject: str, organisation: str) -> Claims:
    """Those of a token that tells an organisation."""
    fields: dict[str, Any] = dict.fromkeys(Claims.__dataclass_fields__, "")
    return Claims(**{**fields, "subject": subject, "organisation": organisation, "roles": None, "expires_at": 0})


@pytest.mark.django_db
def test_an_organisation_is_known_with_its_first_person_whatever_door_they_come_by():
    subject, keys = str(uuid.uuid4()), [uuid.uuid4().hex for _ in range(3)]
    user_by_claims(claims(subject, keys[0]))
    user_by_claims(claims(subject, keys[1]))
    User.objects.filter(id=subject).update(organisation=keys[2])
    new_user(organisation=keys[2])
    assert Organisation.objects.filter(key__in=keys).count() == 3
    assert not Organisation.objects.filter(key="").exists()


@pytest.mark.django_db
def test_t29_whoever_moves_is_a_member_there_and_in_no_team_of_before():
    key, other = uuid.uuid4().hex, uuid.uuid4().hex
    user = new_user(organisation=key, organisation_role="manager")
    theirs = Team.objects.create(name="T", organisation=key)
    free = Team.objects.create(name=uuid.uuid4().hex)
    for team in (theirs, free):
        team.members.add(user)
    user_by_claims(claims(str(user.id), other))
    user.refresh_from_db()
    assert (user.organisation, user.organisation_role) == (other, "member")
    assert set(user.teams.all()) == {free}
    removed = AuditEntry.objects.filter(act="team_member_removed", concerns=str(user.id))
    assert [entry.object_id for entry in removed] == [str(theirs.id)]


@pytest.mark.django_db
def test_what_is_said_of_somebody_again_moves_nobody():
    user = new_user(organisation="same", organisation_role="manager")
    team = Team.objects.create(name="T", organisation="same")
    team.members.add(user)
    user_by_claims(claims(str(user.id), "same"))
    user.save()
    user.refresh_from_db()
    assert user.organisation_role == "manager"
    assert TeamMember.objects.filter(user=user, team=team).exists()


@pytest.mark.django_db
def test_a_team_that_is_given_to_an_organisation_keeps_only_its_people():
    key = uuid.uuid4().hex
    inside, outside = new_user(organisation=key), new_user()
    team = Team.objects.create(name=key)
    team.members.add(inside, outside)
    Team.objects.filter(id=team.id).update(organisation=key)
    assert set(team.members.all()) == {inside}


@pytest.mark.django_db
def test_roles_given_are_in_the_audit_log():
    user, team = new_user(organisation="o"), Team.objects.create(name=uuid.uuid4().hex)
    team.members.add(user)
    User.objects.filter(id=user.id).update(organisation_role="manager")
    TeamMember.objects.filter(user=user).update(role="manager")
    entries = AuditEntry.objects.order_by("id")
    assert entries.filter(object_id=str(user.id)).last().fields == ["organisation_role"]  # type: ignore[union-attr]
    told = entries.filter(object_id=str(team.id)).last()
    assert told is not None
    assert (told.act, told.fields, told.concerns) == ("team_member_changed", ["role"], str(user.id))
