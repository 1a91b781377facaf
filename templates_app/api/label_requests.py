"""Protected labels over REST: protecting them, and what is asked of them."""

from __future__ import annotations

from collections.abc import Callable
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
from templates_app.api.label_shapes import LabelProtectionJSON, LabelRequestJSON
from templates_app.lookup import check_label, visible
from templates_app.models import LabelRequest, RequestedAct
from templates_app.representation import protection_json, request_json
from templates_app.splits.terms import Terms
from templates_app.versions import label_requests
from templates_app.versions.asking import LabelDecisionBody, LabelRequestBody, LabelWithdrawalBody
from templates_app.versions.protection import first_approvers, open_request, protect, protection_of


class ProtectionView(APIView):
    """`/api/templates/{id}/labels/{label}/protection`."""

    @extend_schema(operation_id="templates_label_protection", responses=LabelProtectionJSON)
    def get(self, request: Request, template_id: UUID, label: str) -> Response:
        """Whether the label is protected, what is asked of it, and who could approve that."""
        query_of(request, StrictSerializer)
        check_label(label)
        return _protection(request, template_id, label)

    @extend_schema(operation_id="templates_label_protect", request=None, responses=LabelProtectionJSON)
    def put(self, request: Request, template_id: UUID, label: str) -> Response:
        """From now on each move of the label takes a second person, and so does the end of its protection.

        For who may share the template. It holds for a label that is still to be set, too.
        """
        protect(user=principal(request), template_id=template_id, label=label)
        return _protection(request, template_id, label)


def _protection(request: Request, template_id: UUID, label: str) -> Response:
    template = visible(principal(request), template_id)
    protection, asked = protection_of(template, label), open_request(template, label)
    return Response(protection_json(label, protection, asked, first_approvers(template) if protection else []))


class LabelRequestsView(APIView):
    """`/api/templates/{id}/labels/{label}/requests`."""

    @extend_schema(operation_id="templates_label_requests", parameters=[PageQuery], responses=page_of(LabelRequestJSON))
    def get(self, request: Request, template_id: UUID, label: str) -> Response:
        """Everything that was asked of the label while it was protected, newest first."""
        query_of(request, PageQuery)
        found = label_requests.requests_of(visible(principal(request), template_id), label)
        pages = Pages()
        page = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response([request_json(each) for each in page or ()])

    @extend_schema(
        operation_id="templates_label_ask", request=LabelRequestBody, responses={201: LabelRequestJSON, **problems(409)}
    )
    @idempotent
    def post(self, request: Request, template_id: UUID, label: str) -> Response:
        """Asks for a move of a protected label, a split of its calls, its removal, or the end of its protection.

        Somebody else who may move it approves or refuses; until then nothing else can be asked (409 `request_open`).
        """
        asked = body_of(request, LabelRequestBody)
        made = label_requests.ask(
            user=principal(request),
            template_id=template_id,
            label=label,
            act=RequestedAct(asked["act"]),
            number=asked.get("version"),
            reason=asked["reason"],
            terms=Terms.of(asked["split"]) if asked.get("split") else None,
        )
        return Response(request_json(made), status=201)


class LabelRequestView(APIView):
    """`/api/templates/{id}/labels/{label}/requests/{request_id}`."""

    @extend_schema(operation_id="templates_label_request", responses=LabelRequestJSON)
    def get(self, request: Request, template_id: UUID, label: str, request_id: UUID) -> Response:
        """What was asked, and what became of it."""
        query_of(request, StrictSerializer)
        template = visible(principal(request), template_id)
        return Response(request_json(label_requests.request_by_id(template, label, request_id)))


def _decided(
    decide: Callable[..., LabelRequest], body: type[StrictSerializer], request: Request, **which: Any
) -> Response:
    reason = body_of(request, body)["reason"]
    return Response(request_json(decide(user=principal(request), reason=reason, **which)))


class ApproveView(APIView):
    """`/api/templates/{id}/labels/{label}/requests/{request_id}/approve`."""

    @extend_schema(
        operation_id="templates_label_approve",
        request=LabelDecisionBody,
        responses={200: LabelRequestJSON, **problems(409)},
    )
    @idempotent
    def post(self, request: Request, template_id: UUID, label: str, request_id: UUID) -> Response:
        """Does what somebody else asked. Never by an API token.

        409 where a gate of the label refuses it or is not through yet: the request stays open, to be approved again.
        """
        which = {"template_id": template_id, "label": label, "request_id": request_id}
        return _decided(label_requests.approve, LabelDecisionBody, request, **which)


class RefuseView(APIView):
    """`/api/templates/{id}/labels/{label}/requests/{request_id}/refuse`."""

    @extend_schema(
        operation_id="templates_label_refuse",
        request=LabelDecisionBody,
        responses={200: LabelRequestJSON, **problems(409)},
    )
    @idempotent
    def post(self, request: Request, template_id: UUID, label: str, request_id: UUID) -> Response:
        """Lets the label be as it is, for who could have approved what somebody else asked. Never by an API token."""
        which = {"template_id": template_id, "label": label, "request_id": request_id}
        return _decided(label_requests.refuse, LabelDecisionBody, request, **which)


class WithdrawView(APIView):
    """`/api/templates/{id}/labels/{label}/requests/{request_id}/withdraw`."""

    @extend_schema(
        operation_id="templates_label_withdraw",
        request=LabelWithdrawalBody,
        responses={200: LabelRequestJSON, **problems(409)},
    )
    @idempotent
    def post(self, request: Request, template_id: UUID, label: str, request_id: UUID) -> Response:
        """Takes back what you asked."""
        which = {"template_id": template_id, "label": label, "request_id": request_id}
        return _decided(label_requests.withdraw, LabelWithdrawalBody, request, **which)
