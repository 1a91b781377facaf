"""Legal holds over REST, for administrators."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.rest.openapi import problems
from foundation.rest.query import body_of
from foundation.rest.serializers import StrictSerializer
from privacy import holds
from privacy.api.asking import administrator
from privacy.holds import TEXTS
from privacy.models import Covers, LegalHold

MOST = 500


class HoldBody(StrictSerializer):
    """A new hold."""

    covers = serializers.ChoiceField(Covers.choices)
    object_id = serializers.CharField(
        max_length=255, allow_blank=True, help_text="The id; of a project or an organisation what it is called."
    )
    reason = serializers.CharField(max_length=2_000)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """An id, where it is one."""
        if given["covers"] not in TEXTS:
            try:
                given["object_id"] = str(UUID(given["object_id"]))
            except ValueError:
                raise serializers.ValidationError({"object_id": "This is no id."}) from None
        elif not given["object_id"] and given["covers"] == Covers.PROJECT:
            raise serializers.ValidationError({"object_id": "A project has a name."})
        return given


class HoldJSON(serializers.ModelSerializer[LegalHold]):
    """A hold, with who placed and who lifted it."""

    reason = serializers.CharField()
    placed_by = serializers.UUIDField(source="placed_by_id", allow_null=True)
    lifted_by = serializers.UUIDField(source="lifted_by_id", allow_null=True)

    class Meta:
        model = LegalHold
        fields = ["id", "covers", "object_id", "reason", "placed_by", "placed_at", "lifted_by", "lifted_at"]


class HoldsJSON(serializers.Serializer[Any]):
    """Holds: those that stand first, the newest first."""

    results = HoldJSON(many=True)


class HoldsView(APIView):
    """`GET | POST /api/privacy/holds`."""

    @extend_schema(operation_id="holds_list", responses={200: HoldsJSON, **problems(403)})
    def get(self, request: Request) -> Response:
        """Holds that stand, and that have stood."""
        administrator(request)
        return Response(HoldsJSON({"results": listed()}).data)

    @extend_schema(operation_id="holds_create", request=HoldBody, responses={201: HoldJSON, **problems(400, 403, 409)})
    def post(self, request: Request) -> Response:
        """Nothing of what it covers is removed from now on: by retention, by an erasure, or by a sweep."""
        by, given = administrator(request), body_of(request, HoldBody)
        hold = holds.place(by=by, **{**given, "covers": Covers(given["covers"])})
        return Response(HoldJSON(hold).data, status=201)


class HoldView(APIView):
    """`DELETE /api/privacy/holds/{id}`."""

    @extend_schema(operation_id="holds_lift", responses={200: HoldJSON, **problems(403, 404)})
    def delete(self, request: Request, hold_id: UUID) -> Response:
        """Lifts it; that it stood is kept."""
        return Response(HoldJSON(holds.lift(by=administrator(request), hold_id=hold_id)).data)


def listed() -> list[LegalHold]:
    """As both the API and the page show them."""
    standing = LegalHold.objects.filter(lifted_at=None).order_by("-placed_at")
    lifted = LegalHold.objects.exclude(lifted_at=None).order_by("-lifted_at")
    return [*standing[:MOST], *lifted[:50]]
