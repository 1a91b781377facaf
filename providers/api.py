"""Models and providers over REST."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.problems import FieldError, invalid
from foundation.rest.pagination import Pages
from providers.catalogue.listing import all_models, model, provider_statuses


class PricingSerializer(serializers.Serializer[Any]):
    """USD per million tokens."""

    input_per_million = serializers.FloatField()
    output_per_million = serializers.FloatField()
    currency = serializers.CharField()


class ModelSerializer(serializers.Serializer[Any]):
    """Model (api.md, "Models")."""

    id = serializers.CharField()
    name = serializers.CharField()
    provider = serializers.CharField()
    context_window = serializers.IntegerField(allow_null=True)
    max_output_tokens = serializers.IntegerField(allow_null=True)
    capabilities = serializers.ListField(child=serializers.CharField())
    pricing = PricingSerializer(allow_null=True, help_text="null: the price is unknown")
    available = serializers.BooleanField()
    unavailable_reason = serializers.CharField(allow_null=True)
    is_listed = serializers.BooleanField(help_text="false: used here, but not in its provider's listing")
    note = serializers.CharField(allow_blank=True)
    parameters = serializers.DictField(help_text="{name: {min, max, default, supported}}")


class ProviderStatusSerializer(serializers.Serializer[Any]):
    """Provider status (api.md, "Models")."""

    provider = serializers.CharField()
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=["healthy", "degraded", "down", "unconfigured"])
    latency_ms = serializers.FloatField(allow_null=True)
    last_error = serializers.CharField(allow_null=True)
    breaker = serializers.ChoiceField(choices=["closed", "open", "half_open"])
    checked_at = serializers.DateTimeField(allow_null=True)
    models = serializers.IntegerField(allow_null=True)


class ModelsView(APIView):
    """`GET /api/models`: every known model, with price, window, capabilities and what it takes."""

    filters = ("provider", "capability", "search", "available")

    @extend_schema(
        operation_id="models_list",
        parameters=[OpenApiParameter(name, str, required=False) for name in filters]
        + [OpenApiParameter(name, int, required=False) for name in ("page", "page_size")],
        responses=ModelSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Filters by provider, capability, availability and words of id or name."""
        query = request.query_params
        if unknown := sorted(query.keys() - {*self.filters, "page", "page_size"}):
            raise invalid(FieldError(name, "unknown", "There is no such query parameter.") for name in unknown)
        found = [row for row in all_models() if _matches(row, query)]
        pages = Pages()
        return pages.get_paginated_response(pages.paginate_queryset(found, request, view=self))


def _matches(row: dict[str, Any], query: Any) -> bool:
    words = query.get("search", "").lower().split()
    text = f"{row['id']} {row['name']}".lower()
    return (
        query.get("provider", row["provider"]) == row["provider"]
        and ("capability" not in query or query["capability"] in row["capabilities"])
        and ("available" not in query or (query["available"] == "true") == row["available"])
        and all(word in text for word in words)
    )


class ModelView(APIView):
    """`GET /api/models/{modelId}`; ids contain slashes."""

    @extend_schema(operation_id="models_retrieve", responses=ModelSerializer)
    def get(self, request: Request, model_id: str) -> Response:
        """One model."""
        found = model(model_id)
        if found is None:
            raise NotFound("There is no such model.")
        return Response(found)


class ProvidersView(APIView):
    """`GET /api/providers/status`."""

    @extend_schema(operation_id="providers_status", responses=ProviderStatusSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Every provider's state, latency, last error and breaker."""
        statuses = async_to_sync(provider_statuses)()
        return Response({"count": len(statuses), "next": None, "previous": None, "results": statuses})
