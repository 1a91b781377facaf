"""Models and providers over REST."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import principal
from foundation.rest.pagination import PageQuery, Pages, page_of
from foundation.rest.query import query_of
from foundation.search.matching import Sought
from providers.catalogue.listing import all_models, model, provider_statuses
from providers.retiring.uses import uses_of


class RatesSerializer(serializers.Serializer[Any]):
    """USD per million tokens; what has no price of its own is left out."""

    input_per_million = serializers.FloatField(required=False)
    output_per_million = serializers.FloatField(required=False)
    cache_read_per_million = serializers.FloatField(required=False, help_text="Left out: cached input costs as input.")
    cache_write_per_million = serializers.FloatField(required=False)
    cache_write_1h_per_million = serializers.FloatField(required=False)
    reasoning_per_million = serializers.FloatField(required=False, help_text="Left out: reasoning costs as output.")
    image_input_per_million = serializers.FloatField(required=False)
    audio_input_per_million = serializers.FloatField(required=False)


class TierSerializer(RatesSerializer):
    """Rates of a service tier, or of calls with more input than so many tokens: such a call is priced whole by them."""

    service_tier = serializers.CharField(allow_null=True)
    above_tokens = serializers.IntegerField(allow_null=True)


class PricingSerializer(RatesSerializer):
    """The prices that hold today."""

    input_per_million = serializers.FloatField()
    output_per_million = serializers.FloatField()
    tiers = TierSerializer(many=True, required=False)
    currency = serializers.CharField()


class BesideSerializer(serializers.Serializer[Any]):
    """A parameter that is not sent while another one is."""

    parameter = serializers.CharField(help_text="what is left out")
    beside = serializers.CharField(help_text="what is sent instead")
    value = serializers.FloatField(allow_null=True, help_text="Only while the one that is sent has this value.")
    reason = serializers.CharField()


class ModelSerializer(serializers.Serializer[Any]):
    """Model (api.md, "Models")."""

    id = serializers.CharField()
    name = serializers.CharField()
    provider = serializers.CharField()
    provider_name = serializers.CharField()
    context_window = serializers.IntegerField(allow_null=True)
    max_output_tokens = serializers.IntegerField(allow_null=True)
    capabilities = serializers.ListField(child=serializers.CharField())
    pricing = PricingSerializer(allow_null=True, help_text="null: the price is unknown")
    retires_on = serializers.DateField(allow_null=True, help_text="When its provider means to take it away.")
    replacement = serializers.CharField(
        allow_null=True,
        help_text="The model to move to then: the provider's word, else its family's newest that can do the same.",
    )
    available = serializers.BooleanField()
    unavailable_reason = serializers.CharField(allow_null=True)
    is_listed = serializers.BooleanField(help_text="false: used here, but not in its provider's listing")
    is_self_hosted = serializers.BooleanField(help_text="true: prompts stay on machines of yours")
    note = serializers.CharField(allow_blank=True)
    parameters = serializers.DictField(help_text="{name: {min, max, default, supported, reason}}")
    refused_beside = BesideSerializer(
        many=True, help_text="What is not taken side by side, in the order in which it is judged."
    )
    refused_parts = serializers.DictField(
        child=serializers.CharField(),
        help_text="{image, image_url, pdf, pdf_url: why it is not sent}; what is sent is left out",
    )


class ModelUseSerializer(serializers.Serializer[Any]):
    """A thing that asks the model."""

    kind = serializers.ChoiceField(choices=["template", "suite"])
    id = serializers.UUIDField()
    name = serializers.CharField()
    detail = serializers.CharField(allow_blank=True, help_text="The label of a template that asks it.")


class OneModelSerializer(ModelSerializer):
    """With what of yours, or shared with you, asks it."""

    used_by = ModelUseSerializer(many=True, help_text="Only of a model that retires; else empty.")


class ProviderStatusSerializer(serializers.Serializer[Any]):
    """Provider status (api.md, "Models")."""

    provider = serializers.CharField()
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=["healthy", "degraded", "down", "unconfigured"])
    latency_ms = serializers.FloatField(allow_null=True)
    last_error = serializers.CharField(allow_null=True)
    breaker = serializers.ChoiceField(choices=["closed", "open", "half_open"])
    resting_models = serializers.ListField(
        child=serializers.CharField(), help_text="Models that are left alone for a moment, their breaker being open."
    )
    checked_at = serializers.DateTimeField(allow_null=True)
    models = serializers.IntegerField(allow_null=True)


class ModelsQuery(PageQuery):
    """Query of GET /api/models."""

    provider = serializers.CharField(max_length=255, allow_blank=True, required=False)
    capability = serializers.CharField(max_length=100, allow_blank=True, required=False)
    search = serializers.CharField(max_length=200, allow_blank=True, required=False)
    available = serializers.BooleanField(required=False, allow_null=True, default=None)


class ModelsView(APIView):
    """`GET /api/models`: every known model, with price, window, capabilities and what it takes."""

    @extend_schema(operation_id="models_list", parameters=[ModelsQuery], responses=page_of(ModelSerializer))
    def get(self, request: Request) -> Response:
        """Filters by provider, capability, availability and words of id or name."""
        wanted = query_of(request, ModelsQuery)
        found = [row for row in all_models() if _matches(row, wanted)]
        pages = Pages()
        return pages.get_paginated_response(pages.paginate_queryset(found, request, view=self))


def _matches(row: dict[str, Any], wanted: dict[str, Any]) -> bool:
    sought = Sought(wanted.get("search", ""))
    return (
        wanted.get("provider", row["provider"]) == row["provider"]
        and ("capability" not in wanted or wanted["capability"] in row["capabilities"])
        and wanted["available"] in (None, row["available"])
        and sought.is_in([row["id"], row["name"]])
    )


class ModelView(APIView):
    """`GET /api/models/{modelId}`; ids contain slashes."""

    @extend_schema(operation_id="models_retrieve", responses=OneModelSerializer)
    def get(self, request: Request, model_id: str) -> Response:
        """One model; of one that retires, with what you may see that asks it."""
        found = model(model_id)
        if found is None:
            raise NotFound("There is no such model.")
        uses = uses_of([model_id], seen_by=principal(request)) if found["retires_on"] else []
        return Response({**found, "used_by": [use.as_json() for use in uses]})


class ProvidersView(APIView):
    """`GET /api/providers/status`."""

    @extend_schema(operation_id="providers_status", responses=page_of(ProviderStatusSerializer))
    def get(self, request: Request) -> Response:
        """Every provider's state, latency, last error and breaker."""
        statuses = async_to_sync(provider_statuses)()
        return Response({"count": len(statuses), "next": None, "previous": None, "results": statuses})
