"""A template's labels over REST."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from accounts.requests import principal
from foundation.rest.openapi import problems
from foundation.rest.pagination import PageQuery, Pages, page_of
from foundation.rest.query import body_of, query_of
from foundation.rest.serializers import StrictSerializer
from templates_app.api.label_shapes import LabelJSON, MoveJSON
from templates_app.bodies import VersionNumberField
from templates_app.lookup import visible
from templates_app.representation import move_json, protection_json
from templates_app.versions import labels
from templates_app.versions.protection import first_approvers, protections_of


class LabelsView(APIView):
    """`/api/templates/{id}/labels`."""

    @extend_schema(operation_id="templates_labels", responses=LabelJSON(many=True))
    def get(self, request: Request, template_id: UUID) -> Response:
        """Where each label points, who moved it there, and whether moving it takes a second person."""
        query_of(request, StrictSerializer)
        template = visible(principal(request), template_id)
        names = template.labels.values("name")
        latest = template.label_moves.filter(name__in=names).order_by("name", "-id").distinct("name")
        latest = latest.select_related("version", "previous", "moved_by", "approved_by")
        held = {protection.name: (protection, asked) for protection, asked in protections_of(template)}
        people = first_approvers(template) if held else []

        def told(name: str) -> dict[str, Any]:
            protection, asked = held.get(name, (None, None))
            return protection_json(name, protection, asked, people)

        return Response([{**move_json(each), "protection": told(each.name)} for each in latest])


class LabelBody(StrictSerializer):
    """Where a label shall point."""

    version = VersionNumberField()


class LabelView(APIView):
    """`/api/templates/{id}/labels/{label}`."""

    @extend_schema(operation_id="templates_label_move", request=LabelBody, responses={200: MoveJSON, **problems(409)})
    def put(self, request: Request, template_id: UUID, label: str) -> Response:
        """Points the label at a version, for all at once; makes it when it is new.

        409 where the label is protected (`label_protected`: ask a second person), a gate of it refuses (`gate_failed`),
        or is not through yet (`gate_running`: ask again).
        """
        number = body_of(request, LabelBody)["version"]
        moved = labels.move(user=principal(request), template_id=template_id, label=label, number=number)
        return Response(move_json(moved))

    @extend_schema(operation_id="templates_label_remove", responses={204: None, **problems(409)})
    def delete(self, request: Request, template_id: UUID, label: str) -> Response:
        """Takes the label away; its history stays. 409 where it is protected (`label_protected`)."""
        labels.remove(user=principal(request), template_id=template_id, label=label)
        return Response(status=204)


class LabelHistoryView(APIView):
    """`/api/templates/{id}/labels/{label}/history`."""

    @extend_schema(operation_id="templates_label_history", parameters=[PageQuery], responses=page_of(MoveJSON))
    def get(self, request: Request, template_id: UUID, label: str) -> Response:
        """Every move of the label, newest first."""
        query_of(request, PageQuery)
        moves = labels.moves_of(visible(principal(request), template_id), label)
        pages = Pages()
        page = pages.paginate_queryset(moves, request, view=self)
        return pages.get_paginated_response([move_json(each) for each in page or ()])


class RollbackView(APIView):
    """`/api/templates/{id}/labels/{label}/rollback`."""

    @extend_schema(operation_id="templates_label_rollback", request=None, responses={200: MoveJSON, **problems(409)})
    @idempotent
    def post(self, request: Request, template_id: UUID, label: str) -> Response:
        """Points the label where it was before its last move; again, and it goes one further back.

        409 as of a move.
        """
        return Response(move_json(labels.roll_back(user=principal(request), template_id=template_id, label=label)))
