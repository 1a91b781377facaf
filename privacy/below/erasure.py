"""What accounts, Django and privacy itself keep of a person, and how it goes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet

from accounts.models import ApiToken, IdempotentCall, SignInLink, Standing, Team, User, UserNetwork
from events.models import ConsumedEvent, Destination, Event, Notification, NotificationPreference
from foundation.sealing.files.sweeping import is_removed
from privacy.erasure.steps import NotYet, Stage, register, removed
from privacy.models import Erasure, OwnData


def declare() -> None:
    """To be called when the app is ready."""
    register(Stage.STOP, "access", _access)
    register(Stage.STOP, "browsers", _browsers)
    register(Stage.CONTENT, "answers kept for repeated calls", _answers)
    register(Stage.CONTENT, "files of own data", _own_data)
    register(Stage.COPIES, "names in the admin's log", _admin_log)
    register(Stage.PERSON, "reasons of earlier refusals", _refusals)
    register(Stage.PERSON, "account", _account)
    register(Stage.COPIES, "events", _events)
    register(Stage.COPIES, "notifications", _notifications)
    register(Stage.PERSON, "networks", _networks)
    register(Stage.PERSON, "teams and groups", _teams)


def name_of(user_id: UUID) -> str:
    """What an erased person is called from then on."""
    return f"erased-{user_id.hex[:12]}"


def _access(user_id: UUID) -> int:
    username = User.objects.filter(id=user_id).values_list("username", flat=True).first()
    tokens = removed(ApiToken.objects.filter(user_id=user_id))
    links, _ = SignInLink.objects.filter(user_id=user_id).delete()
    attempts: int = AccessAttempt.objects.filter(username=username or "").delete()[0]
    return tokens + links + attempts + User.objects.filter(id=user_id, is_active=True).update(is_active=False)


def _browsers(user_id: UUID) -> int:
    """Whose a session of Django's is stands within it."""
    theirs = [
        session.session_key
        for session in Session.objects.order_by("pk").iterator(chunk_size=200)
        if session.get_decoded().get("_auth_user_id") == str(user_id)
    ]
    return Session.objects.filter(session_key__in=theirs).delete()[0] if theirs else 0


def _answers(user_id: UUID) -> int:
    return removed(IdempotentCall.objects.filter(user_id=user_id))


def _own_data(user_id: UUID) -> int:
    """All but the one that was made for this erasure, which goes when it expires."""
    made_for_it = Erasure.objects.filter(subject=user_id, own_data_id__isnull=False).values("own_data_id")
    row = OwnData.objects.filter(user_id=user_id).exclude(id__in=made_for_it).first()
    if row is None:
        return 0
    if row.storage_name and not is_removed(row.storage_name):
        raise NotYet("The object store does not let a file go.")
    return row.delete()[0]


def _admin_log(user_id: UUID) -> int:
    """What they did there, and the names of what is gone: the audit log knows the acts."""
    rows = removed(LogEntry.objects.filter(Q(user_id=user_id) | Q(object_id=str(user_id))))
    named = LogEntry.objects.exclude(object_repr="")
    for kind in ContentType.objects.filter(id__in=named.order_by().values("content_type_id")):
        model = kind.model_class()
        entries = named.filter(content_type=kind).order_by("pk")
        last = 0
        while model is not None and (some := list(entries.filter(pk__gt=last).values_list("pk", "object_id")[:500])):
            last = some[-1][0]
            known = {str(pk) for pk in _there(model._base_manager.all(), [key for _, key in some if key])}
            gone = [pk for pk, key in some if key not in known]
            rows += LogEntry.objects.filter(pk__in=gone).update(object_repr="", change_message="")
    return rows


def _there(rows: QuerySet[Any], keys: list[str]) -> set[object]:
    return set(rows.filter(pk__in=keys).values_list("pk", flat=True))


def _refusals(user_id: UUID) -> int:
    """Why they were not erased before says something of them."""
    refused = Erasure.objects.filter(subject=user_id, status=Erasure.Status.REFUSED, reason__isnull=False)
    return refused.update(reason=None)


def _account(user_id: UUID) -> int:
    """The row stays for what others use of theirs, and says nobody."""
    name = name_of(user_id)
    return (
        User.objects.filter(id=user_id)
        .exclude(username=name)
        .update(
            username=name,
            name="",
            email="",
            password=UNUSABLE_PASSWORD_PREFIX,
            roles=[],
            organisation_role=Standing.MEMBER,
            is_active=False,
            is_staff=False,
            is_superuser=False,
            last_login=None,
        )
    )


def _events(user_id: UUID) -> int:
    """Those of what they did, told or not, their webhooks, and those that other services have sent of them."""
    of_them = ConsumedEvent.objects.filter(subject=f"user:{user_id}")
    webhooks, _ = Destination.objects.filter(webhook__owner_id=user_id).delete()
    return webhooks + removed(Event.objects.filter(user_id=user_id)) + removed(of_them)


def _notifications(user_id: UUID) -> int:
    """What they were told, what others were told of things of theirs, and who it was that did it."""
    rows = removed(Notification.objects.filter(Q(user_id=user_id) | Q(owner_id=user_id)))
    rows += removed(NotificationPreference.objects.filter(user_id=user_id))
    return rows + Notification.objects.filter(by_id=user_id).update(by_id=None)


def _networks(user_id: UUID) -> int:
    return removed(UserNetwork.objects.filter(user_id=user_id))


def _teams(user_id: UUID) -> int:
    through: list[Any] = [User.groups.through, User.user_permissions.through, Team.members.through]
    return sum(removed(model.objects.filter(user_id=user_id)) for model in through)
