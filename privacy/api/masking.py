"""Masking over REST (api.md, "Privacy")."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import principal
from foundation.rest.openapi import problems
from foundation.rest.query import body_of
from privacy.masking import editing
from privacy.masking.bodies import RulesSerializer, TestSerializer, rules_of
from privacy.models import MaskingRules

IN_CLEAR: Final = ("email", "phone", "iban", "card", "files")
SEALED: Final = {"names": None, "patterns": None}
UNTOLD: Final = extend_schema(exclude=True)
"""What is told of every project is told of one called “test”."""


class MaskingSerializer(RulesSerializer):
    """A project's rules."""

    project_id = serializers.CharField(help_text='"*": every session whose project has no rules of its own.')
    updated_at = serializers.DateTimeField()
    updated_by = serializers.CharField(allow_null=True)
    is_readable = serializers.BooleanField(
        help_text="False: its names and patterns cannot be opened (null), and its calls are refused until they are set."
    )


class MaskingListSerializer(serializers.Serializer[Any]):
    """All of them, by project."""

    results = MaskingSerializer(many=True)


class TriedSerializer(serializers.Serializer[Any]):
    """What became of the text."""

    sent = serializers.CharField(help_text="What a provider would see.")
    masked = serializers.DictField(child=serializers.IntegerField(), help_text="How often something of a kind.")
    restored = serializers.CharField(help_text="What comes back where an answer says the same.")


class AllMaskingView(APIView):
    """`GET /api/privacy/masking`."""

    @extend_schema(operation_id="masking_list", responses={200: MaskingListSerializer, **problems(403)})
    def get(self, request: Request) -> Response:
        """The rules of every project that has some; for curators and administrators."""
        return Response({"results": [shown(row) for row in editing.all_rules(user=principal(request))]})


class MaskingView(APIView):
    """`GET | PUT | DELETE /api/privacy/masking/{project_id}`."""

    @extend_schema(operation_id="masking_get", responses={200: MaskingSerializer, **problems(403, 404)})
    def get(self, request: Request, project_id: str) -> Response:
        """What is masked in the calls of this project."""
        return Response(shown(editing.rules_of(user=principal(request), project_id=project_id)))

    @extend_schema(
        operation_id="masking_set",
        request=RulesSerializer,
        responses={200: MaskingSerializer, 201: MaskingSerializer, **problems(400, 403)},
    )
    def put(self, request: Request, project_id: str) -> Response:
        """What is masked from now on: calls that begin three seconds later know of it, in every process."""
        user = principal(request)
        editing.check_may_edit(user)
        rules = rules_of(body_of(request, RulesSerializer))
        row, is_new = editing.set_rules(user=user, project_id=project_id, rules=rules)
        return Response(shown(row), status=201 if is_new else 200)

    @extend_schema(operation_id="masking_remove", responses={204: None, **problems(403, 404)})
    def delete(self, request: Request, project_id: str) -> Response:
        """Nothing is masked there any more."""
        editing.remove_rules(user=principal(request), project_id=project_id)
        return Response(status=204)


@extend_schema_view(get=UNTOLD, put=UNTOLD, delete=UNTOLD)
class MaskingTestView(MaskingView):
    """`POST /api/privacy/masking/test`; a project may be called so, too."""

    @extend_schema(
        operation_id="masking_test", request=TestSerializer, responses={200: TriedSerializer, **problems(400, 403)}
    )
    def post(self, request: Request, project_id: str) -> Response:
        """What would be sent of a text, and what would come back; nobody is asked, and nothing is kept."""
        user = principal(request)
        editing.check_may_edit(user)
        given = body_of(request, TestSerializer)
        rules = rules_of(given["rules"]) if "rules" in given else None
        return Response(
            editing.tried(user=user, text=given["text"], rules=rules, project_id=given.get("project_id", ""))
        )


def shown(row: MaskingRules) -> dict[str, Any]:
    """The rules as they are answered."""
    by = row.updated_by.username if row.updated_by else None
    rules = editing.readable(row)
    told = rules.as_json() if rules else {**{name: getattr(row, name) for name in IN_CLEAR}, **SEALED}
    return {
        "project_id": row.project_id, **told,
        "updated_at": row.updated_at, "updated_by": by, "is_readable": rules is not None,
    }  # fmt: skip
