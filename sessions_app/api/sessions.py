"""Sessions over REST (api.md, "Sessions")."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from accounts.models import User
from accounts.requests import principal
from foundation.problems import Problem
from foundation.rest.conditional import etag, is_current, is_stale
from foundation.rest.openapi import ETAG, IF_MATCH, IF_NONE_MATCH, LOCATION, UNDELETE_LINK
from foundation.rest.pagination import Pages, page_of
from foundation.rest.query import body_of, query_of
from foundation.rest.serializers import StrictSerializer
from sessions_app import lifecycle
from sessions_app.api.bodies import (
    SessionChangeSerializer,
    SessionJSON,
    SessionSerializer,
    SessionShareBody,
    SessionShareJSON,
)
from sessions_app.lookup import ORDERS, sessions, visible
from sessions_app.models import PlaygroundSession
from sessions_app.representation import session_json


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


class SessionsView(APIView):
    """`/api/sessions`."""

    @extend_schema(operation_id="sessions_list", parameters=[SessionsQuery], responses=page_of(SessionJSON))
    def get(self, request: Request) -> Response:
        """Your sessions and those shared with you."""
        user, wanted = principal(request), query_of(request, SessionsQuery)
        pages = Pages()
        page: Any = pages.paginate_queryset(sessions(user, wanted), request, view=self)
        return pages.get_paginated_response([session_json(each, user) for each in page])

    @extend_schema(
        operation_id="sessions_create",
        parameters=[ETAG, LOCATION],
        request=SessionSerializer,
        responses={201: SessionJSON},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """A new session of yours."""
        made = lifecycle.create(owner=principal(request), given=body_of(request, SessionSerializer))
        return response_of(made.id, principal(request), status=201)


class SessionView(APIView):
    """`/api/sessions/{id}`."""

    @extend_schema(
        operation_id="sessions_retrieve", parameters=[IF_NONE_MATCH, ETAG], responses={200: SessionJSON, 304: None}
    )
    def get(self, request: Request, session_id: UUID) -> Response:
        """One session; `If-None-Match` is answered with 304 while nothing but counters changed."""
        query_of(request, StrictSerializer)
        session = visible(principal(request), session_id)
        tag = tag_of(session)
        if is_current(request.headers, tag):
            return Response(status=304, headers={"ETag": tag})
        return Response(session_json(session, principal(request)), headers={"ETag": tag})

    @extend_schema(
        operation_id="sessions_replace",
        parameters=[IF_MATCH, ETAG],
        request=SessionSerializer,
        responses={200: SessionJSON},
    )
    def put(self, request: Request, session_id: UUID) -> Response:
        """Replaces what can be set."""
        return self._save(request, session_id, SessionSerializer)

    @extend_schema(
        operation_id="sessions_change",
        parameters=[IF_MATCH, ETAG],
        request=SessionChangeSerializer,
        responses={200: SessionJSON},
    )
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
        return response_of(session_id, user)

    @extend_schema(operation_id="sessions_delete", parameters=[UNDELETE_LINK], responses={204: None})
    def delete(self, request: Request, session_id: UUID) -> Response:
        """Deletes it; for 30 days POST /api/sessions/{id}/undelete brings it back."""
        lifecycle.delete(user=principal(request), session_id=session_id)
        link = f'</api/sessions/{session_id}/undelete>; rel="undelete"; method="POST"'
        return Response(status=204, headers={"Link": link})


class UndeleteView(APIView):
    """`/api/sessions/{id}/undelete`."""

    @extend_schema(operation_id="sessions_undelete", parameters=[ETAG], request=None, responses={200: SessionJSON})
    def post(self, request: Request, session_id: UUID) -> Response:
        """Brings a session back that was deleted within 30 days."""
        lifecycle.undelete(user=principal(request), session_id=session_id)
        return response_of(session_id, principal(request))


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


def tag_of(session: PlaygroundSession) -> str:
    """The session's ETag; counters do not change it."""
    return etag(session.id.hex[:8], session.revision)


def response_of(session_id: UUID, user: User, *, status: int = 200) -> Response:
    """The session after a write, with its ETag."""
    session = visible(user, session_id)
    headers = {"ETag": tag_of(session)}
    if status == 201:
        headers["Location"] = f"/api/sessions/{session_id}"
    return Response(session_json(session, user), status=status, headers=headers)
