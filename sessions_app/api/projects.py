"""The projects that sessions can belong to, over REST (api.md, "Sessions")."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import principal
from foundation.rest.query import query_of
from foundation.rest.serializers import StrictSerializer
from sessions_app.projects import projects


class ProjectSerializer(serializers.Serializer[Any]):
    """A project that a session can belong to."""

    id = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    status = serializers.CharField()


class ProjectsSerializer(serializers.Serializer[Any]):
    """The Project Service's projects; `reason` says why there are none when it is not available."""

    configured = serializers.BooleanField()
    available = serializers.BooleanField()
    reason = serializers.CharField(allow_null=True)
    results = ProjectSerializer(many=True)


class ProjectsView(APIView):
    """`GET /api/projects`."""

    @extend_schema(operation_id="projects_list", responses=ProjectsSerializer)
    def get(self, request: Request) -> Response:
        """Projects of the Project Service that you see there; when it is away, why, and never an error."""
        query_of(request, StrictSerializer)
        authorization = request.headers.get("Authorization", "")
        base_url = settings.ENV.project_service_url
        return Response(projects(base_url, user_id=principal(request).id, authorization=authorization))
