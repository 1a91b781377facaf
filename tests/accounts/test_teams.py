"""Teams: who is in them, who says so, and what goes with whoever leaves."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from accounts.models import Team, TeamMember
from foundation.database.threads import in_database_thread
from quotas.models import QuotaLimit
from tests.accounts.test_organisations import House, house, id_of
from tests.cast import Answer, Person, new_user
from tests.doors.browser import Browser
from tests.doors.conftest import BrowserOf, browser_of
from tests.doors.test_rights_taken_away import LONG, is_cancelled, told_after
from tests.playground.conftest import make_provider, provider
from tests.waiting import until

__all__ = ["browser_of", "house", "make_provider", "provider"]


async def made(house: House, *members: Person) -> str:
    """The address of a new team of the organisation, with these members."""
    answer = await house.manager.post("/api/teams", {"name": uuid.uuid4().hex})
    assert answer.status == 201, answer.body
    address = f"/api/teams/{answer.body['id']}"
    for member in members:
        assert (await put(house.manager, address, member)).status == 200
    return address


async def put(person: Person, team: str, whom: Person, role: str = "member") -> Answer:
    """The answer of the door that has somebody in a team."""
    return await person.call("PUT", f"{team}/members/{id_of(whom)}", {"role": role})


async def taken(person: Person, team: str, whom: Person) -> Answer:
    """The answer of the door that takes somebody out of a team."""
    return await person.call("DELETE", f"{team}/members/{id_of(whom)}")


async def roles_in(team: str) -> dict[str, str]:
    """Who is in it, as what."""
    rows = TeamMember.objects.filter(team_id=team.rpartition("/")[2])
    return {str(row.user_id): row.role for row in await in_database_thread(list, rows)}


async def test_a_manager_of_a_team_says_who_is_in_it(house: House):
    team = await made(house, house.member)
    assert (await put(house.member, team, house.second)).status == 403
    assert (await put(house.manager, team, house.member, "manager")).status == 200
    named = await house.member.post(f"{team}/members", {"user": house.second.user.username})  # type: ignore[union-attr]
    assert (named.status, named.body["role"]) == (201, "member")
    assert (await house.member.call("PATCH", team, {"name": "Renamed"})).body["name"] == "Renamed"
    assert (await house.member.call("DELETE", team)).status == 403
    assert (await taken(house.member, team, house.second)).status == 204
    assert await roles_in(team) == {id_of(house.member): "manager"}
    assert (await house.manager.call("DELETE", team)).status == 204


async def test_t03_a_team_that_one_is_not_in_is_not_there(house: House):
    team, whom = await made(house), id_of(house.member)
    missing = f"/api/teams/{uuid.uuid4()}"
    for person in (house.member, house.stranger):
        for method, path, body in (
            ("GET", "", None),
            ("PATCH", "", {"name": "x"}),
            ("DELETE", "", None),
            ("GET", "/members", None),
            ("POST", "/members", {"user": "x"}),
            ("PUT", f"/members/{whom}", {"role": "manager"}),
            ("DELETE", f"/members/{whom}", None),
        ):
            answers = [await person.call(method, each + path, body) for each in (team, missing)]
            assert [answer.status for answer in answers] == [404, 404]
            assert answers[0].body["detail"] == answers[1].body["detail"]
        assert (await person.get("/api/teams")).body["count"] == 0


async def test_nobody_of_another_organisation_gets_in(house: House):
    team = await made(house)
    assert (await put(house.manager, team, house.stranger)).status == 404
    assert (await put(house.admin, team, house.stranger)).status == 404
    name = house.stranger.user.username  # type: ignore[union-attr]
    refused = await house.manager.post(f"{team}/members", {"user": name})
    unknown = await house.manager.post(f"{team}/members", {"user": "nobody at all"})
    assert (refused.status, refused.body["errors"]) == (400, unknown.body["errors"])
    assert await roles_in(team) == {}
    elsewhere = await house.manager.post("/api/teams", {"name": "x", "organisation": house.other})
    assert elsewhere.status == 404
    assert (await house.manager.post("/api/teams", {"name": "x", "organisation": ""})).status == 403


async def test_names_of_teams_elsewhere_are_not_told(house: House):
    name = uuid.uuid4().hex
    assert (await house.stranger.post("/api/teams", {"name": name})).status == 201
    assert (await house.manager.post("/api/teams", {"name": name})).status == 201
    again = await house.manager.post("/api/teams", {"name": name})
    assert (again.status, again.body["errors"][0]["code"]) == (400, "name_taken")


@pytest.mark.parametrize("field", ["id", "members", "is_managed", "role", "created_at"])
async def test_t05_no_other_field_is_taken(house: House, field: str):
    team = await made(house)
    for method, path, body in (("POST", "/api/teams", {"name": "x"}), ("PATCH", team, {"name": "x"})):
        answer = await house.manager.call(method, path, {**body, field: "manager"})
        assert (answer.status, answer.body["errors"][0]["field"]) == (400, field)
    moved = await house.manager.call("PATCH", team, {"name": "x", "organisation": house.other})
    assert moved.status == 400


async def test_t21_a_member_makes_nobody_a_manager(house: House):
    team = await made(house, house.member)
    assert (await put(house.member, team, house.member, "manager")).status == 403
    assert await roles_in(team) == {id_of(house.member): "member"}


async def test_people_leave_and_the_last_manager_first_finds_another(house: House):
    team = await made(house)
    mates = [
        Person(house.manager.url, await in_database_thread(lambda: new_user(organisation=house.key))) for _ in range(2)
    ]
    await put(house.manager, team, mates[0], "manager")
    await put(house.manager, team, mates[1])
    left = await taken(mates[0], team, mates[0])
    assert (left.status, left.body["code"]) == (409, "last_manager")
    assert (await put(mates[0], team, mates[0], "member")).status == 409
    await put(mates[0], team, mates[1], "manager")
    answers = await asyncio.gather(*(taken(each, team, each) for each in mates))
    assert sorted(answer.status for answer in answers) == [204, 204]
    assert await roles_in(team) == {}
    assert (await mates[0].get(team)).status == 404


async def test_a_deleted_team_leaves_neither_shares_nor_quotas(house: House):
    team = await made(house, house.member, house.second)
    team_id = team.rpartition("/")[2]
    template = (await house.second.post("/api/templates", {"name": "N", "category": "C", "prompt": "x"})).body["id"]
    shared = {"visibility": "shared", "members": [{"team_id": team_id, "role": "viewer"}]}
    assert (await house.second.call("PUT", f"/api/templates/{template}/share", shared)).status == 200
    limits = {"limits": [{"period": "day", "executions": 5}]}
    assert (await house.manager.call("PUT", f"/api/quotas/team/{team_id}", limits)).status == 200
    assert (await house.member.get(f"/api/templates/{template}")).status == 200
    assert (await house.manager.call("DELETE", team)).status == 204
    assert (await house.member.get(f"/api/templates/{template}")).status == 404
    assert not await in_database_thread(QuotaLimit.objects.filter(subject_id=team_id).exists)


async def test_t27_managers_set_quotas_of_their_own_people_and_teams_alone(house: House):
    limits = {"limits": [{"period": "day", "executions": 5}]}
    team = (await made(house, house.member)).rpartition("/")[2]
    other = await house.stranger.post("/api/teams", {"name": uuid.uuid4().hex})
    for whose, status in (
        (f"user/{id_of(house.member)}", 200),
        (f"team/{team}", 200),
        (f"user/{id_of(house.stranger)}", 403),
        (f"user/{uuid.uuid4()}", 403),
        (f"team/{other.body['id']}", 403),
        ("user/*", 403),
        ("team/*", 403),
        (f"organisation/{house.key}", 403),
        ("project/p", 403),
        (f"token/{uuid.uuid4()}", 403),
    ):
        assert (await house.manager.call("PUT", f"/api/quotas/{whose}", limits)).status == status, whose
        assert (await house.member.call("PUT", f"/api/quotas/{whose}", limits)).status == 403, whose
    seen = (await house.manager.get("/api/quotas/limits")).body["results"]
    assert {each["subject_id"] for each in seen} == {id_of(house.member), team}
    assert (await house.stranger.get("/api/quotas/limits")).body["results"] == []


async def is_shared(house: House, team: str, provider: str) -> dict[str, Any]:
    """A run of the second manager's that goes on, whose session the team sees."""
    session = (await house.second.post("/api/sessions", {"name": "S"})).body["id"]
    async with house.second.streaming(f"{provider}/{LONG}", session_id=session) as stream:
        run = str((await anext(aiter(stream))).data["execution_id"])
    members = {"members": [{"team_id": team.rpartition("/")[2], "role": "viewer"}]}
    assert (await house.second.call("PUT", f"/api/sessions/{session}/share", members)).status == 200
    return {"run": run, "session": session}


