"""Search in the project's documents over REST."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import principal
from foundation.rest.query import query_of
from foundation.rest.serializers import StrictSerializer
from integrations.knowledge_service.client import LONGEST_QUERY, MOST
from playground.sources.knowledge import searched


class KnowledgeQuery(StrictSerializer):
    """What is looked for."""

    query = serializers.CharField(max_length=LONGEST_QUERY)
    limit = serializers.IntegerField(min_value=1, max_value=MOST, default=5)


class DocumentSerializer(serializers.Serializer[Any]):
    """A document, and the passages of it that say something to the question."""

    id = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    score = serializers.FloatField(allow_null=True, help_text="as the Knowledge Service tells it")
    highlights = serializers.ListField(child=serializers.CharField())
    chunks = serializers.ListField(child=serializers.CharField())


class KnowledgeSerializer(serializers.Serializer[Any]):
    """The Knowledge Service's answer; `reason` says why there is none when it is not available."""

    configured = serializers.BooleanField()
    available = serializers.BooleanField()
    reason = serializers.CharField(allow_null=True)
    results = DocumentSerializer(many=True)


class KnowledgeSearchView(APIView):
    """`GET /api/knowledge/search`."""

    @extend_schema(operation_id="knowledge_search", parameters=[KnowledgeQuery], responses=KnowledgeSerializer)
    def get(self, request: Request) -> Response:
        """Documents of the Knowledge Service, best first; when it is away, why, and never an error."""
        asked = query_of(request, KnowledgeQuery)
        authorization = request.headers.get("Authorization", "")
        return Response(searched(**asked, user_id=principal(request).id, authorization=authorization))
