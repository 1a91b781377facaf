"""A team's webhook gets what happens to what is shared with the team, for as long as its owner manages it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from accounts.models import Role, Standing, Team, TeamMember, User
from events.models import Destination, Event, Notification, Webhook
from events.vocabulary import PREFIX
from events.webhooks import acting, setting_up, telling
from foundation.problems import Problem
from sessions_app import lifecycle as sessions
from templates_app.models import PromptTemplate
from templates_app.sharing import share
from templates_app.versions import labels
from tests.cast import new_user
from tests.events.test_notifications import shared, template_of
from tests.events.test_webhooks import Receiver, receiver

__all__ = ["receiver"]

pytestmark = pytest.mark.django_db


def managed() -> tuple[Team, User]:
    """A team and its manager."""
    team, manager = Team.objects.create(name=f"T {uuid.uuid4().hex[:6]}"), new_user()
    TeamMember.objects.create(team=team, user=manager, role=Standing.MANAGER)
    return team, manager


def hook_of(receiver: Receiver, team: Team, manager: User, **more: Any) -> Webhook:
    """The manager's webhook for the team."""
    url = f"http://{receiver.host}/x"
    return setting_up.make(owner_id=manager.id, name="team", url=url, team_id=team.id, **{"types": None, **more})[0]


def told(receiver: Receiver, webhook: Webhook) -> list[tuple[str, str]]:
    """Types and subjects of all that came so far, once what is due was told."""
    telling.tell(webhook.destination_id)
    return [(each["type"].removeprefix(PREFIX), each["subject"]) for each in receiver.events]


def test_it_gets_what_happens_to_what_is_shared_with_the_team(receiver: Receiver) -> None:
    team, manager = managed()
    other_team, _ = managed()
    owner = new_user()
    for each in (team, other_team):
        TeamMember.objects.create(team=each, user=owner)
    ours, theirs, private = (template_of(owner, name) for name in ("Ours", "Theirs", "Private"))
    webhook = hook_of(receiver, team, manager)
    shared(ours, team)
    shared(theirs, other_team)
    for template in (ours, theirs, private):
        labels.move(user=owner, template_id=template.id, label="production", number=1)
    assert told(receiver, webhook) == [("template.label_moved", f"template:{ours.id}")]
    # Of everybody's one event is written, not one a destination.
    assert Event.objects.filter(type=f"{PREFIX}template.label_moved").count() == 1
    share(user=owner, template_id=ours.id, visibility="private", members=[])
    labels.move(user=owner, template_id=ours.id, label="staging", number=1)
    assert len(told(receiver, webhook)) == 1


def test_it_gets_sessions_that_are_shared_with_the_team_and_nothing_of_members_own(receiver: Receiver) -> None:
    team, manager = managed()
    member = new_user()
    TeamMember.objects.create(team=team, user=member)
    webhook = hook_of(receiver, team, manager)
    own, session = (sessions.create(owner=member, given={"name": name}) for name in ("Own", "Shared"))
    sessions.share(user=member, session_id=session.id, members=[{"team_id": str(team.id), "role": "viewer"}])
    template_of(member)
    assert told(receiver, webhook) == [("session.shared", f"session:{session.id}")]
    assert str(own.id) not in str(receiver.events)


def test_only_the_teams_own_managers_make_one(receiver: Receiver) -> None:
    team, manager = managed()
    member, above, admin = new_user(), new_user(), new_user(roles=[Role.ADMIN])
    TeamMember.objects.create(team=team, user=member)
    Team.objects.filter(id=team.id).update(organisation="acme")
    User.objects.filter(id=above.id).update(organisation="acme", organisation_role=Standing.MANAGER)
    # Who stands above sees to the team, and does not see what is shared with it.
    for person in (member, above, admin, new_user()):
        with pytest.raises(Problem) as refused:
            hook_of(receiver, team, person)
        assert refused.value.status == 403
    with pytest.raises(Problem) as refused:
        setting_up.make(
            owner_id=manager.id, name="x", url=f"http://{receiver.host}/x", types=None, team_id=uuid.uuid4()
        )
    assert (refused.value.status, Webhook.objects.count()) == (403, 0)


def test_types_that_never_come_are_refused_and_chats_are_told_labels_and_splits(receiver: Receiver) -> None:
    team, manager = managed()
    wrong = [f"{PREFIX}execution.completed"]
    with pytest.raises(Problem) as refused:
        hook_of(receiver, team, manager, types=wrong)
    assert "not execution.completed" in refused.value.errors[0]["message"]
    webhook = hook_of(receiver, team, manager, format="slack")
    assert webhook.destination.types == [
        f"{PREFIX}template.{each}" for each in ("label_moved", "split_started", "split_ended")
    ]
    with pytest.raises(Problem):
        acting.change(webhook, {"types": wrong})
    acting.change(webhook, {"types": [f"{PREFIX}session.shared"]})
    assert Destination.objects.get().types == [f"{PREFIX}session.shared"]


def test_it_ends_with_its_owners_standing_and_begins_again_with_it(receiver: Receiver) -> None:
    team, manager = managed()
    owner = new_user()
    TeamMember.objects.create(team=team, user=owner)
    template: PromptTemplate = template_of(owner)
    shared(template, team)
    Notification.objects.all().delete()
    webhook = hook_of(receiver, team, manager)
    TeamMember.objects.filter(user=manager).update(role=Standing.MEMBER)
    labels.move(user=owner, template_id=template.id, label="production", number=1)
    assert told(receiver, webhook) == []
    stands = Destination.objects.get()
    assert (stands.is_active, stands.last_error) == (False, "Its owner no longer manages the team.")
    assert Notification.objects.filter(user_id=manager.id, kind="webhook_stopped").count() == 1
    again = Webhook.objects.select_related("destination").get()
    with pytest.raises(Problem):
        acting.change(again, {"is_active": True})
    TeamMember.objects.filter(user=manager).update(role=Standing.MANAGER)
    acting.change(again, {"is_active": True})
    assert len(told(receiver, webhook)) == 1
    team.delete()
    labels.move(user=owner, template_id=template.id, label="staging", number=1)
    acting.try_out(again)
    assert len(told(receiver, webhook)) == 1
    assert not Destination.objects.get().is_active
