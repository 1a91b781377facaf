"""One's own notifications over REST: read, marked as read, and how somebody wants to be told."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from accounts.notifying.told import Told, told
from accounts.requests import principal
from events.models import Kind
from events.notifications import preferences, reading
from foundation.rest.openapi import problems
from foundation.rest.pagination import PageQuery, Pages, page_of
from foundation.rest.query import body_of, query_of
from foundation.rest.serializers import StrictSerializer


class NotificationsQuery(PageQuery):
    """Which of them."""

    unread = serializers.BooleanField(required=False, default=False, help_text="Only those that were not read yet.")


class NotificationJSON(serializers.Serializer[Any]):
    """What a person is told of one event."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    sentence = serializers.CharField(help_text="What happened, in words.")
    path = serializers.CharField(help_text="The page of what it happened to, within the service.")
    by = serializers.UUIDField(allow_null=True, help_text="Who did it; null where nobody did, or they are erased.")
    facts = serializers.DictField(help_text="Ids and figures, as the kind has them.")
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)


class ReadJSON(serializers.Serializer[Any]):
    """How many were marked."""

    read = serializers.IntegerField()


class WayBody(StrictSerializer):
    """How somebody is told of one kind; neither: not at all."""

    page = serializers.BooleanField()
    email = serializers.BooleanField()


class WaysBody(StrictSerializer):
    """By kind; those that are not named stay as they are."""

    def get_fields(self) -> dict[str, Any]:
        """One a kind."""
        return {kind.value: WayBody(required=False, help_text=kind.label) for kind in Kind}


class WaysJSON(serializers.Serializer[Any]):
    """How somebody is told."""

    kinds = serializers.DictField(child=WayBody(), help_text="By kind.")
    sends_email = serializers.BooleanField(
        help_text="false: the service has no mail server, or you have no address; no mail is sent then."
    )


class NotificationsView(APIView):
    """`GET /api/notifications`."""

    @extend_schema(
        operation_id="notifications_list", parameters=[NotificationsQuery], responses=page_of(NotificationJSON)
    )
    def get(self, request: Request) -> Response:
        """What you were told, the newest first; kept for 90 days after it was read, a year at most."""
        given = query_of(request, NotificationsQuery)
        pages = Pages()
        found = reading.of(principal(request).id, unread=given["unread"])
        rows: Any = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response([notification_json(each) for each in told(rows or ())])


class NotificationReadView(APIView):
    """`POST /api/notifications/{id}/read`."""

    @extend_schema(operation_id="notifications_read", request=None, responses={200: NotificationJSON, **problems(404)})
    def post(self, request: Request, notification_id: UUID) -> Response:
        """Marks it as read; when it was first read stays."""
        row = reading.read(principal(request).id, notification_id, now=timezone.now())
        return Response(notification_json(told([row])[0]))


class NotificationsReadView(APIView):
    """`POST /api/notifications/read-all`."""

    @extend_schema(operation_id="notifications_read_all", request=None, responses=ReadJSON)
    def post(self, request: Request) -> Response:
        """Marks all that are there now as read."""
        return Response({"read": reading.read_all(principal(request).id, now=timezone.now())})


class NotificationPreferencesView(APIView):
    """`GET | PUT /api/notifications/preferences`."""

    @extend_schema(operation_id="notifications_preferences", responses=WaysJSON)
    def get(self, request: Request) -> Response:
        """How you are told of each kind: in the page, by e-mail, both or not at all."""
        query_of(request, StrictSerializer)
        return Response(ways_json(principal(request)))

    @extend_schema(operation_id="notifications_choose", request=WaysBody, responses=WaysJSON)
    def put(self, request: Request) -> Response:
        """From now on you are told as the body says."""
        user, given = principal(request), body_of(request, WaysBody)
        chosen = {Kind(kind): preferences.Way(way["page"], way["email"]) for kind, way in given.items()}
        preferences.choose(user.id, chosen)
        return Response(ways_json(user))


def notification_json(each: Told) -> dict[str, Any]:
    """One in words."""
    return {
        "id": each.row.id,
        "kind": each.row.kind,
        "sentence": each.words.sentence,
        "path": each.words.path,
        "by": each.row.by_id,
        "facts": each.row.payload,
        "created_at": each.row.created_at,
        "read_at": each.row.read_at,
    }


def ways_json(user: User) -> dict[str, Any]:
    """Every kind."""
    kinds = {kind.value: {"page": way.page, "email": way.mail} for kind, way in preferences.of(user.id).items()}
    return {"kinds": kinds, "sends_email": settings.ENV.sends_mail and bool(user.email)}