async def test_t29_what_a_team_shares_ends_with_being_in_it_open_streams_too(
    house: House, provider: str, browser_of: BrowserOf
):
    people = [
        Person(house.manager.url, await in_database_thread(lambda: new_user(organisation=house.key))) for _ in range(3)
    ]
    browsers: list[Browser] = [await in_database_thread(browser_of, each) for each in people]
    taken_team, left_team, deleted_team = [await made(house, each, house.second) for each in people]
    shared = [await is_shared(house, team, provider) for team in (taken_team, left_team, deleted_team)]

    def moved() -> None:
        assert people[1].user is not None
        people[1].user.organisation = "elsewhere"
        people[1].user.save()

    ways = (
        taken(house.manager, taken_team, people[0]),
        in_database_thread(moved),
        house.manager.call("DELETE", deleted_team),
    )
    runs = [each["run"] for each in shared]
    told = await asyncio.gather(*(told_after(*each) for each in zip(ways, browsers, runs, strict=True)))
    for last, code in told:
        assert last in ("started", "token")
        assert code == 4403
    for person, each in zip(people, shared, strict=True):
        assert (await person.get(f"/api/sessions/{each['session']}")).status == 404
    for run in runs:
        await until(lambda run=run: is_cancelled(house.second, run))  # type: ignore[misc]
    assert await in_database_thread(Team.objects.filter(id=left_team.rpartition("/")[2]).exists)


