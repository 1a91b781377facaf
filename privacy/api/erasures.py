"""Erasures over REST: a person asks for their own, an administrator for anybody's, and decides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Role, User
from accounts.requests import principal
from foundation.downloads.sending import download
from foundation.problems import FieldError, invalid, not_found
from foundation.rest.negotiation import WhateverIsAsked
from foundation.rest.openapi import files, problems
from foundation.rest.query import body_of
from foundation.rest.serializers import StrictSerializer
from foundation.tasks import send_task
from privacy.api.asking import administrator
from privacy.erasure import lifecycle
from privacy.models import Erasure, OwnData
from privacy.own_data import ordering

MOST = 200


class ErasureBody(StrictSerializer):
    """Whose."""

    user_id = serializers.UUIDField(required=False, help_text="For administrators; left out: your own.")
    with_export = serializers.BooleanField(
        default=True, help_text="Whether a file of the person's data is made before anything goes."
    )


class RefusalBody(StrictSerializer):
    """Why not."""

    reason = serializers.CharField(max_length=2_000)


class ErasureJSON(serializers.ModelSerializer[Erasure]):
    """An erasure: how far it is, what has gone, and where the proof still finds the person named."""

    reason = serializers.CharField(help_text="Why it was refused, or what it waits for.")
    requested_by = serializers.UUIDField(source="requested_by_id", allow_null=True)
    decided_by = serializers.UUIDField(source="decided_by_id", allow_null=True)
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="Rows and files by step.")
    finds = serializers.ListField(child=serializers.CharField(), help_text="Places; no content.")

    class Meta:
        model = Erasure
        fields = [
            "id", "subject", "status", "with_export", "requested_by", "requested_at", "decided_by", "decided_at",
            "reason", "step", "counts", "finds", "ended_at",
        ]  # fmt: skip


class ErasuresJSON(serializers.Serializer[Any]):
    """The newest first."""

    results = ErasureJSON(many=True)


class ErasuresView(APIView):
    """`GET | POST /api/privacy/erasures`."""

    @extend_schema(operation_id="erasures_list", responses=ErasuresJSON)
    def get(self, request: Request) -> Response:
        """All of them for administrators; one's own for everybody else."""
        user = principal(request)
        rows = Erasure.objects.order_by("-requested_at")
        if not user.has_role(Role.ADMIN):
            rows = rows.filter(subject=user.id)
        return Response(ErasuresJSON({"results": rows[:MOST]}).data)

    @extend_schema(
        operation_id="erasures_create", request=ErasureBody, responses={201: ErasureJSON, **problems(400, 403, 409)}
    )
    def post(self, request: Request) -> Response:
        """Asks for an erasure; an administrator decides. Nothing goes before that."""
        by, given = principal(request), body_of(request, ErasureBody)
        subject = by if given.get("user_id") in (None, by.id) else _somebody(request, given["user_id"])
        erasure = lifecycle.request(subject=subject, by=by, with_export=given["with_export"])
        return Response(ErasureJSON(erasure).data, status=201)


def _somebody(request: Request, user_id: UUID) -> User:
    administrator(request)
    found = User.objects.filter(id=user_id).first()
    if found is None:
        raise invalid([FieldError("user_id", "does_not_exist", "There is nobody with this id.")])
    return found


class ErasureView(APIView):
    """`GET /api/privacy/erasures/{id}`."""

    @extend_schema(operation_id="erasures_read", responses={200: ErasureJSON, **problems(404)})
    def get(self, request: Request, erasure_id: UUID) -> Response:
        """How far it is. For administrators, and for whom it is about."""
        user, erasure = principal(request), lifecycle.get(erasure_id)
        if erasure.subject != user.id and not user.has_role(Role.ADMIN):
            raise not_found("The erasure")
        return Response(ErasureJSON(erasure).data)


class ApproveErasureView(APIView):
    """`POST /api/privacy/erasures/{id}/approve`."""

    @extend_schema(
        operation_id="erasures_approve", request=None, responses={202: ErasureJSON, **problems(403, 404, 409)}
    )
    def post(self, request: Request, erasure_id: UUID) -> Response:
        """It begins: the person is out within seconds. Refused (409) where a legal hold covers something of theirs."""
        erasure = lifecycle.approve(erasure_id=erasure_id, by=administrator(request), now=timezone.now())
        send_task("privacy.tasks.erase", erasure_id=str(erasure.id))
        return Response(ErasureJSON(erasure).data, status=202)


class RefuseErasureView(APIView):
    """`POST /api/privacy/erasures/{id}/refuse`."""

    @extend_schema(
        operation_id="erasures_refuse",
        request=RefusalBody,
        responses={200: ErasureJSON, **problems(400, 403, 404, 409)},
    )
    def post(self, request: Request, erasure_id: UUID) -> Response:
        """It does not take place; the person is told why."""
        by, reason = administrator(request), body_of(request, RefusalBody)["reason"]
        erasure = lifecycle.refuse(erasure_id=erasure_id, by=by, reason=reason, now=timezone.now())
        return Response(ErasureJSON(erasure).data)


class ErasureExportView(APIView):
    """`GET /api/privacy/erasures/{id}/export`."""

    content_negotiation_class = WhateverIsAsked

    @extend_schema(
        operation_id="erasures_export",
        responses={**files("application/zip"), **problems(403, 404, 409, 410, 503)},
    )
    def get(self, request: Request, erasure_id: UUID) -> StreamingHttpResponse:
        """The person's data, to be handed to them: they cannot sign in any more. Kept for seven days."""
        administrator(request)
        return sent(export_of(erasure_id))


def export_of(erasure_id: UUID) -> OwnData:
    """The file that was made before anything went; a 404 problem where there is none."""
    own_data_id = lifecycle.get(erasure_id).own_data_id
    made = OwnData.objects.filter(id=own_data_id).first() if own_data_id else None
    if made is None:
        raise not_found("The file")
    return made


def sent(made: OwnData) -> StreamingHttpResponse:
    """The ZIP."""
    chunks = ordering.contents(made, now=timezone.now())
    return download(chunks, title="Own data", media_type="application/zip", suffix="zip")
