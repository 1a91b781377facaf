"""Sessions over REST (api.md, "Sessions")."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import F, Q
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from accounts.models import User
from accounts.requests import principal
from foundation.conditional import etag, is_current, is_stale
from foundation.cursor import links
from foundation.pagination import Pages
from foundation.problems import Problem, not_found
from foundation.query import body_of, query_of
from foundation.serializers import StrictSerializer
from playground.models import Status
from playground.representation import execution_json
from playground.serializers import PromptExecutionSerializer
from sessions_app import lifecycle
from sessions_app.access import refuse_viewers
from sessions_app.forking import fork
from sessions_app.history import history_page
from sessions_app.models import PlaygroundSession
from sessions_app.period import PeriodQuery
from sessions_app.representation import session_json
from sessions_app.roles import role_in, seen_by
from sessions_app.serializers import (
    ForkBody,
    SessionChangeSerializer,
    SessionJSON,
    SessionSerializer,
    SessionShareBody,
    SessionShareJSON,
)

ORDERS: dict[str, Any] = {
    "-last_executed": F("last_executed").desc(nulls_last=True),
    "-created_at": F("created_at").desc(),
    "name": F("name").asc(),
    "-total_cost": F("total_cost").desc(),
    "-execution_count": F("execution_count").desc(),
}


def visible(user: User, session_id: UUID) -> Any:
    """The session out of `roles.seen_by`; a 404 problem for strangers."""
    found = seen_by(user).filter(id=session_id).first()
    if found is None:
        raise not_found("The session")
    return found


class SessionsQuery(StrictSerializer):
    """Query of GET /api/sessions."""

    project_id = serializers.CharField(max_length=255, required=False)
    purpose = serializers.CharField(max_length=100, required=False)
    tag = serializers.CharField(max_length=100, required=False)
    search = serializers.CharField(max_length=200, required=False)
    archived = serializers.BooleanField(required=False, allow_null=True, default=None)
    role = serializers.ChoiceField(choices=["owner", "editor", "viewer"], required=False)
    ordering = serializers.ChoiceField(choices=list(ORDERS), default="-last_executed")
    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=200)


def sessions(user: User, wanted: dict[str, Any]) -> Any:
    """The sessions that `user` sees and `wanted` asks for, in its order; pages list them alike."""
    found = seen_by(user)
    for name in ("project_id", "purpose"):
        if name in wanted:
            found = found.filter(**{name: wanted[name]})
    if "tag" in wanted:
        found = found.filter(tags__contains=[wanted["tag"]])
    for word in wanted.get("search", "").split():
        found = found.filter(Q(name__icontains=word) | Q(description__icontains=word))
    if wanted.get("archived") is not None:
        found = found.filter(archived_at__isnull=not wanted["archived"])
    if role := wanted.get("role"):
        mine = Q(user=user)
        found = found.filter(mine) if role == "owner" else found.filter(~mine, is_edited=role == "editor")
    return found.order_by(ORDERS[wanted["ordering"]], "-created_at", "id")


class SessionsView(APIView):
    """`/api/sessions`."""

    @extend_schema(operation_id="sessions_list", parameters=[SessionsQuery], responses=SessionJSON(many=True))
    def get(self, request: Request) -> Response:
        """Your sessions and those shared with you."""
        user, wanted = principal(request), query_of(request, SessionsQuery)
        pages = Pages()
        page: Any = pages.paginate_queryset(sessions(user, wanted), request, view=self)
        return pages.get_paginated_response([session_json(each, user) for each in page])

    @extend_schema(operation_id="sessions_create", request=SessionSerializer, responses={201: SessionJSON})
    @idempotent
    def post(self, request: Request) -> Response:
        """A new session of yours."""
        made = lifecycle.create(owner=principal(request), given=body_of(request, SessionSerializer))
        return told(made.id, principal(request), status=201)


class SessionView(APIView):
    """`/api/sessions/{id}`."""

    @extend_schema(operation_id="sessions_retrieve", responses=SessionJSON)
    def get(self, request: Request, session_id: UUID) -> Response:
        """One session; `If-None-Match` is answered with 304 while nothing but counters changed."""
        query_of(request, StrictSerializer)
        session = visible(principal(request), session_id)
        tag = tag_of(session)
        if is_current(request.headers, tag):
            return Response(status=304, headers={"ETag": tag})
        return Response(session_json(session, principal(request)), headers={"ETag": tag})

    @extend_schema(operation_id="sessions_replace", request=SessionSerializer, responses=SessionJSON)
    def put(self, request: Request, session_id: UUID) -> Response:
        """Replaces what can be set."""
        return self._save(request, session_id, SessionSerializer)

    @extend_schema(operation_id="sessions_change", request=SessionChangeSerializer, responses=SessionJSON)
    def patch(self, request: Request, session_id: UUID) -> Response:
        """Changes what the body names."""
        return self._save(request, session_id, SessionChangeSerializer)

    def _save(self, request: Request, session_id: UUID, rules: type[StrictSerializer]) -> Response:
        user = principal(request)

        def check(session: PlaygroundSession) -> None:
            if is_stale(request.headers, tag_of(session)):
                current = session_json(visible(user, session_id), user)
                raise Problem(412, "stale", "It has been changed since; `current` is what it is now.", current=current)

        lifecycle.change(user=user, session_id=session_id, given=body_of(request, rules), check=check)
        return told(session_id, user)

    @extend_schema(operation_id="sessions_delete", responses={204: None})
    def delete(self, request: Request, session_id: UUID) -> Response:
        """Deletes it; for 30 days POST /api/sessions/{id}/undelete brings it back."""
        lifecycle.delete(user=principal(request), session_id=session_id)
        link = f'</api/sessions/{session_id}/undelete>; rel="undelete"; method="POST"'
        return Response(status=204, headers={"Link": link})


class UndeleteView(APIView):
    """`/api/sessions/{id}/undelete`."""

    @extend_schema(operation_id="sessions_undelete", request=None, responses=SessionJSON)
    def post(self, request: Request, session_id: UUID) -> Response:
        """Brings a session back that was deleted within 30 days."""
        lifecycle.undelete(user=principal(request), session_id=session_id)
        return told(session_id, principal(request))


class HistoryQuery(PeriodQuery):
    """Query of GET /api/sessions/{id}/history."""

    status = serializers.ChoiceField(choices=Status.choices, required=False)
    model_id = serializers.CharField(max_length=255, required=False)
    template_id = serializers.UUIDField(required=False)
    tag = serializers.CharField(max_length=100, required=False, help_text="One of metadata.tags")
    min_cost = serializers.DecimalField(max_digits=20, decimal_places=8, required=False, min_value=0)
    max_cost = serializers.DecimalField(max_digits=20, decimal_places=8, required=False, min_value=0)
    search = serializers.CharField(max_length=200, required=False, help_text="Words of prompts and answers")
    cursor = serializers.CharField(max_length=200, required=False)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=200)


class HistoryJSON(serializers.Serializer[Any]):
    """A cursor page of executions, newest first."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = PromptExecutionSerializer(many=True)
    searched = serializers.IntegerField(help_text="Executions whose texts were looked into; 0 without `search`")