async def test_the_pages_do_what_the_doors_do(house: House, browser_of: BrowserOf):
    browser = await in_database_thread(browser_of, house.manager)
    page = await browser.get("/settings/organisation")
    assert house.member.user.username in page.text  # type: ignore[union-attr]
    wrong = await browser.post("/settings/organisation", form={"name": "Works", "time_zone": "Nowhere"})
    assert (wrong.status, "There is no time zone" in wrong.text) == (400, True)
    assert (await browser.post("/settings/organisation", form={"name": "W<b>", "time_zone": "UTC"})).status == 302
    assert "W&lt;b&gt;" in (await browser.get("/settings/organisation")).text
    address = f"/settings/organisation/members/{id_of(house.member)}"
    assert (await browser.post(address, form={"role": "manager"})).status == 302
    assert (await browser.post(address, form={"role": "admin"})).status == 400
    made_one = await browser.post("/settings/teams", form={"name": uuid.uuid4().hex})
    assert made_one.status == 302
    team = await in_database_thread(Team.objects.get, organisation=house.key)
    page_of_it = f"/settings/teams/{team.id}"
    unknown = await browser.post(page_of_it, form={"user": house.stranger.user.username})  # type: ignore[union-attr]
    assert (unknown.status, "Nobody is called so" in unknown.text) == (400, True)
    assert (await browser.post(page_of_it, form={"user": house.second.user.username})).status == 302  # type: ignore[union-attr]
    assert (await browser.post(f"{page_of_it}/members/{id_of(house.second)}", form={"role": "manager"})).status == 302
    other = await in_database_thread(browser_of, house.second)
    assert (await other.post(page_of_it, form={"name": "Renamed"})).status == 302
    stranger = await in_database_thread(browser_of, house.stranger)
    assert (await stranger.get(page_of_it)).status == 404
    assert (await stranger.post(f"{page_of_it}/delete", form={})).status == 404
    assert (await other.post(f"{page_of_it}/members/{id_of(house.second)}/take-out", form={})).status == 302
    assert (await browser.post(f"{page_of_it}/delete", form={})).status == 302


async def test_t27_pages_of_managers_are_for_managers(house: House, browser_of: BrowserOf):
    browser = await in_database_thread(browser_of, house.member)
    assert house.second.user.username not in (await browser.get("/settings/organisation")).text  # type: ignore[union-attr]
    refused = await browser.post("/settings/organisation", form={"name": "x", "time_zone": "UTC"})
    assert refused.status == 403
    assert (await browser.post("/settings/teams", form={"name": "x"})).status == 403
    address = f"/settings/organisation/members/{id_of(house.member)}"
    assert (await browser.post(address, form={"role": "manager"})).status == 403
    assert (await browser.get("/settings/quotas")).status == 403


async def test_managers_set_quotas_on_the_page_of_their_own(house: House, browser_of: BrowserOf):
    browser = await in_database_thread(browser_of, house.manager)
    assert "Set quotas" in (await browser.get("/settings/usage")).text
    wanted = {"kind": "user", "period": "day", "executions": "5", "is_hard": "true"}

    def name_of(person: Person) -> str:
        assert person.user is not None
        return person.user.username

    assert (await browser.post("/settings/quotas", form={**wanted, "subject": name_of(house.member)})).status == 302
    for kind, subject, status in (
        ("user", name_of(house.stranger), 400),
        ("user", "*", 403),
        ("organisation", house.key, 403),
        ("project", "p", 403),
    ):
        form = {**wanted, "kind": kind, "subject": subject}
        assert (await browser.post("/settings/quotas", form=form)).status == status, kind
    limits = await in_database_thread(lambda: list(QuotaLimit.objects.values_list("subject_id", flat=True)))
    assert limits == [id_of(house.member)]
    other = await in_database_thread(browser_of, house.stranger)
    assert id_of(house.member) not in (await other.get("/settings/quotas")).text


async def test_the_admin_takes_only_people_of_a_teams_organisation(house: House, browser_of: BrowserOf):
    admin = Person(
        house.manager.url,
        await in_database_thread(lambda: new_user(roles=["admin"], is_staff=True, is_superuser=True)),
    )
    browser = await in_database_thread(browser_of, admin)
    team = await in_database_thread(lambda: Team.objects.create(name="T", organisation=house.key))
    address = f"/admin/accounts/team/{team.id}/change/"
    assert (await browser.get(address)).status == 200
    for person, is_taken in ((house.stranger, False), (house.member, True)):
        form = {
            "name": "T", "organisation": house.key, "memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "0",
            "memberships-0-team": str(team.id), "memberships-0-user": id_of(person), "memberships-0-role": "manager",
        }  # fmt: skip
        told = await browser.post(address, form=form)
        assert (told.status == 302) is is_taken, told.text
    assert await roles_in(str(team.id)) == {id_of(house.member): "manager"}
