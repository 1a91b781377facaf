"""Errors of the service over REST, for administrators."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import principal
from foundation.rest.openapi import problems
from foundation.rest.query import query_of
from foundation.rest.serializers import StrictSerializer
from monitoring.errors.deciding import must_administer, mute, resolve
from monitoring.errors.reading import days_of, group_of, page_of
from monitoring.models import ErrorGroup, State

SIZE = 50


class ErrorJSON(serializers.ModelSerializer[ErrorGroup]):
    """Errors of one cause."""

    state = serializers.ChoiceField(choices=State.choices)

    class Meta:
        model = ErrorGroup
        fields = [
            "id", "state", "type", "place", "logger", "event", "count", "first_seen", "last_seen", "first_version",
            "last_version", "role", "route", "last_request_id", "last_execution_id", "regressions", "returned_at",
            "resolved_at", "muted_at",
        ]  # fmt: skip


class FrameJSON(serializers.Serializer[Any]):
    """A place in the code; of code that is in no file, function and line are empty."""

    file = serializers.CharField()
    function = serializers.CharField(allow_blank=True)
    line = serializers.IntegerField()
    is_ours = serializers.BooleanField(help_text="Whether it is the service's own code.")


class LinkJSON(serializers.Serializer[Any]):
    """An exception, the outermost frame first."""

    type = serializers.CharField()
    frames = FrameJSON(many=True)


class ErrorDayJSON(serializers.Serializer[Any]):
    """A day (UTC)."""

    day = serializers.DateField()
    count = serializers.IntegerField()


class OneErrorJSON(ErrorJSON):
    """With its stack and its last fortnight."""

    chain = LinkJSON(many=True, help_text="The exception, then its causes.")
    days = serializers.SerializerMethodField()

    class Meta(ErrorJSON.Meta):
        fields = [*ErrorJSON.Meta.fields, "chain", "days"]

    @extend_schema_field(ErrorDayJSON(many=True))
    def get_days(self, group: ErrorGroup) -> list[dict[str, Any]]:
        """The last fortnight."""
        return [{"day": day.date(), "count": count} for day, count in days_of(group, now=timezone.now())]


class ErrorsJSON(serializers.Serializer[Any]):
    """The one that was seen last first."""

    results = ErrorJSON(many=True)
    next = serializers.CharField(allow_blank=True, help_text="The cursor of older ones; empty at the end.")


class ErrorsQuery(StrictSerializer):
    """Which ones."""

    state = serializers.ChoiceField(choices=State.choices, required=False, default=None)
    since = serializers.DateTimeField(required=False, default=None, help_text="Seen at this time or later.")
    cursor = serializers.CharField(required=False, default="", max_length=100)


class ErrorsView(APIView):
    """`GET /api/monitoring/errors`."""

    @extend_schema(
        operation_id="errors_list", parameters=[ErrorsQuery], responses={200: ErrorsJSON, **problems(400, 403)}
    )
    def get(self, request: Request) -> Response:
        """Errors of the service itself, 50 a page. For administrators."""
        must_administer(principal(request))
        asked = query_of(request, ErrorsQuery)
        state = State(asked["state"]) if asked["state"] else None
        page = page_of(state=state, since=asked["since"], cursor=asked["cursor"], size=SIZE)
        return Response(ErrorsJSON({"results": page.groups, "next": page.next}).data)


class ErrorView(APIView):
    """`GET /api/monitoring/errors/{id}`."""

    @extend_schema(operation_id="errors_get", responses={200: OneErrorJSON, **problems(403, 404)})
    def get(self, request: Request, group_id: int) -> Response:
        """One of them, with its stack. For administrators."""
        must_administer(principal(request))
        return _one(group_of(group_id))


class ResolveView(APIView):
    """`POST /api/monitoring/errors/{id}/resolve`."""

    @extend_schema(
        operation_id="errors_resolve", request=None, responses={200: OneErrorJSON, **problems(403, 404, 409)}
    )
    def post(self, request: Request, group_id: int) -> Response:
        """Says that it is mended: when it comes again, administrators are told. For administrators."""
        return _one(resolve(group_id=group_id, by=principal(request), at=timezone.now()))


class MuteView(APIView):
    """`POST /api/monitoring/errors/{id}/mute`."""

    @extend_schema(operation_id="errors_mute", request=None, responses={200: OneErrorJSON, **problems(403, 404, 409)})
    def post(self, request: Request, group_id: int) -> Response:
        """Says that it may go on unheard; it is counted on. For administrators."""
        return _one(mute(group_id=group_id, by=principal(request), at=timezone.now()))


def _one(group: ErrorGroup) -> Response:
    return Response(OneErrorJSON(group).data)
