"""The health doors as the OpenAPI document describes them: plain async views, which drf-spectacular does not see."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers

from config.health import CHECKS
from foundation.rest.openapi import StandIn

STATES: Final = ("healthy", "unhealthy")


class DependenciesJSON(serializers.Serializer[Any]):
    """What the service needs, each with its state."""

    def get_fields(self) -> dict[str, Any]:
        return {name: serializers.ChoiceField(choices=STATES) for name in CHECKS}


class HealthJSON(serializers.Serializer[Any]):
    """Whether the service and all that it needs are well."""

    status = serializers.ChoiceField(choices=STATES)
    timestamp = serializers.DateTimeField()
    version = serializers.CharField()
    dependencies = DependenciesJSON()
    workers = serializers.ChoiceField(
        choices=STATES, help_text="Who runs tests and other work in the background; the service answers without them."
    )
    audit = serializers.ChoiceField(choices=STATES, help_text="Whether the last check of the audit log found nothing.")
    services = serializers.DictField(
        child=serializers.ChoiceField(choices=[*STATES, "unknown", "not_configured"]),
        help_text="The services around, by name; `unknown`: nobody has asked it of late. What is to be told to one "
        "waits for it.",
    )


class LiveJSON(serializers.Serializer[Any]):
    """The process answers."""

    status = serializers.ChoiceField(choices=["alive"])


class Health(StandIn):
    """GET /health."""

    authentication_classes: list[type] = []

    @extend_schema(
        operation_id="health",
        auth=[],
        responses={
            200: HealthJSON,
            503: OpenApiResponse(HealthJSON, description="Something that the service needs is not well."),
        },
    )
    def get(self) -> None:
        """States only: no address, no version of a dependency."""


class Live(StandIn):
    """GET /health/live."""

    authentication_classes: list[type] = []

    @extend_schema(operation_id="health_live", auth=[], responses={200: LiveJSON})
    def get(self) -> None:
        """Nothing more than that the process answers."""


documented = [path("health", Health.as_view()), path("health/live", Live.as_view())]
