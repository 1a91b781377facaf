"""What each event of the contract's table "Consumed" does, once, with either spelling of its keys."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from events.intake.incoming import Incoming
from events.intake.receiving import receive
from events.intake.working import do_waiting
from events.models import ConsumedEvent
from privacy.models import Erasure
from quotas.models import QuotaLimit
from sessions_app.models import PlaygroundSession
from tests.cast import new_user

pytestmark = pytest.mark.django_db

BOTH = pytest.mark.parametrize("spelled", [lambda name: name, lambda name: "".join(camel(name))])


def camel(name: str) -> list[str]:
    """`project_id` as `projectId`, in pieces."""
    first, *rest = name.split("_")
    return [first, *(word.capitalize() for word in rest)]


def come(type_: str, payload: dict[str, Any], *, spelled: Any = str, id_: str = "") -> str:
    """What became of one event."""
    id_ = id_ or str(uuid.uuid4())
    now = timezone.now()
    receive([Incoming(id_, type_, {spelled(name): value for name, value in payload.items()})], now=now)
    do_waiting(now=now)
    return ConsumedEvent.objects.get(event_id=id_).fate


@BOTH
def test_a_project_has_a_session_for_its_creator_once_and_renames_and_archives_it(spelled: Any) -> None:
    owner = new_user()
    project = {"project_id": "p-1", "project_name": "First", "created_by": str(owner.id)}
    assert come("project.created", project, spelled=spelled) == "done"
    assert come("project.created", project, spelled=spelled) == "done"
    session = PlaygroundSession.objects.get(project_id="p-1")
    assert (session.name, session.user_id) == ("First", owner.id)
    assert come("project.updated", {"project_id": "p-1", "project_name": "Second"}, spelled=spelled) == "done"
    assert PlaygroundSession.objects.get().name == "Second"
    PlaygroundSession.objects.update(name="My own")
    come("project.updated", {"project_id": "p-1", "project_name": "Third"}, spelled=spelled)
    assert PlaygroundSession.objects.get().name == "My own"
    assert come("project.deleted", {"project_id": "p-1"}, spelled=spelled) == "done"
    assert PlaygroundSession.objects.get().archived_at is not None


def test_a_project_of_somebody_unknown_makes_them_known() -> None:
    creator = str(uuid.uuid4())
    come("project.created", {"project_id": "p", "project_name": "P", "created_by": creator})
    assert str(PlaygroundSession.objects.get().user_id) == creator
    assert not User.objects.get(id=creator).has_usable_password()


@BOTH
def test_a_user_is_made_kept_in_step_and_closed(spelled: Any) -> None:
    id_ = str(uuid.uuid4())
    told = {"user_id": id_, "email": "ada@example.org", "name": "Ada", "roles": ["curator", "emperor"]}
    assert come("user.created", told, spelled=spelled) == "done"
    user = User.objects.get(id=id_)
    assert (user.email, user.name, user.roles, user.is_staff) == ("ada@example.org", "Ada", ["curator"], True)
    come("user.updated", {"user_id": id_, "name": "Ada L.", "roles": ["user"]}, spelled=spelled)
    user.refresh_from_db()
    assert (user.email, user.name, user.roles, user.is_staff) == ("ada@example.org", "Ada L.", ["user"], False)
    for _ in range(2):
        assert come("user.deleted", {"user_id": id_}, spelled=spelled) == "done"
    user.refresh_from_db()
    assert not user.is_active
    assert [(each.subject, each.status) for each in Erasure.objects.all()] == [(user.id, "requested")]


@BOTH
def test_a_limit_of_cost_alerts_and_refuses_where_the_event_says_so(spelled: Any) -> None:
    user = new_user()
    soft = {"user_id": str(user.id), "amount": 4, "limit": 5, "currency": "USD"}
    assert come("cost.threshold", soft, spelled=spelled) == "done"
    limit = QuotaLimit.objects.get(subject_id=str(user.id))
    assert (limit.period, str(limit.cost), limit.is_hard) == ("month", "5.00000000", False)
    come("cost.threshold", {**soft, "limit": 9}, spelled=spelled)
    assert QuotaLimit.objects.get(subject_id=str(user.id)).cost == 5
    come("cost.threshold", {**soft, "hard_limit": True}, spelled=spelled)
    assert QuotaLimit.objects.get(subject_id=str(user.id)).is_hard
    come("cost.budget", {"project_id": "p", "limit": "2.5"}, spelled=spelled)
    assert QuotaLimit.objects.get(subject_kind="project", subject_id="p").cost == 2.5


@pytest.mark.parametrize(
    "payload",
    [
        {"user_id": "nobody", "limit": 5},
        {"limit": 5},
        {"project_id": "p", "limit": "NaN"},
        {"project_id": "p", "limit": -1},
        {"project_id": "p", "limit": 5, "currency": "EUR"},
    ],
)
def test_a_limit_that_cannot_be_set_is_told_as_failed(payload: dict[str, Any]) -> None:
    assert come("cost.threshold", payload) == "failed"
    assert ConsumedEvent.objects.get().reason
    assert not QuotaLimit.objects.filter(is_from_environment=False).exists()


@pytest.mark.parametrize("type_", ["project.created", "user.created", "user.deleted", "project.deleted"])
def test_events_without_their_ids_are_told_as_failed(type_: str) -> None:
    assert come(type_, {"nothing": True}) == "failed"