class HistoryView(APIView):
    """`/api/sessions/{id}/history`."""

    @extend_schema(operation_id="sessions_history", parameters=[HistoryQuery], responses=HistoryJSON)
    def get(self, request: Request, session_id: UUID) -> Response:
        """Executions of the session; a search looks into a bounded number a page, and `next` goes on behind them."""
        wanted = query_of(request, HistoryQuery)
        page, searched = history_page(visible(principal(request), session_id), wanted)
        results = [execution_json(each) for each in page.rows]
        return Response({**links(request._request, page), "results": results, "searched": searched})


class ShareView(APIView):
    """`/api/sessions/{id}/share`."""

    @extend_schema(operation_id="sessions_share_retrieve", responses=SessionShareJSON)
    def get(self, request: Request, session_id: UUID) -> Response:
        """Whom the session is shared with, and as what."""
        query_of(request, StrictSerializer)
        return Response(lifecycle.share_json(visible(principal(request), session_id)))

    @extend_schema(operation_id="sessions_share", request=SessionShareBody, responses=SessionShareJSON)
    def put(self, request: Request, session_id: UUID) -> Response:
        """Sets whom it is shared with; those who are not in the list any more lose it at once."""
        members = body_of(request, SessionShareBody)["members"]
        return Response(
            lifecycle.share_json(lifecycle.share(user=principal(request), session_id=session_id, members=members))
        )


class ForkView(APIView):
    """`/api/sessions/{id}/fork`."""

    @extend_schema(operation_id="sessions_fork", request=ForkBody, responses={201: SessionJSON})
    @idempotent
    def post(self, request: Request, session_id: UUID) -> Response:
        """A session of yours with a copy of the history, up to an execution or whole."""
        user, asked = principal(request), body_of(request, ForkBody)
        session = visible(user, session_id)
        refuse_viewers(role_in(session, user))
        made = fork(user=user, session=session, up_to=asked.get("up_to_execution_id"))
        return told(made.id, user, status=201)


def tag_of(session: PlaygroundSession) -> str:
    """The session's ETag; counters do not change it."""
    return etag(session.id.hex[:8], session.revision)


def told(session_id: UUID, user: User, *, status: int = 200) -> Response:
    """The session after a write, with its ETag."""
    session = visible(user, session_id)
    headers = {"ETag": tag_of(session)}
    if status == 201:
        headers["Location"] = f"/api/sessions/{session_id}"
    return Response(session_json(session, user), status=status, headers=headers)
